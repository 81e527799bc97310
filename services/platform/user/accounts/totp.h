// One-time passwords of authenticators (RFC 6238: HMAC-SHA-1, six digits, 30 s).
//
//   const std::optional<int64_t> step = MatchTotp(secret, typed, now, last_step);
//   if (step.has_value()) store::SaveTotpStep(tx, user_id, *step);   // A code is good once.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace selfology::user {

inline constexpr size_t kTotpSecretBytes = 20;
inline constexpr int kRecoveryCodes = 10;
inline constexpr int kRecoveryCodeLetters = 12;

// Six digits for the step `seconds since 1970 / 30`. Empty for an empty secret.
std::string TotpAt(std::string_view secret, int64_t step);

// The step whose code it is: the present one, or the one before or after, for clocks that differ;
// none up to last_step, whose codes were used.
std::optional<int64_t> MatchTotp(std::string_view secret, std::string_view code, absl::Time now,
                                 int64_t last_step);

// RFC 4648, without padding.
std::string Base32(std::string_view bytes);

// "otpauth://totp/Selfology:ann%40example.org?secret=...&issuer=Selfology", as authenticators read it
// from QR codes.
std::string OtpauthUri(std::string_view account, std::string_view secret);

}  // namespace selfology::user

#include "services/platform/user/accounts/totp.h"

#include <liboath/oath.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

constexpr absl::Duration kStep = absl::Seconds(30);
constexpr unsigned kDigits = 6;
constexpr std::string_view kIssuer = "Selfology";

}  // namespace

std::string TotpAt(std::string_view secret, int64_t step) {
  if (secret.empty()) return "";
  char digits[kDigits + 1] = {};
  const int result = oath_hotp_generate(secret.data(), secret.size(), static_cast<uint64_t>(step),
                                        kDigits, false, OATH_HOTP_DYNAMIC_TRUNCATION, digits);
  return result == OATH_OK ? std::string(digits, kDigits) : "";
}

std::optional<int64_t> MatchTotp(std::string_view secret, std::string_view code, absl::Time now,
                                 int64_t last_step) {
  if (code.size() != kDigits) return std::nullopt;
  const int64_t present = absl::ToUnixSeconds(now) / absl::ToInt64Seconds(kStep);
  for (const int64_t step : {present, present - 1, present + 1}) {
    if (step > last_step && SameSecret(TotpAt(secret, step), code)) return step;
  }
  return std::nullopt;
}

std::string Base32(std::string_view bytes) {
  char* text = nullptr;
  size_t size = 0;
  if (oath_base32_encode(bytes.data(), bytes.size(), &text, &size) != OATH_OK) return "";
  std::string base32(text, size);
  std::free(text);
  while (!base32.empty() && base32.back() == '=') base32.pop_back();
  return base32;
}

std::string OtpauthUri(std::string_view account, std::string_view secret) {
  return absl::StrCat("otpauth://totp/", kIssuer, ":", http::Encode(account),
                      "?secret=", Base32(secret), "&issuer=", kIssuer);
}

}  // namespace selfology::user

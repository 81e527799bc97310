// Which passwords may be chosen.
//
//   status::FieldViolations bad;
//   CheckNewPassword(request.password(), "password", email, bad);
//
// 12 to 128 characters (Unicode code points), none of the common ones (common_passwords.md), and not
// the address that goes with it; case does not matter for either. No rule about kinds of characters:
// length is what helps (NIST SP 800-63B, section 5.1.1). Threads: pure functions.
#pragma once

#include <string_view>

#include "common/status/status.h"

namespace selfology::user {

inline constexpr int kMinPasswordLength = 12;
inline constexpr int kMaxPasswordLength = 128;

void CheckNewPassword(std::string_view password, std::string_view field, std::string_view email,
                      status::FieldViolations& bad);

// Whether it is a line of the list, whatever the case of its ASCII letters. Takes about 16 looks into
// the text.
bool IsCommonPassword(std::string_view password);

}  // namespace selfology::user

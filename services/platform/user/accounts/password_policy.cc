#include "services/platform/user/accounts/password_policy.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "services/platform/user/common_passwords.h"

namespace selfology::user {

bool IsCommonPassword(std::string_view password) {
  const std::string wanted = absl::AsciiStrToLower(password);
  // Of the text's lines, sorted by bytes. Both ends are always at the beginning of a line.
  std::string_view rest = kCommonPasswordsTxt;
  while (!rest.empty()) {
    size_t begin = rest.rfind('\n', rest.size() / 2);
    begin = begin == std::string_view::npos || begin + 1 == rest.size() ? 0 : begin + 1;
    const size_t end = rest.find('\n', begin);
    const std::string_view line = rest.substr(begin, end - begin);
    const int order = wanted.compare(line);
    if (order == 0) return true;
    rest = order < 0 ? rest.substr(0, begin)
                     : (end == std::string_view::npos ? "" : rest.substr(end + 1));
  }
  return false;
}

void CheckNewPassword(std::string_view password, std::string_view field, std::string_view email,
                      status::FieldViolations& bad) {
  const int length = text::Characters(password);
  if (length < kMinPasswordLength || length > kMaxPasswordLength) {
    bad.Add(field, absl::StrCat("must be ", kMinPasswordLength, " to ", kMaxPasswordLength,
                                " characters"));
  } else if (IsCommonPassword(password)) {
    bad.Add(field, "must not be one of the common passwords");
  } else if (!email.empty() && absl::EqualsIgnoreCase(password, email)) {
    bad.Add(field, "must not be the address");
  }
}

}  // namespace selfology::user

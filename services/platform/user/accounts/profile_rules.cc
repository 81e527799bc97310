#include "services/platform/user/accounts/profile_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/language/tag.h"
#include "common/text/text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace selfology::user {
namespace {

constexpr size_t kMaxEmailBytes = 254;     // RFC 5321, section 4.5.3.1.3, less its brackets.
constexpr size_t kMaxLocalPartBytes = 64;  // Section 4.5.3.1.1.
constexpr int kMaxNameLength = 64;
constexpr int kMaxBioLength = 1000;

bool IsOfAnAddress(char byte) {
  const auto letter = static_cast<unsigned char>(byte);
  return letter > ' ' && letter != 0x7f && letter != '<' && letter != '>' && letter != '"' &&
         letter != ',' && letter != ';';
}

bool IsEmail(std::string_view email) {
  const size_t at = email.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > kMaxLocalPartBytes) return false;
  const std::string_view domain = email.substr(at + 1);
  const size_t dot = domain.rfind('.');
  return email.size() <= kMaxEmailBytes && email.find('@') == at && dot != std::string_view::npos &&
         dot != 0 && dot + 1 != domain.size() && domain.find("..") == std::string_view::npos &&
         domain.front() != '.' && std::all_of(email.begin(), email.end(), IsOfAnAddress);
}

void CheckLength(std::string_view text, int least, int most, std::string_view field,
                 status::FieldViolations& bad) {
  const int length = text::Characters(text::Trim(text));
  if (length < least || length > most || !text::IsStorable(text)) {
    bad.Add(field, absl::StrCat("must be ", least, " to ", most, " characters"));
  }
}

// False for what the library would take for something else, such as a file's path.
bool IsZoneName(const std::string& name) {
  return name.size() <= 64 && absl::ascii_isalpha(static_cast<unsigned char>(name.front())) &&
         name.find("..") == std::string::npos &&
         std::all_of(name.begin(), name.end(), [](char letter) {
           return absl::ascii_isalnum(static_cast<unsigned char>(letter)) || letter == '/' ||
                  letter == '_' || letter == '-' || letter == '+';
         });
}

void CheckTimeZone(const std::string& name, std::string_view field, status::FieldViolations& bad) {
  absl::TimeZone zone;
  if (!name.empty() && (!IsZoneName(name) || !absl::LoadTimeZone(name, &zone))) {
    bad.Add(field, "must be a time zone of IANA, such as Europe/Berlin");
  }
}

}  // namespace

std::string NormalEmail(std::string_view email) { return absl::AsciiStrToLower(text::Trim(email)); }

void CheckEmail(std::string_view email, std::string_view field, status::FieldViolations& bad) {
  if (!IsEmail(email)) bad.Add(field, "must be an address such as name@example.org");
}

void CheckFirstName(std::string_view name, std::string_view field, status::FieldViolations& bad) {
  CheckLength(name, 1, kMaxNameLength, field, bad);
}

void CheckLanguage(std::string_view tag, std::string_view field, status::FieldViolations& bad) {
  if (!tag.empty() && !language::Tag::Parse(tag).has_value()) {
    bad.Add(field, "must be a language tag of BCP 47, such as ru");
  }
}

const std::vector<std::string>& ProfilePaths() {
  static const auto& paths =
      *new std::vector<std::string>{"first_name", "last_name", "language", "time_zone", "bio"};
  return paths;
}

void CheckProfile(const v1::User& user, const std::vector<std::string>& paths,
                  std::string_view prefix, status::FieldViolations& bad) {
  for (const std::string& path : paths) {
    const std::string field = absl::StrCat(prefix, path);
    if (path == "first_name") {
      CheckFirstName(user.first_name(), field, bad);
    } else if (path == "last_name") {
      CheckLength(user.last_name(), 0, kMaxNameLength, field, bad);
    } else if (path == "language") {
      CheckLanguage(user.language(), field, bad);
    } else if (path == "time_zone") {
      CheckTimeZone(user.time_zone(), field, bad);
    } else if (path == "bio") {
      CheckLength(user.bio(), 0, kMaxBioLength, field, bad);
    } else {
      bad.Add("update_mask", "must name first_name, last_name, language, time_zone or bio only");
      return;
    }
  }
}

void CopyProfile(const v1::User& from, const std::vector<std::string>& paths, v1::User& to) {
  const auto* const type = v1::User::descriptor();
  for (const std::string& path : paths) {
    const auto* const field = type->FindFieldByName(path);
    std::string scratch;
    const std::string& value = from.GetReflection()->GetStringReference(from, field, &scratch);
    to.GetReflection()->SetString(&to, field, std::string(text::Trim(value)));
  }
}

}  // namespace selfology::user

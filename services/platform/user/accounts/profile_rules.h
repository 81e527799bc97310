// What a person may say about themselves.
//
//   status::FieldViolations bad;
//   const std::string email = NormalEmail(request.email());
//   CheckEmail(email, "email", bad);
//   CheckProfile(request.user(), paths, "user.", bad);
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status/status.h"
#include "selfology/user/v1/user.pb.h"

namespace selfology::user {

// The first id of who came by the web; Telegram's are below (its documentation: at most 52 bits).
inline constexpr int64_t kFirstWebId = int64_t{1} << 52;

// The name under which an account is found: without white space around it, ASCII letters in lower
// case.
std::string NormalEmail(std::string_view email);

// Of a normal one: something@domain.tld of at most 254 bytes, without white space or control
// characters. Whether mail arrives there is found out by sending some.
void CheckEmail(std::string_view email, std::string_view field, status::FieldViolations& bad);

void CheckFirstName(std::string_view name, std::string_view field, status::FieldViolations& bad);

// BCP 47, or empty.
void CheckLanguage(std::string_view tag, std::string_view field, status::FieldViolations& bad);

// Fields of User that a person may set.
const std::vector<std::string>& ProfilePaths();

// Those of `paths`; a path that is none of ProfilePaths is a violation of "update_mask".
void CheckProfile(const v1::User& user, const std::vector<std::string>& paths,
                  std::string_view prefix, status::FieldViolations& bad);

// Copies the fields of `paths` from one to the other, without white space around them.
void CopyProfile(const v1::User& from, const std::vector<std::string>& paths, v1::User& to);

}  // namespace selfology::user

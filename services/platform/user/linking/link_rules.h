// Which of two accounts of one person stays (docs/decisions/0003-one-person-one-id.md).
//
// Threads: pure functions.
#pragma once

#include <string>

#include "selfology/user/v1/linking_service.pb.h"
#include "selfology/user/v1/user.pb.h"

namespace selfology::user {

enum class LinkDecision { kKeepTelegram, kKeepWeb, kAsk };

LinkDecision DecideLink(bool web_has_data, bool telegram_has_data);

// What the kept account is afterwards: what it lacks to log in with, and to be called by, it has from
// the other. `kept` has its id and keeps what it has.
struct Credentials {
  v1::User user = {};
  std::string password_hash = {};
};
Credentials Merged(const Credentials& kept, const Credentials& other);

}  // namespace selfology::user

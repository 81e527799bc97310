// What an operator sets of the channels, and the senders that follow from it.
//
//   ASSIGN_OR_RETURN(auto senders, MakeSenders(settings, parts));
//
// Each channel by itself: without its settings it has the local page, if that is on, else nothing.
// Errors: INVALID_ARGUMENT, naming the flag. Threads: pure but for the senders.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "services/platform/notification/deliveries/keys.h"
#include "services/platform/notification/deliveries/sender.h"
#include "services/platform/notification/mail/mail_sender.h"

namespace selfology::notification {

struct Settings {
  std::string base_url = {};
  std::string smtp_url = {};
  std::string mail_from = {};
  std::string mail_name = {};
  std::string sms_url = {};
  std::string sms_from = {};
  std::string fcm_account = {};
  std::string fcm_url = {};
  std::string apns_key = {};
  std::string apns_key_id = {};
  std::string apns_team_id = {};
  std::string apns_topic = {};
  std::string apns_url = {};
  std::string web_push_contact = {};
  bool local_messages = false;
  int threads = 4;
};

absl::Status CheckSettings(const Settings& settings);

struct SenderParts {
  postgres::Database& database;
  http::Client& http;
  observe::Metrics& metrics;
  std::function<absl::Time()> clock;
  Keys& keys;
  const MailComposer& composer;
};

// By channel or device kind: EMAIL, SMS, FCM, APNS, WEB_PUSH.
absl::StatusOr<std::map<std::string, std::shared_ptr<Sender>>> MakeSenders(
    const Settings& settings, const SenderParts& parts);

}  // namespace selfology::notification

#include "services/platform/notification/settings.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "services/platform/notification/local/local_sender.h"
#include "services/platform/notification/mail/mail_writer.h"
#include "services/platform/notification/push/push_senders.h"
#include "services/platform/notification/sms/sms_sender.h"

namespace selfology::notification {
namespace {

absl::Status Bad(std::string_view flag, std::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat("notification_", flag, ": ", rule));
}

absl::Status Named(std::string_view flag, const absl::Status& status) {
  return status.ok() ? status : Bad(flag, status.message());
}

}  // namespace

absl::Status CheckSettings(const Settings& settings) {
  if (!IsMailAddress(settings.mail_from)) return Bad("mail_from", "must be a mail address");
  if (settings.threads < 1 || settings.threads > 64) return Bad("threads", "must be 1 to 64");
  const bool is_web = absl::StartsWith(settings.base_url, "https://") ||
                      absl::StartsWith(settings.base_url, "http://");
  if (!settings.base_url.empty() && (!is_web || absl::EndsWith(settings.base_url, "/"))) {
    return Bad("base_url", "must be a URL without a slash at its end, or empty");
  }
  if (!settings.smtp_url.empty() && !absl::StartsWith(settings.smtp_url, "smtp://") &&
      !absl::StartsWith(settings.smtp_url, "smtps://")) {
    return Bad("smtp_url", "must begin with smtp:// or smtps://");
  }
  if (!settings.sms_url.empty()) {
    RETURN_IF_ERROR(Named("sms_url", ParseSmsUrl(settings.sms_url).status()));
    if (settings.sms_from.empty()) return Bad("sms_from", "must be set with notification_sms_url");
  }
  if (!settings.fcm_account.empty()) {
    RETURN_IF_ERROR(Named("fcm_account", ParseFcmAccount(settings.fcm_account).status()));
  }
  if (!settings.apns_key.empty()) {
    RETURN_IF_ERROR(Named("apns_key", PrivateKey::FromPem(settings.apns_key).status()));
    if (settings.apns_key_id.empty() || settings.apns_team_id.empty() ||
        settings.apns_topic.empty()) {
      return Bad("apns_key", "goes with notification_apns_key_id, _team_id and _topic");
    }
  }
  if (!settings.web_push_contact.empty() &&
      !absl::StartsWith(settings.web_push_contact, "mailto:") &&
      !absl::StartsWith(settings.web_push_contact, "https://")) {
    return Bad("web_push_contact", "must begin with mailto: or https://");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, std::shared_ptr<Sender>>> MakeSenders(
    const Settings& settings, const SenderParts& parts) {
  const std::string email = enums::Word(v1::CHANNEL_EMAIL);
  const std::string sms = enums::Word(v1::CHANNEL_SMS);
  const std::string fcm = enums::Word(v1::DEVICE_KIND_FCM);
  const std::string apns = enums::Word(v1::DEVICE_KIND_APNS);
  const std::string web_push = enums::Word(v1::DEVICE_KIND_WEB_PUSH);
  std::map<std::string, std::shared_ptr<Sender>> senders;
  if (settings.local_messages) {
    const auto local = std::make_shared<LocalSender>(parts.database, parts.composer, parts.clock);
    for (const std::string& name : {email, sms, fcm, apns, web_push}) senders[name] = local;
  }
  if (!settings.smtp_url.empty()) {
    senders[email] = std::make_shared<MailSender>(
        parts.composer,
        http::SmtpClient::Options{.url = settings.smtp_url, .metrics = &parts.metrics});
  }
  if (!settings.sms_url.empty()) {
    ASSIGN_OR_RETURN(SmsAccount account, ParseSmsUrl(settings.sms_url));
    senders[sms] = std::make_shared<SmsSender>(parts.http, std::move(account), settings.sms_from);
  }
  if (!settings.fcm_account.empty()) {
    ASSIGN_OR_RETURN(FcmAccount account, ParseFcmAccount(settings.fcm_account));
    senders[fcm] =
        std::make_shared<FcmSender>(parts.http, parts.clock, std::move(account), settings.fcm_url);
  }
  if (!settings.apns_key.empty()) {
    ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::FromPem(settings.apns_key));
    senders[apns] =
        std::make_shared<ApnsSender>(parts.http, parts.clock, std::move(key),
                                     ApnsSender::Options{.base_url = settings.apns_url,
                                                         .key_id = settings.apns_key_id,
                                                         .team_id = settings.apns_team_id,
                                                         .topic = settings.apns_topic});
  }
  if (!settings.web_push_contact.empty()) {
    senders[web_push] = std::make_shared<WebPushSender>(
        http::Client::Options{.metrics = &parts.metrics}, settings.local_messages, parts.clock,
        parts.keys, settings.web_push_contact);
  }
  return senders;
}

}  // namespace selfology::notification

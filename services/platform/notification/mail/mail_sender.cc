#include "services/platform/notification/mail/mail_sender.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/notification/decisions/kinds.h"
#include "services/platform/notification/mail/mail_writer.h"
#include "services/platform/notification/subscriptions/unsubscribe_token.h"

namespace selfology::notification {

absl::StatusOr<std::string> MailComposer::Compose(const Call& call,
                                                  const OutgoingMessage& message) const {
  const Kind& kind = KindOf(message.kind);
  const Language language = language::LanguageOf(message.language);
  std::string unsubscribe;
  // What is urgent comes in spite of a muted topic, so there is nothing to unsubscribe from.
  if (!options_.base_url.empty() && message.push.priority != v1::PRIORITY_URGENT) {
    ASSIGN_OR_RETURN(const std::string key, keys_.Of(call, Keys::kLinks));
    unsubscribe = absl::StrCat(options_.base_url, "/api/notifications/unsubscribe/",
                               UnsubscribeToken(key, {message.user_id, message.push.topic}));
  }
  const MailWords words = {
      .language = language,
      .title = message.push.title,
      .text = message.push.text,
      .link = message.push.link,
      .button = language == Language::kRussian ? kind.russian.button : kind.english.button,
      .unsubscribe = unsubscribe};
  const std::string_view domain =
      std::string_view(options_.from).substr(options_.from.find('@') + 1);
  return WriteMail({.from_name = options_.from_name,
                    .from = options_.from,
                    .to = message.address,
                    .subject = message.push.title,
                    .message_id = absl::StrCat(message.push.stable_id, "@", domain),
                    .date = clock_(),
                    .text = texts_.MailText(words),
                    .html = texts_.MailHtml(words),
                    .unsubscribe_url = unsubscribe});
}

Outcome MailSender::Send(const Call& call, const OutgoingMessage& message) {
  const absl::StatusOr<std::string> mail = composer_.Compose(call, message);
  if (!mail.ok()) return {.outcome = v1::ATTEMPT_OUTCOME_NOT_REACHED, .code = "compose"};
  return JudgeSmtp(
      client_.Send(call, {.from = composer_.from(), .to = message.address, .message = *mail}));
}

Outcome JudgeSmtp(const absl::StatusOr<http::SmtpReply>& reply) {
  if (!reply.ok()) {
    const std::string reason = status::Reason(reply.status());
    if (reason == "CONNECTION_LOST") {
      return {.outcome = v1::ATTEMPT_OUTCOME_UNKNOWN, .code = reason};
    }
    if (absl::IsInvalidArgument(reply.status())) {
      return {.outcome = v1::ATTEMPT_OUTCOME_REFUSED, .code = "bad address", .bounce = "5.1.3"};
    }
    return {.outcome = v1::ATTEMPT_OUTCOME_NOT_REACHED, .code = reason};
  }
  Outcome outcome{.code = reply->status.empty() ? absl::StrCat(reply->code)
                                                : absl::StrCat(reply->code, " ", reply->status)};
  if (reply->code / 100 == 2) {
    outcome.outcome = v1::ATTEMPT_OUTCOME_ACCEPTED;
    return outcome;
  }
  const bool for_good = reply->code >= 500;
  outcome.outcome = for_good ? v1::ATTEMPT_OUTCOME_REFUSED : v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW;
  // A server without enhanced codes says as much by the first digit.
  outcome.bounce = !reply->status.empty() ? reply->status : for_good ? "5.0.0" : "4.0.0";
  return outcome;
}

}  // namespace selfology::notification

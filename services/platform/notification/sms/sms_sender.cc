#include "services/platform/notification/sms/sms_sender.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/notification/push/push_senders.h"

namespace selfology::notification {
namespace {

constexpr size_t kMostAnswerBytes = 1 << 20;

}  // namespace

absl::StatusOr<bool> SmsSender::WasTaken(const Call& call, const OutgoingMessage& message,
                                         const std::string& text) {
  ASSIGN_OR_RETURN(
      const http::ClientResponse response,
      client_.Send(call, {.url = absl::StrCat(account_.base, SmsPath(account_), "?",
                                              SmsQuery(message.address, *message.unknown_since)),
                          .headers = {{"Authorization", BasicAuthorization(account_)}},
                          .target = "sms list",
                          .max_response_bytes = kMostAnswerBytes}));
  RETURN_IF_ERROR(http::ToStatus(response));
  return HasMessage(response.body, text, *message.unknown_since);
}

Outcome SmsSender::Send(const Call& call, const OutgoingMessage& message) {
  const std::string text = SmsText(message.push.title, message.push.text, message.push.link);
  if (message.unknown_since.has_value()) {
    const absl::StatusOr<bool> taken = WasTaken(call, message, text);
    if (!taken.ok()) return {.outcome = v1::ATTEMPT_OUTCOME_NOT_REACHED, .code = "not looked up"};
    if (*taken) return {.outcome = v1::ATTEMPT_OUTCOME_ACCEPTED, .code = "found"};
  }
  const auto response =
      client_.Send(call, {.method = "POST",
                          .url = absl::StrCat(account_.base, SmsPath(account_)),
                          .headers = {{"Authorization", BasicAuthorization(account_)},
                                      {"Content-Type", "application/x-www-form-urlencoded"}},
                          .body = SmsForm(from_, message.address, text),
                          .target = "sms send",
                          .max_response_bytes = kMostAnswerBytes});
  if (!response.ok()) return JudgeFailure(response.status());
  Outcome outcome = JudgeSms(response->status, response->body);
  outcome.retry_after = status::RetryAfter(http::ToStatus(*response));
  return outcome;
}

}  // namespace selfology::notification

// Whatever a push or SMS service answers, what stands in a link, and what a service account's file
// holds: a judgement or an error, never a crash, and no foreign words in the log of attempts.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "services/platform/notification/mail/mail_writer.h"
#include "services/platform/notification/push/apns.h"
#include "services/platform/notification/push/fcm.h"
#include "services/platform/notification/push/web_push.h"
#include "services/platform/notification/sms/sms_request.h"
#include "services/platform/notification/subscriptions/unsubscribe_token.h"
#include "testing/fuzz.h"

namespace selfology::notification {
namespace {

void CheckOutcome(const Outcome& outcome) {
  MUST(outcome.outcome != v1::ATTEMPT_OUTCOME_UNSPECIFIED);
  MUST(outcome.code.size() <= 64);
  MUST(std::all_of(outcome.code.begin(), outcome.code.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ' ' || c == '_' || c == '-';
  }));
}

}  // namespace
}  // namespace selfology::notification

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::notification;  // NOLINT(google-build-using-namespace)
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const int status : {200, 201, 400, 404, 410, 429, 503}) {
    CheckOutcome(JudgeApns(status, input));
    CheckOutcome(JudgeFcm(status, input));
    CheckOutcome(JudgeSms(status, input));
  }
  (void)ParseFcmAccount(input);
  (void)ParseAccessToken(input, absl::UnixEpoch());
  (void)HasMessage(input, "x", absl::UnixEpoch());
  (void)ParseSmsUrl(input);
  (void)ParseBrowserKeys(input, input);
  MUST(!ReadUnsubscribeToken("key", input).has_value());
  // A mail stays one, whatever it is to say.
  const std::string mail = WriteMail({.from = "a@x.org",
                                      .to = "b@x.org",
                                      .subject = std::string(input),
                                      .message_id = "m@x.org",
                                      .date = absl::UnixEpoch(),
                                      .text = std::string(input)});
  MUST(std::all_of(mail.begin(), mail.end(), [](char c) {
    return (c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n' || c == '\t';
  }));
  return 0;
}

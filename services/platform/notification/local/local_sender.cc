#include "services/platform/notification/local/local_sender.h"

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status.h"
#include "common/text/utf8.h"
#include "services/platform/notification/local/local_store.h"
#include "services/platform/notification/sms/sms_request.h"

namespace selfology::notification {
namespace {

constexpr int kShownOfToken = 24;

}  // namespace

Outcome LocalSender::Send(const Call& call, const OutgoingMessage& message) {
  v1::LocalMessage local;
  local.set_channel(message.channel);
  local.set_to_address(message.address);
  local.set_subject(message.push.title);
  local.set_text(message.push.text);
  if (message.channel == v1::CHANNEL_EMAIL) {
    const absl::StatusOr<std::string> mail = composer_.Compose(call, message);
    if (!mail.ok()) return {.outcome = v1::ATTEMPT_OUTCOME_NOT_REACHED, .code = "compose"};
    local.set_raw_content(*mail);
  } else if (message.channel == v1::CHANNEL_SMS) {
    local.clear_subject();
    local.set_text(SmsText(message.push.title, message.push.text, message.push.link));
  } else {
    local.set_to_address(absl::StrCat(enums::Word(message.device.kind()), " ",
                                      text::Prefix(message.device.token(), kShownOfToken)));
    local.set_badge(message.push.badge);
  }
  const absl::Status saved = database_.Write(call, [&](postgres::Transaction& tx) {
    store::SaveLocalMessage(tx, message.user_id, local, message.push.stable_id, clock_());
    return absl::OkStatus();
  });
  if (!saved.ok()) return {.outcome = v1::ATTEMPT_OUTCOME_UNKNOWN, .code = status::Reason(saved)};
  return {.outcome = v1::ATTEMPT_OUTCOME_ACCEPTED, .code = "local"};
}

}  // namespace selfology::notification

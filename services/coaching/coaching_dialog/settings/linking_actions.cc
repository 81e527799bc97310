#include "services/coaching/coaching_dialog/settings/linking_actions.h"

#include <algorithm>
#include <string>

#include "common/status/status.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/settings/panel.h"
#include "services/coaching/coaching_dialog/settings/wording.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

// Of the update's time: what it takes to say what came of it.
constexpr absl::Duration kToAnswer = absl::Seconds(1);

Call ForLinking(const Turn& turn) {
  return turn.call.WithTimeout(turn.call.Remaining() - kToAnswer);
}

Reaction Say(const Turn& turn, Wording wording) {
  return Reply(std::string(Phrase(turn.language, wording)));
}

// Whoever has linked this chat to a web account that was kept is known by its id.
bool IsLinkedAlready(const absl::Status& failure) {
  const auto violations = status::Violations(failure);
  return status::ErrorCodeOf(failure) == mesh::v1::ERROR_CODE_ACCOUNT_ALREADY_LINKED ||
         std::any_of(violations.begin(), violations.end(),
                     [](const auto& violation) { return violation.field == "telegram_id"; });
}

Reaction Failed(const Turn& turn, const absl::Status& failure) {
  if (IsLinkedAlready(failure)) return Say(turn, Wording::kLinkedAlready);
  if (status::ErrorCodeOf(failure) == mesh::v1::ERROR_CODE_CODE_INVALID) {
    return Say(turn, Wording::kLinkCodeInvalid);
  }
  // The code is good once: asked again, it might be refused although it did its work.
  if (MayHaveHappened(failure)) return Say(turn, Wording::kLinkUncertain);
  return Reply(texts::Failure(turn.language, failure));
}

v1::DialogMessage WhichStays(const Turn& turn) {
  v1::DialogMessage message = Panel(panel::kLink, CardKey(panel::kLink, turn),
                                    std::string(Phrase(turn.language, Wording::kLinkChoose)));
  AddButton(AddRow(message), Phrase(turn.language, Wording::kButtonLinkKeepChat), "link:chat");
  AddButton(AddRow(message), Phrase(turn.language, Wording::kButtonLinkKeepWeb), "link:web");
  return message;
}

}  // namespace

Reaction LinkingActions::Link(const Turn& turn, std::string_view code) {
  code = text::Trim(code);
  if (code.empty()) return Say(turn, Wording::kLinkHow);
  user::v1::ConfirmLinkRequest request;
  request.set_telegram_id(turn.user_id);
  request.set_code(std::string(code));
  const auto response = peers_.linking.ConfirmLink(ForLinking(turn), request);
  if (!response.ok()) return Failed(turn, response.status());
  if (response->outcome() == user::v1::LINK_OUTCOME_CHOICE_REQUIRED) {
    return Reply(WhichStays(turn));
  }
  return ShowTyping();
}

Reaction LinkingActions::Press(const Turn& turn, std::string_view argument) {
  const bool keep_chat = argument == "chat";
  if (!keep_chat && argument != "web") return Stale(turn);
  user::v1::ChooseLinkedIdRequest request;
  request.set_user_id(turn.user_id);
  request.set_keep(keep_chat ? user::v1::KEPT_ACCOUNT_TELEGRAM : user::v1::KEPT_ACCOUNT_WEB);
  const auto response = peers_.linking.ChooseLinkedId(ForLinking(turn), request);
  if (status::ErrorCodeOf(response.status()) == mesh::v1::ERROR_CODE_CODE_INVALID) {
    return Stale(turn);
  }
  if (!response.ok()) return Failed(turn, response.status());
  return Replace(
      Phrase(turn.language, keep_chat ? Wording::kLinkChatStays : Wording::kLinkWebStays));
}

}  // namespace selfology::coaching_dialog

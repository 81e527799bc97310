#include "services/coaching/coaching_dialog/account_actions.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

// Of the update's time: what it takes to say what came of it. An erasure that is cut short is
// resumed by the kernel.
constexpr absl::Duration kToAnswer = absl::Seconds(1);

}  // namespace

Reaction AccountActions::SetLanguage(const Turn& turn, std::string_view tag, bool in_place) {
  ButtonLabels choices;
  for (const Language language : kLanguages) {
    choices.emplace_back(Phrase(language, Text::kLanguageName),
                         absl::StrCat("language:", TagOf(language)));
  }
  Reaction choose =
      Reply(std::string(Phrase(turn.language, Text::kChooseLanguage)), {Row(choices)});
  // A press that fails is repeated; one that does not replaces it all.
  choose.mutable_messages(0)->set_keep_buttons(true);
  if (tag.empty()) return choose;

  session::v1::SetLanguageRequest request;
  request.set_user_id(turn.user_id);
  request.set_language(std::string(tag));
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.SetLanguage(once, request); });
  if (absl::IsInvalidArgument(response.status())) return choose;
  if (!response.ok()) return Reply(texts::Failure(turn.language, response.status()));
  const std::string chosen = response->onboarding().language();
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) { c.language = chosen; });
  const std::string_view confirmation = Phrase(LanguageOf(chosen), Text::kLanguageChosen);
  Reaction reaction = in_place ? Replace(confirmation) : Reply(std::string(confirmation));
  reaction.set_language(chosen);
  return reaction;
}

Reaction AccountActions::WarnBeforeDelete(const Turn& turn) {
  return Reply(std::string(Phrase(turn.language, Text::kDeleteWarning)),
               {Row({{Phrase(turn.language, Text::kButtonDeleteAll), "delete:yes"},
                     {Phrase(turn.language, Text::kButtonKeep), "delete:no"}})});
}

Reaction AccountActions::Delete(const Turn& turn, bool confirmed) {
  if (!confirmed) return Replace(Phrase(turn.language, Text::kDeleteCancelled));
  const absl::Status erased =
      erase_(turn.call.WithTimeout(turn.call.Remaining() - kToAnswer), turn.user_id);
  const Text text = erased.ok() ? Text::kDeleted : Text::kDeleteIncomplete;
  return Replace(Phrase(turn.language, text));
}

}  // namespace selfology::coaching_dialog

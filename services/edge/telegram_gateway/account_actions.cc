#include "services/edge/telegram_gateway/account_actions.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/edge/telegram_gateway/texts.h"

namespace selfology::telegram_gateway {
namespace {

// Longer than an ordinary update may take, so that an erasure is seldom cut short.
constexpr absl::Duration kErase = absl::Seconds(30);

}  // namespace

Reaction AccountActions::Profile(const Turn& turn) {
  profile::v1::GetProfileRequest request;
  request.set_user_id(turn.user_id);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.profile.GetProfile(once, request); });
  if (absl::IsNotFound(response.status())) return Reply(turn, Text::kNoProfileYet);
  if (!response.ok()) return Reply(texts::Failure(turn.language, response.status()));
  return Reply(texts::Profile(turn.language, response->profile()));
}

Reaction AccountActions::SetLanguage(const Turn& turn, std::string_view tag, bool in_place) {
  ButtonLabels choices;
  for (const Language language : kLanguages) {
    choices.emplace_back(Phrase(language, Text::kLanguageName),
                         absl::StrCat("language:", TagOf(language)));
  }
  const Reaction choose =
      Reply(std::string(Phrase(turn.language, Text::kChooseLanguage)), {Row(choices)});
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
  const std::string confirmation(Phrase(LanguageOf(chosen), Text::kLanguageChosen));
  if (in_place) return Reaction{.in_place = confirmation};
  return Reply(confirmation);
}

Reaction AccountActions::WarnBeforeDelete(const Turn& turn) {
  return Reply(std::string(Phrase(turn.language, Text::kDeleteWarning)),
               {Row({{Phrase(turn.language, Text::kButtonDeleteAll), "delete:yes"},
                     {Phrase(turn.language, Text::kButtonKeep), "delete:no"}})});
}

Reaction AccountActions::Delete(const Turn& turn, bool confirmed) {
  if (!confirmed) {
    return Reaction{.in_place = std::string(Phrase(turn.language, Text::kDeleteCancelled))};
  }
  const absl::Status erased = erase_(Call::Background(kErase, turn.call.trace()), turn.user_id);
  const Text text = erased.ok() ? Text::kDeleted : Text::kDeleteIncomplete;
  return Reaction{.in_place = std::string(Phrase(turn.language, text))};
}

}  // namespace selfology::telegram_gateway

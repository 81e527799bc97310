// What OnboardingActions does before somebody has agreed.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/guide.h"
#include "services/coaching/coaching_dialog/intent.h"
#include "services/coaching/coaching_dialog/onboarding_actions.h"

namespace selfology::coaching_dialog {

using session::v1::Onboarding;

Reaction OnboardingActions::Consent(const Turn& turn, std::string_view argument) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(argument, absl::MaxSplits(':', 1));
  const auto& [decision, policy_version] = parts;
  if (decision == "info") return WhatIsStored(turn, policy_version);
  const bool granted = decision == "yes";
  if (!granted) {
    // The card may be one of those that came before the one on which they agreed.
    const absl::StatusOr<Onboarding> now = AskOwner(turn);
    if (!now.ok()) return Fail(turn, now.status());
    if (now->stage() != session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED) {
      Reaction reaction = Reply(turn, Text::kConsentStands);
      reaction.set_remove_buttons(true);
      return reaction;
    }
  }

  session::v1::RecordConsentRequest request;
  request.set_user_id(turn.user_id);
  request.set_granted(granted);
  request.set_policy_version(policy_version);
  request.set_language(std::string(TagOf(turn.language)));
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.RecordConsent(once, request); });
  // The text has changed since the button was sent: show the new one.
  if (absl::IsInvalidArgument(response.status())) return ShowOnboarding(turn);
  if (!response.ok()) return Fail(turn, response.status());

  Reaction reaction;
  if (granted) {
    reaction = Show(turn, response->onboarding());
    if (response->onboarding().stage() == session::v1::ONBOARDING_STAGE_STARTING) {
      *reaction.mutable_messages(0) =
          Html(kind::kReply, std::string(Phrase(turn.language, Text::kConsentThanks)));
    }
    reaction.set_focus(v1::FOCUS_CHANGE_TAKE);
  } else {
    reaction = Reply(turn, Text::kConsentDeclined);
    reaction.set_menu(std::string(MenuOf(Follow(turn, response->onboarding()))));
    SpendButtons(conversations_, turn, reaction);
  }
  reaction.set_remove_buttons(true);
  return reaction;
}

Reaction OnboardingActions::WhatIsStored(const Turn& turn, std::string_view policy_version) {
  const absl::StatusOr<Onboarding> now = AskOwner(turn);
  // Who has agreed is asked for nothing, and the buttons of what they are at stay.
  const bool agreed = now.ok() && now->stage() != session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED;
  const std::string version = policy_version.empty() && now.ok() ? now->current_policy_version()
                                                                 : std::string(policy_version);
  Reaction reaction = agreed ? Reply(turn, Text::kWhatIsStored)
                             : ShowCard(conversations_, turn, WhatIsStoredCard(turn, version));
  reaction.set_remove_buttons(true);
  return reaction;
}

Reaction OnboardingActions::Greet(const Turn& turn, std::string_view words) {
  const absl::StatusOr<Onboarding> onboarding = AskOwner(turn);
  if (!onboarding.ok()) return Fail(turn, onboarding.status());
  // Who has said no is not asked again until they want to be.
  const bool declined = onboarding->stage() == session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED &&
                        onboarding->has_consent() && !onboarding->consent().granted();
  if (onboarding->stage() == session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED) {
    return AnswerBeforeConsent(turn, *onboarding, declined, words);
  }
  return Show(turn, *onboarding);
}

Reaction OnboardingActions::AnswerBeforeConsent(const Turn& turn, const Onboarding& onboarding,
                                                bool declined, std::string_view words) {
  const std::string& version = onboarding.current_policy_version();
  // Nobody agrees to what they have not seen.
  const bool shown = !version.empty() && turn.shown_policy == version;
  Guide said = Guide::kConsentAgain;
  if (const std::optional<Intent> intent = IntentAtConsent(words); intent.has_value()) {
    switch (*intent) {
      case Intent::kYes:
        if (shown && !declined) return Consent(turn, absl::StrCat("yes:", version));
        // Who has said no decides anew on what they would agree to.
        return Show(turn, onboarding);
      case Intent::kNo:
        if (shown && !declined) return Consent(turn, absl::StrCat("no:", version));
        break;
      case Intent::kWhoReads:
        return WhatIsStored(turn, version);
      case Intent::kHowLong:
        said = Guide::kHowLongInAll;
        break;
      case Intent::kWhy:
        said = Guide::kWhyConsent;
        break;
      default:
        said = Guide::kWhatIAm;
        break;
    }
  }
  const v1::ConversationState state = Follow(turn, onboarding);
  Reaction reaction;
  if (declined) {
    reaction = said == Guide::kConsentAgain ? Reply(turn, Text::kConsentFirst)
                                            : Reply(std::string(Phrase(turn.language, said)));
  } else {
    const std::string_view html =
        shown ? Phrase(turn.language, said) : Phrase(turn.language, Text::kConsentPrompt);
    reaction = ShowCard(conversations_, turn, ConsentCard(turn, version, std::string(html)));
  }
  reaction.set_menu(std::string(MenuOf(state)));
  return reaction;
}

}  // namespace selfology::coaching_dialog

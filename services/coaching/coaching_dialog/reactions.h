// Answers updates: commands and buttons go to the action that they name, words to the one that the
// state of the conversation says (goal.h).
//
//   ASSIGN_OR_RETURN(const Reaction reaction, reactions.To(turn, request.update()));
//
// Errors: see To; all else that fails is told to the person. Threads: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/coaching/coaching_dialog/account_actions.h"
#include "services/coaching/coaching_dialog/chat_actions.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/guide_actions.h"
#include "services/coaching/coaching_dialog/intent.h"
#include "services/coaching/coaching_dialog/onboarding_actions.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/statements.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

// The buttons that To knows.
absl::Span<const std::string_view> ButtonActions();

// Whether this may begin another journey: /start, or the button for another session.
bool AsksToBegin(const v1::DialogUpdate& update);

class Reactions {
 public:
  // The references outlive it.
  Reactions(const Peers& peers, Conversations& conversations, const Statements& statements,
            AccountActions::EraseFunction erase)
      : conversations_(conversations),
        statements_(statements),
        onboarding_(peers, conversations),
        guide_(peers, onboarding_),
        chat_(peers, conversations),
        account_(peers, conversations, std::move(erase)) {}

  // An error: what the person said may or may not have been taken down. The same update is to be
  // brought again.
  absl::StatusOr<Reaction> To(const Turn& turn, const v1::DialogUpdate& update);

 private:
  Reaction ToCommand(const Turn& turn, const v1::GivenCommand& command);
  absl::StatusOr<Reaction> ToWords(const Turn& turn, const std::string& words);
  Reaction ToButton(const Turn& turn, const v1::PressedButton& button);
  // The words under it are words like any; of what they are under, something is said.
  absl::StatusOr<Reaction> ToContent(const Turn& turn, const v1::SentContent& content);
  // /pause, /resume and /finish mean the session or the chat, whichever there is.
  Reaction Pause(const Turn& turn);
  Reaction Resume(const Turn& turn);
  Reaction Finish(const Turn& turn);
  // Of the questions only.
  Reaction FinishByButton(const Turn& turn);

  // What was asked for where an answer was expected.
  Reaction ToRequest(const Turn& turn, Intent intent);
  Reaction ChangeLanguage(const Turn& turn, Language language);
  // The same while they talk with the coach; nothing when it is for the coach.
  std::optional<Reaction> ToRequestInTalk(const Turn& turn, const std::string& words);
  absl::StatusOr<Reaction> Answer(const Turn& turn, const std::string& words);

  Conversations& conversations_;
  const Statements& statements_;
  OnboardingActions onboarding_;
  GuideActions guide_;
  ChatActions chat_;
  AccountActions account_;
};

}  // namespace selfology::coaching_dialog

// Answers requests about the current question (intent.h). The question stays open unless the person
// skips it, pauses or finishes.
//
//   if (const auto intent = IntentAtQuestion(words)) return guide.ToRequest(turn, *intent);
//
// Errors: what fails is told to the person. Threads: thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "selfology/notification/v1/preferences.pb.h"
#include "selfology/question/v1/question.pb.h"
#include "services/coaching/coaching_dialog/guide.h"
#include "services/coaching/coaching_dialog/intent.h"
#include "services/coaching/coaching_dialog/onboarding_actions.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class GuideActions {
 public:
  // The references outlive it.
  GuideActions(const Peers& peers, OnboardingActions& onboarding)
      : peers_(peers), onboarding_(onboarding) {}

  // Words at a question or in a pause.
  Reaction ToRequest(const Turn& turn, Intent intent);
  // Words that ask for a task: for the dialog that makes them.
  static Reaction PassOn(const Turn& turn);
  // `intent`: kWhy, kRephrase or kExample. `question`: from the button, see QuestionButton
  // (texts.h); empty for words and commands: the one that the person was shown.
  Reaction Explain(const Turn& turn, Intent intent, std::string_view question);
  // "yes:q_identity_001", "no:..."
  Reaction DecideOnHeavy(const Turn& turn, std::string_view argument);

 private:
  Reaction HowLong(const Turn& turn);
  // Says it, and once more what is asked.
  Reaction SayAndAskAgain(const Turn& turn, Guide text);
  Reaction Address(const Turn& turn, notification::v1::FormOfAddress form);

  const Peers& peers_;
  OnboardingActions& onboarding_;
};

}  // namespace selfology::coaching_dialog

// Actions about onboarding: consent, the session and its questions. Each action calls the service
// that owns the data, stores the new state of the conversation, and returns the message to the
// person; most results reach them later by events (event_words.h).
//
// Errors: Answer's; what else fails is told to the person. Threads: thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "selfology/session/v1/session.pb.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class OnboardingActions {
 public:
  // The references outlive it.
  OnboardingActions(const Peers& peers, Conversations& conversations)
      : peers_(peers), conversations_(conversations) {}

  // /start, and the button for another session. `payload`: of a link that leads here, such as
  // "spring_ru": a language in it is that of somebody who has chosen none.
  Reaction Start(const Turn& turn, bool restart, std::string_view payload = "");
  // "yes:2025-10-01", "no:...", "info:..."
  Reaction Consent(const Turn& turn, std::string_view argument);
  // Words of someone with whom nothing is open: perhaps they decide, or ask something first.
  Reaction Greet(const Turn& turn, std::string_view words);
  // `policy_version`: of the card that it was asked on.
  Reaction WhatIsStored(const Turn& turn, std::string_view policy_version);

  // To the question that the person was shown, whatever is on its way to them; while that is not
  // known, to none. out_of_step: set when the person may be in another state than we thought, which
  // is forgotten then. An error: nobody knows whether it was taken down (MayHaveHappened).
  absl::StatusOr<Reaction> Answer(const Turn& turn, const std::string& text,
                                  absl::Status& out_of_step);
  // Whether this very update was taken down as an answer before: an answer may end the session, and
  // should the gateway die then, its words come again to a person who is elsewhere. Usually the
  // conversation tells; else it takes an RPC.
  absl::StatusOr<bool> WasAnswer(const Turn& turn);
  Reaction Pause(const Turn& turn);
  Reaction Resume(const Turn& turn);
  // with_few_answers: however few there are; else they are told how many are missing, and may do it
  // all the same.
  Reaction Finish(const Turn& turn, bool with_few_answers = false);
  // `question`: from the button, see QuestionButton (texts.h); empty for words and the command.
  // `heavy_welcome`: they would like a heavy one instead.
  Reaction Skip(const Turn& turn, std::string_view question, bool heavy_welcome = false);

 private:
  absl::StatusOr<session::v1::Onboarding> AskOwner(const Turn& turn);
  // Of somebody who is asked for their consent.
  Reaction AnswerBeforeConsent(const Turn& turn, const session::v1::Onboarding& onboarding,
                               bool declined, std::string_view words);
  // Where the conversation stands now.
  v1::ConversationState Follow(const Turn& turn, const session::v1::Onboarding& onboarding);
  Reaction ShowOnboarding(const Turn& turn);
  Reaction Show(const Turn& turn, const session::v1::Onboarding& onboarding);
  Reaction AnswerNothing(const Turn& turn, absl::Status& out_of_step);
  // A session that was asked for begins now at the latest.
  Reaction AwaitSession(const Turn& turn);
  // Says why an RPC failed; when that means that the state is not what we thought, it is forgotten.
  Reaction Fail(const Turn& turn, const absl::Status& failure, int characters = 0);
  Reaction WithQuestion(const Turn& turn, const session::v1::Session& session, Text introduction);

  const Peers& peers_;
  Conversations& conversations_;
};

}  // namespace selfology::coaching_dialog

// What reactions are made of.
//
//   return Take(MenuPanel(Say(turn.language, Text::kFeedEmpty), turn.language));
//
// Threads: pure functions.
#pragma once

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/feed/feed_dialog/texts.h"

namespace selfology::feed_dialog {

// What a peer may take; a press waits for several of them at times.
inline constexpr absl::Duration kPatience = absl::Seconds(3);
// Where all of a person's posts are looked at.
inline constexpr absl::Duration kLongPatience = absl::Seconds(8);

inline std::string Say(Language language, Text text) { return std::string(Phrase(language, text)); }

inline telegram::v1::DialogReaction Say(telegram::v1::DialogMessage message) {
  telegram::v1::DialogReaction reaction;
  *reaction.add_messages() = std::move(message);
  return reaction;
}

inline telegram::v1::DialogReaction Notice(Language language, Text text) {
  telegram::v1::DialogReaction reaction;
  reaction.set_notice(Say(language, text));
  return reaction;
}

// The panel takes the place of all others, and hears what is written next.
inline telegram::v1::DialogReaction Take(telegram::v1::DialogMessage panel) {
  telegram::v1::DialogReaction reaction = Say(std::move(panel));
  reaction.set_transition(true);
  reaction.set_focus(telegram::v1::FOCUS_CHANGE_TAKE);
  return reaction;
}

// Asks for names of channels, which may come as long as somebody is likely to think about it.
inline void AskForChannels(telegram::v1::DialogReaction& reaction) {
  constexpr absl::Duration kWorth = absl::Hours(1);
  reaction.set_focus(telegram::v1::FOCUS_CHANGE_TAKE);
  reaction.set_question(telegram::v1::DIALOG_QUESTION_WAITS);
  reaction.mutable_question_worth()->set_seconds(absl::ToInt64Seconds(kWorth));
}

}  // namespace selfology::feed_dialog

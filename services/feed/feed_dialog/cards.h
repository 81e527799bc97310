// Posts as messages with buttons: cards of the training, posts of the feed, nudges.
//
//   FeedCard(post, Language::kEnglish)                     // 👍 👎 ⏭ / 🔖 Why? Open
//   TrainingCard(post, {.number = 3, .of = 21}, language)  // takes the place of the card before
//   UpdateCard(post, "<b>👍</b>", language, reaction)      // a card after a button was pressed
//
// A button's callback_data is "feed:<verb>:<argument>", at most 64 bytes. Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "selfology/feed/v1/feed.pb.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/feed/feed_dialog/texts.h"

namespace selfology::feed_dialog {

// The dialog's name: the service's. The action of its buttons.
inline constexpr std::string_view kDialog = "feed_dialog";
inline constexpr std::string_view kAction = "feed";

// What a button asks for: the verb, and the number or word behind it.
struct Press {
  std::string verb = {};      // "like", "tlike" (of the training), "more", ...
  std::string argument = {};  // May be empty.
  int64_t number = 0;         // Of the argument; 0: it is none.
};
// `argument`: of PressedButton, "like:42".
Press ReadPress(std::string_view argument);

telegram::v1::Button ButtonOf(std::string_view text, std::string_view verb,
                              std::string_view argument = "");

// A post's text, source and age as HTML, at most about 1,500 characters.
std::string PostText(const feed::v1::Post& post, Language language);
// "why this": up to three reasons, a line each; empty: none is known.
std::string ReasonsText(const feed::v1::Post& post, Language language);
// "5 min", "3 h", "2 days".
std::string AgeText(int64_t seconds, Language language);

telegram::v1::DialogMessage FeedCard(const feed::v1::Post& post, Language language);
// How far the training is.
struct Training {
  int number = 1;  // Of this post.
  int of = 1;
  int64_t previous = 0;      // The post that was rated before, to take that back; 0: none.
  std::string reading = {};  // Channels that are being read for the first time; may be empty.
  bool can_finish = false;   // There are enough ratings.
};
telegram::v1::DialogMessage TrainingCard(const feed::v1::Post& post, const Training& training,
                                         Language language);
telegram::v1::DialogMessage NudgeCard(const feed::v1::Post& post, Language language);

// Puts a card in the place of the one whose button was pressed: `below` (HTML, may be empty) stands
// under the post, and the buttons show what the person thinks of it (Post.own_interaction, is_saved).
void UpdateCard(const feed::v1::Post& post, std::string_view below, Language language,
                telegram::v1::DialogReaction& reaction);

}  // namespace selfology::feed_dialog

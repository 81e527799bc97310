// What a person did with an update, and whose it is to answer: pure functions, so that every update
// there may be can be tried in a test.
//
//   const Act act = ActOf(update, "selfology_bot");
//   const Route route = RouteOf(act, dialogs, dialogs.Listening(focus.dialog));
//   if (const auto* ask = std::get_if<AskDialog>(&route)) ...
//
// Only private chats count: what happens in groups and channels, and what other bots do, is
// ignored. Commands and buttons go to the dialog that has them, everything else to the one that
// listens. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/routing/directory.h"

namespace selfology::telegram_gateway {

// "/language ru"
struct Command {
  std::string name = {};  // In lower case.
  std::string argument = {};
  friend bool operator==(const Command&, const Command&) = default;
};

struct Words {
  std::string text = {};
  friend bool operator==(const Words&, const Words&) = default;
};

// A button whose callback_data is "<action>:<argument>".
struct Press {
  std::string callback_id = {};
  int64_t message_id = 0;
  std::string action = {};
  std::string argument = {};
  friend bool operator==(const Press&, const Press&) = default;
};

// A picture, a voice message, ...
struct NotText {
  Content content = Content::kOther;
  std::string caption = {};
  friend bool operator==(const NotText&, const NotText&) = default;
};

// A change to something written before.
struct Edited {
  std::string text = {};
  friend bool operator==(const Edited&, const Edited&) = default;
};

// The person blocked the bot.
struct Left {
  friend bool operator==(const Left&, const Left&) = default;
};

// Nothing to be done; `why` is a fixed word for metrics.
struct Ignored {
  std::string_view why = "";
  friend bool operator==(const Ignored&, const Ignored&) = default;
};

using Act = std::variant<Command, Words, Press, NotText, Edited, Left, Ignored>;

// bot_username: without "@"; empty while it is not known.
Act ActOf(const Update& update, std::string_view bot_username);

// The act as dialogs are told of it; the update is empty for what they are not.
v1::DialogUpdate ToldOf(const Act& act);

// Whether there are words in it, which guards see first.
bool HasWords(const Act& act);

// A dialog answers.
struct AskDialog {
  std::string dialog;
  v1::DialogUpdate update;
  bool chosen = false;  // The person has just chosen to talk with it.
};

// The gateway answers by itself.
struct Say {
  enum class What {
    kMenu,  // Of the dialogs.
    kHelp,
    kUnknownCommand,  // With the nearest one that there is, if any.
    kNothingToCancel,
    kNothingToSet,
    kStaleButton,
  };
  What what = What::kHelp;
  std::string nearest = {};
  friend bool operator==(const Say&, const Say&) = default;
};

// Nobody answers, and what waits for the person is not sent any more.
struct Drop {};

using Route = std::variant<AskDialog, Say, Drop>;

// listening: see Directory::Listening. What was Ignored has no route: it gets a Drop.
Route RouteOf(const Act& act, const Directory& dialogs, std::string_view listening);

// How many letters have to be added, left out, replaced or swapped with their neighbour to make one
// word of the other.
int EditDistance(std::string_view a, std::string_view b);

}  // namespace selfology::telegram_gateway

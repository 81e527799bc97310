// What a person did with an update, and whose it is to answer: pure functions, so that every update
// there may be can be tried in a test.
//
//   const Act act = ActOf(update, "selfology_bot");
//   const Route route = RouteOf(act, dialogs, dialogs.Listening(focus.dialog));
//   if (const auto* ask = std::get_if<AskDialog>(&route)) ...
//
// Only private chats have a route: what happens in groups is for groups.h, in channels for
// channel_updates.h, and what other bots do is ignored. Commands and buttons go to the dialog that
// has them, what refers to a dialog's message to that dialog, everything else to the one that
// listens. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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

// They changed their reaction to a message; the emoji that are there now.
struct Reacted {
  std::vector<std::string> emoji = {};
  friend bool operator==(const Reacted&, const Reacted&) = default;
};

// The bot was added to a group, or spoken to there.
struct InGroup {
  friend bool operator==(const InGroup&, const InGroup&) = default;
};

// Something that dialogs can be told of a channel.
struct InChannel {
  v1::ChannelUpdateKind kind = v1::CHANNEL_UPDATE_KIND_UNSPECIFIED;
  friend bool operator==(const InChannel&, const InChannel&) = default;
};

// Nothing to be done; `why` is a fixed word for metrics.
struct Ignored {
  std::string_view why = "";
  friend bool operator==(const Ignored&, const Ignored&) = default;
};

using Act = std::variant<Command, Words, Press, NotText, Edited, Left, Reacted, InGroup, InChannel,
                         Ignored>;

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

// Nobody answers: all that can be talked with are told, and what waits for the person is not sent
// any more.
struct Part {};

// Nobody answers.
struct Nothing {};

using Route = std::variant<AskDialog, Say, Part, Nothing>;

// listening: see Directory::Listening. author: the dialog whose message this refers to; empty: none.
Route RouteOf(const Act& act, const Directory& dialogs, std::string_view listening,
              std::string_view author = "");

// How many letters have to be added, left out, replaced or swapped with their neighbour to make one
// word of the other.
int EditDistance(std::string_view a, std::string_view b);

}  // namespace selfology::telegram_gateway

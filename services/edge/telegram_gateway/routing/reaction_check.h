// Finds what Telegram would refuse in a dialog's answer, and removes it: a message without an
// invalid button is better than none.
//
//   const absl::Status wrong = CorrectReaction("garden_dialog", *directory, reaction);
//   if (!wrong.ok()) observe::Error("...", {{"status", wrong}});
//
// - Buttons that are not as telegram.proto says, or whose action is not one that the dialog
//   describes (nor the gateway's "open"), are left out, and so are those above 8 in a row and rows
//   above 100.
// - HTML that Telegram would not read loses its tags: messages' and the replacement.
// - A notice is cut to 200 characters.
// - A replacement that is too long for one message becomes messages of its own, and the buttons that
//   were pressed go.
// Errors: INVALID_ARGUMENT, naming each field and its rule, and no words of a person's. Messages
// that cannot be sent at all are left alone: see CheckMessage. Threads: pure functions.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/routing/directory.h"

namespace selfology::telegram_gateway {

absl::Status CorrectReaction(std::string_view dialog, const Directory& dialogs,
                             v1::DialogReaction& reaction);

}  // namespace selfology::telegram_gateway

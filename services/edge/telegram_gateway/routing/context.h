// What a dialog is told around what a person did: which message it was, what it refers to, how many
// were gathered in it.
//
//   v1::DialogUpdate told = ToldOf(act);
//   AddContext(update, {.dialog = "garden", .key = "garden:tip-7"}, "garden", told);
//   told.replied_to().key()     // "tip-7"
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {

// Telegram's number of the message that the update replies or reacts to; 0: none.
int64_t MessageReferredTo(const Update& update);

// `about`: the message of that number; `dialog`: who is told.
void AddContext(const Update& update, const store::Reference& about, std::string_view dialog,
                v1::DialogUpdate& told);

}  // namespace selfology::telegram_gateway

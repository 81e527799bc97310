// A message for a person, on its way from what caused it to Telegram.
//
//   Outgoing message{.user_id = user, .key = "update:7:0", .body = Html(kReply, frame::Help(...))};
//
// Plain values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "selfology/telegram/v1/telegram.pb.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

// Kinds of the gateway's own messages; dialogs have kinds of their own.
inline constexpr std::string_view kReply = "reply";    // To a command, a button, an error.
inline constexpr std::string_view kNotice = "notice";  // Such as that the person writes too fast.
inline constexpr std::string_view kGuard = "guard";    // A guard's card.
inline constexpr std::string_view kRequested = "requested";  // By another service.

// Telegram itself keeps what waits for a bot no longer.
inline constexpr absl::Duration kLongestWorth = absl::Hours(24);
inline constexpr absl::Duration kLongestWait = absl::Seconds(10);
inline constexpr absl::Duration kUsualLifetime = absl::Seconds(10);
inline constexpr absl::Duration kShortestLifetime = absl::Seconds(1);
inline constexpr absl::Duration kLongestLifetime = absl::Hours(24);

struct Outgoing {
  int64_t user_id = 0;  // The chat: also a group's or channel's, below 0.
  // Of one chat's messages with the same key only the first is sent: "update:<id>:<n>",
  // "event:<id>", "<dialog>:<the dialog's key>", "rpc:<key>", ...
  std::string key = {};
  std::string dialog = {};      // Whose it is; empty: the gateway's own.
  v1::DialogMessage body = {};  // Its `key` and `after_key` are not used: those here are.
  std::string after_key = {};   // The whole key of the message that it waits for.
  std::string traceparent = {};
  // Of a SYSTEM message: it takes the place of all SYSTEM ones of its dialog, whatever their tags.
  bool replaces_all = false;
};

// How long it is worth sending, and how long it waits for after_key: within what the contract
// allows.
absl::Duration WorthOf(const v1::DialogMessage& message);
absl::Duration WaitOf(const v1::DialogMessage& message);
// How long an EPHEMERAL one stays, likewise.
absl::Duration LifetimeOf(const v1::DialogMessage& message);
// "onetime", "system" or "ephemeral".
std::string LifecycleOf(const v1::DialogMessage& message);
// Whether an edit can give its words to another message.
bool FitsIntoOther(const v1::DialogMessage& message);

// INVALID_ARGUMENT, naming the field and the rule, for what cannot be stored or sent. Whether its
// media are there and go together, is for MediaStore::ForMessage to say.
absl::Status CheckMessage(const v1::DialogMessage& message);
// What a message says, of these only: the same for SendMessage.
void CheckContent(const v1::DialogMessage& message, status::FieldViolations& bad);

// Where the person has yet to choose: one button with its callback_data in each row.
struct Choice {
  std::string label;
  std::string data;
};

v1::DialogMessage Html(std::string_view kind, std::string html,
                       const std::vector<Choice>& choices = {});
// Not worth a second copy, nor sending after ten minutes.
v1::DialogMessage Notice(std::string html);

}  // namespace selfology::telegram_gateway

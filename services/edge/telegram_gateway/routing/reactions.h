// What dialogs, and the gateway itself, answer to one update or one event, until it is written down
// together with the mark that this was handled.
//
//   Reactions reactions = Reactions::ToUpdate(user_id, update_id, traceparent);
//   reactions.Add("feed_dialog", *std::move(response->mutable_reaction()), *directory);
//   reactions.Say(Html(kReply, frame::Help(...)));
//   reactions.Write(tx, now);
//
// Messages that nobody could store or send are left out, and named in an ERROR line. Those behind
// one that waits for another wait with it, so that they keep their order. Threads: a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/delivery/outgoing.h"
#include "services/edge/telegram_gateway/routing/directory.h"

namespace selfology::telegram_gateway {

class Reactions {
 public:
  static Reactions ToUpdate(int64_t user_id, int64_t update_id, std::string traceparent);
  static Reactions ToEvent(int64_t user_id, std::string_view event_id, std::string traceparent);

  // What a dialog answers, behind all that is there already.
  void Add(const std::string& dialog, v1::DialogReaction reaction, const Directory& dialogs);
  // What the gateway says, likewise.
  void Say(v1::DialogMessage message);
  // The person has chosen this dialog.
  void Choose(const std::string& dialog);
  // Nothing of what waits is sent any more.
  void DropWaiting() { drop_waiting_ = true; }
  // The person's language need not be written down again if it is the one that is stored, or, where
  // none is, the one that their Telegram speaks.
  void LeaveOutLanguage(std::string_view stored, std::string_view spoken);

  void Write(postgres::Transaction& tx, absl::Time now) const;

  bool typing() const { return typing_; }
  // Of a button; see DialogReaction.
  std::string replacement = {};
  bool remove_buttons = false;
  std::string notice = {};

 private:
  Reactions(int64_t user_id, std::string cause, bool first_is_numbered, std::string traceparent)
      : user_id_(user_id),
        cause_(std::move(cause)),
        first_is_numbered_(first_is_numbered),
        traceparent_(std::move(traceparent)) {}

  std::string NextKey() const;

  int64_t user_id_;
  std::string cause_;  // First part of the keys that dialogs do not choose.
  bool first_is_numbered_;
  std::string traceparent_;
  std::vector<Outgoing> messages_;
  std::vector<std::pair<std::string, v1::FocusChange>> focus_;
  std::string language_;
  bool drop_waiting_ = false;
  bool typing_ = false;
};

}  // namespace selfology::telegram_gateway

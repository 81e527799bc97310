// What dialogs, and the gateway itself, answer to one update or one event, until it is written down
// together with the mark that this was handled.
//
//   Reactions reactions = Reactions::ToUpdate(user_id, "7", traceparent);
//   reactions.Add("garden_dialog", *std::move(response->mutable_reaction()), *directory);
//   reactions.Say(Html(kReply, frame::Help(...)));
//   reactions.Write(tx, bot_id, now);
//
// What Telegram would refuse of a dialog's answer is corrected (reaction_check.h), messages that
// nobody could store or send are left out, and an ERROR line names either. Those behind one that
// waits for another wait with it, so that they keep their order. Threads: a value.
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
  // key: the update's, for example "7", or "7:all" of several gathered ones.
  static Reactions ToUpdate(int64_t user_id, std::string_view key, std::string traceparent);
  static Reactions ToEvent(int64_t user_id, std::string_view event_id, std::string traceparent);

  // What a dialog answers, behind all that is there already.
  void Add(const std::string& dialog, v1::DialogReaction reaction, const Directory& dialogs);
  // What the gateway says, likewise. key: empty: one is made of what it answers.
  void Say(v1::DialogMessage message, std::string key = {});
  // The notice as a message of its own, if there is nothing else to be seen; there is no notice
  // then.
  void SayNotice();
  // The person has chosen this dialog.
  void Choose(const std::string& dialog);
  // Nothing of what waits is sent any more.
  void DropWaiting(bool drop = true) { drop_waiting_ = drop; }
  bool drops_waiting() const { return drop_waiting_; }
  // The person's language need not be written down again if it is the one that is stored, or, where
  // none is, the one that their Telegram speaks.
  void LeaveOutLanguage(std::string_view stored, std::string_view spoken);
  // Likewise who hears the person's words, if that is whom the table has, and nobody borrows it.
  void LeaveOutFocus(std::string_view stored);

  void Write(postgres::Transaction& tx, int64_t bot_id, absl::Time now) const;

  bool has_messages() const { return !messages_.empty(); }

  bool typing() const { return typing_; }
  // Messages that are in the chat are to change.
  bool changes_chat() const { return transition_ || !spent_keys_.empty(); }
  // To be shown at the person's message; empty: none.
  const std::string& emoji() const { return emoji_; }
  // Some dialog says which of its commands the person's menu is to show.
  bool has_menu() const { return !menus_.empty(); }
  // Of a button; see DialogReaction.
  std::string replacement = {};
  v1::DialogMessage replacement_buttons = {};  // Of which only the buttons count.
  bool remove_buttons = false;
  std::string notice = {};

 private:
  Reactions(int64_t user_id, std::string cause, bool first_is_numbered, std::string traceparent)
      : user_id_(user_id),
        cause_(std::move(cause)),
        first_is_numbered_(first_is_numbered),
        traceparent_(std::move(traceparent)) {}

  std::string NextKey() const;
  std::string NextKeyOfGuard(const std::string& guard);

  int64_t user_id_;
  std::string cause_;  // First part of the keys that dialogs do not choose.
  bool first_is_numbered_;
  std::string traceparent_;
  std::vector<Outgoing> messages_;
  size_t of_guards_ = 0;  // Among them.
  std::vector<std::pair<std::string, v1::FocusChange>> focus_;
  std::vector<std::pair<std::string, absl::Duration>>
      questions_;                                           // How long they wait; 0: none does.
  std::vector<std::pair<std::string, std::string>> menus_;  // Dialogs and what they want.
  std::string language_;
  bool chosen_ = false;
  bool drop_waiting_ = false;
  bool typing_ = false;
  bool transition_ = false;
  std::vector<std::pair<std::string, std::vector<std::string>>> spent_keys_;  // By dialog.
  std::string emoji_;
};

}  // namespace selfology::telegram_gateway

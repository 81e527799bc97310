#include "services/edge/telegram_gateway/routing/reactions.h"

#include "absl/strings/str_cat.h"
#include "common/language/tag.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"
#include "common/text/html.h"
#include "services/edge/telegram_gateway/chat_store.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/held_store.h"
#include "services/edge/telegram_gateway/routing/reaction_check.h"

namespace selfology::telegram_gateway {
namespace {

// How long the dialog's question waits for an answer; 0: none does.
absl::Duration WaitOf(const v1::DialogReaction& reaction) {
  if (reaction.question() != v1::DIALOG_QUESTION_WAITS) return absl::ZeroDuration();
  if (!reaction.has_question_worth()) return absl::InfiniteDuration();
  return absl::Seconds(reaction.question_worth().seconds()) +
         absl::Nanoseconds(reaction.question_worth().nanos());
}

}  // namespace

Reactions Reactions::ToUpdate(int64_t user_id, std::string_view key, std::string traceparent) {
  return {user_id, absl::StrCat("update:", key), /*first_is_numbered=*/true,
          std::move(traceparent)};
}

Reactions Reactions::ToEvent(int64_t user_id, std::string_view event_id, std::string traceparent) {
  return {user_id, absl::StrCat("event:", event_id), /*first_is_numbered=*/false,
          std::move(traceparent)};
}

void Reactions::Add(const std::string& dialog, v1::DialogReaction reaction,
                    const Directory& dialogs) {
  if (const absl::Status wrong = CorrectReaction(dialog, dialogs, reaction); !wrong.ok()) {
    observe::Error("invalid parts removed from a dialog's answer",
                   {{"dialog", dialog}, {"status", wrong}});
  }
  const bool own_trace = observe::TraceContext::Parse(reaction.traceparent()).has_value();
  const bool is_guard = dialogs.IsGuard(dialog);
  std::string waits_for;
  google::protobuf::Duration wait;
  // One message takes the place of all; the next ones are told apart by their tags.
  bool replaces_all = reaction.transition();
  for (v1::DialogMessage& message : *reaction.mutable_messages()) {
    if (const absl::Status bad = CheckMessage(message); !bad.ok()) {
      observe::Error("invalid dialog message omitted", {{"dialog", dialog}, {"status", bad}});
      continue;
    }
    if (!message.after_key().empty()) {
      waits_for = absl::StrCat(dialog, ":", message.after_key());
      wait = message.wait();
    } else if (!waits_for.empty()) {
      *message.mutable_wait() = wait;
    }
    const bool is_system = message.lifecycle() == v1::MESSAGE_LIFECYCLE_SYSTEM;
    std::string key = absl::StrCat(dialog, ":", message.key());
    // What a guard says may be written down before it is known what the others say.
    if (message.key().empty()) key = is_guard ? NextKeyOfGuard(dialog) : NextKey();
    messages_.push_back({.user_id = user_id_,
                         .key = std::move(key),
                         .dialog = dialog,
                         .body = std::move(message),
                         .after_key = waits_for,
                         .traceparent = own_trace ? reaction.traceparent() : traceparent_,
                         .replaces_all = is_system && replaces_all});
    if (is_system) replaces_all = false;
  }
  transition_ = transition_ || reaction.transition();
  if (!reaction.spent_keys().empty()) {
    spent_keys_.emplace_back(dialog, std::vector<std::string>(reaction.spent_keys().begin(),
                                                              reaction.spent_keys().end()));
  }
  if (!reaction.emoji().empty()) emoji_ = reaction.emoji();
  // Guards hear words anyway. The only one to talk with is noted as well, so that people are still
  // with it on the day when there is another.
  if (reaction.focus() != v1::FOCUS_CHANGE_UNSPECIFIED && dialogs.CanTalk(dialog)) {
    focus_.emplace_back(dialog, reaction.focus());
  }
  if (reaction.question() != v1::DIALOG_QUESTION_UNSPECIFIED && dialogs.CanTalk(dialog)) {
    questions_.emplace_back(dialog, WaitOf(reaction));
  }
  if (IsMenu(reaction.menu())) {
    menus_.emplace_back(dialog, reaction.menu());
  } else if (!reaction.menu().empty()) {
    observe::Error("invalid dialog menu omitted", {{"dialog", dialog}});
  }
  if (language::Tag::Parse(reaction.language()).has_value()) language_ = reaction.language();
  if (!reaction.replacement().empty()) {
    replacement = reaction.replacement();
    *replacement_buttons.mutable_button_rows() = std::move(*reaction.mutable_replacement_rows());
  }
  if (!reaction.notice().empty()) notice = reaction.notice();
  remove_buttons = remove_buttons || reaction.remove_buttons();
  typing_ = typing_ || reaction.typing();
  drop_waiting_ = drop_waiting_ || reaction.drop_waiting();
}

void Reactions::SayNotice() {
  if (!notice.empty() && replacement.empty() && messages_.empty()) {
    Say(Notice(text::EscapeHtml(notice)));
  }
  notice.clear();
}

void Reactions::Say(v1::DialogMessage message, std::string key) {
  messages_.push_back({.user_id = user_id_,
                       .key = key.empty() ? NextKey() : std::move(key),
                       .body = std::move(message),
                       .traceparent = traceparent_});
}

void Reactions::Choose(const std::string& dialog) {
  focus_.emplace(focus_.begin(), dialog, v1::FOCUS_CHANGE_TAKE);
  chosen_ = true;
}

void Reactions::LeaveOutLanguage(std::string_view stored, std::string_view spoken) {
  const auto said = language::Tag::Parse(language_);
  const auto known = language::Tag::Parse(stored.empty() ? spoken : stored);
  if (!said.has_value() || !known.has_value()) return;
  const bool same = stored.empty() ? said->language() == known->language() : *said == *known;
  if (same) language_.clear();
}

void Reactions::LeaveOutFocus(std::string_view stored) {
  while (!focus_.empty() && focus_.front().second == v1::FOCUS_CHANGE_TAKE &&
         focus_.front().first == stored) {
    focus_.erase(focus_.begin());
  }
}

void Reactions::Write(postgres::Transaction& tx, int64_t bot_id, absl::Time now) const {
  if (user_id_ <= 0) return;
  if (drop_waiting_) store::DropAll(tx, bot_id, user_id_);
  // What was there before; the new messages come behind it.
  if (transition_) store::ClearEphemeral(tx, bot_id, user_id_, now);
  for (const auto& [dialog, keys] : spent_keys_) {
    store::SpendKeys(tx, bot_id, user_id_, dialog, keys, now);
  }
  for (const Outgoing& message : messages_) store::Enqueue(tx, bot_id, message, now);
  // Also if it is the one that they had chosen before: it may have been away meanwhile.
  if (chosen_) store::ReleaseChosen(tx, bot_id, user_id_, now);
  for (const auto& [dialog, wait] : questions_) {
    const bool waits = wait > absl::ZeroDuration();
    store::NoteQuestion(tx, bot_id, user_id_, dialog, waits ? now + wait : absl::InfinitePast(),
                        now);
  }
  for (const auto& [dialog, change] : focus_) {
    if (change == v1::FOCUS_CHANGE_BORROW) {
      store::BorrowFocus(tx, bot_id, user_id_, dialog, now);
    }
    if (change == v1::FOCUS_CHANGE_TAKE) {
      store::TakeFocus(tx, bot_id, user_id_, dialog, now);
      store::ReleaseChosen(tx, bot_id, user_id_, now);
    }
    if (change == v1::FOCUS_CHANGE_GIVE_BACK) {
      store::GiveBackFocus(tx, bot_id, user_id_, dialog, now);
    }
  }
  for (const auto& [dialog, menu] : menus_) {
    store::KeepMenu(tx, bot_id, user_id_, dialog, menu, now);
  }
  if (!language_.empty()) store::KeepLanguage(tx, bot_id, user_id_, language_, now);
}

std::string Reactions::NextKey() const {
  const size_t number = messages_.size() - of_guards_;
  if (number == 0 && !first_is_numbered_) return cause_;
  return absl::StrCat(cause_, ":", number);
}

std::string Reactions::NextKeyOfGuard(const std::string& guard) {
  return absl::StrCat(cause_, ":", guard, ":", of_guards_++);
}

}  // namespace selfology::telegram_gateway

#include "services/edge/telegram_gateway/routing/reactions.h"

#include "absl/strings/str_cat.h"
#include "common/language/tag.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {

Reactions Reactions::ToUpdate(int64_t user_id, int64_t update_id, std::string traceparent) {
  return {user_id, absl::StrCat("update:", update_id), /*first_is_numbered=*/true,
          std::move(traceparent)};
}

Reactions Reactions::ToEvent(int64_t user_id, std::string_view event_id, std::string traceparent) {
  return {user_id, absl::StrCat("event:", event_id), /*first_is_numbered=*/false,
          std::move(traceparent)};
}

void Reactions::Add(const std::string& dialog, v1::DialogReaction reaction,
                    const Directory& dialogs) {
  const bool own_trace = observe::TraceContext::Parse(reaction.traceparent()).has_value();
  std::string waits_for;
  google::protobuf::Duration wait;
  for (v1::DialogMessage& message : *reaction.mutable_messages()) {
    if (const absl::Status bad = CheckMessage(message); !bad.ok()) {
      observe::Error("dialog message left out", {{"dialog", dialog}, {"status", bad}});
      continue;
    }
    if (!message.after_key().empty()) {
      waits_for = absl::StrCat(dialog, ":", message.after_key());
      wait = message.wait();
    } else if (!waits_for.empty()) {
      *message.mutable_wait() = wait;
    }
    std::string key = message.key().empty() ? NextKey() : absl::StrCat(dialog, ":", message.key());
    messages_.push_back({.user_id = user_id_,
                         .key = std::move(key),
                         .dialog = dialog,
                         .body = std::move(message),
                         .after_key = waits_for,
                         .traceparent = own_trace ? reaction.traceparent() : traceparent_});
  }
  // Guards hear words anyway, and where there is only one to talk with, there is nothing to note.
  if (reaction.focus() != v1::FOCUS_CHANGE_UNSPECIFIED && dialogs.CanTalk(dialog) &&
      dialogs.HasChoice()) {
    focus_.emplace_back(dialog, reaction.focus());
  }
  if (language::Tag::Parse(reaction.language()).has_value()) language_ = reaction.language();
  if (!reaction.replacement().empty()) replacement = reaction.replacement();
  if (!reaction.notice().empty()) notice = reaction.notice();
  remove_buttons = remove_buttons || reaction.remove_buttons();
  typing_ = typing_ || reaction.typing();
  drop_waiting_ = drop_waiting_ || reaction.drop_waiting();
}

void Reactions::Say(v1::DialogMessage message) {
  messages_.push_back({.user_id = user_id_,
                       .key = NextKey(),
                       .body = std::move(message),
                       .traceparent = traceparent_});
}

void Reactions::Choose(const std::string& dialog) {
  focus_.emplace(focus_.begin(), dialog, v1::FOCUS_CHANGE_TAKE);
}

void Reactions::LeaveOutLanguage(std::string_view stored, std::string_view spoken) {
  const auto said = language::Tag::Parse(language_);
  const auto known = language::Tag::Parse(stored.empty() ? spoken : stored);
  if (!said.has_value() || !known.has_value()) return;
  const bool same = stored.empty() ? said->language() == known->language() : *said == *known;
  if (same) language_.clear();
}

void Reactions::Write(postgres::Transaction& tx, absl::Time now) const {
  if (user_id_ <= 0) return;
  if (drop_waiting_) store::DropAll(tx, user_id_);
  for (const Outgoing& message : messages_) store::Enqueue(tx, message, now);
  for (const auto& [dialog, change] : focus_) {
    if (change == v1::FOCUS_CHANGE_TAKE) store::TakeFocus(tx, user_id_, dialog, now);
    if (change == v1::FOCUS_CHANGE_GIVE_BACK) store::GiveBackFocus(tx, user_id_, dialog, now);
  }
  if (!language_.empty()) store::KeepLanguage(tx, user_id_, language_, now);
}

std::string Reactions::NextKey() const {
  if (messages_.empty() && !first_is_numbered_) return cause_;
  return absl::StrCat(cause_, ":", messages_.size());
}

}  // namespace selfology::telegram_gateway

#include "tools/telegram_emulator/update_queue.h"

#include <algorithm>
#include <utility>

namespace selfology::telegram_emulator {
namespace {

// https://core.telegram.org/bots/api#getupdates: all except these, unless asked for.
bool AllowedByDefault(std::string_view kind) {
  return kind != "chat_member" && kind != "message_reaction" && kind != "message_reaction_count";
}

}  // namespace

Json Update::ToJson() const { return {{"update_id", id}, {kind, value}}; }

int64_t UpdateQueue::Add(std::string_view kind, Json value, absl::Time now) {
  const std::string name(kind);
  if (allowed_.empty() ? !AllowedByDefault(kind) : !allowed_.contains(name)) return 0;
  const int64_t id = next_id_++;
  changes_.Add(
      "update", 0,
      {{"id", id}, {"kind", name}, {"value", value}, {"created", absl::ToUnixMillis(now)}});
  updates_.push_back({.id = id, .kind = name, .value = std::move(value), .created = now});
  return id;
}

std::vector<Update> UpdateQueue::Get(int64_t offset, int limit) {
  constexpr int64_t kFarBeyond = 10;
  if (offset < 0) {
    const size_t keep = std::min<size_t>(updates_.size(), static_cast<size_t>(-offset));
    if (keep < updates_.size()) Confirm(updates_[updates_.size() - keep - 1].id);
  } else if (offset > 0 && offset <= next_id_ + kFarBeyond) {
    Confirm(offset - 1);
  }
  const size_t count = std::min<size_t>(updates_.size(), static_cast<size_t>(std::max(limit, 0)));
  return {updates_.begin(), updates_.begin() + static_cast<std::ptrdiff_t>(count)};
}

void UpdateQueue::Confirm(int64_t update_id) {
  bool any = false;
  while (!updates_.empty() && updates_.front().id <= update_id) {
    updates_.pop_front();
    any = true;
  }
  if (any) changes_.Add("confirmed", 0, update_id);
}

void UpdateQueue::DropAll() { Confirm(next_id_ - 1); }

void UpdateQueue::DropExpired(absl::Time now) {
  while (!updates_.empty() && updates_.front().created + kUpdateLifetime <= now) {
    Confirm(updates_.front().id);
  }
}

void UpdateQueue::Allow(std::set<std::string> kinds) {
  if (kinds == allowed_) return;
  allowed_ = std::move(kinds);
  changes_.Add("allowed", 0, allowed_);
}

void UpdateQueue::Restore(std::string_view kind, const Json& value) {
  if (kind == "update") {
    const int64_t id = IntOr(value, "id");
    const Json* body = Field(value, "value");
    updates_.push_back({.id = id,
                        .kind = StringOr(value, "kind"),
                        .value = body == nullptr ? Json() : *body,
                        .created = absl::FromUnixMillis(IntOr(value, "created"))});
    next_id_ = std::max(next_id_, id + 1);
  } else if (kind == "confirmed" && value.is_number_integer()) {
    while (!updates_.empty() && updates_.front().id <= value.get<int64_t>()) updates_.pop_front();
  } else if (kind == "allowed" && value.is_array()) {
    allowed_.clear();
    for (const Json& name : value) {
      if (name.is_string()) allowed_.insert(name.get<std::string>());
    }
  }
}

}  // namespace selfology::telegram_emulator

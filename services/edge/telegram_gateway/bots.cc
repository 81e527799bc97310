#include "services/edge/telegram_gateway/bots.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/focus_store.h"

namespace selfology::telegram_gateway {

using postgres::Transaction;

absl::StatusOr<Bot*> Bots::Find(int64_t bot_id, std::string_view field) const {
  if (bot_id == 0) return bots_.front().get();
  for (const std::shared_ptr<Bot>& bot : bots_) {
    if (bot->id() == bot_id) return bot.get();
  }
  return status::InvalidField(std::string(field), "must be a bot of this gateway, or 0");
}

absl::StatusOr<Bot*> Bots::Choose(Transaction& tx, const Wanted& wanted) const {
  if (!HasToLook(wanted)) return Find(wanted.bot_id);
  return Look(tx, wanted.user_id, wanted.key, Pointers());
}

absl::StatusOr<Bot*> Bots::Choose(const Call& call, const Wanted& wanted) const {
  if (!HasToLook(wanted)) return Find(wanted.bot_id);
  return database_.Read(
      call, [&](Transaction& tx) { return Look(tx, wanted.user_id, wanted.key, Pointers()); },
      {.newest = true});
}

absl::StatusOr<Bot*> Bots::LastHeard(const Call& call, int64_t user_id,
                                     const std::vector<Bot*>& bots) const {
  if (bots.size() == 1 || user_id <= 0) return bots.front();
  return database_.Read(call, [&](Transaction& tx) { return Look(tx, user_id, "", bots); },
                        {.newest = true});
}

absl::StatusOr<Bot*> Bots::Look(Transaction& tx, int64_t user_id, std::string_view key,
                                const std::vector<Bot*>& bots) const {
  std::vector<int64_t> ids;
  for (const Bot* bot : bots) ids.push_back(bot->id());
  ASSIGN_OR_RETURN(const int64_t found, store::BotFor(tx, user_id, key, ids));
  const auto place = std::find(ids.begin(), ids.end(), found);
  return place == ids.end() ? bots.front() : bots[static_cast<size_t>(place - ids.begin())];
}

absl::StatusOr<Bots::Talk> Bots::TalkOf(const Call& call, int64_t user_id) const {
  ASSIGN_OR_RETURN(Bot* const bot, Choose(call, {.user_id = user_id}));
  ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory, bot->dialogs.Await(call));
  store::Focus focus;
  if (directory->HasChoice()) {
    ASSIGN_OR_RETURN(
        focus, database_.Read(
                   call, [&](Transaction& tx) { return store::ReadFocus(tx, bot->id(), user_id); },
                   {.newest = true}));
  }
  return Talk{.bot = bot, .dialog = std::string(directory->Listening(focus.dialog))};
}

std::shared_ptr<const Directory::EventTypes> Bots::event_types() const {
  if (bots_.size() == 1) return bots_.front()->dialogs.event_types();
  std::vector<std::shared_ptr<const Directory>> directories;
  for (const std::shared_ptr<Bot>& bot : bots_) {
    directories.push_back(bot->dialogs.now());
    if (directories.back() == nullptr) return nullptr;
  }
  absl::MutexLock lock(&mutex_);
  if (directories != directories_) {
    auto types = std::make_shared<Directory::EventTypes>();
    for (const std::shared_ptr<const Directory>& directory : directories) {
      types->insert(directory->event_types().begin(), directory->event_types().end());
    }
    event_types_ = std::move(types);
    directories_ = std::move(directories);
  }
  return event_types_;
}

std::vector<Bot*> Bots::Pointers() const {
  std::vector<Bot*> pointers;
  for (const std::shared_ptr<Bot>& bot : bots_) pointers.push_back(bot.get());
  return pointers;
}

}  // namespace selfology::telegram_gateway

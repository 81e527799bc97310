// All bots of the gateway, and the choice of the one that a request is about.
//
//   ASSIGN_OR_RETURN(Bot* const bot, bots.Choose(call, {.bot_id = 43, .user_id = user}));
//   ASSIGN_OR_RETURN(const Bots::Talk talk, bots.TalkOf(call, user_id));
//
// Errors: INVALID_ARGUMENT for a bot that the gateway does not have; the database's. Threads:
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/postgres/transaction.h"
#include "services/edge/telegram_gateway/bot.h"

namespace selfology::telegram_gateway {

class Bots {
 public:
  // The first is first. The database outlives it.
  Bots(postgres::Database& database, std::vector<std::shared_ptr<Bot>> bots)
      : database_(database), bots_(std::move(bots)) {}

  const std::vector<std::shared_ptr<Bot>>& all() const { return bots_; }
  // 0: the first. INVALID_ARGUMENT, naming that field, for one that is not there.
  absl::StatusOr<Bot*> Find(int64_t bot_id, std::string_view field = "bot_id") const;

  // Whom something is for, and what is known of the bot that is to say it.
  struct Wanted {
    int64_t bot_id = 0;    // 0: the one that has said it already, by its key; else the one that the
    int64_t user_id = 0;   // person wrote to last; else, and in groups and channels, the first.
    std::string key = {};  // Of the outgoing message; may be empty.
  };
  // Without a round trip where there is one bot.
  absl::StatusOr<Bot*> Choose(postgres::Transaction& tx, const Wanted& wanted) const;
  absl::StatusOr<Bot*> Choose(const Call& call, const Wanted& wanted) const;
  // Of these, which are not empty.
  absl::StatusOr<Bot*> LastHeard(const Call& call, int64_t user_id,
                                 const std::vector<Bot*>& bots) const;

  // Where a person is, and with whom they talk there; empty: they have yet to choose.
  struct Talk {
    Bot* bot = nullptr;
    std::string dialog = {};
  };
  absl::StatusOr<Talk> TalkOf(const Call& call, int64_t user_id) const;

  // What the dialogs of all bots render; null while it is not known of each.
  std::shared_ptr<const Directory::EventTypes> event_types() const;

 private:
  bool HasToLook(const Wanted& wanted) const {
    return wanted.bot_id == 0 && bots_.size() > 1 && wanted.user_id > 0;
  }
  absl::StatusOr<Bot*> Look(postgres::Transaction& tx, int64_t user_id, std::string_view key,
                            const std::vector<Bot*>& bots) const;
  std::vector<Bot*> Pointers() const;

  postgres::Database& database_;
  const std::vector<std::shared_ptr<Bot>> bots_;
  mutable absl::Mutex mutex_;
  // The union, of these directories.
  mutable std::vector<std::shared_ptr<const Directory>> directories_ ABSL_GUARDED_BY(mutex_);
  mutable std::shared_ptr<const Directory::EventTypes> event_types_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway

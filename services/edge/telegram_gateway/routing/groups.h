// Groups: the bot talks with people in private only, and says so once in each group, when it is
// added or first spoken to, in the language of whoever did that. Otherwise it is silent there.
//
//   ASSIGN_OR_RETURN(const v1::UpdateOutcome outcome, groups.Handle(call, update, is_held));
//
// Errors: the database's. Threads: thread-safe.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/telegram/v1/telegram.pb.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"

namespace selfology::telegram_gateway {

class Groups {
 public:
  // All outlive it.
  Groups(postgres::Database& database, const BotApi& telegram, Delivery& delivery,
         std::function<absl::Time()> clock)
      : database_(database), telegram_(telegram), delivery_(delivery), clock_(std::move(clock)) {}

  // Of an update that is InGroup. HANDLED: it was said; else IGNORED. is_held: it was held, and is
  // no more.
  absl::StatusOr<v1::UpdateOutcome> Handle(const Call& call, const Update& update, bool is_held);

 private:
  postgres::Database& database_;
  const BotApi& telegram_;
  Delivery& delivery_;
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::telegram_gateway

// Answers one update: asks the dialog that it is for, and leaves what is to be said in the table of
// outgoing messages.
//
//   const absl::StatusOr<v1::UpdateOutcome> outcome =
//       handler.Handle(call, update, ActOf(update, username), Attempt::kFirst);
//
// An update takes effect once. A dialog is told of it with the key "tg:<update id>"; the mark
// "handled", the replies and who listens from now on commit together. So one that comes again, or
// was cut off anywhere, is answered once. At most 30 updates a minute of one person are let through
// (spec 000); who sends more is told so once a minute.
//
// Words go past the guards first. One that does not answer has its card shown, and the words wait:
// they go to nobody else until it has.
//
// While something of the person's is held (receiving/held_updates.h), what they do later is HELD,
// for the caller to write down behind it; but guards hear their words at once.
//
// Errors: those of the database and of the dialog that is asked (setback.h tells which it was);
// UNAVAILABLE while dialogs are not known or a guard does not answer. Then nothing was marked and
// nobody was told: the update should come again. Threads: thread-safe, but updates of one chat must
// come one after another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/resilience/rate_limiter.h"
#include "selfology/telegram/v1/dialog_service.pb.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/delivery/typing.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"
#include "services/edge/telegram_gateway/routing/reactions.h"
#include "services/edge/telegram_gateway/routing/route.h"
#include "services/edge/telegram_gateway/settings.h"

namespace selfology::telegram_gateway {

// Which attempt at an update it is.
enum class Attempt {
  kFirst,  // Counts against the person's limit.
  kAgain,
  kHeld,  // It was held, and its turn has come: handled, it is held no more.
};

class UpdateHandler {
 public:
  // What it works with; all of it outlives the handler.
  struct Parts {
    postgres::Database& database;
    redis::Client& redis;
    observe::Metrics& metrics;
    Dialogs& dialogs;
    BotApi& telegram;
    Delivery& delivery;
    Typing& typing;
    std::function<absl::Time()> clock;
    DialogOptions patience;
  };

  explicit UpdateHandler(Parts parts);

  absl::StatusOr<v1::UpdateOutcome> Handle(const Call& call, const Update& update, const Act& act,
                                           Attempt attempt);

 private:
  // An update on its way to an answer.
  struct Turn {
    Call call;
    const Update& update;
    const Act& act;
    Attempt attempt;
    std::shared_ptr<const Directory> dialogs;
    store::Situation situation;
    std::string language;  // BCP 47, of what the gateway says.
    Reactions reactions;
  };

  absl::StatusOr<store::Situation> Look(const Call& call, const Update& update);
  absl::StatusOr<v1::UpdateOutcome> Refuse(Turn& turn, absl::Duration wait);
  // True: a guard has taken the words for its own.
  absl::StatusOr<bool> AskGuards(Turn& turn);
  // Whether what is held of the person's waits for a guard, which is asked about that again and
  // again.
  static bool AwaitsGuard(const Turn& turn);
  absl::Status ShowCard(const Turn& turn, const v1::DialogDescription& guard);
  absl::Status Follow(Turn& turn, const AskDialog& ask);
  void Follow(Turn& turn, const Say& say);
  absl::StatusOr<v1::ReactResponse> React(const Turn& turn, const std::string& dialog,
                                          const v1::DialogUpdate& told, absl::Duration patience,
                                          int attempts);

  void AnswerButton(Turn& turn, const Press& press);
  // Marks the update and leaves its replies, all or nothing. False: it was marked before.
  absl::StatusOr<bool> Commit(const Turn& turn, v1::UpdateOutcome outcome);

  const Parts parts_;
  resilience::RateLimiter limiter_;
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway

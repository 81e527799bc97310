// Answers one update: asks the dialog that it is for, and stores the messages to send in
// outgoing_messages.
//
//   const absl::StatusOr<v1::UpdateOutcome> outcome =
//       handler.Handle(call, update, ActOf(update, username), Attempt::kFirst);
//
// An update takes effect once. A dialog is told of it with a key made of its number; the mark
// "handled", the replies and who listens from now on commit together. So one that comes again, or
// was cut off anywhere, is answered once. So is it with what becomes of a message whose button was
// pressed (chat_store.h, NotePress). A person above the limits (rate_limits.h) is told so once a
// minute; guards see their words anyway.
//
// Words go past the guards first. One that does not answer has its card shown, and the words wait:
// they go to nobody else until it has. One that refuses them for good has its card shown as well;
// they are nobody's then, and the next words are put to it again.
//
// What a person writes before they have chosen among several dialogs is held until they have, and
// then goes to that one (HELD; held_store.h, HoldForChoice).
//
// While something of the person's is held (receiving/held_updates.h), what they do later is HELD,
// for the caller to write down behind it; but guards hear their words at once.
//
// What belongs together is kept until all of it is there (receiving/gathering.h). Groups and
// channels are handed on (groups.h, channel_updates.h). Who blocks the bot is made known to all
// dialogs that can be talked with, whoever they talked with last: each may have plans for them.
//
// Errors: those of the database and of the dialog or guard that is asked (failure_policy.h tells
// which it was); UNAVAILABLE while dialogs are not known. Then nothing was marked and nobody was
// told: the update should come again. Threads: thread-safe, but updates of one chat must come one
// after another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
#include "selfology/telegram/v1/dialog_service.pb.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/delivery/typing.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/media/media_store.h"
#include "services/edge/telegram_gateway/receiving/gathering.h"
#include "services/edge/telegram_gateway/routing/channel_updates.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"
#include "services/edge/telegram_gateway/routing/groups.h"
#include "services/edge/telegram_gateway/routing/menus.h"
#include "services/edge/telegram_gateway/routing/rate_limits.h"
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

// What became of an update.
struct Handled {
  Handled(v1::UpdateOutcome outcome) : outcome(outcome) {}  // NOLINT: it is that, in most cases.

  v1::UpdateOutcome outcome;
  // HELD, and in the table already: it gathers more, or waits for a choice. Written down once more
  // it would be there again, should its person be erased in between.
  bool written_down = false;
  // It gathers more, for so long, and for that dialog.
  std::optional<absl::Duration> gathers_for = std::nullopt;
  std::string gathers_dialog = {};
  // Another one gathers no more: it is to be handled soon...
  bool ended_gathering = false;
  // ... and this one then, again, or it is to be held: it does not belong to that, and nothing was
  // done about it.
  bool comes_after = false;
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
    MediaStore& media;
    PersonMenus& menus;
    std::function<absl::Time()> clock;
    DialogOptions patience;
    // The first part of the keys by which dialogs know updates; each bot has another.
    std::string update_keys = "tg:";
    bool one_of_several = false;  // Of the bots: which one people wrote to last is kept.
    const observe::Tracer* tracer = nullptr;
  };

  explicit UpdateHandler(Parts parts);

  absl::StatusOr<Handled> Handle(const Call& call, const Update& update, const Act& act,
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
    std::vector<v1::Media> media = {};  // That came with it.
  };

  // Names what is made of it: an update, or several as a whole, of which the last has said its
  // part.
  static std::string KeyOf(const Update& update);
  absl::StatusOr<store::Situation> Look(const Call& call, const Update& update);
  absl::StatusOr<Handled> HandlePersons(const Call& call, const Update& update, const Act& act,
                                        Attempt attempt);
  absl::StatusOr<v1::UpdateOutcome> Refuse(Turn& turn, absl::Duration wait);
  // Guards: update_guards.cc. True: one has taken the words for its own.
  absl::StatusOr<bool> AskGuards(Turn& turn);
  // Writes down what guards have said: it does not wait for others to answer.
  absl::Status SayAtOnce(Turn& turn);
  // Whether what is held of the person's waits for a guard, which is asked about that again and
  // again.
  static bool AwaitsGuard(const Turn& turn);
  absl::Status ShowCard(const Turn& turn, const v1::DialogDescription& guard);
  absl::Status Follow(Turn& turn, const AskDialog& ask);
  // Whether this dialog takes words that are another's first.
  absl::StatusOr<bool> Offer(Turn& turn, const AskDialog& ask, const std::string& dialog);
  void Follow(Turn& turn, const Say& say);
  absl::Status TellOfParting(Turn& turn);
  absl::StatusOr<v1::ReactResponse> React(const Turn& turn, const std::string& dialog,
                                          const v1::DialogUpdate& told, absl::Duration patience,
                                          int attempts, bool passed_on = false);

  // What need not be seen to again if it fails.
  void AnswerButton(const Turn& turn, const Press& press);
  void ShowEmoji(const Turn& turn);

  // Its transactions: update_commit.cc.
  absl::StatusOr<Handled> Gather(Turn& turn, const GatherRequest& request);
  // Marks the update and leaves its replies, all or nothing. False: it was marked before.
  // A held one that is there no more, perhaps because its person was erased, has no effect either.
  absl::StatusOr<bool> Commit(const Turn& turn, v1::UpdateOutcome outcome);
  void NotePress(postgres::Transaction& tx, const Turn& turn, absl::Time now) const;
  // Of several bots, which one the person wrote to last.
  void NoteHeard(postgres::Transaction& tx, const Turn& turn, absl::Time now) const;
  // Leaves the menu of dialogs, and the update until one is chosen. As Handle.
  absl::StatusOr<Handled> AwaitChoice(const Turn& turn);

  const Parts parts_;
  RateLimits limits_;
  Groups groups_;
  ChannelUpdates channels_;
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway

// Passes updates of channels to the dialogs that ask for them (DialogDescription.channel_updates).
//
//   ASSIGN_OR_RETURN(const v1::UpdateOutcome outcome, channels.Handle(call, update, kind, is_held));
//
// A channel's updates come in order, each once, with a key made of its number. While a dialog is
// away, the channel's later updates are HELD: the caller stores them behind the first one. The
// other dialogs get the first one at once, and again when it is retried. An update that a dialog
// refuses for good is logged and skipped. Kinds that no dialog asks for are IGNORED, and Telegram
// is not asked for them. The gateway posts nothing in channels by itself.
//
// Errors: those of the database and of a dialog that is away (failure_policy.h tells which it was);
// then nothing was marked. Threads: thread-safe, but updates of one channel must come one after
// another.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/telegram/v1/dialog_service.pb.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/media/media_store.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"

namespace selfology::telegram_gateway {

// As dialogs are told of it; the media are left out. Pure.
v1::ChannelUpdate ToldOfChannel(const Update& update);

// The kinds of updates that the gateway and its dialogs take, as getUpdates and setWebhook name
// them. Pure.
std::vector<std::string> AllowedUpdates(const Directory& dialogs);

class ChannelUpdates {
 public:
  // All outlive it. patience: for one dialog's answer. update_keys: as in UpdateHandler.
  ChannelUpdates(postgres::Database& database, const BotApi& telegram, MediaStore& media,
                 const Dialogs& dialogs, std::function<absl::Time()> clock, absl::Duration patience,
                 std::string update_keys)
      : database_(database),
        telegram_(telegram),
        media_(media),
        dialogs_(dialogs),
        clock_(std::move(clock)),
        patience_(patience),
        update_keys_(std::move(update_keys)) {}

  // is_held: it was held, and its turn has come; handled, it is held no more.
  absl::StatusOr<v1::UpdateOutcome> Handle(const Call& call, const Update& update,
                                           v1::ChannelUpdateKind kind, bool is_held);

 private:
  // Asks all of them; fails with what keeps one that is away.
  absl::Status TellAll(const Call& call, const std::vector<std::string>& takers,
                       const Update& update, const v1::ChannelUpdate& told, bool is_held) const;
  absl::Status Tell(const Call& call, const std::string& dialog, const Update& update,
                    const v1::ChannelUpdate& told, bool is_held) const;

  postgres::Database& database_;
  const BotApi& telegram_;
  MediaStore& media_;
  const Dialogs& dialogs_;
  const std::function<absl::Time()> clock_;
  const absl::Duration patience_;
  const std::string update_keys_;
};

}  // namespace selfology::telegram_gateway

// Fetches updates by long polling.
//
//   UpdatePoller poller({}, telegram, intake, lease, dialogs);
//   mesh.Run("poll", [&poller](service::StopSignal& stop) { poller.Run(stop); });
//
// An update is confirmed to Telegram once it took effect or is held (held_updates.h), never before:
// kill the process at any point, and what was under way comes again. While one chat's update is
// being handled the others' go on.
//
// It never gives up. A request that hangs ends a few seconds after Telegram should have answered;
// 409 (another poller, or a webhook, which is taken away) and every other error is waited out. An
// answer that is no JSON is fetched again update by update, and the one that cannot be read is left
// out. Threads: Run belongs to one thread; health may be called from any.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/receiving/intake.h"
#include "services/edge/telegram_gateway/receiving/poller_lease.h"
#include "services/edge/telegram_gateway/receiving/update_window.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"
#include "services/edge/telegram_gateway/settings.h"

namespace selfology::telegram_gateway {

class UpdatePoller {
 public:
  // The references outlive it.
  UpdatePoller(PollOptions options, BotApi& telegram, Intake& intake, const PollerLease& lease,
               const Dialogs& dialogs)
      : options_(options), telegram_(telegram), intake_(intake), lease_(lease), dialogs_(dialogs) {}

  // Once the dialogs are known, which say what to ask for.
  void Run(service::StopSignal& stop);

  // What the last request said; OK while another replica polls.
  absl::Status health() const;

 private:
  // Where the window was before a request.
  struct Position {
    int64_t offset = 0;
    bool busy = false;
    uint64_t ended = 0;
  };
  // What an answer brought: no updates, only such as are under way, new ones.
  enum class Found { kNothing, kKnown, kNew };

  // One request, and what it brought on its way. Says for how long to wait before the next.
  absl::Duration PollOnce(service::StopSignal& stop);
  absl::StatusOr<std::string> Fetch(const Position& position, service::StopSignal& stop);
  absl::StatusOr<Found> Accept(const std::string& body);
  // For an answer that is no JSON.
  absl::StatusOr<Found> Isolate(const std::string& body);
  absl::Duration PauseAfter(const absl::Status& failure);
  // Waits a moment for an update to end, unless one has since.
  void AwaitEnd(uint64_t seen);

  const PollOptions options_;
  BotApi& telegram_;
  Intake& intake_;
  const PollerLease& lease_;
  const Dialogs& dialogs_;

  // Only Run's thread.
  int limit_ = 100;
  int failures_ = 0;
  absl::BitGen random_;

  mutable absl::Mutex mutex_;
  UpdateWindow window_ ABSL_GUARDED_BY(mutex_);
  uint64_t ended_ ABSL_GUARDED_BY(mutex_) = 0;  // Updates, to wait for the next.
  absl::Status health_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway

// The dialogs of a bot, and their latest descriptions.
//
//   Dialogs dialogs({{"garden_dialog", v1::DialogServiceClient(peer)}}, database, clock, period);
//   mesh.Run("dialogs", [&dialogs](service::StopSignal& stop) { dialogs.Run(stop); });
//   ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory, dialogs.Await(call));
//   dialogs.client("garden_dialog").React(call, request);
//
// Each dialog is asked for its description until it answers, and then once a period, so a dialog
// with a new command needs no new gateway. Descriptions are checked and stored in the table
// `dialogs`; for a dialog that is away at start the stored one is used. No update or event is
// handled before all descriptions are known, because an event that no known dialog renders is
// skipped for good.
//
// If two dialogs claim the same command or button, or a dialog that is listed for several bots is
// no guard, the new descriptions are not used: the last consistent directory stays, or, if there
// was none, no update and no event is handled. An ERROR line, and `blocked` or `impaired`, name
// both. Threads: thread-safe; Run belongs to one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "selfology/telegram/v1/dialog_service_client.h"
#include "services/edge/telegram_gateway/routing/dialog_gate.h"
#include "services/edge/telegram_gateway/routing/directory.h"

namespace selfology::telegram_gateway {

class Dialogs {
 public:
  using Clock = std::function<absl::Time()>;

  struct Peer {
    std::string name;
    v1::DialogServiceClient client;
    bool of_several_bots = false;  // Then it must be a guard.
    std::string gate = {};         // As metrics name its gate; empty: by its name.
  };

  // Calls to one dialog about new updates at a time (dialog_gate.h).
  static constexpr int kMostCalls = 16;

  // In the order of the menu, without repetitions. The database and the metrics (null: none)
  // outlive it.
  Dialogs(std::vector<Peer> peers, postgres::Database& database, Clock clock, absl::Duration period,
          int most_calls = kMostCalls, observe::Metrics* metrics = nullptr);

  void Run(service::StopSignal& stop);

  // Null while it is not known.
  std::shared_ptr<const Directory> now() const;
  // Waits for it. UNAVAILABLE, with the reason, when it will not be known in time.
  absl::StatusOr<std::shared_ptr<const Directory>> Await(const Call& call) const;
  // False: stopped before it was known.
  bool AwaitFirst(const service::StopSignal& stop) const;
  // What the dialogs render; null while it is not known.
  std::shared_ptr<const Directory::EventTypes> event_types() const;

  // Of a dialog in the directory.
  const v1::DialogServiceClient& client(std::string_view dialog) const;
  // What React and RenderEvent of that dialog go through.
  DialogGate& gate(std::string_view dialog) const;
  // Whether its last call showed that it cannot be used just now; false for what is no dialog.
  bool IsAway(std::string_view dialog) const;

  // Why no update is taken, with the dialog that has yet to be heard of; OK otherwise, and, if
  // nothing was said that cannot be used, for the first moments.
  absl::Status blocked() const;
  // What is wrong although updates are taken.
  absl::Status impaired() const;

 private:
  // Of Run's thread. These two give whether they are to be tried again soon.
  bool Load();
  bool AskAll(const service::StopSignal& stop);
  absl::Status Ask(const Peer& peer);
  void Publish();
  void Save();
  void Note(const std::string& name, const absl::Status& status);
  absl::Status CheckShared(const std::vector<v1::DialogDescription>& descriptions) const;
  void Refuse(const absl::Status& problem);
  // About the dialogs that nothing was ever heard of.
  absl::Status Unheard() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::vector<Peer> peers_;
  postgres::Database& database_;
  const Clock clock_;
  const absl::Duration period_;
  const absl::Time began_at_;
  std::map<std::string, std::unique_ptr<DialogGate>, std::less<>> gates_;

  // Run's thread's alone, by name.
  std::map<std::string, v1::DialogDescription, std::less<>> known_;
  std::map<std::string, std::string> stored_;  // As the table has it.
  bool loaded_ = false;

  mutable absl::Mutex mutex_;
  std::shared_ptr<const Directory> directory_ ABSL_GUARDED_BY(mutex_);
  // Why what is known does not hold together.
  absl::Status problem_ ABSL_GUARDED_BY(mutex_);
  // By name, what came of asking last; not there: not asked yet.
  std::map<std::string, absl::Status> asked_ ABSL_GUARDED_BY(mutex_);
  // Names of those that neither they nor the table have described.
  std::vector<std::string> unheard_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::telegram_gateway

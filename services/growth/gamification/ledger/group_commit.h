// Many callers' transfers in one transaction: while one is under way, those that come wait, and go
// together into the next. So single transfers cost little more than batches, also to one account.
//
//   GroupCommit commits(database, clock);
//   ASSIGN_OR_RETURN(const std::vector<v1::TransferResult> results, commits.Run(call, wanted));
//
// A caller whose time is up is given DEADLINE_EXCEEDED; whether its transfers were made is then
// unknown, and sending them again tells. A group that fails for a reason that may be one caller's is
// tried caller by caller. Threads: thread-safe; the callers' threads do the work.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/growth/gamification/ledger/posting_store.h"

namespace selfology::gamification {

class GroupCommit {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  GroupCommit(postgres::Database& database, Clock clock);

  absl::StatusOr<std::vector<v1::TransferResult>> Run(const Call& call, std::vector<Wanted> wanted);

 private:
  struct Waiting {
    std::vector<Wanted> wanted = {};
    absl::StatusOr<std::vector<v1::TransferResult>> results = absl::UnknownError("not run");
    bool done = false;
  };
  using Group = std::vector<std::shared_ptr<Waiting>>;

  Group TakeGroup() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Commit(const Call& call, const Group& group);
  absl::Status CommitOnce(const Call& call, const Group& group);

  postgres::Database& database_;
  const Clock clock_;
  KnownAccounts known_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<std::shared_ptr<Waiting>> queue_ ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology::gamification

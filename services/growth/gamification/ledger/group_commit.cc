#include "services/growth/gamification/ledger/group_commit.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/growth/gamification/ledger/announce.h"

namespace selfology::gamification {
namespace {

// Transfers of a group. More make a transaction longer without making it cheaper for each.
constexpr size_t kMaxGroup = 8192;
// Transactions at a time. Two would often meet at the same accounts.
constexpr int kMaxRunning = 1;
constexpr absl::Duration kTimeout = absl::Seconds(5);

}  // namespace

GroupCommit::GroupCommit(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<std::vector<v1::TransferResult>> GroupCommit::Run(const Call& call,
                                                                 std::vector<Wanted> wanted) {
  const auto mine = std::make_shared<Waiting>();
  mine->wanted = std::move(wanted);
  absl::MutexLock lock(&mutex_);
  queue_.push_back(mine);
  while (!mine->done) {
    if (running_ < kMaxRunning && !queue_.empty()) {
      const Group group = TakeGroup();
      ++running_;
      mutex_.Unlock();
      // For all of the group, so it lasts as long as the longest of them may; but on this trace.
      Commit(Call::Background(kTimeout, call.trace()), group);
      mutex_.Lock();
      --running_;
      for (const auto& waiting : group) waiting->done = true;
      changed_.SignalAll();
      continue;
    }
    if (call.Cancelled() || changed_.WaitWithDeadline(&mutex_, call.deadline())) {
      if (mine->done) break;
      queue_.erase(std::remove(queue_.begin(), queue_.end(), mine), queue_.end());
      return absl::DeadlineExceededError("the transfers were not made in time");
    }
  }
  return std::move(mine->results);
}

GroupCommit::Group GroupCommit::TakeGroup() {
  Group group;
  size_t transfers = 0;
  while (!queue_.empty() &&
         (group.empty() || transfers + queue_.front()->wanted.size() <= kMaxGroup)) {
    transfers += queue_.front()->wanted.size();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void GroupCommit::Commit(const Call& call, const Group& group) {
  const absl::Status status = CommitOnce(call, group);
  if (status.ok()) return;
  if (group.size() == 1 || status::IsRetryable(status)) {
    for (const auto& waiting : group) waiting->results = status;
    return;
  }
  for (const auto& waiting : group) {
    const absl::Status alone = CommitOnce(call, {waiting});
    if (!alone.ok()) waiting->results = alone;
  }
}

absl::Status GroupCommit::CommitOnce(const Call& call, const Group& group) {
  std::vector<Wanted> wanted;
  for (const auto& waiting : group) {
    wanted.insert(wanted.end(), waiting->wanted.begin(), waiting->wanted.end());
  }
  std::vector<v1::TransferResult> results;
  // Two groups may bring one id at the same time to different accounts; the second then finds it.
  for (int attempt = 0;; ++attempt) {
    // Without locks at first: others, such as handlers of events, seldom come between.
    bool first = attempt == 0;
    const absl::Status status =
        database_.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
          const absl::Time now = clock_();
          absl::StatusOr<Posting> posting = std::exchange(first, false)
                                                ? PostWithoutLocks(tx, wanted, now, known_)
                                                : Post(tx, wanted, now);
          RETURN_IF_ERROR(posting.status());
          RETURN_IF_ERROR(Announce(tx, wanted, *posting, now));
          results = std::move(posting->results);
          return absl::OkStatus();
        });
    if (status.ok()) break;
    if (!absl::IsAlreadyExists(status) || attempt == 1) return status;
  }
  size_t next = 0;
  for (const auto& waiting : group) {
    const auto first = results.begin() + static_cast<std::ptrdiff_t>(next);
    next += waiting->wanted.size();
    waiting->results =
        std::vector<v1::TransferResult>(first, results.begin() + static_cast<std::ptrdiff_t>(next));
  }
  return absl::OkStatus();
}

}  // namespace selfology::gamification

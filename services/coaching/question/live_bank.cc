#include "services/coaching/question/live_bank.h"

#include <iterator>

#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "services/coaching/question/question_store.h"

namespace selfology::question {
namespace {

// Another key whenever questions have more to them: what older replicas put there lacks it.
constexpr std::string_view kAll = "all_with_guidance";
// Taking it out of Redis for every choice would cost more than the choice.
constexpr absl::Duration kFresh = absl::Seconds(1);

}  // namespace

LiveBank::LiveBank(postgres::Database& database, redis::Client& redis, observe::Metrics& metrics)
    : database_(database),
      cache_(&redis, {.name = "question_bank", .ttl = absl::Hours(24), .metrics = &metrics}) {}

absl::StatusOr<Bank> LiveBank::Read(const Call& call) {
  int64_t changes = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (copy_.has_value() && absl::Now() < copied_at_ + kFresh) return *copy_;
    changes = changes_;
  }
  ASSIGN_OR_RETURN(
      v1::ListQuestionsResponse list,
      cache_.Get(call, kAll, [&]() -> absl::StatusOr<v1::ListQuestionsResponse> {
        // Not from a replica: what it does not know yet would be remembered for a day.
        ASSIGN_OR_RETURN(const Bank bank, database_.Read(call, &store::ReadBank, {.newest = true}));
        v1::ListQuestionsResponse loaded;
        *loaded.mutable_questions() = {bank.questions().begin(), bank.questions().end()};
        return loaded;
      }));
  const Bank bank({std::make_move_iterator(list.mutable_questions()->begin()),
                   std::make_move_iterator(list.mutable_questions()->end())});
  absl::MutexLock lock(&mutex_);
  if (changes == changes_) {
    copy_ = bank;
    copied_at_ = absl::Now();
  }
  return bank;
}

absl::Status LiveBank::Forget(const Call& call) {
  const absl::Status forgotten = cache_.Invalidate(call, kAll);
  absl::MutexLock lock(&mutex_);
  ++changes_;
  copy_.reset();
  return forgotten;
}

}  // namespace selfology::question

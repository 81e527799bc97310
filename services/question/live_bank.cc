#include "services/question/live_bank.h"

#include <iterator>

#include "common/status/status_macros.h"
#include "services/question/question_store.h"

namespace selfology::question {
namespace {

constexpr std::string_view kAll = "all";

}  // namespace

LiveBank::LiveBank(postgres::Database& database, redis::Client& redis, observe::Metrics& metrics)
    : database_(database),
      cache_(&redis, {.name = "question_bank", .ttl = absl::Hours(24), .metrics = &metrics}) {}

absl::StatusOr<Bank> LiveBank::Read(const Call& call) {
  ASSIGN_OR_RETURN(
      v1::ListQuestionsResponse list,
      cache_.Get(call, kAll, [&]() -> absl::StatusOr<v1::ListQuestionsResponse> {
        // Not from a replica: what it does not know yet would be remembered for a day.
        ASSIGN_OR_RETURN(const Bank bank, database_.Read(call, &store::ReadBank, {.newest = true}));
        v1::ListQuestionsResponse loaded;
        *loaded.mutable_questions() = {bank.questions().begin(), bank.questions().end()};
        return loaded;
      }));
  return Bank({std::make_move_iterator(list.mutable_questions()->begin()),
               std::make_move_iterator(list.mutable_questions()->end())});
}

absl::Status LiveBank::Forget(const Call& call) { return cache_.Invalidate(call, kAll); }

}  // namespace selfology::question

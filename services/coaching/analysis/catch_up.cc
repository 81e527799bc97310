#include "services/coaching/analysis/catch_up.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/coaching/analysis/answer.h"
#include "services/coaching/analysis/deep_phase.h"

namespace selfology::analysis {
namespace {

using postgres::Transaction;

// A run ends long before the next one begins, with answers that take 10 s each.
constexpr int kPerRun = 20;

}  // namespace

CatchUp::CatchUp(postgres::Database& database, std::shared_ptr<Analyst> analyst,
                 session::v1::SessionServiceClient sessions, Clock clock)
    : database_(database),
      analyst_(std::move(analyst)),
      sessions_(std::move(sessions)),
      clock_(std::move(clock)) {}

absl::Status CatchUp::Run(const Call& call) const {
  const absl::Time now = clock_();
  ASSIGN_OR_RETURN(
      const std::vector<store::Retry> due,
      database_.Read(call, [&](Transaction& tx) { return store::DueRetries(tx, now, kPerRun); },
                     {.newest = true}));
  for (const store::Retry& retry : due) {
    const absl::Status status = TryAgain(call, retry);
    if (status.ok()) continue;
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
      store::Postpone(tx, retry.answer_id, RetryAt(retry.retries + 1, now));
      return absl::OkStatus();
    }));
    return status;
  }
  return absl::OkStatus();
}

absl::Status CatchUp::TryAgain(const Call& call, const store::Retry& retry) const {
  session::v1::GetAnswerRequest request;
  request.set_user_id(retry.user_id);
  request.set_answer_id(retry.answer_id);
  const auto response = sessions_.GetAnswer(call, request);
  if (absl::IsNotFound(response.status())) {
    return database_.Write(call, [&](Transaction& tx) {
      store::Postpone(tx, retry.answer_id, std::nullopt);
      return absl::OkStatus();
    });
  }
  RETURN_IF_ERROR(response.status());
  const Answer answer = FromSession(response->answer());
  ASSIGN_OR_RETURN(Before before, ReadBefore(call, database_, answer));
  ASSIGN_OR_RETURN(const Finding finding, Find(call, *analyst_, answer, before, /*premium=*/false));
  return database_.Write(call, [&](Transaction& tx) {
    return RecordDeep(tx, *analyst_, answer, retry.revision, finding, clock_());
  });
}

}  // namespace selfology::analysis

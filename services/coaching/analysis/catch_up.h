// Asks the AI again about answers for which it was not to be had at the time, so that an outage of
// an hour does not leave people with an hour of shallow analyses.
//
//   mesh.Every(absl::Minutes(5), "catch_up",
//              [=](const Call& call) { return catch_up->Run(call); });
//
// Ten minutes, one, six and 24 hours after rules stood in (RetryAt), then no more. While the AI
// stays away, one question a run finds out. Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/session/v1/session_service_client.h"
#include "services/coaching/analysis/analysis_store.h"
#include "services/coaching/analysis/analyst.h"

namespace selfology::analysis {

class CatchUp {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive this.
  CatchUp(postgres::Database& database, std::shared_ptr<Analyst> analyst,
          session::v1::SessionServiceClient sessions, Clock clock);

  absl::Status Run(const Call& call) const;

 private:
  // The AI's error, if it is still away.
  absl::Status TryAgain(const Call& call, const store::Retry& retry) const;

  postgres::Database& database_;
  const std::shared_ptr<Analyst> analyst_;
  const session::v1::SessionServiceClient sessions_;
  const Clock clock_;
};

}  // namespace selfology::analysis

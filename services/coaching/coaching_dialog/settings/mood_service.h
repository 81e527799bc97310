// The moods' gRPC endpoints. Errors: as mood_service.proto says. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/coach/v1/mood_service_endpoints.h"

namespace selfology::coaching_dialog {

class MoodService final : public coach::v1::MoodServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database outlives it.
  MoodService(postgres::Database& database, Clock clock)
      : database_(database), clock_(std::move(clock)) {}

  absl::StatusOr<coach::v1::RecordMoodResponse> RecordMood(
      const Call& call, const coach::v1::RecordMoodRequest& request) override;
  absl::StatusOr<coach::v1::ListMoodsResponse> ListMoods(
      const Call& call, const coach::v1::ListMoodsRequest& request) override;

  // The day that it is for a person.
  absl::StatusOr<absl::CivilDay> Today(const Call& call, int64_t user_id);

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::coaching_dialog

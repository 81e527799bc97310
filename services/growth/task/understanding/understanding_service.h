// TaskUnderstandingService; see proto/selfology/task/v1/understanding_service.proto.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "selfology/task/v1/understanding_service_endpoints.h"

namespace selfology::task {

class TaskUnderstandingService final : public v1::TaskUnderstandingServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  explicit TaskUnderstandingService(Clock clock);

  absl::StatusOr<v1::UnderstandTaskResponse> UnderstandTask(
      const Call& call, const v1::UnderstandTaskRequest& request) override;

 private:
  const Clock clock_;
};

}  // namespace selfology::task

// TaskTemplateService; see proto/selfology/task/v1/template_service.proto.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/task/v1/template_service_endpoints.h"

namespace selfology::task {

class TaskTemplateService final : public v1::TaskTemplateServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  TaskTemplateService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::CreateTaskTemplateResponse> CreateTaskTemplate(
      const Call& call, const v1::CreateTaskTemplateRequest& request) override;
  absl::StatusOr<v1::ListTaskTemplatesResponse> ListTaskTemplates(
      const Call& call, const v1::ListTaskTemplatesRequest& request) override;
  absl::StatusOr<v1::RunTaskTemplateResponse> RunTaskTemplate(
      const Call& call, const v1::RunTaskTemplateRequest& request) override;
  absl::StatusOr<v1::DeleteTaskTemplateResponse> DeleteTaskTemplate(
      const Call& call, const v1::DeleteTaskTemplateRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::task

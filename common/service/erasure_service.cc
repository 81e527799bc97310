#include "common/service/erasure_service.h"

#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::service {
namespace {

// How far the clocks of two machines may be apart.
constexpr absl::Duration kClockSkew = absl::Minutes(1);

// The module that a request is about.
template <typename Request>
absl::StatusOr<ModuleErasure*> Find(const std::vector<ModuleErasure*>& modules,
                                    const Request& request) {
  status::FieldViolations wrong = status::CheckUser(request);
  if (request.attempt() <= 0) wrong.Add("attempt", "must be above 0");
  RETURN_IF_ERROR(wrong.ToStatus());
  for (ModuleErasure* module : modules) {
    if (module->service() == request.service()) return module;
  }
  return absl::NotFoundError("this process does not host that service");
}

}  // namespace

absl::StatusOr<mesh::v1::EraseUserResponse> ErasureService::EraseUser(
    const Call& call, const mesh::v1::EraseUserRequest& request) {
  mesh::v1::EraseUserResponse response;
  ASSIGN_OR_RETURN(const int64_t rows, mesh_.EraseUser(call, request.user_id()));
  response.set_erased_rows(rows);
  return response;
}

absl::StatusOr<mesh::v1::BeginErasureResponse> ErasureService::BeginErasure(
    const Call& call, const mesh::v1::BeginErasureRequest& request) {
  ASSIGN_OR_RETURN(ModuleErasure* const module, Find(modules_, request));
  RETURN_IF_ERROR(module->Begin(call, request.user_id(), request.attempt()));
  return mesh::v1::BeginErasureResponse();
}

absl::StatusOr<mesh::v1::EraseDataResponse> ErasureService::EraseData(
    const Call& call, const mesh::v1::EraseDataRequest& request) {
  ASSIGN_OR_RETURN(ModuleErasure* const module, Find(modules_, request));
  mesh::v1::EraseDataResponse response;
  ASSIGN_OR_RETURN(const int64_t rows, module->Erase(call, request.user_id(), request.attempt()));
  response.set_erased_rows(rows);
  return response;
}

absl::StatusOr<mesh::v1::FinishErasureResponse> ErasureService::FinishErasure(
    const Call& call, const mesh::v1::FinishErasureRequest& request) {
  ASSIGN_OR_RETURN(ModuleErasure* const module, Find(modules_, request));
  if (!request.has_erased_at()) return status::InvalidField("erased_at", "is required");
  const absl::Time erased_at = timestamps::FromProto(request.erased_at());
  if (erased_at > absl::Now() + kClockSkew) {
    return status::InvalidField("erased_at", "must be at most a minute from now");
  }
  RETURN_IF_ERROR(module->Finish(call, request.user_id(), request.attempt(), erased_at));
  return mesh::v1::FinishErasureResponse();
}

}  // namespace selfology::service

#include "common/service/granted.h"

#include <algorithm>
#include <utility>

#include "common/observe/log.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(2);

}  // namespace

Granted::Granted(std::shared_ptr<rpc::Channel> security) : security_(std::move(security)) {}

absl::StatusOr<bool> Granted::Ask(const Call& call, int64_t user_id, const std::string& permission,
                                  absl::Span<const std::string> resources) const {
  security::v1::CheckPermissionRequest request;
  request.set_user_id(user_id);
  for (const std::string& resource : resources) {
    security::v1::PermissionQuestion& question = *request.add_questions();
    question.set_permission(permission);
    question.set_resource(resource);
    question.set_of_others(true);
  }
  const auto response = security_.CheckPermission(call.WithTimeout(kTimeout).InOwnName(), request);
  if (!response.ok()) {
    observe::Warning(observe::Category::kSecurity, "what was granted cannot be asked",
                     {{"status", response.status()}});
    return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE,
                         "what was granted cannot be checked at the moment");
  }
  return std::any_of(response->answers().begin(), response->answers().end(),
                     [](const auto& answer) { return answer.allowed(); });
}

}  // namespace selfology::service

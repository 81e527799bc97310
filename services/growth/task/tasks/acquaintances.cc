#include "services/growth/task/tasks/acquaintances.h"

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/user/v1/social_service_client.h"

namespace selfology::task {

absl::Status Acquaintances::MayAssign(const Call& call, int64_t owner,
                                      absl::Span<const int64_t> people,
                                      std::string_view field) const {
  const user::v1::SocialServiceClient social(user_);
  for (const int64_t person : people) {
    if (person == owner) return status::InvalidField(field, "must be others than the owner");
    user::v1::GetRelationRequest request;
    request.set_user_id(owner);
    request.set_other_user_id(person);
    ASSIGN_OR_RETURN(const user::v1::GetRelationResponse response,
                     social.GetRelation(call.InOwnName(), request));
    if (!response.relation().mutual()) {
      return status::InvalidField(field, "must be persons who follow the owner and are followed");
    }
  }
  return absl::OkStatus();
}

}  // namespace selfology::task

#include "common/rpc/endpoints.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::rpc {

absl::StatusOr<int64_t> Endpoints::DeleteDataOf(const Call& call, int64_t user_id) {
  status::FieldViolations bad;
  RETURN_IF_ERROR(bad.CheckUserId(user_id).ToStatus());
  if (delete_user_data_ == nullptr) {
    return absl::UnimplementedError(absl::StrCat(service_name(), " keeps nothing about people"));
  }
  return delete_user_data_(call, user_id);
}

}  // namespace selfology::rpc

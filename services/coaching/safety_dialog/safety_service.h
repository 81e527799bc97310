// The safety detector for other services; see proto/selfology/safety/v1/safety_service.proto for
// what each RPC does. DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include "common/postgres/database.h"
#include "selfology/safety/v1/safety_service_endpoints.h"

namespace selfology::safety_dialog {

class SafetyService final : public safety::v1::SafetyServiceEndpoints {
 public:
  // The database outlives it.
  explicit SafetyService(postgres::Database& database) : database_(database) {}

  absl::StatusOr<safety::v1::AssessResponse> Assess(
      const Call& call, const safety::v1::AssessRequest& request) override;
  absl::StatusOr<safety::v1::CheckReplyResponse> CheckReply(
      const Call& call, const safety::v1::CheckReplyRequest& request) override;
  absl::StatusOr<safety::v1::GetModeResponse> GetMode(
      const Call& call, const safety::v1::GetModeRequest& request) override;

 private:
  postgres::Database& database_;
};

}  // namespace selfology::safety_dialog

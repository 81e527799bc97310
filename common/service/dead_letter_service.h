// The dead letters of this process's consumer groups, for engineers (selfologyctl, grpcurl): see
// proto/selfology/mesh/v1/dead_letter_service.proto for what each RPC does.
#pragma once

#include <string>
#include <vector>

#include "common/postgres/database.h"
#include "selfology/mesh/v1/dead_letter_service_endpoints.h"

namespace selfology::service {

class DeadLetterService final : public mesh::v1::DeadLetterServiceEndpoints {
 public:
  // A module's groups are `group` and its lanes, `group`.*; only its own role may see their
  // letters.
  struct Owner {
    std::string group;
    postgres::Database* database;
  };
  explicit DeadLetterService(std::vector<Owner> owners) : owners_(std::move(owners)) {}

  absl::StatusOr<mesh::v1::ListDeadLettersResponse> ListDeadLetters(
      const Call& call, const mesh::v1::ListDeadLettersRequest& request) override;
  absl::StatusOr<mesh::v1::GetDeadLetterResponse> GetDeadLetter(
      const Call& call, const mesh::v1::GetDeadLetterRequest& request) override;
  absl::StatusOr<mesh::v1::UpdateDeadLetterResponse> UpdateDeadLetter(
      const Call& call, const mesh::v1::UpdateDeadLetterRequest& request) override;
  absl::StatusOr<mesh::v1::ReplayDeadLettersResponse> ReplayDeadLetters(
      const Call& call, const mesh::v1::ReplayDeadLettersRequest& request) override;
  absl::StatusOr<mesh::v1::DiscardDeadLettersResponse> DiscardDeadLetters(
      const Call& call, const mesh::v1::DiscardDeadLettersRequest& request) override;

 private:
  // The database that may see the group's letters; NOT_FOUND for a group that is not of this
  // process.
  absl::StatusOr<postgres::Database*> DatabaseOf(const std::string& group) const;

  const std::vector<Owner> owners_;
};

}  // namespace selfology::service

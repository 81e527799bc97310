// The miniapp service's RPCs; see proto/selfology/miniapp/v1/miniapp_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/miniapp/v1/miniapp_service_endpoints.h"

namespace selfology::miniapp {

class MiniappService final : public v1::MiniappServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  MiniappService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddMiniappEntryResponse> AddMiniappEntry(
      const Call& call, const v1::AddMiniappEntryRequest& request) override;
  absl::StatusOr<v1::ListMiniappEntriesResponse> ListMiniappEntries(
      const Call& call, const v1::ListMiniappEntriesRequest& request) override;
  absl::StatusOr<v1::CountMiniappEntriesResponse> CountMiniappEntries(
      const Call& call, const v1::CountMiniappEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::miniapp

// The content service's RPCs; see proto/selfology/content/v1/content_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/content/v1/content_service_endpoints.h"

namespace selfology::content {

class ContentService final : public v1::ContentServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  ContentService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddContentEntryResponse> AddContentEntry(
      const Call& call, const v1::AddContentEntryRequest& request) override;
  absl::StatusOr<v1::ListContentEntriesResponse> ListContentEntries(
      const Call& call, const v1::ListContentEntriesRequest& request) override;
  absl::StatusOr<v1::CountContentEntriesResponse> CountContentEntries(
      const Call& call, const v1::CountContentEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::content

// The file service's RPCs; see proto/selfology/file/v1/file_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/file/v1/file_service_endpoints.h"

namespace selfology::file {

class FileService final : public v1::FileServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  FileService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddFileEntryResponse> AddFileEntry(
      const Call& call, const v1::AddFileEntryRequest& request) override;
  absl::StatusOr<v1::ListFileEntriesResponse> ListFileEntries(
      const Call& call, const v1::ListFileEntriesRequest& request) override;
  absl::StatusOr<v1::CountFileEntriesResponse> CountFileEntries(
      const Call& call, const v1::CountFileEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::file

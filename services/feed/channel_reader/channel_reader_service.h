// The channel_reader service's RPCs; see proto/selfology/channel_reader/v1/channel_reader_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/channel_reader/v1/channel_reader_service_endpoints.h"

namespace selfology::channel_reader {

class ChannelReaderService final : public v1::ChannelReaderServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  ChannelReaderService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddChannelReaderEntryResponse> AddChannelReaderEntry(
      const Call& call, const v1::AddChannelReaderEntryRequest& request) override;
  absl::StatusOr<v1::ListChannelReaderEntriesResponse> ListChannelReaderEntries(
      const Call& call, const v1::ListChannelReaderEntriesRequest& request) override;
  absl::StatusOr<v1::CountChannelReaderEntriesResponse> CountChannelReaderEntries(
      const Call& call, const v1::CountChannelReaderEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::channel_reader

// The feed dialog's gRPC endpoints, which Telegram's gateway calls: choosing channels, training, the feed,
// settings, nudges; and what Telegram pushes about channels, which goes on to channel_reader.
//
// What was answered to an update is remembered, so that the same update gets the same answer.
// Errors: as dialog_service.proto says for each RPC. Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "google/protobuf/message.h"
#include "selfology/telegram/v1/dialog_service_endpoints.h"
#include "services/feed/feed_dialog/peers.h"
#include "services/feed/feed_dialog/reactions.h"

namespace selfology::feed_dialog {

// Answers to updates, see common/idempotency/once.h.
inline constexpr std::string_view kRequests = "feed_dialog_requests";

class DialogService final : public telegram::v1::DialogServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database outlives it.
  DialogService(postgres::Database& database, std::shared_ptr<const Peers> peers, Clock clock,
                std::vector<std::string> suggested = {})
      : database_(database),
        peers_(peers),
        reactions_(std::move(peers), std::move(suggested)),
        clock_(std::move(clock)) {}

  // By the dialog that it names.
  bool Serves(const google::protobuf::Message& request) const override;

  absl::StatusOr<telegram::v1::DescribeDialogResponse> DescribeDialog(
      const Call& call, const telegram::v1::DescribeDialogRequest& request) override;
  absl::StatusOr<telegram::v1::ReactResponse> React(
      const Call& call, const telegram::v1::ReactRequest& request) override;
  absl::StatusOr<telegram::v1::RenderEventResponse> RenderEvent(
      const Call& call, const telegram::v1::RenderEventRequest& request) override;
  absl::StatusOr<telegram::v1::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call& call, const telegram::v1::TakeChannelUpdateRequest& request) override;
  absl::StatusOr<telegram::v1::GetDialogStateResponse> GetDialogState(
      const Call& call, const telegram::v1::GetDialogStateRequest& request) override;
  absl::StatusOr<telegram::v1::SetDialogStateResponse> SetDialogState(
      const Call& call, const telegram::v1::SetDialogStateRequest& request) override;

 private:
  postgres::Database& database_;
  const std::shared_ptr<const Peers> peers_;
  const Reactions reactions_;
  const Clock clock_;
};

}  // namespace selfology::feed_dialog

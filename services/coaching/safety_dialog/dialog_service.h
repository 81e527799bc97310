// The safety dialog's gRPC endpoints: a guard, which Telegram's gateway asks about everything that
// people write before anybody else hears of it.
//
//   mesh.Serve(std::make_shared<DialogService>(mesh.database(), mesh.clock()));
//
// What a person writes is read and forgotten; kept are the mode (crisis.h) and, of what was
// answered, the answer, so that the same update gets the same one. Words without danger cost no write.
//
// Errors: as dialog_service.proto says for each RPC. Threads: thread-safe.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "google/protobuf/message.h"
#include "selfology/telegram/v1/dialog_service_endpoints.h"
#include "services/coaching/safety_dialog/messages.h"

namespace selfology::safety_dialog {

class DialogService final : public v1::DialogServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database outlives it.
  DialogService(postgres::Database& database, Clock clock)
      : database_(database), clock_(std::move(clock)) {}

  // By the dialog that it names.
  bool Serves(const google::protobuf::Message& request) const override;

  absl::StatusOr<v1::DescribeDialogResponse> DescribeDialog(
      const Call& call, const v1::DescribeDialogRequest& request) override;
  absl::StatusOr<v1::ReactResponse> React(const Call& call,
                                          const v1::ReactRequest& request) override;
  absl::StatusOr<v1::RenderEventResponse> RenderEvent(
      const Call& call, const v1::RenderEventRequest& request) override;
  absl::StatusOr<v1::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call& call, const v1::TakeChannelUpdateRequest& request) override;
  absl::StatusOr<v1::GetDialogStateResponse> GetDialogState(
      const Call& call, const v1::GetDialogStateRequest& request) override;
  absl::StatusOr<v1::SetDialogStateResponse> SetDialogState(
      const Call& call, const v1::SetDialogStateRequest& request) override;

  // A timer: ends modes of people who have been silent for long.
  absl::Status ForgetOld(const Call& call);

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::safety_dialog

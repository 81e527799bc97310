// The gRPC endpoints of the gateway: for support, tests, and other ways for updates to come in.
//
// Errors: as telegram_gateway_service.proto says for each RPC. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/telegram/v1/telegram_gateway_service_endpoints.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/receiving/intake.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"

namespace selfology::telegram_gateway {

class GatewayService : public v1::TelegramGatewayServiceEndpoints {
 public:
  // What it works with; all of it outlives the service.
  struct Parts {
    postgres::Database& database;
    Dialogs& dialogs;
    BotApi& telegram;
    Delivery& delivery;
    Intake& intake;
    std::function<absl::Time()> clock;
    bool uses_webhook = false;
  };

  explicit GatewayService(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::SendMessageResponse> SendMessage(
      const Call& call, const v1::SendMessageRequest& request) override;
  absl::StatusOr<v1::GetConversationStateResponse> GetConversationState(
      const Call& call, const v1::GetConversationStateRequest& request) override;
  absl::StatusOr<v1::SetConversationStateResponse> SetConversationState(
      const Call& call, const v1::SetConversationStateRequest& request) override;
  absl::StatusOr<v1::HandleUpdateResponse> HandleUpdate(
      const Call& call, const v1::HandleUpdateRequest& request) override;
  absl::StatusOr<v1::GetBotInfoResponse> GetBotInfo(const Call& call,
                                                    const v1::GetBotInfoRequest& request) override;
  absl::StatusOr<v1::ListHeldUpdatesResponse> ListHeldUpdates(
      const Call& call, const v1::ListHeldUpdatesRequest& request) override;
  absl::StatusOr<v1::ReplayHeldUpdatesResponse> ReplayHeldUpdates(
      const Call& call, const v1::ReplayHeldUpdatesRequest& request) override;
  absl::StatusOr<v1::DiscardHeldUpdatesResponse> DiscardHeldUpdates(
      const Call& call, const v1::DiscardHeldUpdatesRequest& request) override;

  // A timer: forgets what is older than a day.
  absl::Status ForgetOld(const Call& call);

 private:
  // The dialog that the person talks with; empty: they have yet to choose.
  absl::StatusOr<std::string> DialogOf(const Call& call, int64_t user_id);

  const Parts parts_;
};

}  // namespace selfology::telegram_gateway

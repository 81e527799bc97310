// The gRPC endpoints of the gateway: for support, tests, and other ways for updates to come in. Those
// about the messages in a chat are in gateway_chats.cc.
//
// Errors: as telegram_gateway_service.proto says for each RPC. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/telegram/v1/telegram_gateway_service_endpoints.h"
#include "services/edge/telegram_gateway/bots.h"
#include "services/edge/telegram_gateway/chat_store.h"
#include "services/edge/telegram_gateway/media/media_store.h"

namespace selfology::telegram_gateway {

class GatewayService : public v1::TelegramGatewayServiceEndpoints {
 public:
  // What it works with; all of it outlives the service.
  struct Parts {
    postgres::Database& database;
    Bots& bots;
    MediaStore& media;
    std::function<absl::Time()> clock;
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
  absl::StatusOr<v1::ListChatMessagesResponse> ListChatMessages(
      const Call& call, const v1::ListChatMessagesRequest& request) override;
  absl::StatusOr<v1::GetLatestChatMessageResponse> GetLatestChatMessage(
      const Call& call, const v1::GetLatestChatMessageRequest& request) override;
  absl::StatusOr<v1::ClearChatMessagesResponse> ClearChatMessages(
      const Call& call, const v1::ClearChatMessagesRequest& request) override;
  absl::StatusOr<v1::ListHeldUpdatesResponse> ListHeldUpdates(
      const Call& call, const v1::ListHeldUpdatesRequest& request) override;
  absl::StatusOr<v1::ReplayHeldUpdatesResponse> ReplayHeldUpdates(
      const Call& call, const v1::ReplayHeldUpdatesRequest& request) override;
  absl::StatusOr<v1::DiscardHeldUpdatesResponse> DiscardHeldUpdates(
      const Call& call, const v1::DiscardHeldUpdatesRequest& request) override;

  absl::StatusOr<v1::CreateMediaResponse> CreateMedia(
      const Call& call, const v1::CreateMediaRequest& request) override;
  absl::StatusOr<v1::AppendMediaResponse> AppendMedia(
      const Call& call, const v1::AppendMediaRequest& request) override;
  absl::StatusOr<v1::ReadMediaResponse> ReadMedia(const Call& call,
                                                  const v1::ReadMediaRequest& request) override;

  // A timer: forgets what is older than a day.
  absl::Status ForgetOld(const Call& call);

 private:
  // The bot whose messages the filter means.
  absl::StatusOr<Bot*> BotOf(const Call& call, const v1::ChatMessageFilter& filter);
  // Those below that number of Telegram's, the newest first.
  absl::StatusOr<std::vector<store::ChatMessage>> ReadChat(const Call& call,
                                                           const v1::ChatMessageFilter& filter,
                                                           int64_t below, int limit);

  const Parts parts_;
};

}  // namespace selfology::telegram_gateway

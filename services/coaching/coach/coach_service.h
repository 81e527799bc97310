// The coach service's RPCs; see proto/selfology/coach/v1/coach_service.proto for what each does.
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/coach/v1/coach_service_endpoints.h"
#include "selfology/session/v1/session_service_client.h"
#include "services/coaching/coach/growing_reply.h"
#include "services/coaching/coach/help_first.h"
#include "services/coaching/coach/local_coach.h"

namespace selfology::coach {

class CoachService final : public v1::CoachServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The references must outlive it. `sessions` knows who has agreed to be talked with.
  CoachService(postgres::Database& database, Clock clock,
               session::v1::SessionServiceClient sessions, GrowingReplies& growing,
               std::shared_ptr<const LocalCoach> local_coach);

  absl::StatusOr<v1::StartConversationResponse> StartConversation(
      const Call& call, const v1::StartConversationRequest& request) override;
  absl::StatusOr<v1::EndConversationResponse> EndConversation(
      const Call& call, const v1::EndConversationRequest& request) override;
  absl::StatusOr<v1::GetConversationResponse> GetConversation(
      const Call& call, const v1::GetConversationRequest& request) override;
  absl::StatusOr<v1::SendMessageResponse> SendMessage(
      const Call& call, const v1::SendMessageRequest& request) override;
  absl::Status StreamReply(const Call& call, const v1::StreamReplyRequest& request,
                           rpc::Writer<v1::StreamReplyResponse>& replies) override;
  absl::StatusOr<v1::ListMessagesResponse> ListMessages(
      const Call& call, const v1::ListMessagesRequest& request) override;

  // Of memory: memory_service.cc.
  absl::StatusOr<v1::GetMemoryResponse> GetMemory(const Call& call,
                                                  const v1::GetMemoryRequest& request) override;
  absl::StatusOr<v1::UpdateMemoryResponse> UpdateMemory(
      const Call& call, const v1::UpdateMemoryRequest& request) override;
  absl::StatusOr<v1::ForgetMemoryResponse> ForgetMemory(
      const Call& call, const v1::ForgetMemoryRequest& request) override;
  absl::StatusOr<v1::ProposeCheckInResponse> ProposeCheckIn(
      const Call& call, const v1::ProposeCheckInRequest& request) override;

  // Timers.
  absl::Status EndIdle(const Call& call, absl::Duration idle);

 private:
  // CONSENT_REQUIRED for who has not agreed.
  absl::Status CheckConsent(const Call& call, int64_t user_id) const;
  absl::StatusOr<v1::SendMessageResponse> HelpInstead(const Call& call,
                                                      const v1::SendMessageRequest& request,
                                                      const Help& help);

  postgres::Database& database_;
  const Clock clock_;
  const session::v1::SessionServiceClient sessions_;
  GrowingReplies& growing_;
  const std::shared_ptr<const LocalCoach> local_coach_;
};

}  // namespace selfology::coach

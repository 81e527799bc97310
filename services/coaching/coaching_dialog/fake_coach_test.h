// A stand-in for the coach, see fake_owners_test.h.
#pragma once

#include <algorithm>
#include <string>

#include "common/status/status.h"
#include "selfology/coach/v1/coach_service_endpoints.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/owners_test.h"

namespace selfology::coaching_dialog {

class FakeCoach final : public coach::v1::CoachServiceEndpoints {
 public:
  explicit FakeCoach(Owners& owners) : owners_(owners) {}

  absl::StatusOr<coach::v1::GetConversationResponse> GetConversation(
      const Call& call, const coach::v1::GetConversationRequest&) override {
    using Response = coach::v1::GetConversationResponse;
    return Answer<Response>(
        owners_, call, "GetConversation", [](Owners& o) -> absl::StatusOr<Response> {
          if (!o.chat_open)
            return status::Error(mesh::v1::ERROR_CODE_CONVERSATION_NOT_FOUND, "none");
          Response response;
          response.mutable_conversation()->set_conversation_id(3);
          return response;
        });
  }
  absl::StatusOr<coach::v1::SendMessageResponse> SendMessage(
      const Call& call, const coach::v1::SendMessageRequest& request) override {
    using Response = coach::v1::SendMessageResponse;
    return Answer<Response>(owners_, call, "SendMessage",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              o.chat_open = true;
                              o.messages.push_back(request);
                              Response response;
                              response.mutable_message()->set_conversation_id(3);
                              return response;
                            });
  }
  absl::StatusOr<coach::v1::EndConversationResponse> EndConversation(
      const Call& call, const coach::v1::EndConversationRequest&) override {
    using Response = coach::v1::EndConversationResponse;
    return Answer<Response>(owners_, call, "EndConversation",
                            [](Owners& o) -> absl::StatusOr<Response> {
                              o.chat_open = false;
                              return Response();
                            });
  }

  absl::StatusOr<coach::v1::ListMessagesResponse> ListMessages(
      const Call& call, const coach::v1::ListMessagesRequest& request) override {
    using Response = coach::v1::ListMessagesResponse;
    return Answer<Response>(owners_, call, "ListMessages",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              Response response;
                              for (const auto& message : o.messages) {
                                if (message.user_id() != request.user_id()) continue;
                                response.add_messages()->set_content(message.message_text());
                              }
                              return response;
                            });
  }
  absl::StatusOr<coach::v1::GetMemoryResponse> GetMemory(
      const Call& call, const coach::v1::GetMemoryRequest&) override {
    using Response = coach::v1::GetMemoryResponse;
    return Answer<Response>(owners_, call, "GetMemory",
                            [](Owners& o) -> absl::StatusOr<Response> { return o.memory; });
  }
  absl::StatusOr<coach::v1::UpdateMemoryResponse> UpdateMemory(
      const Call& call, const coach::v1::UpdateMemoryRequest& request) override {
    using Response = coach::v1::UpdateMemoryResponse;
    return Answer<Response>(owners_, call, "UpdateMemory",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              for (auto& item : *o.memory.mutable_items()) {
                                if (item.memory_id() != request.item().memory_id()) continue;
                                item = request.item();
                              }
                              for (auto& step : *o.memory.mutable_plan()->mutable_steps()) {
                                for (const int number : request.done_steps()) {
                                  if (step.number() == number) step.set_done(true);
                                }
                              }
                              return Response();
                            });
  }
  absl::StatusOr<coach::v1::ForgetMemoryResponse> ForgetMemory(
      const Call& call, const coach::v1::ForgetMemoryRequest& request) override {
    using Response = coach::v1::ForgetMemoryResponse;
    return Answer<Response>(
        owners_, call, "ForgetMemory", [&](Owners& o) -> absl::StatusOr<Response> {
          if (request.plan() || request.all()) o.memory.clear_plan();
          coach::v1::GetMemoryResponse left;
          for (const auto& item : o.memory.items()) {
            const bool goes =
                request.all() || std::find(request.memory_ids().begin(), request.memory_ids().end(),
                                           item.memory_id()) != request.memory_ids().end();
            if (!goes) *left.add_items() = item;
          }
          o.memory.mutable_items()->Swap(left.mutable_items());
          return Response();
        });
  }
  absl::StatusOr<coach::v1::ProposeCheckInResponse> ProposeCheckIn(
      const Call& call, const coach::v1::ProposeCheckInRequest& request) override {
    using Response = coach::v1::ProposeCheckInResponse;
    return Answer<Response>(owners_, call, "ProposeCheckIn",
                            [&](Owners&) -> absl::StatusOr<Response> {
                              Response response;
                              response.set_message_text("How are you on " + request.today() + "?");
                              return response;
                            });
  }

  NOT_CALLED(coach::v1, StartConversation)
  absl::Status StreamReply(const Call&, const coach::v1::StreamReplyRequest&,
                           rpc::Writer<coach::v1::StreamReplyResponse>&) override {
    return absl::UnimplementedError("StreamReply");
  }

 private:
  Owners& owners_;
};

}  // namespace selfology::coaching_dialog

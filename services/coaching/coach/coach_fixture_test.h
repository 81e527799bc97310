// What the tests of the coach's service share: a mesh with the coach and an AI service that says what
// a test wants.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/status.h"
#include "selfology/ai/v1/ai_service_endpoints.h"
#include "selfology/coach/v1/coach_service_client.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/session/v1/session_service_endpoints.h"
#include "services/coaching/coach/module.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::coach {

inline constexpr int64_t kUser = 123456;

// Another room's service, over real gRPC: takes up what it was asked, says what it is told to, or
// fails.
class EchoAi final : public ai::v1::AiServiceEndpoints {
 public:
  std::atomic<bool> down = false;

  void Say(std::string text) {
    absl::MutexLock lock(&mutex_);
    text_ = std::move(text);
  }

  std::vector<ai::v1::CompletionInput> asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

  absl::StatusOr<ai::v1::CompleteResponse> Complete(
      const Call&, const ai::v1::CompleteRequest& request) override {
    ai::v1::CompleteResponse response;
    *response.mutable_completion() = Answer(request.input());
    return response;
  }
  absl::Status StreamComplete(const Call&, const ai::v1::StreamCompleteRequest& request,
                              rpc::Writer<ai::v1::StreamCompleteResponse>& replies) override {
    if (down) {
      return status::Error(mesh::v1::ERROR_CODE_FALLBACK_CHAIN_EXHAUSTED, "all failed");
    }
    const ai::v1::Completion completion = Answer(request.input());
    for (const char letter : completion.text()) {
      ai::v1::StreamCompleteResponse piece;
      piece.set_text_delta(std::string(1, letter));
      replies.Write(piece);
    }
    ai::v1::StreamCompleteResponse last;
    *last.mutable_completion() = completion;
    replies.Write(last);
    return absl::OkStatus();
  }
  absl::StatusOr<ai::v1::EmbedResponse> Embed(const Call&, const ai::v1::EmbedRequest&) override {
    return absl::UnimplementedError("not asked of it");
  }
  absl::StatusOr<ai::v1::ListModelsResponse> ListModels(const Call&,
                                                        const ai::v1::ListModelsRequest&) override {
    return ai::v1::ListModelsResponse();
  }

 private:
  ai::v1::Completion Answer(const ai::v1::CompletionInput& input) {
    absl::MutexLock lock(&mutex_);
    asked_.push_back(input);
    ai::v1::Completion completion;
    completion.set_text(
        text_.value_or(absl::StrCat("What would change if it were otherwise: ",
                                    input.messages(input.messages_size() - 1).content())));
    completion.set_model_used("echo");
    completion.set_input_tokens(400);
    completion.set_output_tokens(50);
    return completion;
  }

  absl::Mutex mutex_;
  std::vector<ai::v1::CompletionInput> asked_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::string> text_ ABSL_GUARDED_BY(mutex_);
};

// Knows who has agreed: everybody, until a test says otherwise.
class FakeSession final : public session::v1::SessionServiceEndpoints {
 public:
  std::atomic<bool> agreed = true;
  std::atomic<bool> down = false;

  absl::StatusOr<session::v1::GetOnboardingResponse> GetOnboarding(
      const Call&, const session::v1::GetOnboardingRequest& request) override {
    if (down) return absl::UnavailableError("down");
    session::v1::GetOnboardingResponse response;
    session::v1::Onboarding& onboarding = *response.mutable_onboarding();
    onboarding.set_user_id(request.user_id());
    onboarding.set_stage(agreed ? session::v1::ONBOARDING_STAGE_COMPLETED
                                : session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
    onboarding.set_current_policy_version("2026-01");
    return response;
  }

#define NOT_ASKED_OF_IT(Method)                                    \
  absl::StatusOr<session::v1::Method##Response> Method(            \
      const Call&, const session::v1::Method##Request&) override { \
    return absl::UnimplementedError("not asked of it");            \
  }
  NOT_ASKED_OF_IT(StartOnboarding)
  NOT_ASKED_OF_IT(RecordConsent)
  NOT_ASKED_OF_IT(SetLanguage)
  NOT_ASKED_OF_IT(GetSession)
  NOT_ASKED_OF_IT(GetActiveSession)
  NOT_ASKED_OF_IT(ListSessions)
  NOT_ASKED_OF_IT(SubmitAnswer)
  NOT_ASKED_OF_IT(GetAnswer)
  NOT_ASKED_OF_IT(ListAnswers)
  NOT_ASKED_OF_IT(PauseSession)
  NOT_ASKED_OF_IT(ResumeSession)
  NOT_ASKED_OF_IT(CompleteSession)
#undef NOT_ASKED_OF_IT
};

class CoachServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(
        ::selfology::testing::Modules(MakeModule(), ::selfology::testing::ServingModule("ai", ai_),
                                      ::selfology::testing::ServingModule("session", session_)));
    coach_.emplace(Peer("coach"));
  }

  v1::SendMessageRequest Message(const std::string& text, const std::string& key) {
    v1::SendMessageRequest request;
    request.set_user_id(kUser);
    request.set_message_text(text);
    request.set_idempotency_key(key);
    return request;
  }

  std::shared_ptr<EchoAi> ai_ = std::make_shared<EchoAi>();
  std::shared_ptr<FakeSession> session_ = std::make_shared<FakeSession>();
  std::optional<v1::CoachServiceClient> coach_;
};

}  // namespace selfology::coach

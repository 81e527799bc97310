// The rooms that analysis asks, over real gRPC, doing what the test says.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/status/status.h"
#include "selfology/ai/v1/ai_service_endpoints.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/session/v1/session_service_endpoints.h"

namespace selfology::analysis {

class FakeAi final : public ai::v1::AiServiceEndpoints {
 public:
  enum class Mood { kAnswers, kDown, kHangs, kTalksNonsense };

  ~FakeAi() override { Release(); }

  void Be(Mood mood) {
    absl::MutexLock lock(&mutex_);
    mood_ = mood;
  }
  // What it says to deep analyses.
  void SayDeep(std::string json) {
    absl::MutexLock lock(&mutex_);
    deep_ = std::move(json);
  }
  // Lets hanging calls go.
  void Release() {
    if (!released_.HasBeenNotified()) released_.Notify();
  }
  // What it was asked for this task.
  std::vector<ai::v1::CompletionInput> Asked(ai::v1::Task task) {
    absl::MutexLock lock(&mutex_);
    std::vector<ai::v1::CompletionInput> asked;
    for (const ai::v1::CompletionInput& input : asked_) {
      if (input.task() == task) asked.push_back(input);
    }
    return asked;
  }

  absl::StatusOr<ai::v1::CompleteResponse> Complete(
      const Call&, const ai::v1::CompleteRequest& request) override {
    ai::v1::CompleteResponse response;
    ai::v1::Completion& completion = *response.mutable_completion();
    Mood mood;
    {
      absl::MutexLock lock(&mutex_);
      asked_.push_back(request.input());
      mood = mood_;
      completion.set_text(request.input().task() == ai::v1::TASK_DEEP_ANALYSIS ? deep_ : kInstant);
    }
    if (mood == Mood::kHangs) released_.WaitForNotification();
    if (mood == Mood::kDown) {
      return status::Error(mesh::v1::ERROR_CODE_FALLBACK_CHAIN_EXHAUSTED, "all failed");
    }
    if (mood == Mood::kTalksNonsense) completion.set_text("As a language model I cannot.");
    completion.set_model_used(request.input().tier() == ai::v1::TIER_PREMIUM ? "claude-sonnet-4"
                                                                             : "gpt-4o");
    completion.set_input_tokens(800);
    completion.set_output_tokens(200);
    completion.set_cost_usd(0.004);
    return response;
  }
  absl::Status StreamComplete(const Call&, const ai::v1::StreamCompleteRequest&,
                              rpc::Writer<ai::v1::StreamCompleteResponse>&) override {
    return absl::UnimplementedError("not asked of it");
  }
  absl::StatusOr<ai::v1::EmbedResponse> Embed(const Call&, const ai::v1::EmbedRequest&) override {
    return absl::UnimplementedError("not asked of it");
  }
  absl::StatusOr<ai::v1::ListModelsResponse> ListModels(const Call&,
                                                        const ai::v1::ListModelsRequest&) override {
    ai::v1::ListModelsResponse response;
    response.add_models()->set_configured(true);
    return response;
  }

 private:
  static constexpr char kInstant[] =
      R"({"sentiment": "positive", "quality_score": 0.9, "key_themes": ["art"], "brief_insight": "You feel most alive when creating art."})";

  absl::Notification released_;
  absl::Mutex mutex_;
  Mood mood_ ABSL_GUARDED_BY(mutex_) = Mood::kAnswers;
  std::string deep_ ABSL_GUARDED_BY(mutex_) = R"({
      "insights": ["You love to create."],
      "patterns": [{"name": "creating", "description": "You create.", "confidence": 0.8}],
      "evidence": [{"trait": "openness", "direction": 1, "quote": "creating art"}],
      "domain_affinities": {"CREATIVITY": 0.9},
      "summary": "Lives for art."})";
  std::vector<ai::v1::CompletionInput> asked_ ABSL_GUARDED_BY(mutex_);
};

// Knows the answers that the test tells it of.
class FakeSessions final : public session::v1::SessionServiceEndpoints {
 public:
  void Add(session::v1::Answer answer) {
    absl::MutexLock lock(&mutex_);
    answers_[answer.answer_id()] = std::move(answer);
  }
  void Remove(int64_t answer_id) {
    absl::MutexLock lock(&mutex_);
    answers_.erase(answer_id);
  }

  absl::StatusOr<session::v1::GetAnswerResponse> GetAnswer(
      const Call&, const session::v1::GetAnswerRequest& request) override {
    absl::MutexLock lock(&mutex_);
    const auto found = answers_.find(request.answer_id());
    if (found == answers_.end() || found->second.user_id() != request.user_id()) {
      return status::Error(mesh::v1::ERROR_CODE_ANSWER_NOT_FOUND, "no such answer");
    }
    session::v1::GetAnswerResponse response;
    *response.mutable_answer() = found->second;
    return response;
  }

#define NOT_ASKED_OF_IT(Method)                                    \
  absl::StatusOr<session::v1::Method##Response> Method(            \
      const Call&, const session::v1::Method##Request&) override { \
    return absl::UnimplementedError("not asked of it");            \
  }
  NOT_ASKED_OF_IT(StartOnboarding)
  NOT_ASKED_OF_IT(RecordConsent)
  NOT_ASKED_OF_IT(GetOnboarding)
  NOT_ASKED_OF_IT(SetLanguage)
  NOT_ASKED_OF_IT(GetSession)
  NOT_ASKED_OF_IT(GetActiveSession)
  NOT_ASKED_OF_IT(ListSessions)
  NOT_ASKED_OF_IT(SubmitAnswer)
  NOT_ASKED_OF_IT(ListAnswers)
  NOT_ASKED_OF_IT(PauseSession)
  NOT_ASKED_OF_IT(ResumeSession)
  NOT_ASKED_OF_IT(CompleteSession)
  NOT_ASKED_OF_IT(DeleteUserData)
#undef NOT_ASKED_OF_IT

 private:
  absl::Mutex mutex_;
  std::map<int64_t, session::v1::Answer> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::analysis

// Stand-ins for the services that own what the dialog shows: real modules over real gRPC, with the
// answers that a test puts in.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/service/mesh.h"
#include "common/service/module.h"
#include "common/status/status.h"
#include "selfology/analysis/v1/analysis_service_endpoints.h"
#include "selfology/coach/v1/coach_service_endpoints.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/profile/v1/profile_service_endpoints.h"
#include "selfology/question/v1/question_service_endpoints.h"
#include "selfology/safety/v1/safety_service_endpoints.h"
#include "selfology/session/v1/session_service_endpoints.h"
#include "selfology/trait/v1/trait_service_endpoints.h"

namespace selfology::coaching_dialog {

// What the stand-ins know and were asked.
class Owners {
 public:
  template <typename F>
  auto Do(F&& f) {
    absl::MutexLock lock(&mutex_);
    return std::forward<F>(f)(*this);
  }

  // Where someone stands; unknown people have not consented.
  session::v1::Onboarding& Of(int64_t user_id) {
    session::v1::Onboarding& onboarding = onboardings[user_id];
    if (onboarding.user_id() == 0) {
      onboarding.set_user_id(user_id);
      onboarding.set_stage(session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
      onboarding.set_current_policy_version("2025-10-01");
    }
    return onboarding;
  }

  // Fields below only inside of Do, or before the mesh starts.
  std::map<int64_t, session::v1::Onboarding> onboardings;
  std::map<std::string, absl::Status> failures;           // By RPC: "SubmitAnswer"; "Erase.trait".
  std::vector<std::string> calls;                         // Every RPC, in order.
  std::vector<std::string> traces;                        // The trace id of each.
  std::vector<session::v1::SubmitAnswerRequest> answers;  // Each key once.
  std::vector<coach::v1::SendMessageRequest> messages;    // Each key once.
  std::set<std::string> erased;                           // Services.
  std::map<int64_t, profile::v1::Profile> profiles;
  std::map<std::string, question::v1::Question> questions;
  coach::v1::GetMemoryResponse memory;                   // Of everybody.
  std::vector<trait::v1::Statement> statements;          // Those left to rate.
  std::vector<trait::v1::RateStatementRequest> ratings;  // Of each statement the last.
  std::vector<question::v1::SkipQuestionRequest> skipped;
  bool chat_open = false;
  bool in_crisis = false;

 private:
  absl::Mutex mutex_;
};

// The answer to one RPC: the failure that the test wants, or what `answer` makes of the owners.
template <typename Response>
absl::StatusOr<Response> Answer(Owners& owners, const Call& call, const std::string& rpc,
                                const std::function<absl::StatusOr<Response>(Owners&)>& answer) {
  return owners.Do([&](Owners& o) -> absl::StatusOr<Response> {
    o.calls.push_back(rpc);
    o.traces.push_back(call.trace().trace_id.str());
    if (const auto failure = o.failures.find(rpc); failure != o.failures.end())
      return failure->second;
    return answer(o);
  });
}

// Methods of `Service` that the dialog does not call.
#define NOT_CALLED(Service, Method)                                                              \
  absl::StatusOr<Service::Method##Response> Method(const Call&, const Service::Method##Request&) \
      override {                                                                                 \
    return absl::UnimplementedError(#Method);                                                    \
  }

// Methods of `Service` that have nothing to tell of anybody: for exports.
#define GIVES_NOTHING(Service, Method)                                                           \
  absl::StatusOr<Service::Method##Response> Method(const Call&, const Service::Method##Request&) \
      override {                                                                                 \
    return Service::Method##Response();                                                          \
  }

class FakeSession final : public session::v1::SessionServiceEndpoints {
 public:
  explicit FakeSession(Owners& owners) : owners_(owners) {}

  absl::StatusOr<session::v1::StartOnboardingResponse> StartOnboarding(
      const Call& call, const session::v1::StartOnboardingRequest& request) override {
    using Response = session::v1::StartOnboardingResponse;
    return Answer<Response>(
        owners_, call, "StartOnboarding", [&](Owners& o) -> absl::StatusOr<Response> {
          session::v1::Onboarding& onboarding = o.Of(request.user_id());
          const bool ready = onboarding.stage() == session::v1::ONBOARDING_STAGE_READY;
          const bool again =
              request.restart() && onboarding.stage() == session::v1::ONBOARDING_STAGE_COMPLETED;
          if (ready || again) onboarding.set_stage(session::v1::ONBOARDING_STAGE_STARTING);
          Response response;
          *response.mutable_onboarding() = onboarding;
          response.set_initiated(ready || again);
          return response;
        });
  }

  absl::StatusOr<session::v1::RecordConsentResponse> RecordConsent(
      const Call& call, const session::v1::RecordConsentRequest& request) override {
    using Response = session::v1::RecordConsentResponse;
    return Answer<Response>(
        owners_, call, "RecordConsent", [&](Owners& o) -> absl::StatusOr<Response> {
          session::v1::Onboarding& onboarding = o.Of(request.user_id());
          if (request.policy_version() != onboarding.current_policy_version()) {
            return status::InvalidField("policy_version", "must be the current one");
          }
          onboarding.mutable_consent()->set_granted(request.granted());
          onboarding.set_language(request.language());
          if (request.granted()) onboarding.set_stage(session::v1::ONBOARDING_STAGE_STARTING);
          Response response;
          *response.mutable_onboarding() = onboarding;
          return response;
        });
  }

  absl::StatusOr<session::v1::GetOnboardingResponse> GetOnboarding(
      const Call& call, const session::v1::GetOnboardingRequest& request) override {
    using Response = session::v1::GetOnboardingResponse;
    return Answer<Response>(owners_, call, "GetOnboarding",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              Response response;
                              *response.mutable_onboarding() = o.Of(request.user_id());
                              return response;
                            });
  }

  absl::StatusOr<session::v1::SetLanguageResponse> SetLanguage(
      const Call& call, const session::v1::SetLanguageRequest& request) override {
    using Response = session::v1::SetLanguageResponse;
    return Answer<Response>(
        owners_, call, "SetLanguage", [&](Owners& o) -> absl::StatusOr<Response> {
          if (request.language() != "en" && request.language() != "ru") {
            return status::InvalidField("language", "must be one the product speaks");
          }
          o.Of(request.user_id()).set_language(request.language());
          Response response;
          *response.mutable_onboarding() = o.Of(request.user_id());
          return response;
        });
  }

  absl::StatusOr<session::v1::SubmitAnswerResponse> SubmitAnswer(
      const Call& call, const session::v1::SubmitAnswerRequest& request) override {
    using Response = session::v1::SubmitAnswerResponse;
    return Answer<Response>(
        owners_, call, "SubmitAnswer", [&](Owners& o) -> absl::StatusOr<Response> {
          for (const auto& answer : o.answers) {
            if (answer.idempotency_key() == request.idempotency_key()) return Response();
            if (answer.question_id() == request.question_id()) {
              return status::Error(mesh::v1::ERROR_CODE_ANSWER_ALREADY_SUBMITTED, "answered");
            }
          }
          o.answers.push_back(request);
          session::v1::Session& session = *o.Of(request.user_id()).mutable_session();
          session.set_answers_given(session.answers_given() + 1);
          session.clear_current_question_id();
          Response response;
          *response.mutable_session() = session;
          return response;
        });
  }

  absl::StatusOr<session::v1::GetAnswerResponse> GetAnswer(
      const Call& call, const session::v1::GetAnswerRequest& request) override {
    using Response = session::v1::GetAnswerResponse;
    return Answer<Response>(owners_, call, "GetAnswer", [&](Owners& o) -> absl::StatusOr<Response> {
      for (const auto& answer : o.answers) {
        if (answer.idempotency_key() == request.idempotency_key()) return Response();
      }
      return status::Error(mesh::v1::ERROR_CODE_ANSWER_NOT_FOUND, "no such answer");
    });
  }

  absl::StatusOr<session::v1::PauseSessionResponse> PauseSession(
      const Call& call, const session::v1::PauseSessionRequest& request) override {
    return Change<session::v1::PauseSessionResponse>(call, "PauseSession", request.user_id(),
                                                     session::v1::ONBOARDING_STAGE_PAUSED,
                                                     session::v1::SESSION_STATUS_PAUSED);
  }
  absl::StatusOr<session::v1::ResumeSessionResponse> ResumeSession(
      const Call& call, const session::v1::ResumeSessionRequest& request) override {
    return Change<session::v1::ResumeSessionResponse>(call, "ResumeSession", request.user_id(),
                                                      session::v1::ONBOARDING_STAGE_IN_PROGRESS,
                                                      session::v1::SESSION_STATUS_ACTIVE);
  }
  absl::StatusOr<session::v1::CompleteSessionResponse> CompleteSession(
      const Call& call, const session::v1::CompleteSessionRequest& request) override {
    return Change<session::v1::CompleteSessionResponse>(call, "CompleteSession", request.user_id(),
                                                        session::v1::ONBOARDING_STAGE_COMPLETED,
                                                        session::v1::SESSION_STATUS_COMPLETED);
  }

  NOT_CALLED(session::v1, GetSession)
  NOT_CALLED(session::v1, GetActiveSession)
  GIVES_NOTHING(session::v1, ListSessions)
  GIVES_NOTHING(session::v1, ListAnswers)

 private:
  template <typename Response>
  absl::StatusOr<Response> Change(const Call& call, const std::string& rpc, int64_t user_id,
                                  session::v1::OnboardingStage stage,
                                  session::v1::SessionStatus status) {
    return Answer<Response>(owners_, call, rpc, [&](Owners& o) -> absl::StatusOr<Response> {
      session::v1::Onboarding& onboarding = o.Of(user_id);
      onboarding.set_stage(stage);
      onboarding.mutable_session()->set_status(status);
      Response response;
      *response.mutable_session() = onboarding.session();
      return response;
    });
  }

  Owners& owners_;
};

class FakeQuestion final : public question::v1::QuestionServiceEndpoints {
 public:
  explicit FakeQuestion(Owners& owners) : owners_(owners) {}

  absl::StatusOr<question::v1::GetQuestionResponse> GetQuestion(
      const Call& call, const question::v1::GetQuestionRequest& request) override {
    using Response = question::v1::GetQuestionResponse;
    return Answer<Response>(owners_, call, "GetQuestion",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              Response response;
                              *response.mutable_question() = o.questions[request.question_id()];
                              return response;
                            });
  }
  absl::StatusOr<question::v1::SkipQuestionResponse> SkipQuestion(
      const Call& call, const question::v1::SkipQuestionRequest& request) override {
    using Response = question::v1::SkipQuestionResponse;
    return Answer<Response>(owners_, call, "SkipQuestion:" + request.question_id(),
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              o.skipped.push_back(request);
                              return Response();
                            });
  }

  NOT_CALLED(question::v1, SelectNextQuestion)
  NOT_CALLED(question::v1, BatchGetQuestions)
  NOT_CALLED(question::v1, ListQuestions)
  NOT_CALLED(question::v1, ListDomains)
  NOT_CALLED(question::v1, UpdateQuestion)

 private:
  Owners& owners_;
};

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

class FakeProfile final : public profile::v1::ProfileServiceEndpoints {
 public:
  explicit FakeProfile(Owners& owners) : owners_(owners) {}

  absl::StatusOr<profile::v1::GetProfileResponse> GetProfile(
      const Call& call, const profile::v1::GetProfileRequest& request) override {
    using Response = profile::v1::GetProfileResponse;
    return Answer<Response>(
        owners_, call, "GetProfile", [&](Owners& o) -> absl::StatusOr<Response> {
          const auto found = o.profiles.find(request.user_id());
          if (found == o.profiles.end()) {
            return status::Error(mesh::v1::ERROR_CODE_PROFILE_NOT_FOUND, "none");
          }
          Response response;
          *response.mutable_profile() = found->second;
          return response;
        });
  }

  GIVES_NOTHING(profile::v1, ListEvidence)
  NOT_CALLED(profile::v1, CorrectTrait)
  NOT_CALLED(profile::v1, BatchGetProfiles)
  NOT_CALLED(profile::v1, UpdateProfile)
  NOT_CALLED(profile::v1, SearchSimilarProfiles)
  absl::Status WatchProfile(const Call&, const profile::v1::WatchProfileRequest&,
                            rpc::Writer<profile::v1::WatchProfileResponse>&) override {
    return absl::UnimplementedError("WatchProfile");
  }

 private:
  Owners& owners_;
};

class FakeSafety final : public safety::v1::SafetyServiceEndpoints {
 public:
  explicit FakeSafety(Owners& owners) : owners_(owners) {}
  NOT_CALLED(safety::v1, Assess)
  NOT_CALLED(safety::v1, CheckReply)
  absl::StatusOr<safety::v1::GetModeResponse> GetMode(
      const Call& call, const safety::v1::GetModeRequest& request) override {
    return Answer<safety::v1::GetModeResponse>(owners_, call, "GetMode", [&](Owners& o) {
      safety::v1::GetModeResponse response;
      if (o.in_crisis) response.mutable_mode()->set_user_id(request.user_id());
      return response;
    });
  }

 private:
  Owners& owners_;
};

class FakeAnalysis final : public analysis::v1::AnalysisServiceEndpoints {
 public:
  explicit FakeAnalysis(Owners& owners) : owners_(owners) {}
  NOT_CALLED(analysis::v1, AnalyzeInstant)
  NOT_CALLED(analysis::v1, AnalyzeAnswer)
  NOT_CALLED(analysis::v1, ReanalyzeAnswer)
  NOT_CALLED(analysis::v1, GetAnalysis)
  GIVES_NOTHING(analysis::v1, ListAnalyses)
  GIVES_NOTHING(analysis::v1, ListInsights)

 private:
  Owners& owners_;
};

class FakeTrait final : public trait::v1::TraitServiceEndpoints {
 public:
  explicit FakeTrait(Owners& owners) : owners_(owners) {}
  GIVES_NOTHING(trait::v1, ListTraitHistory)

  absl::StatusOr<trait::v1::GetNextStatementResponse> GetNextStatement(
      const Call& call, const trait::v1::GetNextStatementRequest&) override {
    using Response = trait::v1::GetNextStatementResponse;
    return Answer<Response>(
        owners_, call, "GetNextStatement", [](Owners& o) -> absl::StatusOr<Response> {
          Response response;
          if (!o.statements.empty()) *response.mutable_statement() = o.statements.front();
          response.set_rated_count(static_cast<int>(o.ratings.size()));
          response.set_statement_count(static_cast<int>(o.ratings.size() + o.statements.size()));
          return response;
        });
  }
  absl::StatusOr<trait::v1::RateStatementResponse> RateStatement(
      const Call& call, const trait::v1::RateStatementRequest& request) override {
    using Response = trait::v1::RateStatementResponse;
    return Answer<Response>(
        owners_, call, "RateStatement", [&](Owners& o) -> absl::StatusOr<Response> {
          const auto is_meant = [&](const auto& one) {
            return one.statement_id() == request.statement_id();
          };
          const size_t known =
              std::erase_if(o.statements, is_meant) + std::erase_if(o.ratings, is_meant);
          if (known == 0) return status::Error(mesh::v1::ERROR_CODE_STATEMENT_NOT_FOUND, "none");
          o.ratings.push_back(request);
          Response response;
          response.set_rated_count(static_cast<int>(o.ratings.size()));
          response.set_statement_count(static_cast<int>(o.ratings.size() + o.statements.size()));
          return response;
        });
  }

  NOT_CALLED(trait::v1, GetTraitPatterns)
  NOT_CALLED(trait::v1, GetTraitEvolution)

 private:
  Owners& owners_;
};

#undef GIVES_NOTHING
#undef NOT_CALLED

// A module that serves one of the above.
template <typename Fake>
class FakeModule final : public service::Module {
 public:
  FakeModule(std::string name, Owners& owners) : name_(std::move(name)), owners_(owners) {}
  service::ModuleInfo info() const override { return {.name = name_, .group = name_}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<Fake>(owners_));
    mesh.OnErase([this](postgres::Transaction&, int64_t) {
      return owners_.Do([&](Owners& o) -> absl::StatusOr<int64_t> {
        const auto failure = o.failures.find("Erase." + name_);
        if (failure != o.failures.end()) return failure->second;
        o.erased.insert(name_);
        return 1;
      });
    });
    return absl::OkStatus();
  }

 private:
  const std::string name_;
  Owners& owners_;
};

template <typename Fake>
std::unique_ptr<service::Module> Serving(std::string name, Owners& owners) {
  return std::make_unique<FakeModule<Fake>>(std::move(name), owners);
}

}  // namespace selfology::coaching_dialog

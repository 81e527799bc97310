// A stand-in for the session service, see fake_owners_test.h.
#pragma once

#include <algorithm>
#include <string>

#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/session/v1/session_service_endpoints.h"
#include "services/coaching/coaching_dialog/owners_test.h"

namespace selfology::coaching_dialog {

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
    owners_.Do([&](Owners& o) {
      o.Of(request.user_id()).mutable_session()->set_completion_reason(request.reason());
    });
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

}  // namespace selfology::coaching_dialog

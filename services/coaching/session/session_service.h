// The gRPC endpoints of sessions: validate, ask the rules (onboarding.h, answering.h), one
// transaction, answer.
//
//   auto sessions = std::make_shared<SessionService>(mesh.database(), mesh.clock(), policy);
//   mesh.Serve(sessions);
//   mesh.Every(absl::Minutes(5), "timeouts",
//              [sessions](const Call& call) { return sessions->TimeOutIdle(call); });
//
// Errors: as session_service.proto says for each RPC. Threads: thread-safe.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/session/v1/session_service_endpoints.h"
#include "services/coaching/session/onboarding.h"

namespace selfology::session {

class SessionService : public v1::SessionServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive the service.
  SessionService(postgres::Database& database, Clock clock, Policy policy);

  absl::StatusOr<v1::StartOnboardingResponse> StartOnboarding(
      const Call& call, const v1::StartOnboardingRequest& request) override;
  absl::StatusOr<v1::RecordConsentResponse> RecordConsent(
      const Call& call, const v1::RecordConsentRequest& request) override;
  absl::StatusOr<v1::GetOnboardingResponse> GetOnboarding(
      const Call& call, const v1::GetOnboardingRequest& request) override;
  absl::StatusOr<v1::SetLanguageResponse> SetLanguage(
      const Call& call, const v1::SetLanguageRequest& request) override;
  absl::StatusOr<v1::GetSessionResponse> GetSession(const Call& call,
                                                    const v1::GetSessionRequest& request) override;
  absl::StatusOr<v1::GetActiveSessionResponse> GetActiveSession(
      const Call& call, const v1::GetActiveSessionRequest& request) override;
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(
      const Call& call, const v1::ListSessionsRequest& request) override;
  absl::StatusOr<v1::SubmitAnswerResponse> SubmitAnswer(
      const Call& call, const v1::SubmitAnswerRequest& request) override;
  absl::StatusOr<v1::GetAnswerResponse> GetAnswer(const Call& call,
                                                  const v1::GetAnswerRequest& request) override;
  absl::StatusOr<v1::ListAnswersResponse> ListAnswers(
      const Call& call, const v1::ListAnswersRequest& request) override;
  absl::StatusOr<v1::PauseSessionResponse> PauseSession(
      const Call& call, const v1::PauseSessionRequest& request) override;
  absl::StatusOr<v1::ResumeSessionResponse> ResumeSession(
      const Call& call, const v1::ResumeSessionRequest& request) override;
  absl::StatusOr<v1::CompleteSessionResponse> CompleteSession(
      const Call& call, const v1::CompleteSessionRequest& request) override;

  // Timers. Ends every session whose time is over, each in a transaction of its own, until none is
  // left or the call's time is over.
  absl::Status TimeOutIdle(const Call& call);

 private:
  absl::StatusOr<v1::GetAnswerResponse> GetAnswerOfKey(const Call& call,
                                                       const v1::GetAnswerRequest& request);
  absl::Time Now() const;

  postgres::Database& database_;
  const Clock clock_;
  const Policy policy_;
};

}  // namespace selfology::session

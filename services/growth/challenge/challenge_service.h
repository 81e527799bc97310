// ChallengeService; see proto/selfology/challenge/v1/challenge_service.proto for what each RPC does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/challenge/v1/challenge_service_endpoints.h"
#include "services/growth/challenge/generator.h"
#include "services/growth/challenge/prizes.h"

namespace selfology::challenge {

class ChallengeService final : public v1::ChallengeServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  ChallengeService(postgres::Database& database, Clock clock, std::shared_ptr<Generator> generator,
                   std::shared_ptr<Prizes> prizes);

  absl::StatusOr<v1::GenerateChallengesResponse> GenerateChallenges(
      const Call& call, const v1::GenerateChallengesRequest& request) override;
  absl::StatusOr<v1::CreateChallengeResponse> CreateChallenge(
      const Call& call, const v1::CreateChallengeRequest& request) override;
  absl::StatusOr<v1::GetChallengeResponse> GetChallenge(
      const Call& call, const v1::GetChallengeRequest& request) override;
  absl::StatusOr<v1::ListChallengesResponse> ListChallenges(
      const Call& call, const v1::ListChallengesRequest& request) override;
  absl::StatusOr<v1::JoinChallengeResponse> JoinChallenge(
      const Call& call, const v1::JoinChallengeRequest& request) override;
  absl::StatusOr<v1::LeaveChallengeResponse> LeaveChallenge(
      const Call& call, const v1::LeaveChallengeRequest& request) override;
  absl::StatusOr<v1::AnswerQuizResponse> AnswerQuiz(const Call& call,
                                                    const v1::AnswerQuizRequest& request) override;
  absl::StatusOr<v1::ReportChallengeResponse> ReportChallenge(
      const Call& call, const v1::ReportChallengeRequest& request) override;
  absl::StatusOr<v1::AppealDecisionResponse> AppealDecision(
      const Call& call, const v1::AppealDecisionRequest& request) override;
  absl::StatusOr<v1::DecideAppealResponse> DecideAppeal(
      const Call& call, const v1::DecideAppealRequest& request) override;
  absl::StatusOr<v1::ListDecisionsResponse> ListDecisions(
      const Call& call, const v1::ListDecisionsRequest& request) override;

  // Ends challenges whose time is up.
  absl::Status EndDue(const Call& call);

 private:
  postgres::Database& database_;
  const Clock clock_;
  const std::shared_ptr<Generator> generator_;
  const std::shared_ptr<Prizes> prizes_;
};

}  // namespace selfology::challenge

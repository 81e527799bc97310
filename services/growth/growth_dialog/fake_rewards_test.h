// What gamification and challenge are to the dialog's tests: one level, one badge, one board, one quiz.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/service/mesh.h"
#include "common/service/module.h"
#include "selfology/challenge/v1/challenge_service_endpoints.h"
#include "selfology/gamification/v1/badge_service_endpoints.h"
#include "selfology/gamification/v1/leaderboard_service_endpoints.h"
#include "selfology/gamification/v1/progress_service_endpoints.h"

namespace selfology::growth_dialog {

#define FAKE_UNUSED(Package, Method)                                                             \
  absl::StatusOr<Package::Method##Response> Method(const Call&, const Package::Method##Request&) \
      override {                                                                                 \
    return absl::UnimplementedError(#Method);                                                    \
  }

// Of everybody.
inline std::atomic<int64_t> fake_coins = 60;
// Whether people have earned something this week.
inline std::atomic<bool> fake_week_has_points = true;
inline std::atomic<int64_t> fake_xp = 350;

class FakeProgress final : public gamification::v1::ProgressServiceEndpoints {
 public:
  absl::StatusOr<gamification::v1::GetProgressResponse> GetProgress(
      const Call&, const gamification::v1::GetProgressRequest&) override {
    gamification::v1::GetProgressResponse response;
    response.set_level(3);
    response.set_xp(fake_xp);
    response.set_level_begins_at(300);
    response.set_next_level_at(600);
    response.set_badges(1);
    response.set_freeze_price(50);
    gamification::v1::Balance& coins = *response.add_balances();
    coins.mutable_account()->set_currency("coins");
    coins.set_balance(fake_coins);
    response.mutable_streak()->set_current_days(5);
    response.mutable_streak()->set_state(gamification::v1::STREAK_STATE_AT_RISK);
    return response;
  }
  absl::StatusOr<gamification::v1::BuyFreezeResponse> BuyFreeze(
      const Call&, const gamification::v1::BuyFreezeRequest&) override {
    return absl::FailedPreconditionError("too few coins");
  }
  FAKE_UNUSED(gamification::v1, ListFacts)
};

class FakeBadges final : public gamification::v1::BadgeServiceEndpoints {
 public:
  absl::StatusOr<gamification::v1::ListBadgesResponse> ListBadges(
      const Call&, const gamification::v1::ListBadgesRequest& request) override {
    gamification::v1::ListBadgesResponse response;
    gamification::v1::Badge& badge = *response.add_badges();
    badge.set_badge_id("early");
    badge.set_called(request.language() == "ru" ? "Ранняя пташка" : "Early bird");
    return response;
  }
  absl::StatusOr<gamification::v1::ListAwardsResponse> ListAwards(
      const Call&, const gamification::v1::ListAwardsRequest&) override {
    gamification::v1::ListAwardsResponse response;
    response.add_awards()->set_badge_id("early");
    return response;
  }
  FAKE_UNUSED(gamification::v1, ExportAward)
  FAKE_UNUSED(gamification::v1, GetIssuer)
  FAKE_UNUSED(gamification::v1, ListRevokedCredentials)
};

class FakeBoards final : public gamification::v1::LeaderboardServiceEndpoints {
 public:
  absl::StatusOr<gamification::v1::GetLeaderboardResponse> GetLeaderboard(
      const Call&, const gamification::v1::GetLeaderboardRequest&) override {
    gamification::v1::GetLeaderboardResponse response;
    for (int place = 1; place <= 2; ++place) {
      gamification::v1::Standing& one = *response.add_standings();
      one.set_rank(place);
      one.set_member_id(99'000 + place);
      one.set_score(1000 - place);
    }
    response.set_members(40);
    return response;
  }
  absl::StatusOr<gamification::v1::GetStandingResponse> GetStanding(
      const Call&, const gamification::v1::GetStandingRequest& request) override {
    gamification::v1::GetStandingResponse response;
    response.set_members(40);
    response.mutable_standing()->set_member_id(request.user_id());
    const bool is_week = request.board().period() == gamification::v1::BOARD_PERIOD_WEEK;
    response.set_hidden(hidden_);
    if (hidden_ || (is_week && !fake_week_has_points)) return response;
    response.mutable_standing()->set_rank(17);
    *response.add_around() = response.standing();
    return response;
  }
  absl::StatusOr<gamification::v1::SetVisibilityResponse> SetVisibility(
      const Call&, const gamification::v1::SetVisibilityRequest& request) override {
    hidden_ = request.hidden();
    return gamification::v1::SetVisibilityResponse();
  }
  FAKE_UNUSED(gamification::v1, GetFriendsLeaderboard)
  FAKE_UNUSED(gamification::v1, CreateSeason)
  FAKE_UNUSED(gamification::v1, ListSeasons)

 private:
  std::atomic<bool> hidden_ = false;
};

// One quiz, whose second option is right, for who takes part.
class FakeChallenges final : public challenge::v1::ChallengeServiceEndpoints {
 public:
  absl::StatusOr<challenge::v1::GenerateChallengesResponse> GenerateChallenges(
      const Call&, const challenge::v1::GenerateChallengesRequest&) override {
    absl::MutexLock lock(&mutex_);
    part_.set_state(challenge::v1::PARTICIPATION_STATE_JOINED);
    part_.set_goal(1);
    challenge::v1::GenerateChallengesResponse response;
    *response.add_challenges() = Quiz();
    return response;
  }
  absl::StatusOr<challenge::v1::GetChallengeResponse> GetChallenge(
      const Call&, const challenge::v1::GetChallengeRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (request.challenge_id() != 7) return absl::NotFoundError("no such challenge");
    challenge::v1::GetChallengeResponse response;
    *response.mutable_challenge() = Quiz();
    *response.mutable_participation() = part_;
    return response;
  }
  absl::StatusOr<challenge::v1::ListChallengesResponse> ListChallenges(
      const Call&, const challenge::v1::ListChallengesRequest&) override {
    absl::MutexLock lock(&mutex_);
    challenge::v1::ListChallengesResponse response;
    auto& one = *response.add_challenges();
    *one.mutable_challenge() = Quiz();
    *one.mutable_participation() = part_;
    return response;
  }
  absl::StatusOr<challenge::v1::AnswerQuizResponse> AnswerQuiz(
      const Call&, const challenge::v1::AnswerQuizRequest& request) override {
    absl::MutexLock lock(&mutex_);
    part_.set_state(request.option() == 2 ? challenge::v1::PARTICIPATION_STATE_SUCCEEDED
                                          : challenge::v1::PARTICIPATION_STATE_FAILED);
    part_.set_chosen_option(request.option());
    part_.set_right_option(2);
    challenge::v1::AnswerQuizResponse response;
    *response.mutable_participation() = part_;
    return response;
  }
  FAKE_UNUSED(challenge::v1, CreateChallenge)
  FAKE_UNUSED(challenge::v1, JoinChallenge)
  FAKE_UNUSED(challenge::v1, LeaveChallenge)
  FAKE_UNUSED(challenge::v1, ReportChallenge)
  FAKE_UNUSED(challenge::v1, AppealDecision)
  FAKE_UNUSED(challenge::v1, DecideAppeal)
  FAKE_UNUSED(challenge::v1, ListDecisions)

 private:
  static challenge::v1::Challenge Quiz() {
    challenge::v1::Challenge quiz;
    quiz.set_challenge_id(7);
    quiz.set_kind(challenge::v1::CHALLENGE_KIND_QUIZ);
    quiz.set_state(challenge::v1::CHALLENGE_STATE_OPEN);
    quiz.set_title("Which <first>?");
    quiz.set_text("Which task is due first?");
    quiz.add_options("milk");
    quiz.add_options("rent");
    return quiz;
  }
  absl::Mutex mutex_;
  challenge::v1::Participation part_ ABSL_GUARDED_BY(mutex_);
};

#undef FAKE_UNUSED

class FakeGamification final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "gamification", .group = "gamification"};
  }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<FakeProgress>());
    mesh.Serve(std::make_shared<FakeBadges>());
    mesh.Serve(std::make_shared<FakeBoards>());
    mesh.OnErase([](postgres::Transaction&, int64_t) -> absl::StatusOr<int64_t> { return 0; });
    return absl::OkStatus();
  }
};

}  // namespace selfology::growth_dialog

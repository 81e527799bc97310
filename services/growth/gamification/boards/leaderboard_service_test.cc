#include "services/growth/gamification/boards/leaderboard_service.h"

#include <atomic>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/gamification/boards/score_store.h"
#include "services/growth/gamification/gamification_fixture_test.h"

namespace selfology::gamification {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class LeaderboardServiceTest : public GamificationTest {
 protected:
  void Earn(int64_t user_id, int64_t xp) {
    ASSERT_THAT(Create({Transfer(absl::StrCat(user_id, ":", xp, ":", ++earned_), Mint("xp"),
                                 Wallet(user_id, "xp"), xp)}),
                ElementsAre(v1::TRANSFER_RESULT_CREATED));
  }
  // "1:5/100": rank 1, person 5, score 100.
  template <typename Standings>
  static std::vector<std::string> Texts(const Standings& standings) {
    std::vector<std::string> texts;
    for (const v1::Standing& standing : standings) {
      texts.push_back(
          absl::StrCat(standing.rank(), ":", standing.member_id(), "/", standing.score()));
    }
    return texts;
  }
  std::vector<std::string> Top(const v1::BoardRef& board = Board()) {
    v1::GetLeaderboardRequest request;
    *request.mutable_board() = board;
    const auto response = boards_->GetLeaderboard(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? Texts(response->standings()) : std::vector<std::string>();
  }
  bool IsCached(const std::string& name) {
    const auto mark = redis().Command(
        Deadline(), {"GET", absl::StrCat("{selfology:gamification:boards}:m:", name)});
    return mark.ok() && mark->String().value_or("") == "ready";
  }

  // For a lock in the database.
  bool IsAnyoneWaiting() {
    bool waiting = false;
    const absl::Status read =
        DatabaseAs("").Read(Deadline(), [&](postgres::Transaction& tx) -> absl::Status {
          const auto row =
              tx.QueryOne<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)");
          if (row.ok()) waiting = std::get<0>(**row);
          return row.status();
        });
    EXPECT_TRUE(read.ok()) << read;
    return waiting;
  }

  int earned_ = 0;
};

TEST_F(LeaderboardServiceTest, EqualScoresShareARankFromTablesAndFromTheCacheAlike) {
  Earn(5, 100);
  Earn(6, 70);
  Earn(7, 70);
  Earn(8, 10);
  const std::vector<std::string> expected = {"1:5/100", "2:6/70", "2:7/70", "4:8/10"};
  EXPECT_EQ(Top(), expected) << "from the tables, since nobody has asked before";
  Await("the board to be in Redis", [&] { return IsCached("xp|ever"); });
  EXPECT_EQ(Top(), expected);
  EXPECT_THAT(Texts(Standing(7).around()), ElementsAre("1:5/100", "2:6/70", "2:7/70", "4:8/10"));
  v1::GetStandingRequest request;
  request.set_user_id(8);
  request.set_neighbours(1);
  *request.mutable_board() = Board();
  EXPECT_THAT(Texts(boards_->GetStanding(Deadline(), request)->around()),
              ElementsAre("2:7/70", "4:8/10"));
}

TEST_F(LeaderboardServiceTest, TheCacheFollowsAndMayBeWiped) {
  Earn(5, 100);
  Earn(6, 70);
  Top();
  Await("the board to be in Redis", [&] { return IsCached("xp|ever"); });
  Earn(6, 50);
  Await("the new order", [&] { return Top() == std::vector<std::string>{"1:6/120", "2:5/100"}; });
  ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok());
  EXPECT_THAT(Top(), ElementsAre("1:6/120", "2:5/100")) << "right at once, from the tables";
  Await("the board to be in Redis again", [&] { return IsCached("xp|ever"); });
  EXPECT_THAT(Top(), ElementsAre("1:6/120", "2:5/100"));
}

TEST_F(LeaderboardServiceTest, APeriodCountsWhatWasEarnedInIt) {
  Earn(5, 100);
  v1::BoardRef today = Board();
  today.set_period(v1::BOARD_PERIOD_DAY);
  today.mutable_at()->set_seconds(absl::ToUnixSeconds(absl::Now()));
  Pass(absl::Hours(24));
  Earn(5, 1);
  Earn(6, 2);
  v1::BoardRef tomorrow = today;
  tomorrow.mutable_at()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(24)));
  EXPECT_THAT(Top(today), ElementsAre("1:5/100"));
  EXPECT_THAT(Top(tomorrow), ElementsAre("1:6/2", "2:5/1"));
  EXPECT_THAT(Top(), ElementsAre("1:5/101", "2:6/2"));
}

TEST_F(LeaderboardServiceTest, ASeasonHasWhatWasEarnedBeforeAndAfterItWasMade) {
  Earn(5, 100);
  v1::CreateSeasonRequest request;
  request.mutable_season()->set_season_id("autumn");
  request.mutable_season()->mutable_starts_at()->set_seconds(
      absl::ToUnixSeconds(absl::Now() - absl::Hours(1)));
  request.mutable_season()->mutable_ends_at()->set_seconds(
      absl::ToUnixSeconds(absl::Now() + absl::Hours(24)));
  ASSERT_TRUE(boards_->CreateSeason(Deadline(), request).ok());
  ASSERT_TRUE(boards_->CreateSeason(Deadline(), request).ok()) << "twice is as once";
  Earn(6, 30);
  Pass(absl::Hours(25));
  Earn(6, 1000);
  v1::BoardRef season = Board();
  season.set_period(v1::BOARD_PERIOD_SEASON);
  season.set_season_id("autumn");
  EXPECT_THAT(Top(season), ElementsAre("1:5/100", "2:6/30"));
  request.mutable_season()->mutable_ends_at()->set_seconds(
      absl::ToUnixSeconds(absl::Now() + absl::Hours(48)));
  EXPECT_EQ(boards_->CreateSeason(Deadline(), request).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(boards_->ListSeasons(Deadline(), v1::ListSeasonsRequest())->seasons(), SizeIs(1));
}

// What is earned while a season is being made belongs to it.
TEST_F(LeaderboardServiceTest, ASeasonMissesNothingThatIsEarnedMeanwhile) {
  Earn(5, 100);
  v1::Season season;
  season.set_season_id("autumn");
  *season.mutable_starts_at() = timestamps::ToProto(absl::Now() - absl::Hours(1));
  *season.mutable_ends_at() = timestamps::ToProto(absl::Now() + absl::Hours(1));
  std::atomic<bool> has_earned = false;
  std::thread earner;
  const absl::Status made = DatabaseAs("selfology_gamification")
                                .Write(Deadline(), [&](postgres::Transaction& tx) -> absl::Status {
                                  const auto saved = store::SaveSeason(tx, season, absl::Now());
                                  if (!saved.ok()) return saved.status();
                                  earner = std::thread([&] {
                                    Earn(6, 30);
                                    has_earned = true;
                                  });
                                  Await("the other to wait, or to be done",
                                        [&] { return has_earned || IsAnyoneWaiting(); });
                                  return absl::OkStatus();
                                });
  if (earner.joinable()) earner.join();
  ASSERT_TRUE(made.ok()) << made;
  v1::BoardRef board = Board();
  board.set_period(v1::BOARD_PERIOD_SEASON);
  board.set_season_id("autumn");
  EXPECT_THAT(Top(board), ElementsAre("1:5/100", "2:6/30"));
}

TEST_F(LeaderboardServiceTest, WhoHidesIsSeenByNobody) {
  Earn(5, 100);
  Earn(6, 70);
  Top();
  Await("the board to be in Redis", [&] { return IsCached("xp|ever"); });
  v1::SetVisibilityRequest hide;
  hide.set_user_id(5);
  hide.set_hidden(true);
  ASSERT_TRUE(boards_->SetVisibility(Deadline(), hide).ok());
  Await("the person to be gone", [&] { return Top() == std::vector<std::string>{"1:6/70"}; });
  EXPECT_EQ(Standing(5).standing().rank(), 0);
  EXPECT_TRUE(Standing(5).hidden());
  EXPECT_FALSE(Standing(6).hidden());
  EXPECT_FALSE(Standing(7).hidden()) << "who has no points is not hidden for that";
  hide.set_user_id(7);
  ASSERT_TRUE(boards_->SetVisibility(Deadline(), hide).ok());
  EXPECT_TRUE(Standing(7).hidden());
  hide.set_user_id(5);
  hide.set_hidden(false);
  ASSERT_TRUE(boards_->SetVisibility(Deadline(), hide).ok());
  Await("the person to be back", [&] { return Top().size() == 2; });
}

TEST_F(LeaderboardServiceTest, WhoIsErasedIsSeenByNobodyAndMayComeBack) {
  Earn(5, 100);
  Earn(6, 70);
  Top();
  Await("the board to be in Redis", [&] { return IsCached("xp|ever"); });
  ASSERT_EQ(Top().size(), 2);
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(5);
  ASSERT_TRUE(progress_->DeleteUserData(Deadline(), erase).ok());
  Await("the person to be gone", [&] { return Top() == std::vector<std::string>{"1:6/70"}; });
  EXPECT_EQ(Standing(5).standing().rank(), 0);
  v1::CreateTransfersRequest again;
  *again.add_transfers() = Transfer("again", Mint("xp"), Wallet(5, "xp"), 10);
  Await("the person's new wallet",
        [&] { return ledger_->CreateTransfers(Deadline(), again).ok(); });
  Await("the person to be back",
        [&] { return Top() == std::vector<std::string>{"1:6/70", "2:5/10"}; });
}

TEST_F(LeaderboardServiceTest, FriendsAreRankedAmongThemselves) {
  Earn(5, 100);
  Earn(6, 70);
  Earn(kUser, 70);
  Earn(9, 200);
  *friends_ = {5, 6, 77};
  v1::GetFriendsLeaderboardRequest request;
  request.set_user_id(kUser);
  *request.mutable_board() = Board();
  const auto response = boards_->GetFriendsLeaderboard(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Texts(response->standings()),
              ElementsAre("1:5/100", "2:6/70", absl::StrCat("2:", kUser, "/70")));
}

TEST_F(LeaderboardServiceTest, AReversalLowersTheScoreWhereItWasEarned) {
  Earn(5, 100);
  v1::BoardRef today = Board();
  today.set_period(v1::BOARD_PERIOD_DAY);
  today.mutable_at()->set_seconds(absl::ToUnixSeconds(absl::Now()));
  Pass(absl::Hours(24));
  v1::ReverseTransfersRequest request;
  request.add_transfer_ids(Id("5:100:1").ToString());
  request.set_code("mistake");
  ASSERT_TRUE(ledger_->ReverseTransfers(Deadline(), request).ok());
  EXPECT_THAT(Top(today), ElementsAre("1:5/0"));
}

TEST_F(LeaderboardServiceTest, ADuelMovesRatingsOnceAndTheBoard) {
  v1::RecordMatchRequest match;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(match_id: "m1" pool: "duels" sides { players { player_id: 5 } place: 1 }
         sides { players { player_id: 6 } place: 2 })",
      &match));
  const auto first = ratings_->RecordMatch(Deadline(), match);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->players(), SizeIs(2));
  EXPECT_THAT(first->players(0).ratings(), SizeIs(3));
  const auto again = ratings_->RecordMatch(Deadline(), match);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  v1::GetRatingsRequest get;
  get.set_user_id(5);
  get.set_pool("duels");
  const auto ratings = ratings_->GetRatings(Deadline(), get);
  ASSERT_TRUE(ratings.ok()) << ratings.status();
  EXPECT_EQ(ratings->ratings(0).value(), 1516);
  EXPECT_LT(ratings->ratings(1).deviation(), 350);
  EXPECT_EQ(ratings->ratings(2).matches(), 1);
  v1::ListRatingChangesRequest list;
  list.set_user_id(5);
  list.set_pool("duels");
  EXPECT_THAT(ratings_->ListRatingChanges(Deadline(), list)->changes(), SizeIs(3));
  EXPECT_THAT(Top(Board("rating:duels")), SizeIs(2));
  match.mutable_sides(0)->set_place(2);
  EXPECT_EQ(ratings_->RecordMatch(Deadline(), match).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Published<events::v1::RatingChanged>(), SizeIs(6));
}

TEST_F(LeaderboardServiceTest, NamesWhatIsWrongWithABoard) {
  v1::BoardRef board = Board("coins");
  board.set_season_id("x");
  v1::GetLeaderboardRequest request;
  *request.mutable_board() = board;
  request.set_count(101);
  const absl::Status bad = boards_->GetLeaderboard(Deadline(), request).status();
  EXPECT_THAT(status::Violations(bad), SizeIs(3)) << bad;
}

}  // namespace
}  // namespace selfology::gamification

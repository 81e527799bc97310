#include "services/growth/gamification/ratings/match.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace selfology::gamification {
namespace {

using ::testing::SizeIs;

v1::RecordMatchRequest Match(const std::string& text) {
  v1::RecordMatchRequest match;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &match)) << text;
  return match;
}

TEST(MatchTest, ADuelMovesAllThreeSystemsAndATeamMatchOne) {
  const auto duel = Play(Match(R"(sides { players { player_id: 1 } place: 1 }
                                  sides { players { thing: "puzzle:9" } place: 2 })"),
                         {});
  ASSERT_THAT(duel, SizeIs(6));
  for (const Moved& moved : duel) {
    const bool won = moved.player.first == 1;
    EXPECT_EQ(moved.after.value() > moved.before.value(), won);
    EXPECT_EQ(moved.after.matches(), 1);
    EXPECT_LE(moved.after.deviation(), moved.before.deviation());
  }
  EXPECT_THAT(Play(Match(R"(sides { players { player_id: 1 } players { player_id: 2 } place: 1 }
                            sides { players { player_id: 3 } place: 2 })"),
                   {}),
              SizeIs(3));
}

TEST(MatchTest, ABoardShowsWhatAPlayerHasAlmostSurely) {
  v1::Rating rating = FirstRating(v1::RATING_SYSTEM_GLICKO2);
  EXPECT_EQ(BoardScore(rating), 800);
  rating.set_value(100);
  EXPECT_EQ(BoardScore(rating), 0);
}

TEST(MatchTest, NamesWhatIsWrong) {
  status::FieldViolations bad;
  CheckMatch(Match(R"(match_id: "M 1" pool: ""
                      sides { players { player_id: 1 } place: 0 }
                      sides { players { player_id: 1 } players { player_id: 1 thing: "x" } })"),
             bad);
  EXPECT_THAT(status::Violations(bad.ToStatus()), SizeIs(6)) << bad.ToStatus();
}

}  // namespace
}  // namespace selfology::gamification

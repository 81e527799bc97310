// What events of a person bring about, and what taking them back undoes.

#include "services/growth/gamification/gamification_events.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/growth/gamification/gamification_fixture_test.h"

namespace selfology::gamification {
namespace {

using events::v1::BadgeAwarded;
using events::v1::BadgeRevoked;
using events::v1::LevelChanged;
using events::v1::StreakExtended;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kFollowXp[] = R"(
  rule_id: "follow.xp" event_types: "person.followed" reward { currency: "xp" amount: 60 }
  revoking_types: "person.unfollowed" revoking_field: "other_user_id")";
constexpr char kFollowBadge[] = R"(
  rule_id: "badge.sociable" event_types: "person.followed" count: 2
  badge { badge_id: "sociable" title: "Sociable" description: "Follows two." coins: 7 }
  revoking_types: "person.unfollowed" revoking_field: "other_user_id")";

class EventsTest : public GamificationTest {
 protected:
  void SetUp() override {
    GamificationTest::SetUp();
    MakeRule(kFollowXp);
    MakeRule(kFollowBadge);
  }
};

TEST_F(EventsTest, AnEventEarnsPointsABadgeALevelAndADayOfTheStreak) {
  Follow(1);
  Follow(2);
  AwaitXp(120);
  Await("the badge", [&] { return Awards().awards_size() == 1; });
  const v1::GetProgressResponse progress = Progress();
  EXPECT_EQ(progress.level(), 2);
  EXPECT_EQ(progress.level_begins_at(), 100);
  EXPECT_EQ(progress.next_level_at(), 300);
  EXPECT_EQ(progress.badges(), 1);
  EXPECT_EQ(progress.streak().current_days(), 1);
  EXPECT_EQ(progress.streak().state(), v1::STREAK_STATE_ALIVE);
  EXPECT_EQ(BalanceOf(kUser, "coins"), 7);
  EXPECT_THAT(Published<LevelChanged>(), SizeIs(1));
  EXPECT_THAT(Published<StreakExtended>(), SizeIs(1));
  ASSERT_THAT(Published<BadgeAwarded>(), SizeIs(1));
  EXPECT_EQ(Published<BadgeAwarded>()[0].badge_id(), "sociable");
  ExpectSound();
}

TEST_F(EventsTest, EveryNumberTellsWhy) {
  Follow(1);
  Follow(2);
  AwaitXp(120);
  v1::ListEntriesRequest list;
  list.set_user_id(kUser);
  list.set_currency("xp");
  const auto entries = ledger_->ListEntries(Deadline(), list);
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_THAT(entries->entries(), SizeIs(2));
  v1::ExplainTransferRequest request;
  request.set_user_id(kUser);
  request.set_transfer_id(entries->entries(0).transfer().transfer_id());
  const auto why = ledger_->ExplainTransfer(Deadline(), request);
  ASSERT_TRUE(why.ok()) << why.status();
  EXPECT_EQ(why->transfer().cause().event_type(), "person.followed");
  EXPECT_EQ(why->transfer().cause().rule_id(), "follow.xp");
  EXPECT_THAT(why->transfer().cause().trace_id(), SizeIs(32));
  EXPECT_THAT(why->rule_definition(), ::testing::HasSubstr("follow.xp"));
  ASSERT_THAT(why->event_fields(), SizeIs(1));
  EXPECT_EQ(why->event_fields(0).path(), "other_user_id");
  EXPECT_EQ(why->event_fields(0).value(), "2");
  EXPECT_TRUE(why->has_event_at());
  std::vector<std::string> consequences;
  for (const v1::Consequence& one : why->consequences()) {
    consequences.push_back(absl::StrCat(one.kind(), ":", one.subject()));
  }
  EXPECT_THAT(consequences, ::testing::UnorderedElementsAre("transfer:coins", "award:sociable"));
  request.set_user_id(7);
  EXPECT_EQ(ledger_->ExplainTransfer(Deadline(), request).status().code(),
            absl::StatusCode::kNotFound)
      << "another person's";
}

TEST_F(EventsTest, TakingAnEventBackTakesBackWhatItEarned) {
  Follow(1);
  Follow(2);
  AwaitXp(120);
  Await("the badge", [&] { return Awards().awards_size() == 1; });
  Follow(3, 7);
  AwaitXp(60, 7);
  EXPECT_EQ(Standing(kUser).standing().rank(), 1);
  Unfollow(2);
  AwaitXp(60);
  Await("the badge to go", [&] { return Awards().awards_size() == 0; });
  EXPECT_EQ(BalanceOf(kUser, "coins"), 0);
  EXPECT_EQ(Progress().level(), 1);
  EXPECT_THAT(Published<BadgeRevoked>(), SizeIs(1));
  ASSERT_THAT(Published<LevelChanged>(), SizeIs(2));
  EXPECT_EQ(Published<LevelChanged>()[1].level(), 1);
  Await("the rank to be shared", [&] {
    const auto standing = Standing(kUser);
    return standing.standing().rank() == 1 && standing.around_size() == 2 &&
           standing.around(1).rank() == 1;
  });
  // Once more: it is earned again.
  Follow(2);
  AwaitXp(120);
  Await("the badge again", [&] { return Awards().awards_size() == 1; });
  EXPECT_EQ(BalanceOf(kUser, "coins"), 7);
  EXPECT_THAT(Awards(true).awards(), SizeIs(2));
  ExpectSound();
}

TEST_F(EventsTest, AnOperatorReversesAnEventWithAllThatCameOfIt) {
  Follow(1);
  Follow(2);
  AwaitXp(120);
  Await("the badge", [&] { return Awards().awards_size() == 1; });
  v1::ReverseTransfersRequest request;
  request.set_event_id(Awards().awards(0).event_id());
  request.set_code("fraud");
  request.set_allow_debt(true);
  const auto reversed = ledger_->ReverseTransfers(Deadline(), request);
  ASSERT_TRUE(reversed.ok()) << reversed.status();
  EXPECT_THAT(reversed->revoked_award_ids(), SizeIs(1));
  EXPECT_EQ(Progress().xp(), 60);
  EXPECT_EQ(BalanceOf(kUser, "coins"), 0);
  EXPECT_EQ(Awards().awards_size(), 0);
  request.set_event_id(Id("no such event").ToString());
  EXPECT_EQ(ledger_->ReverseTransfers(Deadline(), request).status().code(),
            absl::StatusCode::kNotFound);
  ExpectSound();
}

TEST_F(EventsTest, AnEventPublishedAgainEarnsNothingMore) {
  Follow(1);
  AwaitXp(60);
  Republish();
  Follow(2);
  AwaitXp(120);
  EXPECT_EQ(Progress().xp(), 120);
  ExpectSound();
}

TEST_F(EventsTest, ARuleIsTriedOnThePastAndGivesBadgesForIt) {
  for (int other = 1; other <= 3; ++other) Follow(other);
  Follow(1, 7);
  AwaitXp(180);
  AwaitXp(60, 7);
  constexpr char kRule[] = R"(
    rule_id: "badge.popular" event_types: "person.followed" count: 3
    badge { badge_id: "popular" title: "Popular" description: "Follows three." })";
  v1::CreateRuleRequest create;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(kRule, create.mutable_definition()));
  ASSERT_TRUE(rules_->CreateRule(Deadline(), create).ok());
  v1::TryRuleRequest attempt;
  attempt.set_rule_id("badge.popular");
  const auto tried = rules_->TryRule(Deadline(), attempt);
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_EQ(tried->people(), 2);
  EXPECT_EQ(tried->events(), 4);
  EXPECT_EQ(tried->grants(), 1);
  ASSERT_THAT(tried->sample(), SizeIs(1));
  EXPECT_EQ(tried->sample(0).recipient_id(), kUser);
  EXPECT_THAT(Awards().awards(), SizeIs(1)) << "trying has no effect";
  MakeRule(kRule, /*backfill=*/true);
  Await("the badge for the past", [&] { return Awards().awards_size() == 2; });
  EXPECT_THAT(Awards(false, 7).awards(), IsEmpty());
}

TEST_F(EventsTest, ANewVersionTakesTheOldOnesPlace) {
  Follow(1);
  AwaitXp(60);
  MakeRule(R"(rule_id: "follow.xp" event_types: "person.followed"
              reward { currency: "xp" amount: 1 })");
  Follow(2);
  AwaitXp(61);
  v1::RetireRuleRequest retire;
  retire.set_rule_id("follow.xp");
  ASSERT_TRUE(rules_->RetireRule(Deadline(), retire).ok());
  ASSERT_TRUE(rules_->RetireRule(Deadline(), retire).ok()) << "twice is as once";
  retire.set_rule_id("no.such.rule");
  EXPECT_EQ(rules_->RetireRule(Deadline(), retire).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(EventsTest, AFreezeIsBoughtUsedUpAndKeepsTheStreak) {
  v1::BuyFreezeRequest buy;
  buy.set_user_id(kUser);
  buy.set_idempotency_key("1");
  EXPECT_EQ(progress_->BuyFreeze(Deadline(), buy).status().code(),
            absl::StatusCode::kFailedPrecondition)
      << "no coins";
  ASSERT_THAT(Create({Transfer("coins", Mint(), Wallet(kUser), 100)}),
              ElementsAre(v1::TRANSFER_RESULT_CREATED));
  Follow(1);
  AwaitXp(60);
  for (int i = 0; i < 2; ++i) {
    const auto bought = progress_->BuyFreeze(Deadline(), buy);
    ASSERT_TRUE(bought.ok()) << bought.status();
    EXPECT_EQ(bought->freezes_held(), 1);
    EXPECT_EQ(bought->coins(), 80);
  }
  Pass(absl::Hours(48));
  EXPECT_EQ(Progress().streak().state(), v1::STREAK_STATE_AT_RISK);
  EXPECT_EQ(Progress().streak().current_days(), 1);
  EXPECT_EQ(Progress().streak().freezes_held(), 0);
  // Bought again, after the one for the missed day was used up.
  buy.set_idempotency_key("2");
  EXPECT_EQ(progress_->BuyFreeze(Deadline(), buy)->freezes_held(), 1);
  Pass(absl::Hours(24 * 3));
  EXPECT_EQ(Progress().streak().state(), v1::STREAK_STATE_BROKEN);
  ExpectSound();
}

TEST_F(EventsTest, ABadgeIsExportedUntilItIsRevoked) {
  Follow(1);
  Follow(2);
  Await("the badge", [&] { return Awards().awards_size() == 1; });
  v1::ExportAwardRequest request;
  request.set_user_id(kUser);
  request.set_award_id(Awards().awards(0).award_id());
  const auto exported = badges_->ExportAward(Deadline(), request);
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(std::count(exported->credential_jwt().begin(), exported->credential_jwt().end(), '.'),
            2);
  const auto issuer = badges_->GetIssuer(Deadline(), v1::GetIssuerRequest());
  ASSERT_TRUE(issuer.ok()) << issuer.status();
  EXPECT_THAT(issuer->public_jwk(), ::testing::HasSubstr("Ed25519"));
  Unfollow(1);
  Await("the badge to go", [&] { return Awards().awards_size() == 0; });
  EXPECT_EQ(badges_->ExportAward(Deadline(), request).status().code(), absl::StatusCode::kNotFound);
  const auto revoked =
      badges_->ListRevokedCredentials(Deadline(), v1::ListRevokedCredentialsRequest());
  EXPECT_THAT(revoked->credential_ids(), ElementsAre("urn:uuid:" + request.award_id()));
}

TEST_F(EventsTest, BadgesAreToldInTheLanguageAskedFor) {
  v1::ListBadgesRequest request;
  request.set_language("ru-RU");
  request.set_page_size(3);
  int badges = 0;
  do {
    const auto page = badges_->ListBadges(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Badge& badge : page->badges()) {
      ++badges;
      if (badge.badge_id() == "first_task") EXPECT_EQ(badge.called(), "Первый шаг");
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_GE(badges, 9);
}

TEST_F(EventsTest, ErasesAPersonAndTheBooksStillBalance) {
  Follow(1);
  Follow(2);
  AwaitXp(120);
  Await("the badge", [&] { return Awards().awards_size() == 1; });
  v1::NewTransfer held = Transfer("held", Wallet(kUser), Wallet(7), 5);
  held.set_kind(v1::TRANSFER_KIND_PENDING);
  ASSERT_THAT(Create({held}), ElementsAre(v1::TRANSFER_RESULT_CREATED));
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto erased = progress_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_GT(erased->deleted_rows(), 5);
  EXPECT_EQ(progress_->DeleteUserData(Deadline(), request)->deleted_rows(), 0);
  EXPECT_EQ(Progress().xp(), 0);
  EXPECT_THAT(Awards(true).awards(), IsEmpty());
  EXPECT_EQ(Standing(kUser).standing().rank(), 0);
  v1::GetBalancesRequest balances;
  balances.set_user_id(7);
  EXPECT_EQ(ledger_->GetBalances(Deadline(), balances)->balances(0).expected(), 0);
  ExpectSound();
}

TEST_F(EventsTest, ListsFactsPageByPage) {
  for (int other = 1; other <= 3; ++other) Follow(other);
  AwaitXp(180);
  // As events of one transaction.
  const auto same = DatabaseAs("").Write(Deadline(), [](postgres::Transaction& tx) {
    return tx.Execute("UPDATE gamification_facts SET occurred_at = '2026-01-01'");
  });
  ASSERT_TRUE(same.ok()) << same.status();
  v1::ListFactsRequest request;
  request.set_user_id(kUser);
  request.set_page_size(2);
  int follows = 0;
  do {
    const auto page = progress_->ListFacts(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Fact& fact : page->facts()) follows += fact.event_type() == "person.followed";
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(follows, 3);
}

TEST_F(EventsTest, ListsAwardsOfOneMomentPageByPage) {
  const auto made = DatabaseAs("").Write(Deadline(), [](postgres::Transaction& tx) {
    return tx.Execute(
        "INSERT INTO gamification_awards (award_id, user_id, badge_id, rule_id, rule_version, key,"
        " ordinal, event_id, awarded_at) SELECT gen_random_uuid(), $1, 'b' || n, 'r' || n, 1, '', "
        "1,"
        " gen_random_uuid(), '2026-01-01' FROM generate_series(1, 5) n",
        kUser);
  });
  ASSERT_TRUE(made.ok()) << made.status();
  v1::ListAwardsRequest request;
  request.set_user_id(kUser);
  request.set_page_size(2);
  std::set<std::string> badges;
  do {
    const auto page = badges_->ListAwards(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Award& award : page->awards()) badges.insert(award.badge_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(badges, SizeIs(5));
}

TEST_F(EventsTest, ABadRuleIsRefusedWithAllThatIsWrong) {
  v1::CreateRuleRequest create;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(rule_id: "x" event_types: "currency.moved" reward { currency: "xp" amount: 0 })",
      create.mutable_definition()));
  const absl::Status bad = rules_->CreateRule(Deadline(), create).status();
  EXPECT_THAT(status::Violations(bad), SizeIs(2)) << bad;
}

}  // namespace
}  // namespace selfology::gamification

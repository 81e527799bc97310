#include "services/growth/gamification/rules/evaluation.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace selfology::gamification {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::RuleDefinition Rule(const std::string& text) {
  v1::RuleDefinition rule;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &rule)) << text;
  return rule;
}

uuid::Uuid Id(int n) {
  uuid::Uuid::Bytes bytes = {};
  bytes[15] = static_cast<uint8_t>(n);
  bytes[14] = static_cast<uint8_t>(n >> 8);
  return uuid::Uuid(bytes);
}

// 2026-03-02 is a Monday.
FactOf Fact(int n, int day, Fields fields = {}, std::string type = "task.completed") {
  const absl::CivilDay civil = absl::CivilDay(2026, 3, 2) + day;
  return {.event_id = Id(n),
          .type = std::move(type),
          .occurred_at = absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Minutes(n),
          .day = civil,
          .hour = 12,
          .fields = std::move(fields)};
}

std::vector<std::string> Keys(const v1::RuleDefinition& rule, const std::vector<FactOf>& facts) {
  std::vector<std::string> keys;
  for (const Grant& grant : Grants(rule, facts)) keys.push_back(grant.key);
  return keys;
}

TEST(EvaluationTest, ARewardComesWithEachEventUpToItsDailyLimit) {
  const auto rule = Rule(R"(rule_id: "r" event_types: "task.completed"
                            reward { currency: "xp" amount: 10 max_per_day: 2 })");
  EXPECT_THAT(Grants(rule, std::vector<FactOf>{Fact(1, 0), Fact(2, 0), Fact(3, 0), Fact(4, 1)}),
              SizeIs(3));
  EXPECT_THAT(Grants(rule, std::vector<FactOf>{Fact(1, 0, {}, "task.created")}), IsEmpty());
}

TEST(EvaluationTest, ConditionsLookAtFieldsAndThePersonsClock) {
  const auto matches = [&](const std::string& condition, const Fields& fields) {
    return Counts(Rule("event_types: \"task.completed\" conditions {" + condition + "}"),
                  Fact(1, 5, fields));
  };
  EXPECT_TRUE(matches("field: 'priority' value: 'high'", {{"priority", "high"}}));
  EXPECT_FALSE(matches("field: 'priority' value: 'high'", {}));
  EXPECT_TRUE(matches("field: 'p' value: 'x' comparison: CONDITION_OPERATOR_NOT_EQUAL", {}));
  EXPECT_TRUE(
      matches("field: 'n' value: '9' comparison: CONDITION_OPERATOR_AT_LEAST", {{"n", "10"}}));
  EXPECT_FALSE(
      matches("field: 'n' value: '9' comparison: CONDITION_OPERATOR_AT_LEAST", {{"n", "ten"}}));
  EXPECT_TRUE(
      matches("field: 'n' value: '9' comparison: CONDITION_OPERATOR_AT_MOST", {{"n", "9"}}));
  EXPECT_TRUE(matches("field: 'weekday' value: '6 7' comparison: CONDITION_OPERATOR_ONE_OF", {}));
  EXPECT_TRUE(matches("field: 'hour' value: '12'", {}));
  EXPECT_TRUE(matches("field: 'day' value: '2026-03-07'", {}));
}

TEST(EvaluationTest, ABadgeComesAtItsCountAndOnce) {
  const auto rule = Rule(R"(event_types: "task.completed" count: 3 badge { badge_id: "three" })");
  std::vector<FactOf> facts;
  for (int n = 1; n <= 7; ++n) facts.push_back(Fact(n, n));
  const std::vector<Grant> grants = Grants(rule, facts);
  ASSERT_THAT(grants, SizeIs(1));
  EXPECT_EQ(grants[0].event_id, Id(3));
  facts[0].revoked = true;
  EXPECT_EQ(Grants(rule, facts)[0].event_id, Id(4)) << "still due, by a later event";
  for (FactOf& fact : facts) fact.revoked = true;
  EXPECT_THAT(Grants(rule, facts), IsEmpty());
}

TEST(EvaluationTest, ARepeatableBadgeComesAgainAndKeepsItsKeys) {
  const auto ever =
      Rule(R"(event_types: "task.completed" count: 2 badge { badge_id: "b" repeatable: true })");
  std::vector<FactOf> facts;
  for (int n = 1; n <= 5; ++n) facts.push_back(Fact(n, n));
  EXPECT_EQ(Keys(ever, facts), (std::vector<std::string>{"1", "2"}));
  auto weekly = ever;
  weekly.set_period(v1::COUNT_PERIOD_WEEK);
  facts.push_back(Fact(9, 7));
  facts.push_back(Fact(10, 8));
  EXPECT_EQ(Keys(weekly, facts), (std::vector<std::string>{"2026-03-02", "2026-03-09"}));
}

TEST(EvaluationTest, DifferentValuesCountOnce) {
  const auto rule = Rule(R"(event_types: "task.completed" count: 3 distinct_field: "day"
                            badge { badge_id: "b" })");
  EXPECT_THAT(Grants(rule, std::vector<FactOf>{Fact(1, 0), Fact(2, 0), Fact(3, 1), Fact(4, 1)}),
              IsEmpty());
  EXPECT_THAT(Grants(rule, std::vector<FactOf>{Fact(1, 0), Fact(2, 0), Fact(3, 1), Fact(4, 2)}),
              SizeIs(1));
}

TEST(EvaluationTest, NamesAllThatIsWrongWithARule) {
  status::FieldViolations bad;
  CheckRule(
      Rule(R"(rule_id: "Bad" event_types: "no.such" revoking_types: "task.reopened"
                    conditions { field: "n" value: "x" comparison: CONDITION_OPERATOR_AT_MOST }
                    count: -1)"),
      [](std::string_view type) { return type != "no.such"; }, bad);
  EXPECT_THAT(status::Violations(bad.ToStatus()), SizeIs(6)) << bad.ToStatus();
  status::FieldViolations good;
  CheckRule(
      Rule(R"(rule_id: "task.done" event_types: "task.completed"
                    reward { currency: "xp" amount: 1 })"),
      [](std::string_view) { return true; }, good);
  EXPECT_TRUE(good.empty()) << good.ToStatus();
}

// What an event earns depends on nothing but the events of its own periods: computed from the first
// day that matters on it is the same as from all.
TEST(EvaluationTest, TheDaysThatDoNotMatterDoNotMatter) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    v1::RuleDefinition rule = Rule("event_types: 'task.completed' reward { amount: 1 }");
    rule.set_period(static_cast<v1::CountPeriod>(2 + random() % 2));
    rule.set_count(1 + static_cast<int>(random() % 3));
    rule.mutable_reward()->set_max_per_day(static_cast<int>(random() % 3));
    if (rule.count() > 1 && rule.period() == v1::COUNT_PERIOD_WEEK) {
      rule.mutable_reward()->set_max_per_day(0);
    }
    std::vector<FactOf> facts;
    int n = 0;
    for (int day = 0; day < 10; ++day) {
      for (uint32_t i = random() % 4; i > 0; --i) facts.push_back(Fact(++n, day));
    }
    if (facts.empty()) continue;
    const FactOf last = facts.back();
    const absl::CivilDay first = FirstDayThatMatters(rule, last.day);
    std::vector<FactOf> some;
    for (const FactOf& fact : facts) {
      if (fact.day >= first) some.push_back(fact);
    }
    const auto earned = [&](const std::vector<FactOf>& from) {
      std::set<std::string> keys;
      for (const Grant& grant : Grants(rule, from)) {
        if (grant.event_id == last.event_id) keys.insert(grant.key);
      }
      return keys;
    };
    ASSERT_EQ(earned(facts), earned(some));
  }
}

}  // namespace
}  // namespace selfology::gamification

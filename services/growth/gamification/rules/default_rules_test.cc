#include "services/growth/gamification/rules/default_rules.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "services/growth/gamification/rules/evaluation.h"

namespace selfology::gamification {
namespace {

TEST(DefaultRulesTest, AllAreSoundAndHaveWordsInRussian) {
  std::set<std::string> ids, badges;
  for (const v1::RuleDefinition& rule : DefaultRules()) {
    status::FieldViolations bad;
    CheckRule(rule, [](std::string_view) { return true; }, bad);
    EXPECT_TRUE(bad.empty()) << rule.rule_id() << ": " << bad.ToStatus();
    EXPECT_TRUE(ids.insert(rule.rule_id()).second) << rule.rule_id();
    if (!rule.has_badge()) continue;
    EXPECT_TRUE(badges.insert(rule.badge().badge_id()).second) << rule.rule_id();
    EXPECT_EQ(rule.badge().titles().count("ru"), 1u) << rule.rule_id();
    EXPECT_EQ(rule.badge().descriptions().count("ru"), 1u) << rule.rule_id();
  }
  EXPECT_GE(badges.size(), 8u);
}

}  // namespace
}  // namespace selfology::gamification

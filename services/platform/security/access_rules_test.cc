#include "services/platform/security/access_rules.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/identity/roles.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);

TEST(AccessRulesTest, ARoleAllowsWhatItsPatternsCover) {
  EXPECT_EQ(Decide({.roles = {"manager"}}, {"studio.reviews.write"}, kNow).granted_by, "role");
  EXPECT_FALSE(Decide({.roles = {"viewer"}}, {"studio.reviews.write"}, kNow).allowed);
  EXPECT_TRUE(Decide({.roles = {"admin"}}, {"mesh.tokens.issue"}, kNow).allowed);
  EXPECT_TRUE(Decide({}, {"coaching.answers.write"}, kNow).allowed) << "everybody is a user";
}

TEST(AccessRulesTest, AGrantIsForItsResource) {
  const Standing standing = {.grants = {{.pattern = "feed.posts.*", .resource = "post/1"}}};
  EXPECT_EQ(Decide(standing, {"feed.posts.write", "post/1"}, kNow).granted_by, "grant");
  EXPECT_FALSE(Decide(standing, {"feed.posts.write", "post/2"}, kNow).allowed);
  EXPECT_FALSE(Decide(standing, {"feed.posts.write"}, kNow).allowed);
  EXPECT_TRUE(
      Decide({.grants = {{.pattern = "feed.*"}}}, {"feed.posts.write", "post/2"}, kNow).allowed);
}

TEST(AccessRulesTest, AGrantEnds) {
  const Standing standing = {.grants = {{.pattern = "feed.*", .expires_at = kNow}}};
  EXPECT_TRUE(Decide(standing, {"feed.posts.write"}, kNow - absl::Seconds(1)).allowed);
  EXPECT_FALSE(Decide(standing, {"feed.posts.write"}, kNow).allowed);
}

TEST(AccessRulesTest, TheirOwnGrantCountsBeforeTheTeams) {
  const Standing standing = {
      .grants = {{.of_team = true, .pattern = "feed.*"}, {.pattern = "feed.*"}}};
  EXPECT_EQ(Decide(standing, {"feed.posts.write"}, kNow).granted_by, "grant");
  EXPECT_EQ(Decide({.grants = {{.of_team = true, .pattern = "feed.*"}}}, {"feed.posts.write"}, kNow)
                .granted_by,
            "team");
}

TEST(AccessRulesTest, ARoleInATeamIsForThatTeamsThings) {
  const Standing standing = {.teams = {{.team_id = 9, .role = "member"}}};
  EXPECT_EQ(Decide(standing, {"studio.posts.write", "team/9", true}, kNow).granted_by, "team");
  EXPECT_FALSE(Decide(standing, {"studio.posts.write", "team/99", true}, kNow).allowed);
  EXPECT_FALSE(Decide(standing, {"studio.posts.write", "", true}, kNow).allowed);
  EXPECT_FALSE(Decide(standing, {"studio.reviews.write", "team/9", true}, kNow).allowed);
  for (const char* role : {"owner", "admin", "editor"}) {
    EXPECT_TRUE(Decide({.teams = {{.team_id = 9, .role = role}}},
                       {"studio.reviews.write", "team/9", true}, kNow)
                    .allowed)
        << role;
  }
  EXPECT_FALSE(Decide({.teams = {{.team_id = 9, .role = "viewer"}}},
                      {"studio.posts.write", "team/9", true}, kNow)
                   .allowed);
}

TEST(AccessRulesTest, WhatEverybodyMayDoWithTheirOwnIsNotForOthersThings) {
  EXPECT_TRUE(Decide({}, {"studio.posts.write", "team/9"}, kNow).allowed);
  EXPECT_FALSE(Decide({}, {"studio.posts.write", "team/9", true}, kNow).allowed);
}

TEST(AccessRulesTest, StaffHaveNoMoreOfOthersByAnAppOfTheirs) {
  EXPECT_TRUE(Decide({.roles = {"manager"}}, {"studio.posts.write", "team/9"}, kNow).allowed);
  EXPECT_FALSE(
      Decide({.roles = {"manager"}}, {"studio.posts.write", "team/9", true}, kNow).allowed);
}

// An oracle that knows nothing of patterns but words: each word of the pattern equals the
// permission's, until a "*" at the end takes all the rest.
bool Matches(std::string_view pattern, std::string_view permission) {
  const std::vector<std::string> p = absl::StrSplit(pattern, '.');
  const std::vector<std::string> w = absl::StrSplit(permission, '.');
  size_t i = 0;
  for (; i < p.size(); ++i) {
    if (p[i] == "*") return i + 1 == p.size() && i < w.size();
    if (i >= w.size() || p[i] != w[i]) return false;
  }
  return i == w.size();
}

bool Oracle(const Standing& standing, const Question& question, absl::Time now) {
  for (const identity::RoleGrant& row : identity::RoleGrants()) {
    bool has = row.role == "user";
    for (const std::string& role : standing.roles) has = has || role == row.role;
    if (has && Matches(row.pattern, question.permission)) return true;
  }
  for (const GrantFacts& grant : standing.grants) {
    if (grant.expires_at <= now) continue;
    if (!grant.resource.empty() && grant.resource != question.resource) continue;
    if (Matches(grant.pattern, question.permission)) return true;
  }
  return false;
}

TEST(AccessRulesTest, TenThousandRandomChecksAgreeWithTheOracle) {
  absl::BitGen random;
  const auto one_of = [&](const std::vector<std::string>& words) {
    return words[absl::Uniform<size_t>(random, 0, words.size())];
  };
  const auto permission = [&] {
    return absl::StrCat(one_of({"studio", "feed", "mesh", "platform", "coaching"}), ".",
                        one_of({"posts", "media", "answers", "relay", "postsx"}), ".",
                        one_of({"read", "write", "erase"}));
  };
  const auto pattern = [&]() -> std::string {
    const std::string whole = permission();
    const std::vector<std::string> words = absl::StrSplit(whole, '.');
    switch (absl::Uniform(random, 0, 6)) {
      case 0:
        return "*";
      case 1:
        return absl::StrCat(words[0], ".*");
      case 2:
      case 3:
        return absl::StrCat(words[0], ".", words[1], ".*");
      default:
        return whole;
    }
  };
  int allowed = 0;
  constexpr int kChecks = 10'000;
  for (int i = 0; i < kChecks; ++i) {
    Standing standing;
    for (int r = absl::Uniform(random, 0, 3); r > 0; --r) {
      standing.roles.push_back(
          one_of({"viewer", "editor", "manager", "developer", "no such role"}));
    }
    for (int g = absl::Uniform(random, 0, 4); g > 0; --g) {
      standing.grants.push_back(
          {.of_team = absl::Bernoulli(random, 0.5),
           .pattern = pattern(),
           .resource = one_of({"", "r/1", "r/2"}),
           .expires_at = absl::Bernoulli(random, 0.2) ? kNow : absl::InfiniteFuture()});
    }
    const std::string asked = permission();
    const std::string resource = one_of({"", "r/1", "r/2"});
    const bool expected = Oracle(standing, {asked, resource}, kNow);
    allowed += expected;
    ASSERT_EQ(Decide(standing, {asked, resource}, kNow).allowed, expected)
        << asked << " of " << resource;
  }
  EXPECT_GT(allowed, kChecks / 10) << "the checks are of one kind only";
  EXPECT_LT(allowed, kChecks * 9 / 10);
}

}  // namespace
}  // namespace selfology::security

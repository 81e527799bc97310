#include "common/identity/roles.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "common/identity/caller.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

bool AnyCovers(const std::vector<std::string>& patterns, std::string_view permission) {
  return Allows(Caller{.permissions = patterns}, permission);
}

TEST(Roles, AreThoseOfTheDocument) {
  std::set<std::string_view> roles;
  for (const RoleGrant& row : RoleGrants()) roles.insert(row.role);
  EXPECT_THAT(roles,
              UnorderedElementsAre("admin", "developer", "editor", "manager", "user", "viewer"));
}

// A pattern that covers nothing would be a typing error.
TEST(Roles, EveryPatternIsOne) {
  for (const RoleGrant& row : RoleGrants()) {
    EXPECT_TRUE(Covers(row.pattern, row.pattern)) << row.pattern;
    const bool whole = row.pattern == "*" || row.pattern.ends_with(".*") ||
                       std::count(row.pattern.begin(), row.pattern.end(), '.') == 2;
    EXPECT_TRUE(whole) << row.pattern;
    EXPECT_EQ(row.pattern.substr(0, row.pattern.size() - 1).find('*'), std::string_view::npos);
  }
}

// Who ranks higher in a team may do whatever those below may, and nothing outside of a team's things.
TEST(Roles, InATeamTheHigherMayDoWhatTheLowerMay) {
  constexpr std::string_view kRanks[] = {"viewer", "member", "editor", "admin", "owner"};
  std::set<std::string_view> roles;
  for (const RoleGrant& row : TeamRoleGrants()) {
    roles.insert(row.role);
    EXPECT_TRUE(row.pattern.starts_with("studio.") ||
                row.pattern.starts_with("platform.connections."))
        << row.pattern;
    const auto* const rank = std::find(std::begin(kRanks), std::end(kRanks), row.role);
    for (const auto* higher = rank; higher != std::end(kRanks); ++higher) {
      EXPECT_TRUE(TeamAllows(*higher, row.pattern)) << *higher << ": " << row.pattern;
    }
  }
  EXPECT_THAT(roles, UnorderedElementsAre("viewer", "member", "editor", "admin", "owner"));
  EXPECT_FALSE(TeamAllows("viewer", "studio.posts.write"));
  EXPECT_FALSE(TeamAllows("member", "studio.reviews.write"));
  EXPECT_FALSE(TeamAllows("editor", "studio.accounts.write"));
  EXPECT_FALSE(TeamAllows("no such role", "studio.posts.read"));
}

TEST(Roles, EverybodyIsAUser) {
  EXPECT_EQ(PatternsOf({}), PatternsOf({"user"}));
  EXPECT_EQ(PatternsOf({}), PatternsOf({"no such role"}));
  EXPECT_TRUE(AnyCovers(PatternsOf({"editor"}), "coaching.answers.write"));
}

// What is about all people, or carries out what was decided elsewhere.
TEST(Roles, AUserMayTouchNothingOfOperatorsAndDoors) {
  for (const RoleGrant& row : RoleGrants()) {
    if (row.role != kUserRole) continue;
    EXPECT_FALSE(row.pattern.starts_with("mesh.")) << row.pattern;
    // Of the doors' own things a person writes only what is theirs: their webhooks.
    EXPECT_FALSE(row.pattern.starts_with("edge.") && !row.pattern.ends_with(".read") &&
                 row.pattern != "edge.webhooks.write")
        << row.pattern;
    EXPECT_FALSE(row.pattern.ends_with("*") || row.pattern.ends_with(".erase")) << row.pattern;
  }
  for (const char* others :
       {"coaching.traits.erase", "coaching.moods.erase", "coaching.profiles.erase",
        "coaching.profiles.read_any", "platform.roles.write", "platform.subscriptions.write"}) {
    EXPECT_FALSE(UserAllows(others)) << others;
  }
}

TEST(Roles, StaffIsWhoHasItByAnotherRole) {
  EXPECT_FALSE(StaffAllows({}, "coaching.answers.read"));
  EXPECT_FALSE(StaffAllows({"user"}, "coaching.answers.read"));
  EXPECT_FALSE(StaffAllows({"editor"}, "coaching.answers.read"));
  EXPECT_TRUE(StaffAllows({"editor"}, "studio.posts.write"));
  EXPECT_TRUE(StaffAllows({"viewer", "admin"}, "coaching.answers.read"));
}

TEST(Roles, AnIntersectionIsWhatBothCover) {
  EXPECT_THAT(Intersection({"*"}, {"a.b.c", "d.*"}), ElementsAre("a.b.c", "d.*"));
  EXPECT_THAT(Intersection({"a.b.*", "x.y.z"}, {"a.*", "x.y.w"}), ElementsAre("a.b.*"));
  EXPECT_THAT(Intersection({"a.*", "a.b.c"}, {"a.b.c"}), ElementsAre("a.b.c"));
  EXPECT_THAT(Intersection({}, {"*"}), IsEmpty());
}

TEST(Roles, RandomIntersectionsCoverNoMoreAndNoLess) {
  absl::BitGen random;
  const auto word = [&] { return absl::StrCat(absl::Uniform(random, 0, 3)); };
  const auto permission = [&] { return absl::StrCat(word(), ".", word(), ".", word()); };
  const auto pattern = [&]() -> std::string {
    switch (absl::Uniform(random, 0, 8)) {
      case 0:
        return "*";
      case 1:
      case 2:
        return absl::StrCat(word(), ".*");
      case 3:
      case 4:
        return absl::StrCat(word(), ".", word(), ".*");
      default:
        return permission();
    }
  };
  const auto patterns = [&] {
    std::vector<std::string> list(absl::Uniform<size_t>(random, 0, 5));
    for (std::string& one : list) one = pattern();
    return list;
  };
  for (int i = 0; i < 10'000; ++i) {
    const std::vector<std::string> a = patterns(), b = patterns();
    const std::vector<std::string> both = Intersection(a, b);
    const std::string wanted = permission();
    EXPECT_EQ(AnyCovers(both, wanted), AnyCovers(a, wanted) && AnyCovers(b, wanted)) << wanted;
  }
}

}  // namespace
}  // namespace selfology::identity

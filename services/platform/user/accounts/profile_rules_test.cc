#include "services/platform/user/accounts/profile_rules.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

bool IsAddress(std::string_view email) {
  status::FieldViolations bad;
  CheckEmail(email, "email", bad);
  return bad.empty();
}

TEST(ProfileRulesTest, AddressesAreFoundInOneSpelling) {
  EXPECT_EQ(NormalEmail("  Ann@Example.ORG "), "ann@example.org");
}

TEST(ProfileRulesTest, KnowsAddresses) {
  for (const char* good :
       {"a@b.c", "ann+tag@mail.example.org", "o'neill@example.co", "иван@пример.рф"}) {
    EXPECT_TRUE(IsAddress(good)) << good;
  }
  for (const char* bad : {"", "ann", "@example.org", "ann@", "ann@example", "ann@.org",
                          "ann@example.", "a b@example.org", "a@b@example.org", "ann@exa..mple.org",
                          "<ann@example.org>", "ann@example.org\n"}) {
    EXPECT_FALSE(IsAddress(bad)) << bad;
  }
  EXPECT_FALSE(IsAddress(std::string(65, 'a') + "@example.org"));
  EXPECT_FALSE(IsAddress("ann@" + std::string(250, 'a') + ".org"));
}

TEST(ProfileRulesTest, ChecksWhatTheMaskNamesAndNothingElse) {
  v1::User user;
  user.set_language("no language at all");
  user.set_time_zone("Mars/Olympus");
  user.set_bio(std::string(1001, 'a'));
  status::FieldViolations bad;
  CheckProfile(user, ProfilePaths(), "user.", bad);
  EXPECT_THAT(status::Violations(bad.ToStatus()), SizeIs(4)) << "first_name is missing, too";

  for (const char* zone : {"file:/etc/hosts", "/etc/hosts", "../UTC", "Europe/../UTC"}) {
    user.set_time_zone(zone);
    status::FieldViolations no_zone;
    CheckProfile(user, {"time_zone"}, "user.", no_zone);
    EXPECT_FALSE(no_zone.empty()) << zone;
  }

  user.set_first_name("Ann");
  status::FieldViolations fine;
  CheckProfile(user, {"first_name", "last_name"}, "user.", fine);
  EXPECT_TRUE(fine.empty());

  status::FieldViolations unknown;
  CheckProfile(user, {"email"}, "user.", unknown);
  EXPECT_THAT(status::Violations(unknown.ToStatus()),
              ElementsAre(::testing::Field(&status::FieldViolation::field, "update_mask")));
}

TEST(ProfileRulesTest, CopiesWhatTheMaskNamesAndNothingElse) {
  v1::User from, to;
  from.set_first_name("  Ann ");
  from.set_bio("sings");
  from.set_email("other@example.org");
  to.set_bio("dances");
  to.set_email("ann@example.org");
  CopyProfile(from, {"first_name"}, to);
  EXPECT_EQ(to.first_name(), "Ann");
  EXPECT_EQ(to.bio(), "dances");
  CopyProfile(from, ProfilePaths(), to);
  EXPECT_EQ(to.bio(), "sings");
  EXPECT_EQ(to.email(), "ann@example.org");
}

}  // namespace
}  // namespace selfology::user

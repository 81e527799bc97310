#include "services/platform/security/known_permissions.h"

#include "gtest/gtest.h"

namespace selfology::security {
namespace {

TEST(KnownPermissionsTest, AreThoseOfTheContracts) {
  for (const char* known :
       {"coaching.answers.read", "coaching.answers.*", "feed.*", "mesh.*", "*"}) {
    EXPECT_TRUE(IsKnown(known)) << known;
  }
  for (const char* unknown : {"coaching.anwsers.read", "coaching.answers.reed", "cooking.*",
                              "coaching.answers.read.*", "coaching", ""}) {
    EXPECT_FALSE(IsKnown(unknown)) << unknown;
  }
}

}  // namespace
}  // namespace selfology::security

#include "services/studio/content/publication_targets.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::content {
namespace {

using ::testing::ElementsAre;

class AccountsAtTest : public ::testing::Test {
 protected:
  AccountsAtTest() {
    for (const auto& [id, platform] :
         {std::pair(1, social::v1::PLATFORM_MASTODON), std::pair(2, social::v1::PLATFORM_MASTODON),
          std::pair(3, social::v1::PLATFORM_X)}) {
      social::v1::Account& account = *accounts_.Add();
      account.set_account_id(id);
      account.set_platform(platform);
    }
  }
  absl::StatusOr<std::vector<int64_t>> At(const std::vector<std::string>& platforms) {
    return AccountsAt(post_, accounts_, {platforms.begin(), platforms.end()});
  }

  v1::Post post_;
  google::protobuf::RepeatedPtrField<social::v1::Account> accounts_;
};

TEST_F(AccountsAtTest, AllAccountsWhereThePostHasChosenNone) {
  EXPECT_THAT(*At({"twitter", "mastodon"}), ElementsAre(3, 1, 2));
  EXPECT_THAT(*At({"x", "twitter"}), ElementsAre(3)) << "each once";
  post_.add_account_ids(2);
  EXPECT_THAT(*At({"mastodon", "x"}), ElementsAre(2, 3));
}

TEST_F(AccountsAtTest, SaysWhatIsWrong) {
  EXPECT_EQ(At({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(At({"myspace"}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(At({"Mastodon"}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(At({"unspecified"}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(At({"x", "facebook"}).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace selfology::content

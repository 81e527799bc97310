// The graph against a model of it: whatever is done in whatever order, both say the same.
#include "services/platform/user/social/social_service.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "selfology/user/v1/social_service_client.h"
#include "services/platform/user/user_fixture_test.h"

namespace selfology::user {
namespace {

using events::v1::PersonBlocked;
using events::v1::PersonFollowed;
using events::v1::PersonUnfollowed;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

template <typename Request>
Request Pair(int64_t who, int64_t other) {
  Request request;
  request.set_user_id(who);
  request.set_other_user_id(other);
  return request;
}

class SocialServiceTest : public UserTest {
 protected:
  void SetUp() override {
    UserTest::SetUp();
    social_.emplace(Peer("user"));
  }

  absl::Status Follow(int64_t who, int64_t other) {
    return social_->Follow(Deadline(), Pair<v1::FollowRequest>(who, other)).status();
  }
  absl::Status Block(int64_t who, int64_t other) {
    return social_->Block(Deadline(), Pair<v1::BlockRequest>(who, other)).status();
  }
  v1::Relation Relation(int64_t who, int64_t other) {
    return social_->GetRelation(Deadline(), Pair<v1::GetRelationRequest>(who, other))->relation();
  }
  template <typename Request, typename Method>
  std::set<int64_t> All(int64_t who, Method method, int page_size = 3) {
    std::set<int64_t> found;
    size_t rows = 0;
    Request request;
    request.set_user_id(who);
    request.set_page_size(page_size);
    do {
      const auto page = ((*social_).*method)(Deadline(), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const v1::Relation& relation : page->relations()) {
        found.insert(relation.other_user_id());
        ++rows;
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(rows, found.size()) << "nobody is on a list twice";
    return found;
  }
  std::set<int64_t> Following(int64_t who) {
    return All<v1::ListFollowingRequest>(who, &v1::SocialServiceClient::ListFollowing);
  }
  std::set<int64_t> Followers(int64_t who) {
    return All<v1::ListFollowersRequest>(who, &v1::SocialServiceClient::ListFollowers);
  }
  std::set<int64_t> Mutuals(int64_t who) {
    return All<v1::ListMutualsRequest>(who, &v1::SocialServiceClient::ListMutuals);
  }
  std::set<int64_t> Blocked(int64_t who) {
    return All<v1::ListBlockedRequest>(who, &v1::SocialServiceClient::ListBlocked);
  }
  std::vector<std::pair<int64_t, int>> Suggestions(int64_t who) {
    v1::SuggestPeopleRequest request;
    request.set_user_id(who);
    request.set_limit(100);
    const auto response = social_->SuggestPeople(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::pair<int64_t, int>> found;
    for (const auto& suggestion : response->suggestions()) {
      found.emplace_back(suggestion.other_user_id(), suggestion.common_neighbours());
    }
    return found;
  }

  std::optional<v1::SocialServiceClient> social_;
};

TEST_F(SocialServiceTest, TellsWhatIsNewOnce) {
  ASSERT_TRUE(Follow(1, 2).ok());
  ASSERT_TRUE(Follow(1, 2).ok());
  ASSERT_TRUE(social_->Unfollow(Deadline(), Pair<v1::UnfollowRequest>(1, 2)).ok());
  ASSERT_TRUE(social_->Unfollow(Deadline(), Pair<v1::UnfollowRequest>(1, 2)).ok());
  ASSERT_TRUE(Block(1, 2).ok());
  ASSERT_TRUE(Block(1, 2).ok());
  EXPECT_THAT(Published<PersonFollowed>(), SizeIs(1));
  EXPECT_THAT(Published<PersonUnfollowed>(), SizeIs(1));
  EXPECT_THAT(Published<PersonBlocked>(), SizeIs(1));
}

TEST_F(SocialServiceTest, ABlockEndsFollowingBothWaysAndHoldsUntilItIsLifted) {
  ASSERT_TRUE(Follow(1, 2).ok());
  ASSERT_TRUE(Follow(2, 1).ok());
  EXPECT_TRUE(Relation(1, 2).mutual());
  ASSERT_TRUE(Block(1, 2).ok());
  EXPECT_FALSE(Relation(1, 2).following() || Relation(1, 2).followed_by());
  EXPECT_TRUE(Relation(1, 2).blocked());
  EXPECT_FALSE(Relation(2, 1).blocked()) << "who is blocked is not told so";
  EXPECT_EQ(status::Reason(Follow(2, 1)), "PERSON_BLOCKED");
  EXPECT_EQ(status::Reason(Follow(1, 2)), "PERSON_BLOCKED");
  ASSERT_TRUE(social_->Unblock(Deadline(), Pair<v1::UnblockRequest>(1, 2)).ok());
  EXPECT_TRUE(Follow(2, 1).ok());
}

TEST_F(SocialServiceTest, RefusesWhoIsNobodyAndOneself) {
  EXPECT_EQ(status::Reason(Follow(1, 1)), "INVALID_ARGUMENT");
  EXPECT_EQ(status::Reason(Follow(1, 0)), "INVALID_ARGUMENT");
  EXPECT_EQ(status::Reason(Follow(1, kFirstWebId + 1'000'000)), "USER_NOT_FOUND");
}

TEST_F(SocialServiceTest, SuggestsByCommonNeighbours) {
  // 1 follows 2 and 3; both follow 4, 2 follows 5 and 6.
  for (const auto& [who, other] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 2}, {1, 3}, {2, 4}, {3, 4}, {2, 5}, {2, 6}, {2, 1}, {2, 3}}) {
    ASSERT_TRUE(Follow(who, other).ok());
  }
  EXPECT_THAT(Suggestions(1), ElementsAre(std::pair(4, 2), std::pair(5, 1), std::pair(6, 1)));
  ASSERT_TRUE(Block(1, 5).ok());
  ASSERT_TRUE(Block(6, 1).ok());
  EXPECT_THAT(Suggestions(1), ElementsAre(std::pair(4, 2))) << "blocked either way";
  EXPECT_THAT(Suggestions(9), IsEmpty());
}

// People of a small world, so that all of it happens often.
TEST_F(SocialServiceTest, RandomDeedsAgreeWithAModel) {
  constexpr int kPeople = 8;
  std::mt19937 random(20);
  std::set<std::pair<int64_t, int64_t>> follows, blocks;
  const auto any = [&] { return static_cast<int64_t>(random() % kPeople + 1); };
  for (int deed = 0; deed < 400; ++deed) {
    const int64_t who = any(), other = any();
    if (who == other) continue;
    const bool blocked = blocks.contains({who, other}) || blocks.contains({other, who});
    switch (random() % 8) {
      case 0:
        ASSERT_TRUE(social_->Unfollow(Deadline(), Pair<v1::UnfollowRequest>(who, other)).ok());
        follows.erase({who, other});
        break;
      case 1:
        ASSERT_TRUE(Block(who, other).ok());
        blocks.insert({who, other});
        follows.erase({who, other});
        follows.erase({other, who});
        break;
      case 2:
      case 3:
        ASSERT_TRUE(social_->Unblock(Deadline(), Pair<v1::UnblockRequest>(who, other)).ok());
        blocks.erase({who, other});
        break;
      default:
        ASSERT_EQ(Follow(who, other).ok(), !blocked);
        if (!blocked) follows.insert({who, other});
    }
  }
  ASSERT_GT(follows.size(), 5u);
  for (int64_t who = 1; who <= kPeople; ++who) {
    std::set<int64_t> following, followers, mutuals, blocked;
    std::map<int64_t, int> common;
    for (const auto& [a, b] : follows) {
      if (a == who) following.insert(b);
      if (b == who) followers.insert(a);
      if (a == who && follows.contains({b, a})) mutuals.insert(b);
      if (follows.contains({who, a})) ++common[b];
    }
    for (const auto& [a, b] : blocks) {
      if (a == who) blocked.insert(b);
    }
    EXPECT_EQ(Following(who), following);
    EXPECT_EQ(Followers(who), followers);
    EXPECT_EQ(Mutuals(who), mutuals);
    EXPECT_EQ(Blocked(who), blocked);
    std::vector<std::pair<int64_t, int>> expected;
    for (const auto& [other, count] : common) {
      if (other != who && !following.contains(other) && !blocks.contains({who, other}) &&
          !blocks.contains({other, who})) {
        expected.emplace_back(other, count);
      }
    }
    std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    EXPECT_EQ(Suggestions(who), expected);
  }
}

TEST_F(SocialServiceTest, ErasingAPersonTakesThemOutOfEverybodysLists) {
  ASSERT_TRUE(Follow(1, 2).ok());
  ASSERT_TRUE(Follow(2, 1).ok());
  ASSERT_TRUE(Block(3, 1).ok());
  v1::DeleteUserDataRequest request;
  request.set_user_id(1);
  EXPECT_EQ(accounts_->DeleteUserData(Deadline(), request)->deleted_rows(), 3);
  EXPECT_THAT(Following(2), IsEmpty());
  EXPECT_THAT(Blocked(3), IsEmpty());
}

}  // namespace
}  // namespace selfology::user

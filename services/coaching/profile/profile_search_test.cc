// The profile service with Qdrant as its vector store.
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/profile/v1/profile_service_client.h"
#include "services/coaching/profile/fake_qdrant_test.h"
#include "services/coaching/profile/letter_ai_test.h"
#include "services/coaching/profile/module.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

ABSL_DECLARE_FLAG(std::string, qdrant_url);

namespace selfology::profile {
namespace {

using ::testing::IsEmpty;

class ProfileSearchTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    absl::SetFlag(&FLAGS_qdrant_url, qdrant_.url());
    ai_->on_embed = [this] {
      const int64_t user = erase_while_embedding_.exchange(0);
      if (user == 0) return;
      EXPECT_TRUE(Erase(user, Deadline()).ok());
      if (comes_back_) Make(user, 0.1);
    };
    StartMesh(::selfology::testing::Modules(MakeModule(),
                                            ::selfology::testing::ServingModule("ai", ai_)));
    profiles_.emplace(Peer("profile"));
  }
  // Before the server that it knows is gone.
  void TearDown() override { StopMesh(); }

  v1::Profile Make(int64_t user, double openness) {
    v1::UpdateProfileRequest request;
    request.mutable_profile()->set_user_id(user);
    request.mutable_profile()->mutable_big_five()->mutable_openness()->set_value(openness);
    request.mutable_profile()->mutable_big_five()->mutable_openness()->set_confidence(0.9);
    request.set_allow_missing(true);
    request.set_idempotency_key(absl::StrCat("make ", user));
    const auto response = profiles_->UpdateProfile(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->profile() : v1::Profile();
  }
  absl::StatusOr<v1::SearchSimilarProfilesResponse> LikeUser(int64_t user, const Call& call) {
    v1::SearchSimilarProfilesRequest request;
    request.set_user_id(user);
    request.set_min_score(0.5);
    return profiles_->SearchSimilarProfiles(call, request);
  }
  absl::Status Erase(int64_t user, const Call& call) {
    v1::DeleteUserDataRequest request;
    request.set_user_id(user);
    return profiles_->DeleteUserData(call, request).status();
  }
  // Too short for another attempt.
  static Call Hurried() { return Call::Background(absl::Milliseconds(700)); }

  const absl::FlagSaver flags_;
  std::atomic<int64_t> erase_while_embedding_ = 0;
  std::atomic<bool> comes_back_ = false;
  FakeQdrant qdrant_;
  std::shared_ptr<LetterAi> ai_ = std::make_shared<LetterAi>();
  std::optional<v1::ProfileServiceClient> profiles_;
};

TEST_F(ProfileSearchTest, FindsInQdrantWhoIsAlikeUntilTheyAreErased) {
  const v1::Profile first = Make(1, 0.9);
  Make(2, 0.9);
  Make(3, 0.1);
  Await("the index", [&] { return qdrant_.points().size() == 3; });
  const std::string made = qdrant_.points().at(1).payload["created_at"];
  absl::Time created_at;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, made, &created_at, nullptr)) << made;
  EXPECT_EQ(absl::ToUnixSeconds(created_at), first.created_at().seconds());

  const auto similar = LikeUser(1, Deadline());
  ASSERT_TRUE(similar.ok()) << similar.status();
  ASSERT_EQ(similar->profiles_size(), 1);
  EXPECT_EQ(similar->profiles(0).user_id(), 2);
  EXPECT_NEAR(similar->profiles(0).score(), 1, 1e-6);
  EXPECT_EQ(similar->profiles(0).profile_summary(), "high openness.");

  EXPECT_TRUE(Erase(2, Deadline()).ok());
  EXPECT_FALSE(qdrant_.points().contains(2));
  EXPECT_EQ(LikeUser(1, Deadline())->profiles_size(), 0);
}

TEST_F(ProfileSearchTest, WhoIsErasedWhileBeingIndexedLeavesNoVector) {
  erase_while_embedding_ = 1;
  Make(1, 0.9);
  // The erasure came before there was a vector, so the index has to take back the one it made.
  Await("a deletion after the upsert", [&] {
    const std::vector<std::string> requests = qdrant_.requests();
    const auto upsert =
        std::find_if(requests.begin(), requests.end(),
                     [](const std::string& request) { return request.ends_with("/points"); });
    return std::any_of(upsert, requests.end(), [](const std::string& request) {
      return request.ends_with("/points/delete");
    });
  });
  Await("no vector", [&] { return qdrant_.points().empty(); });
}

TEST_F(ProfileSearchTest, WhoComesBackWhileBeingIndexedIsIndexedAnew) {
  comes_back_ = true;
  erase_while_embedding_ = 1;
  Make(1, 0.9);
  Await("the vector of the new profile", [&] {
    const auto points = qdrant_.points();
    const auto found = points.find(1);
    return found != points.end() && found->second.payload.at("profile_summary") == "low openness.";
  });
}

TEST_F(ProfileSearchTest, WithoutQdrantAllElseWorksAndTheIndexCatchesUp) {
  qdrant_.Always(FakeQdrant::Status(503));
  Make(1, 0.9);
  Make(2, 0.9);
  EXPECT_EQ(status::Reason(LikeUser(1, Hurried()).status()), "SERVICE_DEGRADED");
  v1::GetProfileRequest request;
  request.set_user_id(1);
  EXPECT_TRUE(profiles_->GetProfile(Deadline(), request).ok());
  EXPECT_THAT(qdrant_.points(), IsEmpty());

  qdrant_.Always(nullptr);
  Await("the index", [&] { return qdrant_.points().size() == 2; });
  EXPECT_EQ(LikeUser(1, Deadline())->profiles_size(), 1);
}

}  // namespace
}  // namespace selfology::profile

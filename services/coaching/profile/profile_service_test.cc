#include "services/coaching/profile/profile_service.h"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/ai_service_endpoints.h"
#include "selfology/events/v1/profile.pb.h"
#include "selfology/profile/v1/profile_service_client.h"
#include "services/coaching/profile/layers.h"
#include "services/coaching/profile/letter_ai_test.h"
#include "services/coaching/profile/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"
#include "testing/serving_module.h"

namespace selfology::profile {
namespace {

using events::v1::ProfileCreated;
using events::v1::ProfileUpdated;
using events::v1::TraitExtracted;
using ::selfology::testing::EqualsProto;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class ProfileServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule(),
                                            ::selfology::testing::ServingModule("ai", ai_)));
    profiles_.emplace(Peer("profile"));
  }

  // An answer with a sign of openness, high or low.
  void Show(int64_t user, double direction, int64_t answer_id = 1, int32_t revision = 1) {
    TraitExtracted event;
    event.set_user_id(user);
    event.set_answer_id(answer_id);
    event.set_revision(revision);
    event.set_trigger("creative_answers");
    if (direction != 0) {
      trait::v1::TraitEvidence& sign = *event.add_evidence();
      sign.set_trait_name("openness");
      sign.set_kind(trait::v1::EVIDENCE_KIND_TEXT);
      sign.set_direction(direction);
      sign.set_weight(1);
      sign.set_quote("I paint every night");
    }
    Publish(event);
    AwaitHandled("profile_storage", ++shown_);
  }

  void Rate(int64_t user, const std::string& statement, int32_t rating) {
    events::v1::StatementRated event;
    event.set_user_id(user);
    event.set_statement_id(statement);
    event.set_trait_name("openness");
    event.set_rating(rating);
    event.set_statement_text("Have a vivid imagination.");
    Publish(event);
    AwaitHandled("profile_storage", ++shown_);
  }

  absl::StatusOr<v1::CorrectTraitResponse> Correct(v1::TraitFit fit,
                                                   const std::string& trait = "openness") {
    v1::CorrectTraitRequest request;
    request.set_user_id(kUser);
    request.set_trait_name(trait);
    request.set_fit(fit);
    return profiles_->CorrectTrait(Deadline(), request);
  }

  std::vector<trait::v1::TraitEvidence> Evidence() {
    v1::ListEvidenceRequest request;
    request.set_user_id(kUser);
    const auto response = profiles_->ListEvidence(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->evidence().begin(), response->evidence().end()};
  }

  v1::Profile Get(int64_t user) {
    v1::GetProfileRequest request;
    request.set_user_id(user);
    const auto response = profiles_->GetProfile(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->profile() : v1::Profile();
  }

  v1::UpdateProfileRequest Update(double resilience, const std::string& key) {
    v1::UpdateProfileRequest request;
    request.mutable_profile()->set_user_id(kUser);
    request.mutable_profile()->mutable_core_dynamics()->set_resilience(resilience);
    request.set_idempotency_key(key);
    return request;
  }

  std::shared_ptr<LetterAi> ai_ = std::make_shared<LetterAi>();
  std::optional<v1::ProfileServiceClient> profiles_;
  size_t shown_ = 0;
};

TEST_F(ProfileServiceTest, GivesAllEvidenceUnlessThereIsALimit) {
  for (int64_t answer = 1; answer <= 7; ++answer) Show(kUser, 1, answer);
  EXPECT_THAT(Evidence(), SizeIs(7)) << "as a person's export asks for it";
  v1::ListEvidenceRequest request;
  request.set_user_id(kUser);
  request.set_limit(3);
  EXPECT_THAT(profiles_->ListEvidence(Deadline(), request)->evidence(), SizeIs(3));
}

TEST_F(ProfileServiceTest, GrowsWithEveryAnswerAndTellsWhatChanged) {
  Show(kUser, 1);
  Show(kUser, 1, 2);
  EXPECT_THAT(Published<ProfileCreated>(), SizeIs(1));
  const auto updated = Published<ProfileUpdated>();
  ASSERT_THAT(updated, SizeIs(1));
  EXPECT_THAT(updated[0].changed_fields(), Contains("big_five.openness.value"));
  EXPECT_EQ(updated[0].answer_id(), 2);
  const v1::Profile profile = Get(kUser);
  EXPECT_EQ(profile.version(), 2);
  EXPECT_GT(profile.big_five().openness().value(), 0.70);
  EXPECT_THAT(profile, EqualsProto(updated[0].profile()));
}

TEST_F(ProfileServiceTest, AReaderSeesAChangeAtOnceDespiteTheCache) {
  Show(kUser, 1);
  EXPECT_EQ(Get(kUser).version(), 1);
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(profiles_->UpdateProfile(Deadline(), Update(0.1 * i, std::to_string(i))).ok());
    EXPECT_NEAR(Get(kUser).core_dynamics().resilience(), 0.1 * i, 1e-9);
  }
}

TEST_F(ProfileServiceTest, AnUpdateSentTwiceIsDoneOnce) {
  v1::UpdateProfileRequest request = Update(0.7, "once");
  EXPECT_EQ(status::Reason(profiles_->UpdateProfile(Deadline(), request).status()),
            "PROFILE_NOT_FOUND");
  request.set_allow_missing(true);
  const auto first = profiles_->UpdateProfile(Deadline(), request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(*profiles_->UpdateProfile(Deadline(), request), EqualsProto(*first));
  EXPECT_THAT(Published<ProfileCreated>(), SizeIs(1));
  request = Update(0.7, "the same again");
  const auto nothing = profiles_->UpdateProfile(Deadline(), request);
  EXPECT_THAT(nothing->changed_fields(), IsEmpty());
  EXPECT_THAT(Published<ProfileUpdated>(), IsEmpty());
  request = Update(0.8, "late");
  request.mutable_profile()->set_version(7);
  EXPECT_EQ(status::Reason(profiles_->UpdateProfile(Deadline(), request).status()),
            "VERSION_CONFLICT");
}

TEST_F(ProfileServiceTest, FindsSimilarPeopleOnceTheyAreIndexed) {
  for (const int64_t answer : {1, 2, 3}) {
    Show(1, 1, answer);
    Show(2, 1, answer);
    Show(3, -1, answer);
  }
  v1::SearchSimilarProfilesRequest request;
  request.set_user_id(1);
  request.set_min_score(0.5);
  Await("the index", [&] {
    const auto similar = profiles_->SearchSimilarProfiles(Deadline(), request);
    return similar.ok() && similar->profiles_size() == 1 && similar->profiles(0).user_id() == 2;
  });
  ai_->down = true;
  EXPECT_EQ(status::Reason(profiles_->SearchSimilarProfiles(Deadline(), request).status()),
            "SERVICE_DEGRADED");
}

TEST_F(ProfileServiceTest, AWatcherSeesEveryStateUntilItIsErased) {
  Show(kUser, 1);
  std::vector<int64_t> versions;
  bool erased = false;
  std::thread watcher([&] {
    v1::WatchProfileRequest request;
    request.set_user_id(kUser);
    const absl::Status watched =
        profiles_->WatchProfile(Deadline(), request, [&](const v1::WatchProfileResponse& state) {
          erased = !state.has_profile();
          if (state.has_profile()) versions.push_back(state.profile().version());
          if (versions.size() == 1) {
            EXPECT_TRUE(profiles_->UpdateProfile(Deadline(), Update(0.9, "w")).ok());
          } else if (versions.size() == 2 && !erased) {
            v1::DeleteUserDataRequest forget;
            forget.set_user_id(kUser);
            EXPECT_TRUE(profiles_->DeleteUserData(Deadline(), forget).ok());
          }
          return true;
        });
    EXPECT_TRUE(watched.ok()) << watched;
  });
  watcher.join();
  EXPECT_EQ(versions, (std::vector<int64_t>{1, 2}));
  EXPECT_TRUE(erased);
}

TEST_F(ProfileServiceTest, SaysWhatATraitRestsOn) {
  Show(kUser, 1, 7);
  Rate(kUser, "mini_ipip_05", 5);
  const auto evidence = Evidence();
  ASSERT_THAT(evidence, SizeIs(2));
  EXPECT_EQ(evidence[0].statement_id(), "mini_ipip_05");
  EXPECT_EQ(evidence[0].quote(), "Have a vivid imagination.");
  EXPECT_EQ(evidence[1].quote(), "I paint every night");
  EXPECT_EQ(evidence[1].answer_id(), 7);
  EXPECT_TRUE(evidence[1].has_recorded_at());
}

TEST_F(ProfileServiceTest, ALaterRevisionReplacesWhatTheAnswerShowed) {
  Show(kUser, 1, 7);
  Show(kUser, 1, 8);
  const double both = Get(kUser).big_five().openness().value();
  Show(kUser, -1, 8, /*revision=*/2);
  EXPECT_THAT(Evidence(), SizeIs(2));
  EXPECT_LT(Get(kUser).big_five().openness().value(), both);
  Show(kUser, 0, 8, /*revision=*/3);
  Show(kUser, 0, 7, /*revision=*/2);
  EXPECT_THAT(Evidence(), IsEmpty());
  EXPECT_FALSE(Get(kUser).big_five().has_openness());
}

TEST_F(ProfileServiceTest, ARatingReplacesTheOneBefore) {
  Rate(kUser, "mini_ipip_05", 5);
  EXPECT_GT(Get(kUser).big_five().openness().value(), 0.5);
  Rate(kUser, "mini_ipip_05", 1);
  EXPECT_THAT(Evidence(), SizeIs(1));
  EXPECT_LT(Get(kUser).big_five().openness().value(), 0.5);
}

TEST_F(ProfileServiceTest, APersonCanCorrectATrait) {
  EXPECT_EQ(status::Reason(Correct(v1::TRAIT_FIT_RIGHT).status()), "PROFILE_NOT_FOUND");
  for (const int64_t answer : {1, 2, 3}) Show(kUser, 1, answer);
  const double shown = Get(kUser).big_five().openness().value();
  const auto corrected = Correct(v1::TRAIT_FIT_TOO_HIGH);
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_LT(corrected->profile().big_five().openness().value(), shown);
  EXPECT_THAT(Get(kUser), EqualsProto(corrected->profile()));
  EXPECT_EQ(Published<ProfileUpdated>().back().trigger(), "trait_corrected");
  EXPECT_EQ(Evidence().front().kind(), trait::v1::EVIDENCE_KIND_CORRECTION);
  const auto again = Correct(v1::TRAIT_FIT_TOO_HIGH);
  EXPECT_THAT(*again, EqualsProto(*corrected));
  EXPECT_EQ(status::Reason(Correct(v1::TRAIT_FIT_RIGHT, "charm").status()), "TRAIT_NOT_FOUND");
  EXPECT_THAT(status::Violations(Correct(v1::TRAIT_FIT_UNSPECIFIED, "").status()), SizeIs(2));
}

TEST_F(ProfileServiceTest, ErasesWhatTraitsRestOn) {
  Show(kUser, 1);
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  EXPECT_EQ(profiles_->DeleteUserData(Deadline(), request)->deleted_rows(), 2);
  EXPECT_EQ(profiles_->DeleteUserData(Deadline(), request)->deleted_rows(), 0);
}

TEST_F(ProfileServiceTest, NamesWhatIsWrongWithARequest) {
  v1::ListEvidenceRequest list;
  list.set_limit(51);
  EXPECT_THAT(status::Violations(profiles_->ListEvidence(Deadline(), list).status()), SizeIs(2));
  list.set_user_id(77);
  list.set_limit(0);
  EXPECT_EQ(status::Reason(profiles_->ListEvidence(Deadline(), list).status()),
            "PROFILE_NOT_FOUND");
  v1::GetProfileRequest nobody;
  nobody.set_user_id(77);
  EXPECT_EQ(status::Reason(profiles_->GetProfile(Deadline(), nobody).status()),
            "PROFILE_NOT_FOUND");
  v1::SearchSimilarProfilesRequest search;
  search.set_limit(1000);
  EXPECT_THAT(status::Violations(profiles_->SearchSimilarProfiles(Deadline(), search).status()),
              SizeIs(2));
  v1::BatchGetProfilesRequest batch;
  EXPECT_THAT(status::Violations(profiles_->BatchGetProfiles(Deadline(), batch).status()),
              SizeIs(1));
}

}  // namespace
}  // namespace selfology::profile

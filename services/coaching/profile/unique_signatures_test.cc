// The view selfology.unique_signatures.
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "common/postgres/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "selfology/profile/v1/profile_service_client.h"
#include "services/coaching/profile/letter_ai_test.h"
#include "services/coaching/profile/module.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::profile {
namespace {

using postgres::Transaction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

using Word = std::optional<std::string>;

class UniqueSignaturesTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(
        MakeModule(), ::selfology::testing::ServingModule("ai", std::make_shared<LetterAi>())));
    profiles_.emplace(Peer("profile"));
    Set(7, [](v1::Profile& profile) {
      profile.mutable_unique_signature()->set_thinking_style("associative");
      profile.mutable_unique_signature()->set_decision_pattern("intuitive-analytical");
      profile.mutable_adaptive_traits()->set_decision_pattern("cautious");
      profile.mutable_adaptive_traits()->set_stress_response("problem-solving");
    });
    Set(8, [](v1::Profile& profile) { profile.mutable_core_dynamics()->set_resilience(0.5); });
  }

  void Set(int64_t user, const std::function<void(v1::Profile&)>& set) {
    v1::UpdateProfileRequest request;
    set(*request.mutable_profile());
    request.mutable_profile()->set_user_id(user);
    request.set_allow_missing(true);
    request.set_idempotency_key(std::to_string(++updates_));
    ASSERT_TRUE(profiles_->UpdateProfile(Deadline(), request).ok());
  }

  // As who owns the profiles.
  auto Rows() {
    auto rows = DatabaseAs("selfology_profile").Read(Deadline(), [](Transaction& tx) {
      return tx.Query<int64_t, Word, Word, Word, Word, Word, Word>(
          "SELECT user_id, thinking_style, decision_pattern, energy_rhythm, learning_style,"
          " stress_response, adaptive_decision_pattern"
          " FROM selfology.unique_signatures ORDER BY user_id");
    });
    EXPECT_TRUE(rows.ok()) << rows.status();
    return *std::move(rows);
  }

  std::optional<v1::ProfileServiceClient> profiles_;
  int updates_ = 0;
};

TEST_F(UniqueSignaturesTest, ShowsTheWordsOfEveryProfile) {
  EXPECT_THAT(Rows(), ElementsAre(std::tuple<int64_t, Word, Word, Word, Word, Word, Word>(
                                      7, "associative", "intuitive-analytical", std::nullopt,
                                      std::nullopt, "problem-solving", "cautious"),
                                  std::tuple<int64_t, Word, Word, Word, Word, Word, Word>(
                                      8, {}, {}, {}, {}, {}, {})));
  Set(7, [](v1::Profile& profile) {
    profile.mutable_unique_signature()->set_energy_rhythm("evening-peaks");
    profile.mutable_adaptive_traits()->set_learning_style("visual");
  });
  const auto rows = Rows();
  EXPECT_EQ(std::get<3>(rows[0]), "evening-peaks");
  EXPECT_EQ(std::get<4>(rows[0]), "visual");
}

// A word that is added to the contract is added to the view, too.
TEST_F(UniqueSignaturesTest, HasAColumnForEveryWordOfTheContract) {
  const auto columns = DatabaseAs("").Read(Deadline(), [](Transaction& tx) {
    return tx.Query<std::string>(
        "SELECT attname::text FROM pg_attribute"
        " WHERE attrelid = 'selfology.unique_signatures'::regclass AND attnum > 0");
  });
  ASSERT_TRUE(columns.ok()) << columns.status();
  std::vector<std::string> names;
  for (const auto& [name] : *columns) names.push_back(name);
  std::set<std::string> words = {"id", "user_id", "created_at", "updated_at"};
  for (const auto* layer : {v1::UniqueSignature::descriptor(), v1::AdaptiveTraits::descriptor()}) {
    for (int i = 0; i < layer->field_count(); ++i) words.insert(layer->field(i)->name());
  }
  EXPECT_THAT(names, IsSupersetOf(words));
}

TEST_F(UniqueSignaturesTest, NobodyWritesThroughIt) {
  const auto before = Rows();
  for (const char* role : {"", "selfology_profile"}) {
    for (const char* sql : {"INSERT INTO selfology.unique_signatures (user_id) VALUES (9)",
                            "UPDATE selfology.unique_signatures SET thinking_style = 'linear'",
                            "UPDATE selfology.unique_signatures SET user_id = 9",
                            "DELETE FROM selfology.unique_signatures"}) {
      const absl::Status status =
          DatabaseAs(role)
              .Write(Deadline(), [&](Transaction& tx) { return tx.Execute(sql); })
              .status();
      // object_not_in_prerequisite_state: a view that cannot be written through.
      EXPECT_EQ(postgres::SqlState(status), "55000") << role << ": " << sql << ": " << status;
    }
  }
  EXPECT_EQ(Rows(), before);
}

TEST_F(UniqueSignaturesTest, OtherServicesDoNotSeeIt) {
  const auto seen = DatabaseAs("").Read(Deadline(), [](Transaction& tx) {
    return tx.QueryOne<bool>(
        "SELECT has_table_privilege('selfology_mesh', 'selfology.unique_signatures', 'SELECT')");
  });
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_FALSE(std::get<0>(**seen));
}

TEST_F(UniqueSignaturesTest, ErasingAPersonEmptiesIt) {
  for (const int64_t user : {7, 8}) {
    v1::DeleteUserDataRequest request;
    request.set_user_id(user);
    ASSERT_TRUE(profiles_->DeleteUserData(Deadline(), request).ok());
  }
  EXPECT_THAT(Rows(), IsEmpty());
}

}  // namespace
}  // namespace selfology::profile

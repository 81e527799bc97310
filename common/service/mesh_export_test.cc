#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/service/mesh.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/mesh/v1/export_service_client.h"
#include "selfology/trait/v1/trait_service_endpoints.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kPerson = 7;

// Two pages of history.
class Traits : public trait::v1::TraitServiceEndpoints {
 public:
  absl::StatusOr<trait::v1::ListTraitHistoryResponse> ListTraitHistory(
      const Call&, const trait::v1::ListTraitHistoryRequest& request) override {
    trait::v1::ListTraitHistoryResponse response;
    if (request.user_id() != kPerson) return absl::NotFoundError("nobody");
    if (failing) return absl::UnavailableError("not now");
    auto& record = *response.add_records();
    record.set_user_id(request.user_id());
    record.set_trait_name(request.page_token().empty() ? "openness" : "neuroticism");
    if (request.page_token().empty()) response.set_next_page_token("second");
    return response;
  }
  absl::StatusOr<trait::v1::GetTraitPatternsResponse> GetTraitPatterns(
      const Call&, const trait::v1::GetTraitPatternsRequest&) override {
    return absl::InternalError("not exported, so never asked");
  }
  absl::StatusOr<trait::v1::GetTraitEvolutionResponse> GetTraitEvolution(
      const Call&, const trait::v1::GetTraitEvolutionRequest&) override {
    return absl::InternalError("not exported, so never asked");
  }
  absl::StatusOr<trait::v1::GetNextStatementResponse> GetNextStatement(
      const Call&, const trait::v1::GetNextStatementRequest&) override {
    return absl::InternalError("not exported, so never asked");
  }
  absl::StatusOr<trait::v1::RateStatementResponse> RateStatement(
      const Call&, const trait::v1::RateStatementRequest&) override {
    return absl::InternalError("not exported, so never asked");
  }

  bool failing = false;
};

class MeshExportTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(testing::Modules(testing::ServingModule("trait", traits_)));
    client_ = std::make_unique<mesh::v1::ExportServiceClient>(Peer("trait"));
  }
  void TearDown() override { StopMesh(); }

  absl::StatusOr<std::vector<std::string>> Export(int64_t user_id, std::string service = "") {
    mesh::v1::ExportUserRequest request;
    request.set_user_id(user_id);
    request.set_service(std::move(service));
    std::vector<std::string> pages;
    const absl::Status exported =
        client_->ExportUser(Deadline(), request, [&](const mesh::v1::ExportUserResponse& page) {
          pages.push_back(absl::StrCat(page.service(), " ", page.method(), " ", page.json()));
          return true;
        });
    if (!exported.ok()) return exported;
    return pages;
  }

  const std::shared_ptr<Traits> traits_ = std::make_shared<Traits>();
  std::unique_ptr<mesh::v1::ExportServiceClient> client_;
};

TEST_F(MeshExportTest, GivesEveryPageOfWhatIsExported) {
  const auto everything = Export(kPerson);
  ASSERT_TRUE(everything.ok()) << everything.status();
  EXPECT_THAT(
      *everything,
      ElementsAre(
          R"(trait ListTraitHistory {"records":[{"user_id":"7","trait_name":"openness"}],"next_page_token":"second"})",
          R"(trait ListTraitHistory {"records":[{"user_id":"7","trait_name":"neuroticism"}]})"));
  EXPECT_EQ(*Export(kPerson, "trait"), *everything);
}

TEST_F(MeshExportTest, GivesNothingOfWhoIsNotKnown) {
  const auto everything = Export(8);
  ASSERT_TRUE(everything.ok()) << everything.status();
  EXPECT_THAT(*everything, IsEmpty());
}

TEST_F(MeshExportTest, LeavesNothingOutSilently) {
  traits_->failing = true;
  EXPECT_EQ(status::ErrorCodeOf(Export(kPerson).status()),
            mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE);
}

TEST_F(MeshExportTest, SaysWhatIsWrongWithARequest) {
  EXPECT_TRUE(absl::IsInvalidArgument(Export(0).status()));
  EXPECT_TRUE(absl::IsNotFound(Export(kPerson, "nobody").status()));
}

}  // namespace
}  // namespace selfology::service

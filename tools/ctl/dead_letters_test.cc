#include "tools/ctl/dead_letters.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/service/mesh.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "testing/mesh_test.h"

namespace selfology::ctl {
namespace {

using events::v1::SessionCreated;

// A service whose handler fails, in a group and in a lane of it.
class FailingModule final : public service::Module {
 public:
  service::ModuleInfo info() const override { return {.name = "probe", .group = "probe_group"}; }
  absl::Status Start(service::Mesh& mesh) override {
    const auto fail = [](const SessionCreated&, events::Handling&) {
      return absl::InternalError("broken");
    };
    mesh.On<SessionCreated>(fail);
    mesh.On<SessionCreated>(fail, "lane");
    return absl::OkStatus();
  }
};

class DeadLettersTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(testing::Modules(std::make_unique<FailingModule>()));
    for (int user = 1; user <= 3; ++user) {
      SessionCreated event;
      event.set_user_id(user);
      Publish(event);
    }
    Await("dead letters of both groups", [&] { return Letters() == 6; });
  }
  void TearDown() override { StopMesh(); }

  absl::Status Run(const std::string& command, const DeadLetterFlags& flags) {
    const std::string endpoints =
        absl::StrCat(R"({"probe":{"grpc":")", host().grpc_address(), R"(","http":""}})");
    return RunDeadLetters(endpoints, {command}, flags);
  }
  int64_t Letters() {
    const auto row = DatabaseAs("selfology_probe").Read(Deadline(), [](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(*) FROM dead_letters");
    });
    return row.ok() ? std::get<0>(**row) : -1;
  }
};

TEST_F(DeadLettersTest, WithoutAFlagItMeansWhatItsListShows) {
  EXPECT_TRUE(Run("list", {}).ok());
  EXPECT_TRUE(Run("replay", {}).ok());
  EXPECT_TRUE(Run("discard", {.user = 2}).ok());
  EXPECT_EQ(Letters(), 4);
  EXPECT_TRUE(Run("discard", {.group = "probe_group.lane"}).ok());
  EXPECT_EQ(Letters(), 2);
  EXPECT_TRUE(Run("discard", {.include_parked = true}).ok());
  EXPECT_EQ(Letters(), 0);
  EXPECT_TRUE(Run("discard", {}).ok()) << "there is nothing left";
}

}  // namespace
}  // namespace selfology::ctl

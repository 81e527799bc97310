#include "common/service/dead_letter_service.h"

#include <atomic>
#include <memory>
#include <string>

#include "common/service/mesh.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/mesh/v1/dead_letter_service_client.h"
#include "testing/mesh_test.h"

namespace selfology::service {
namespace {

using events::v1::SessionCreated;
using mesh::v1::DeadLetterFilter;
using ::testing::ElementsAre;

// Fails every event until it is told not to.
class FailingModule final : public Module {
 public:
  explicit FailingModule(std::atomic<bool>& fails) : fails_(fails) {}
  ModuleInfo info() const override { return {.name = "probe", .group = "probe_group"}; }
  absl::Status Start(Mesh& mesh) override {
    mesh.On<SessionCreated>([this](const SessionCreated&, events::Handling&) {
      return fails_ ? absl::InternalError("broken") : absl::OkStatus();
    });
    return absl::OkStatus();
  }

 private:
  std::atomic<bool>& fails_;
};

class DeadLetterServiceTest : public testing::MeshTest {
 protected:
  static constexpr int kLetters = 3;  // Of users 1, 2, 3.

  void SetUp() override {
    StartMesh(testing::Modules(std::make_unique<FailingModule>(fails_)));
    client_ = std::make_unique<mesh::v1::DeadLetterServiceClient>(Peer("mesh"));
    for (int user = 1; user <= kLetters; ++user) {
      SessionCreated event;
      event.set_user_id(user);
      Publish(event);
    }
    Await("dead letters", [&] { return Letters() == kLetters; });
  }
  void TearDown() override { StopMesh(); }

  int Letters() {
    const auto response = client_->ListDeadLetters(Deadline(), {});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->dead_letters_size() : -1;
  }

  absl::Status Replay(const DeadLetterFilter& filter) {
    mesh::v1::ReplayDeadLettersRequest request;
    *request.mutable_filter() = filter;
    return client_->ReplayDeadLetters(Deadline(), request).status();
  }
  absl::StatusOr<mesh::v1::DiscardDeadLettersResponse> Discard(const DeadLetterFilter& filter) {
    mesh::v1::DiscardDeadLettersRequest request;
    *request.mutable_filter() = filter;
    request.set_include_parked(true);
    return client_->DiscardDeadLetters(Deadline(), request);
  }
  static void ExpectRefused(const absl::Status& status, const std::string& field) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(status::Violations(status),
                ElementsAre(::testing::Field(&status::FieldViolation::field, field)));
  }

  std::atomic<bool> fails_ = true;
  std::unique_ptr<mesh::v1::DeadLetterServiceClient> client_;
};

TEST_F(DeadLetterServiceTest, NothingIsReplayedOrDiscardedWithoutAFilter) {
  ExpectRefused(client_->ReplayDeadLetters(Deadline(), {}).status(), "filter");
  ExpectRefused(client_->DiscardDeadLetters(Deadline(), {}).status(), "filter");
  ExpectRefused(Replay({}), "filter");
  ExpectRefused(Discard({}).status(), "filter");
  EXPECT_EQ(Letters(), kLetters);
}

TEST_F(DeadLetterServiceTest, AStatusOrUserThatCannotBeIsRefused) {
  DeadLetterFilter odd;
  odd.set_status(static_cast<mesh::v1::DeadLetterStatus>(999));
  ExpectRefused(Replay(odd), "filter.status");
  ExpectRefused(Discard(odd).status(), "filter.status");
  mesh::v1::ListDeadLettersRequest list;
  *list.mutable_filter() = odd;
  ExpectRefused(client_->ListDeadLetters(Deadline(), list).status(), "filter.status");
  odd.Clear();
  odd.set_user_id(-1);
  ExpectRefused(Discard(odd).status(), "filter.user_id");
  EXPECT_EQ(Letters(), kLetters);
}

TEST_F(DeadLetterServiceTest, AFilterNarrowsWhatIsDiscardedAndReplayed) {
  DeadLetterFilter one;
  one.set_user_id(2);
  const auto discarded = Discard(one);
  ASSERT_TRUE(discarded.ok()) << discarded.status();
  EXPECT_EQ(discarded->discarded(), 1);
  EXPECT_EQ(Letters(), kLetters - 1);

  fails_ = false;
  DeadLetterFilter group;
  group.set_consumer_group("probe_group");
  EXPECT_TRUE(Replay(group).ok());
  Await("the rest to be handled", [&] { return Letters() == 0; });
}

}  // namespace
}  // namespace selfology::service

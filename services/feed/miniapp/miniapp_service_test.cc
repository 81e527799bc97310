#include "services/feed/miniapp/miniapp_service.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/miniapp.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/miniapp/v1/miniapp_service_client.h"
#include "selfology/security/v1/token_service_endpoints.h"
#include "services/feed/miniapp/settings.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::miniapp {
namespace {

using events::v1::MiniappOpened;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace tokens = security::v1;

constexpr int64_t kAnn = 1001;
constexpr char kInitData[] =
    "auth_date=1760184000&user=%7B%22id%22%3A1001%7D&start_param=feed_42&hash=00";

// Takes each text once, as the real one does.
class FakeTokens final : public tokens::TokenServiceEndpoints {
 public:
  absl::StatusOr<tokens::ExchangeTelegramInitDataResponse> ExchangeTelegramInitData(
      const Call&, const tokens::ExchangeTelegramInitDataRequest& request) override {
    if (used_ || request.init_data() != kInitData) {
      return status::Error(mesh::v1::ERROR_CODE_INIT_DATA_REFUSED, "it was used before");
    }
    used_ = true;
    tokens::ExchangeTelegramInitDataResponse response;
    response.set_user_id(kAnn);
    response.mutable_tokens()->set_access_token("token of ann");
    response.mutable_tokens()->set_expires_in(900);
    return response;
  }

#define MINIAPP_NOT_CALLED(Method)                                                             \
  absl::StatusOr<tokens::Method##Response> Method(const Call&, const tokens::Method##Request&) \
      override {                                                                               \
    return absl::UnimplementedError("");                                                       \
  }
  MINIAPP_NOT_CALLED(IssueTokens)
  MINIAPP_NOT_CALLED(RefreshTokens)
  MINIAPP_NOT_CALLED(Logout)
  MINIAPP_NOT_CALLED(ListSessions)
  MINIAPP_NOT_CALLED(RevokeSession)
  MINIAPP_NOT_CALLED(RevokeSessions)
  MINIAPP_NOT_CALLED(IntrospectToken)
  MINIAPP_NOT_CALLED(IssueServiceToken)
#undef MINIAPP_NOT_CALLED

 private:
  std::atomic<bool> used_ = false;
};

class MiniappServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(
        MakeModule(MiniappSettings()),
        ::selfology::testing::ServingModule("security", std::make_shared<FakeTokens>())));
    miniapp_.emplace(Peer("miniapp"));
  }

  absl::StatusOr<v1::OpenMiniappResponse> Open(const std::string& init_data) {
    v1::OpenMiniappRequest request;
    request.set_init_data(init_data);
    request.set_platform("android");
    return miniapp_->OpenMiniapp(Deadline(), request);
  }
  absl::StatusOr<v1::ListLaunchesResponse> Launches() {
    v1::ListLaunchesRequest request;
    request.set_user_id(kAnn);
    return miniapp_->ListLaunches(Deadline(), request);
  }

  std::optional<v1::MiniappServiceClient> miniapp_;
};

TEST_F(MiniappServiceTest, WhoOpenedItGetsATokenOnce) {
  const auto opened = Open(kInitData);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->access_token(), "token of ann");
  EXPECT_EQ(opened->expires_in(), 900);
  EXPECT_EQ(opened->user_id(), kAnn);
  EXPECT_EQ(opened->start_parameter(), "feed_42");
  EXPECT_EQ(status::Reason(Open(kInitData).status()), "INIT_DATA_REFUSED");
  const auto launches = Launches();
  ASSERT_TRUE(launches.ok()) << launches.status();
  ASSERT_THAT(launches->launches(), SizeIs(1));
  EXPECT_EQ(launches->launches(0).platform(), "android");
  const auto events = Published<MiniappOpened>();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].start_parameter(), "feed_42");
}

TEST_F(MiniappServiceTest, TellsThirdPartiesWhatTelegramSigned) {
  v1::VerifyInitDataRequest request;
  request.set_init_data(kInitData);
  request.set_bot_id(42);
  EXPECT_EQ(status::Reason(miniapp_->VerifyInitData(Deadline(), request).status()),
            "INIT_DATA_REFUSED");
  request.set_init_data(std::string(5000, 'a'));
  request.set_bot_id(0);
  EXPECT_THAT(status::Violations(miniapp_->VerifyInitData(Deadline(), request).status()),
              SizeIs(2));
}

TEST_F(MiniappServiceTest, ErasesAPerson) {
  ASSERT_TRUE(Open(kInitData).ok());
  v1::DeleteUserDataRequest request;
  request.set_user_id(kAnn);
  const auto erased = miniapp_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->deleted_rows(), 1);
  EXPECT_THAT(Launches()->launches(), IsEmpty());
}

TEST_F(MiniappServiceTest, NamesWhatIsWrongWithARequest) {
  EXPECT_THAT(status::Violations(Open("").status()), SizeIs(1));
  v1::OpenMiniappRequest request;
  request.set_platform(std::string(33, 'a'));
  EXPECT_THAT(status::Violations(miniapp_->OpenMiniapp(Deadline(), request).status()), SizeIs(2));
}

}  // namespace
}  // namespace selfology::miniapp

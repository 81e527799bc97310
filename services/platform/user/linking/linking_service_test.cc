// The four cases of docs/decisions/0003-one-person-one-id.md, and what goes wrong.
#include "services/platform/user/linking/linking_service.h"

#include <string>

#include "absl/strings/ascii.h"
#include "selfology/user/v1/linking_service_client.h"
#include "services/platform/user/user_fixture_test.h"

namespace selfology::user {
namespace {

using events::v1::UserAccountsLinked;
using ::testing::SizeIs;

constexpr int64_t kTelegram = 123456;

class LinkingServiceTest : public UserTest {
 protected:
  void SetUp() override {
    UserTest::SetUp();
    links_.emplace(Peer("user"));
  }

  std::string Begin(int64_t web) {
    v1::BeginLinkRequest request;
    request.set_user_id(web);
    const auto response = links_->BeginLink(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->code() : "";
  }
  absl::StatusOr<v1::ConfirmLinkResponse> Confirm(const std::string& code,
                                                  int64_t telegram = kTelegram) {
    v1::ConfirmLinkRequest request;
    request.set_telegram_id(telegram);
    request.set_code(code);
    return links_->ConfirmLink(Deadline(), request);
  }
  absl::StatusOr<v1::ChooseLinkedIdResponse> Choose(int64_t who, v1::KeptAccount keep) {
    v1::ChooseLinkedIdRequest request;
    request.set_user_id(who);
    request.set_keep(keep);
    return links_->ChooseLinkedId(Deadline(), request);
  }
  int64_t Resolve(int64_t telegram = kTelegram) {
    v1::ResolveTelegramIdRequest request;
    request.set_telegram_id(telegram);
    return links_->ResolveTelegramId(Deadline(), request)->kept_user_id();
  }

  std::optional<v1::LinkingServiceClient> links_;
};

TEST_F(LinkingServiceTest, OnlyTheWebOneIdAbove52Bits) {
  const int64_t web = *Register("ann@example.org");
  EXPECT_GE(web, kFirstWebId);
  EXPECT_EQ(Get(web)->telegram_id(), 0);
}

TEST_F(LinkingServiceTest, OnlyTelegramThePersonIsTheTelegramId) {
  EXPECT_EQ(Resolve(), kTelegram);
}

TEST_F(LinkingServiceTest, AWebAccountWithoutDataGoesIntoTheTelegramIdThatHasSome) {
  const int64_t web = *Register("ann@example.org");
  traits_->Keep(kTelegram);
  const auto linked = Confirm(Begin(web));
  ASSERT_TRUE(linked.ok()) << linked.status();
  EXPECT_EQ(linked->outcome(), v1::LINK_OUTCOME_LINKED);
  EXPECT_EQ(linked->kept_user_id(), kTelegram);
  EXPECT_EQ(Login("ann@example.org")->user_id(), kTelegram) << "the web login leads there";
  AwaitJob(linked->job());
  EXPECT_EQ(ReasonOf(Get(web)), "USER_NOT_FOUND");
  EXPECT_TRUE(traits_->Keeps(kTelegram)) << "the coaching history is untouched";
  EXPECT_EQ(Resolve(), kTelegram);
  const auto told = Published<UserAccountsLinked>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].user_id(), kTelegram);
  EXPECT_EQ(told[0].former_user_id(), web);
}

TEST_F(LinkingServiceTest, AWebAccountWithDataTakesATelegramAccountWithout) {
  const int64_t web = *Register("ann@example.org");
  traits_->Keep(web);
  const auto linked = Confirm(Begin(web));
  ASSERT_TRUE(linked.ok()) << linked.status();
  EXPECT_EQ(linked->kept_user_id(), web);
  AwaitJob(linked->job());
  EXPECT_EQ(Resolve(), web) << "what Telegram brings is theirs";
  EXPECT_TRUE(traits_->Keeps(web));
  EXPECT_EQ(Get(web)->telegram_id(), kTelegram);
}

TEST_F(LinkingServiceTest, IfBothHaveDataThePersonChoosesAndTheOtherIsExportedAndErased) {
  for (const bool keep_telegram : {true, false}) {
    const std::string email = keep_telegram ? "ann@example.org" : "bob@example.org";
    const int64_t telegram = keep_telegram ? kTelegram : kTelegram + 1;
    const int64_t web = *Register(email);
    traits_->Keep(web);
    traits_->Keep(telegram);
    const auto asked = Confirm(Begin(web), telegram);
    ASSERT_TRUE(asked.ok()) << asked.status();
    EXPECT_EQ(asked->outcome(), v1::LINK_OUTCOME_CHOICE_REQUIRED);
    EXPECT_TRUE(traits_->Keeps(web) && traits_->Keeps(telegram)) << "nothing is lost before";
    v1::GetLinkRequest get;
    get.set_user_id(web);
    EXPECT_TRUE(links_->GetLink(Deadline(), get)->choice_required());

    const auto chosen =
        Choose(web, keep_telegram ? v1::KEPT_ACCOUNT_TELEGRAM : v1::KEPT_ACCOUNT_WEB);
    ASSERT_TRUE(chosen.ok()) << chosen.status();
    const int64_t kept = keep_telegram ? telegram : web;
    const int64_t gone = keep_telegram ? web : telegram;
    EXPECT_EQ(chosen->kept_user_id(), kept);
    AwaitJob(chosen->job());
    EXPECT_TRUE(traits_->Keeps(kept));
    EXPECT_FALSE(traits_->Keeps(gone));
    EXPECT_EQ(Login(email)->user_id(), kept);
    EXPECT_EQ(Resolve(telegram), kept);
    v1::DownloadExportRequest download;
    download.set_user_id(kept);
    download.set_job_id(chosen->job().job_id());
    const auto file = accounts_->DownloadExport(Deadline(), download);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->body().substr(0, 2), "PK");
    EXPECT_EQ(ReasonOf(Choose(kept, v1::KEPT_ACCOUNT_WEB)), "CODE_INVALID") << "it is done";
  }
}

TEST_F(LinkingServiceTest, ACodeIsGoodOnceAndForTenMinutes) {
  const int64_t web = *Register("ann@example.org");
  const std::string old = Begin(web);
  const std::string late = Begin(web);
  EXPECT_EQ(ReasonOf(Confirm(old)), "CODE_INVALID") << "a newer one replaced it";
  Pass(absl::Minutes(10));
  EXPECT_EQ(ReasonOf(Confirm(late)), "CODE_INVALID");
  const std::string code = Begin(web);
  EXPECT_TRUE(Confirm(absl::AsciiStrToLower(code)).ok());
  EXPECT_EQ(ReasonOf(Confirm(code)), "CODE_INVALID");
}

TEST_F(LinkingServiceTest, ATelegramAccountBelongsToOnePerson) {
  const int64_t ann = *Register("ann@example.org");
  const int64_t bob = *Register("bob@example.org");
  traits_->Keep(ann);
  traits_->Keep(bob);
  ASSERT_TRUE(Confirm(Begin(ann)).ok());
  EXPECT_EQ(ReasonOf(Confirm(Begin(bob))), "ACCOUNT_ALREADY_LINKED");
  v1::BeginLinkRequest again;
  again.set_user_id(ann);
  EXPECT_EQ(ReasonOf(links_->BeginLink(Deadline(), again)), "ACCOUNT_ALREADY_LINKED");
}

}  // namespace
}  // namespace selfology::user

#include "services/platform/user/accounts/account_service.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "selfology/user/v1/second_factor_service_client.h"
#include "services/platform/user/accounts/totp.h"
#include "services/platform/user/user_fixture_test.h"

namespace selfology::user {
namespace {

using events::v1::EmailVerificationRequested;
using events::v1::EmailVerified;
using events::v1::LoginAttempted;
using events::v1::PasswordChanged;
using events::v1::PasswordRecoveryRequested;
using events::v1::UserDeleted;
using events::v1::UserRegistered;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using AccountServiceTest = UserTest;

// RFC 4648, without padding.
std::string FromBase32(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string bytes;
  uint32_t bits = 0;
  int held = 0;
  for (const char letter : text) {
    bits = bits << 5 | static_cast<uint32_t>(kAlphabet.find(letter));
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>(bits >> held & 0xff));
  }
  return bytes;
}

template <typename Request>
Request WithCode(const std::string& code) {
  Request request;
  request.set_code(code);
  return request;
}

TEST_F(AccountServiceTest, WhoRegistersCanLogIn) {
  const auto ann = Register(" Ann@Example.org ");
  ASSERT_TRUE(ann.ok()) << ann.status();
  EXPECT_GE(*ann, kFirstWebId);
  const auto login = Login("ann@example.ORG");
  ASSERT_TRUE(login.ok()) << login.status();
  EXPECT_EQ(login->user_id(), *ann);
  EXPECT_EQ(login->tokens().access_token(), absl::StrCat("token of ", *ann));
  ASSERT_THAT(Published<UserRegistered>(), SizeIs(1));
  EXPECT_EQ(Published<UserRegistered>()[0].user_id(), *ann);
  EXPECT_EQ(Get(*ann)->email(), "ann@example.org");
  EXPECT_EQ(Get(*ann)->first_name(), "Ann");
}

TEST_F(AccountServiceTest, RegisteringTwiceMakesOneAccount) {
  const auto ann = Register("ann@example.org");
  EXPECT_EQ(*Register("ANN@example.org"), *ann);
  EXPECT_EQ(ReasonOf(Register("ann@example.org", "another password of hers")), "EMAIL_TAKEN");
  EXPECT_THAT(Published<UserRegistered>(), SizeIs(1));
  EXPECT_THAT(Published<EmailVerificationRequested>(), SizeIs(1));
}

TEST_F(AccountServiceTest, RegisteringManyTimesAtOnceMakesOneAccount) {
  std::vector<std::thread> threads;
  std::vector<int64_t> ids(6);
  for (size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back([&, i] { ids[i] = Register("ann@example.org").value_or(-1); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(std::set<int64_t>(ids.begin(), ids.end()), SizeIs(1));
  EXPECT_GE(ids[0], kFirstWebId);
}

TEST_F(AccountServiceTest, NamesAllThatIsWrongWithARegistration) {
  v1::RegisterRequest request;
  request.set_email("nowhere");
  request.set_password("short");
  request.set_language("???");
  const absl::Status bad = accounts_->Register(Deadline(), request).status();
  EXPECT_EQ(bad.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::Violations(bad), SizeIs(4)) << bad;
  EXPECT_THAT(status::Violations(Register("ann@example.org", "password1234").status()), SizeIs(1));
}

TEST_F(AccountServiceTest, AWrongPasswordAndAnUnknownAddressAreRefusedAlike) {
  ASSERT_TRUE(Register("ann@example.org").ok());
  const absl::Status wrong = Login("ann@example.org", "not her password").status();
  const absl::Status unknown = Login("bob@example.org").status();
  EXPECT_EQ(wrong, unknown);
  EXPECT_EQ(status::Reason(wrong), "LOGIN_FAILED");
  const auto attempts = Published<LoginAttempted>();
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_EQ(attempts[0].outcome(), events::v1::LOGIN_OUTCOME_WRONG_PASSWORD);
  EXPECT_GE(attempts[0].user_id(), kFirstWebId);
  EXPECT_EQ(attempts[1].user_id(), 0);
  EXPECT_NE(attempts[0].account_hash(), attempts[1].account_hash());
}

TEST_F(AccountServiceTest, AnAddressThatWasTriedWronglyTooOftenRests) {
  ASSERT_TRUE(Register("ann@example.org").ok());
  for (const std::string address : {"ann@example.org", "nobody@example.org"}) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(ReasonOf(Login(address, "not her password")), "LOGIN_FAILED");
    }
    const auto resting = Login(address);
    EXPECT_EQ(ReasonOf(resting), "RATE_LIMITED") << "with and without an account";
    EXPECT_TRUE(status::RetryAfter(resting.status()).has_value());
  }
  EXPECT_EQ(Published<LoginAttempted>().back().outcome(), events::v1::LOGIN_OUTCOME_BLOCKED);
  Pass(absl::Minutes(1));
  EXPECT_TRUE(Login("ann@example.org").ok());
  EXPECT_EQ(Count("SELECT count(*) FROM user_login_failures"), 1) << "a success forgets them";
}

TEST_F(AccountServiceTest, AnAttemptSaysWhereItCameFromWithoutSayingTheAddress) {
  v1::LoginRequest request;
  request.set_email("nobody@example.org");
  request.set_password("not a password");
  for (const char* address : {"203.0.113.7", "203.0.113.7", "203.0.113.8"}) {
    request.set_network_address(address);
    EXPECT_EQ(ReasonOf(accounts_->Login(Deadline(), request)), "LOGIN_FAILED");
  }
  const auto attempts = Published<LoginAttempted>();
  ASSERT_THAT(attempts, SizeIs(3));
  EXPECT_EQ(attempts[0].address_hash(), attempts[1].address_hash());
  EXPECT_NE(attempts[1].address_hash(), attempts[2].address_hash());
  EXPECT_THAT(attempts[0].address_hash(), ::testing::Not(::testing::HasSubstr("203")));
}

TEST_F(AccountServiceTest, AnOldPasswordCannotBeGuessedWithAStolenSession) {
  v1::ChangePasswordRequest request;
  request.set_user_id(*Register("ann@example.org"));
  request.set_new_password("a new teapot in town");
  request.set_old_password("not her password");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ReasonOf(accounts_->ChangePassword(Deadline(), request)), "LOGIN_FAILED");
  }
  request.set_old_password(kPassword);
  EXPECT_EQ(ReasonOf(accounts_->ChangePassword(Deadline(), request)), "RATE_LIMITED");
  Pass(absl::Minutes(1));
  EXPECT_TRUE(accounts_->ChangePassword(Deadline(), request).ok());
}

TEST_F(AccountServiceTest, TheVerificationMailIsSentAgainOnceAMinute) {
  v1::RequestVerificationRequest request;
  request.set_user_id(*Register("ann@example.org"));
  ASSERT_TRUE(accounts_->RequestVerification(Deadline(), request).ok());
  EXPECT_THAT(Published<EmailVerificationRequested>(), SizeIs(1)) << "too soon";
  Pass(absl::Minutes(1));
  ASSERT_TRUE(accounts_->RequestVerification(Deadline(), request).ok());
  const auto mails = Published<EmailVerificationRequested>();
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_EQ(ReasonOf(accounts_->VerifyEmail(Deadline(),
                                            WithCode<v1::VerifyEmailRequest>(mails[0].code()))),
            "CODE_INVALID")
      << "the newer one replaced it";
  ASSERT_TRUE(
      accounts_->VerifyEmail(Deadline(), WithCode<v1::VerifyEmailRequest>(mails[1].code())).ok());
  Pass(absl::Minutes(2));
  ASSERT_TRUE(accounts_->RequestVerification(Deadline(), request).ok());
  EXPECT_THAT(Published<EmailVerificationRequested>(), SizeIs(2)) << "it is verified";
}

TEST_F(AccountServiceTest, ACodeVerifiesTheAddressOnce) {
  const int64_t ann = *Register("ann@example.org");
  const std::string code = Published<EmailVerificationRequested>()[0].code();
  EXPECT_EQ(ReasonOf(accounts_->VerifyEmail(Deadline(), WithCode<v1::VerifyEmailRequest>("no"))),
            "CODE_INVALID");
  EXPECT_FALSE(Get(ann)->email_verified());
  EXPECT_TRUE(accounts_->VerifyEmail(Deadline(), WithCode<v1::VerifyEmailRequest>(code)).ok());
  EXPECT_TRUE(Get(ann)->email_verified());
  EXPECT_EQ(ReasonOf(accounts_->VerifyEmail(Deadline(), WithCode<v1::VerifyEmailRequest>(code))),
            "CODE_INVALID");
  EXPECT_THAT(Published<EmailVerified>(), SizeIs(1));
}

TEST_F(AccountServiceTest, AVerificationCodeExpires) {
  ASSERT_TRUE(Register("ann@example.org").ok());
  Pass(kVerificationLasts);
  EXPECT_EQ(ReasonOf(accounts_->VerifyEmail(
                Deadline(), WithCode<v1::VerifyEmailRequest>(
                                Published<EmailVerificationRequested>()[0].code()))),
            "CODE_INVALID");
}

TEST_F(AccountServiceTest, RecoveringSetsAPasswordOnceAndEndsAllSessions) {
  const int64_t ann = *Register("ann@example.org");
  v1::RequestRecoveryRequest request;
  request.set_email("ann@example.org");
  const auto known = accounts_->RequestRecovery(Deadline(), request);
  ASSERT_TRUE(accounts_->RequestRecovery(Deadline(), request).ok()) << "too soon: no second mail";
  request.set_email("nobody@example.org");
  const auto unknown = accounts_->RequestRecovery(Deadline(), request);
  ASSERT_TRUE(known.ok() && unknown.ok());
  EXPECT_THAT(*known, ::selfology::testing::EqualsProto(*unknown));
  const auto mails = Published<PasswordRecoveryRequested>();
  ASSERT_THAT(mails, SizeIs(1));

  auto recover = WithCode<v1::RecoverPasswordRequest>(mails[0].code());
  recover.set_new_password("a new teapot in town");
  ASSERT_TRUE(accounts_->RecoverPassword(Deadline(), recover).ok());
  EXPECT_EQ(ReasonOf(accounts_->RecoverPassword(Deadline(), recover)), "CODE_INVALID");
  EXPECT_EQ(ReasonOf(Login("ann@example.org")), "LOGIN_FAILED");
  EXPECT_TRUE(Login("ann@example.org", "a new teapot in town").ok());
  EXPECT_TRUE(Get(ann)->email_verified()) << "they have read its mail";
  Await("all sessions to end", [&] { return security_->ended().size() == 1; });
  EXPECT_THAT(security_->ended(), ElementsAre(absl::StrCat(ann, " but ")));
}

TEST_F(AccountServiceTest, ARecoveryCodeExpires) {
  ASSERT_TRUE(Register("ann@example.org").ok());
  v1::RequestRecoveryRequest request;
  request.set_email("ann@example.org");
  ASSERT_TRUE(accounts_->RequestRecovery(Deadline(), request).ok());
  auto recover =
      WithCode<v1::RecoverPasswordRequest>(Published<PasswordRecoveryRequested>()[0].code());
  recover.set_new_password("a new teapot in town");
  Pass(kRecoveryLasts);
  EXPECT_EQ(ReasonOf(accounts_->RecoverPassword(Deadline(), recover)), "CODE_INVALID");
}

TEST_F(AccountServiceTest, AChangedPasswordEndsTheOtherSessionsAlthoughSecurityIsAway) {
  const int64_t ann = *Register("ann@example.org");
  security_->away = true;
  v1::ChangePasswordRequest request;
  request.set_user_id(ann);
  request.set_old_password("not her password");
  request.set_new_password("a new teapot in town");
  request.set_keep_session_id("this one");
  EXPECT_EQ(ReasonOf(accounts_->ChangePassword(Deadline(), request)), "LOGIN_FAILED");
  request.set_old_password(kPassword);
  ASSERT_TRUE(accounts_->ChangePassword(Deadline(), request).ok());
  EXPECT_TRUE(Login("ann@example.org", "a new teapot in town").ok());
  security_->away = false;
  Await("the other sessions to end", [&] { return !security_->ended().empty(); });
  EXPECT_THAT(security_->ended(), ElementsAre(absl::StrCat(ann, " but this one")));
}

TEST_F(AccountServiceTest, WhoCameByTelegramSetsAnAddressAndAPassword) {
  constexpr int64_t kTelegram = 123456;
  EXPECT_EQ(ReasonOf(Get(kTelegram)), "USER_NOT_FOUND");
  v1::ChangePasswordRequest request;
  request.set_user_id(kTelegram);
  request.set_new_password(kPassword);
  EXPECT_EQ(ReasonOf(accounts_->ChangePassword(Deadline(), request)), "INVALID_ARGUMENT");
  request.set_email("ann@example.org");
  ASSERT_TRUE(accounts_->ChangePassword(Deadline(), request).ok());
  EXPECT_EQ(Login("ann@example.org")->user_id(), kTelegram);
  EXPECT_EQ(Get(kTelegram)->telegram_id(), kTelegram);
  request.set_user_id(kTelegram + 1);
  EXPECT_EQ(ReasonOf(accounts_->ChangePassword(Deadline(), request)), "EMAIL_TAKEN");
  request.set_user_id(kFirstWebId + 1'000'000);
  EXPECT_EQ(ReasonOf(accounts_->ChangePassword(Deadline(), request)), "USER_NOT_FOUND");
}

TEST_F(AccountServiceTest, ProfilesAreReplacedAndPatched) {
  const int64_t ann = *Register("ann@example.org");
  v1::UpdateUserRequest update;
  update.mutable_user()->set_user_id(ann);
  update.mutable_user()->set_first_name("Anna");
  update.mutable_user()->set_bio("sings");
  update.mutable_user()->set_email("other@example.org");
  const auto updated = accounts_->UpdateUser(Deadline(), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->user().bio(), "sings");
  EXPECT_EQ(updated->user().email(), "ann@example.org") << "no person sets it so";

  v1::PatchUserRequest patch;
  patch.mutable_user()->set_user_id(ann);
  patch.mutable_user()->set_last_name("Smith");
  patch.mutable_update_mask()->add_paths("last_name");
  patch.mutable_user()->set_version(updated->user().version());
  ASSERT_TRUE(accounts_->PatchUser(Deadline(), patch).ok());
  EXPECT_EQ(Get(ann)->first_name(), "Anna");
  EXPECT_EQ(Get(ann)->last_name(), "Smith");
  EXPECT_EQ(ReasonOf(accounts_->PatchUser(Deadline(), patch)), "VERSION_CONFLICT");
  patch.mutable_update_mask()->clear_paths();
  EXPECT_EQ(ReasonOf(accounts_->PatchUser(Deadline(), patch)), "INVALID_ARGUMENT");
}

TEST_F(AccountServiceTest, ASecondFactorIsAskedForAndItsCodesAreGoodOnce) {
  const int64_t ann = *Register("ann@example.org");
  v1::SecondFactorServiceClient factors(Peer("user"));
  v1::EnrolTotpRequest enrol;
  enrol.set_user_id(ann);
  const auto enrolled = factors.EnrolTotp(Deadline(), enrol);
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();
  EXPECT_THAT(enrolled->otpauth_uri(), HasSubstr(enrolled->secret()));
  EXPECT_TRUE(Login("ann@example.org").ok()) << "not asked for before it is confirmed";

  const auto rows = DatabaseAs("selfology_user").Write(Deadline(), [&](postgres::Transaction& tx) {
    return tx.QueryOne<postgres::Bytes>("SELECT secret FROM user_second_factors");
  });
  const std::string secret = FromBase32(enrolled->secret());
  EXPECT_EQ(Base32(secret), enrolled->secret());
  EXPECT_THAT(std::get<0>(rows->value()).value, Not(HasSubstr(secret))) << "it is sealed";
  const auto code = [&](int steps) {
    return TotpAt(secret, absl::ToUnixSeconds(Now()) / 30 + steps);
  };
  auto confirm = WithCode<v1::ConfirmTotpRequest>("000000");
  confirm.set_user_id(ann);
  if (code(0) != "000000") {
    EXPECT_EQ(ReasonOf(factors.ConfirmTotp(Deadline(), confirm)), "CODE_INVALID");
  }
  confirm.set_code(code(0));
  const auto confirmed = factors.ConfirmTotp(Deadline(), confirm);
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  ASSERT_THAT(confirmed->recovery_codes(), SizeIs(kRecoveryCodes));

  EXPECT_EQ(ReasonOf(Login("ann@example.org")), "SECOND_FACTOR_REQUIRED");
  EXPECT_EQ(ReasonOf(Login("ann@example.org", kPassword, confirm.code())), "CODE_INVALID")
      << "it was used";
  Pass(absl::Minutes(5));
  const std::string fresh = code(0);
  EXPECT_TRUE(Login("ann@example.org", kPassword, fresh).ok());
  EXPECT_EQ(ReasonOf(Login("ann@example.org", kPassword, fresh)), "CODE_INVALID");
  const std::string recovery = confirmed->recovery_codes(0);
  EXPECT_TRUE(Login("ann@example.org", kPassword, absl::AsciiStrToLower(recovery)).ok());
  EXPECT_EQ(ReasonOf(Login("ann@example.org", kPassword, recovery)), "CODE_INVALID");

  auto disable = WithCode<v1::DisableTotpRequest>(confirmed->recovery_codes(1));
  disable.set_user_id(ann);
  ASSERT_TRUE(factors.DisableTotp(Deadline(), disable).ok());
  EXPECT_TRUE(Login("ann@example.org").ok());
}

TEST_F(AccountServiceTest, AnExportIsAZipOfTheWholeMesh) {
  const int64_t ann = *Register("ann@example.org");
  traits_->Keep(ann);
  traits_->away = true;
  v1::ExportUserRequest request;
  request.set_user_id(ann);
  const auto begun = accounts_->ExportUser(Deadline(), request);
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(accounts_->ExportUser(Deadline(), request)->job().job_id(), begun->job().job_id());
  Await("an attempt", [&] { return GetJob(begun->job().job_id())->attempts() > 0; });
  v1::DownloadExportRequest download;
  download.set_user_id(ann);
  download.set_job_id(begun->job().job_id());
  EXPECT_EQ(ReasonOf(accounts_->DownloadExport(Deadline(), download)), "JOB_NOT_FOUND");
  traits_->away = false;
  Pass(absl::Minutes(10));  // It is put off after each attempt.
  AwaitJob(begun->job());
  const auto file = accounts_->DownloadExport(Deadline(), download);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->content_type(), "application/zip");
  EXPECT_EQ(file->body().substr(0, 4), "PK\x03\x04");
  download.set_user_id(ann + 1);
  EXPECT_EQ(ReasonOf(accounts_->DownloadExport(Deadline(), download)), "JOB_NOT_FOUND");
}

TEST_F(AccountServiceTest, ADeletedPersonIsErasedEverywhere) {
  const int64_t ann = *Register("ann@example.org");
  traits_->Keep(ann);
  v1::DeleteUserRequest request;
  request.set_user_id(ann);
  const auto begun = accounts_->DeleteUser(Deadline(), request);
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(ReasonOf(Login("ann@example.org")), "LOGIN_FAILED") << "from the first moment on";
  AwaitJob(begun->job());
  EXPECT_FALSE(traits_->Keeps(ann));
  EXPECT_EQ(ReasonOf(Get(ann)), "USER_NOT_FOUND");
  EXPECT_EQ(GetJob(begun->job().job_id())->progress_percent(), 100);
  AwaitPublished<UserDeleted>();
  EXPECT_EQ(Count("SELECT count(*) FROM user_jobs WHERE user_id IS NOT NULL"
                  " OR subject_id IS NOT NULL"),
            0)
      << "the job forgets whom it erased";
  EXPECT_TRUE(Register("ann@example.org").ok()) << "the address is free again";
}

TEST_F(AccountServiceTest, TellsOfJobsOnlyWhoKnowsTheirIds) {
  EXPECT_EQ(ReasonOf(GetJob("00000000000000000000000000000000")), "JOB_NOT_FOUND");
  v1::DeleteUserRequest request;
  request.set_user_id(kFirstWebId + 1'000'000);
  EXPECT_EQ(ReasonOf(accounts_->DeleteUser(Deadline(), request)), "USER_NOT_FOUND");
}

}  // namespace
}  // namespace selfology::user

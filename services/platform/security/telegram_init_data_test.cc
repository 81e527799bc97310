#include "services/platform/security/telegram_init_data.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/crypto.h"
#include "common/http/url.h"
#include "common/status/status.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

constexpr char kToken[] = "123456:a-token-of-a-bot";
constexpr char kUser[] = R"({"id":1001,"first_name":"Ann & Bo","language_code":"en"})";
const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);

// Vectors of others, which Telegram signed: @tma.js/init-data-node (MIT), before Telegram signed for third
// parties too, and since.
constexpr char kOldToken[] = "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
constexpr char kOld[] =
    "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22"
    "Vladislav%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22"
    "language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%7D&auth_date=1662771648&hash=c501b71e"
    "775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2";
constexpr char kNewToken[] = "7342037359:AAFZehRPBRs8Seg40oDjTMIW8uTGPuW1zfQ";
constexpr char kNew[] =
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C"
    "%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22"
    "ru%22%2C%22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https"
    "%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%"
    "2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4Pn"
    "SA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787&"
    "signature="
    "zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ&hash="
    "2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6";

// As Telegram signs: written here from its documentation, apart from the code that checks.
std::string InitDataOf(const std::string& user, absl::Time at, const std::string& token = kToken) {
  const std::string date = absl::StrCat(absl::ToUnixSeconds(at));
  const std::string lines =
      absl::StrCat("auth_date=", date, "\nquery_id=AAE1\nsignature=abc\nuser=", user);
  const std::string hash =
      absl::BytesToHexString(crypto::HmacSha256(crypto::HmacSha256("WebAppData", token), lines));
  return absl::StrCat("query_id=AAE1&user=", http::Encode(user), "&auth_date=", date,
                      "&signature=abc&hash=", hash);
}

bool IsRefused(const absl::StatusOr<InitData>& data) {
  return status::Reason(data.status()) == "INIT_DATA_REFUSED";
}

TEST(TelegramInitDataTest, SaysWhoOpenedTheMiniApp) {
  const auto data = ReadInitData(InitDataOf(kUser, kNow - absl::Minutes(5)), kToken, kNow);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->user_id, 1001);
  EXPECT_EQ(data->signed_at, kNow - absl::Minutes(5));
  EXPECT_EQ(data->signature.size(), 32);
}

TEST(TelegramInitDataTest, FitsVectorsOfOthers) {
  const absl::Time old = absl::FromUnixSeconds(1'662'771'648);
  const auto before = ReadInitData(kOld, kOldToken, old + absl::Minutes(1));
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->user_id, 279058397);
  EXPECT_EQ(before->signed_at, old);
  const absl::Time recent = absl::FromUnixSeconds(1'733'584'787);
  const auto since = ReadInitData(kNew, kNewToken, recent + absl::Minutes(1));
  ASSERT_TRUE(since.ok()) << since.status();
  EXPECT_EQ(since->user_id, 279058397);
  EXPECT_TRUE(IsRefused(ReadInitData(kNew, kOldToken, recent)));
  EXPECT_TRUE(IsRefused(ReadInitData(kOld, kNewToken, old)));
  EXPECT_TRUE(IsRefused(ReadInitData(kNew, kNewToken, recent + absl::Hours(2))));
}

TEST(TelegramInitDataTest, IsGoodForAnHour) {
  EXPECT_TRUE(ReadInitData(InitDataOf(kUser, kNow - absl::Hours(1)), kToken, kNow).ok());
  EXPECT_TRUE(IsRefused(
      ReadInitData(InitDataOf(kUser, kNow - absl::Hours(1) - absl::Seconds(1)), kToken, kNow)));
  EXPECT_TRUE(IsRefused(ReadInitData(InitDataOf(kUser, kNow + absl::Minutes(2)), kToken, kNow)));
}

TEST(TelegramInitDataTest, IsRefusedOnceAnythingIsChanged) {
  const std::string good = InitDataOf(kUser, kNow);
  for (const auto& [from, to] : {std::pair{"1001", "1002"}, std::pair{"AAE1", "AAE2"},
                                 std::pair{"&signature=abc", ""}, std::pair{"hash=", "hash=0"}}) {
    EXPECT_TRUE(IsRefused(ReadInitData(absl::StrReplaceAll(good, {{from, to}}), kToken, kNow)))
        << from;
  }
  EXPECT_TRUE(IsRefused(ReadInitData(good + "&more=1", kToken, kNow)));
  EXPECT_TRUE(IsRefused(ReadInitData(InitDataOf(kUser, kNow, "another"), kToken, kNow)));
  EXPECT_TRUE(IsRefused(ReadInitData(good, "", kNow)));
  EXPECT_TRUE(IsRefused(ReadInitData("", kToken, kNow)));
  EXPECT_TRUE(IsRefused(ReadInitData("%zz", kToken, kNow)));
}

TEST(TelegramInitDataTest, WithoutAPersonItIsForNobody) {
  for (const char* user : {"", "{}", "[]", R"({"id":"7"})", R"({"id":-7})", R"({"id":1.5})"}) {
    EXPECT_TRUE(IsRefused(ReadInitData(InitDataOf(user, kNow), kToken, kNow))) << user;
  }
}

}  // namespace
}  // namespace selfology::security

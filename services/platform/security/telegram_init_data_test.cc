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

#include "services/feed/miniapp/init_data.h"

#include <random>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::miniapp {
namespace {

// A vector of others: aiogram (MIT), tests/test_utils/test_web_app.py, with a key of its own, for bot 42.
constexpr char kKey[] = "4112765021341e5415e772cd65903f6b94e3ea1c2ab669e6d3e18ee2db00da61";
constexpr char kSigned[] =
    "auth_date=1650385342&user=%7B%22id%22%3A42%2C%22first_name%22%3A%22Test%22%7D&query_id=test"
    "&hash=123&signature=JQ0JR2tjC65yq_jNZV0wuJVX6J-SWPMV0mprUXG34g-NvxL4RcF1Rz5n4VVo00VRghEUBf5t"
    "___uoeb1-jU_Cw";

// A vector of others: @tma.js/init-data-node (MIT), without a signature for third parties.
constexpr char kOld[] =
    "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22"
    "Vladislav%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22"
    "language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%7D&auth_date=1662771648&hash=c501b71e"
    "775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2";

// A vector of others, by Telegram's own key: @tma.js/init-data-node (MIT), for bot 7342037359.
constexpr char kTelegrams[] =
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C"
    "%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22"
    "ru%22%2C%22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https"
    "%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%"
    "2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4Pn"
    "SA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787&"
    "signature="
    "zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ&hash="
    "2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6";

bool IsRefused(const absl::Status& status) { return status::Reason(status) == "INIT_DATA_REFUSED"; }

TEST(InitDataTest, SaysWhoOpenedIt) {
  const auto data = ParseInitData(kOld);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->user_id, 279058397);
  EXPECT_EQ(data->signed_at, absl::FromUnixSeconds(1'662'771'648));
  EXPECT_EQ(data->start_parameter, "");
  EXPECT_EQ(ParseInitData("auth_date=1&start_param=post_7")->start_parameter, "post_7");
  EXPECT_EQ(ParseInitData("auth_date=1")->user_id, 0);
  EXPECT_EQ(ParseInitData("auth_date=1&user=%7B%22id%22%3A%22x%22%7D")->user_id, 0);
}

TEST(InitDataTest, RefusesWhatIsNone) {
  for (const char* text : {"", "x", "user=1", "auth_date=x", "auth_date=-1",
                           "auth_date=1&auth_date=2", "auth_date=%FF%", "auth_date=1&x=%00"}) {
    EXPECT_TRUE(IsRefused(ParseInitData(text).status())) << text;
  }
  EXPECT_TRUE(IsRefused(
      ParseInitData(absl::StrCat("auth_date=1&x=", std::string(kMaxInitDataBytes, 'a'))).status()));
}

TEST(SignatureTest, FitsAVectorOfOthers) {
  EXPECT_TRUE(CheckSignature(kSigned, 42, kKey).ok());
  EXPECT_TRUE(IsRefused(CheckSignature(kSigned, 43, kKey))) << "of another bot's mini app";
  EXPECT_TRUE(IsRefused(CheckSignature(kSigned, 42, kProductionKey)));
  EXPECT_TRUE(IsRefused(CheckSignature(kSigned, 42, kTestKey)));
  EXPECT_TRUE(IsRefused(CheckSignature(kOld, 42, kKey))) << "it has none";
}

TEST(SignatureTest, FitsWhatTelegramSigned) {
  EXPECT_TRUE(CheckSignature(kTelegrams, 7342037359, kProductionKey).ok());
  EXPECT_TRUE(IsRefused(CheckSignature(kTelegrams, 7342037359, kTestKey)));
  EXPECT_TRUE(IsRefused(CheckSignature(kTelegrams, 7342037360, kProductionKey)));
  const std::string other = absl::StrReplaceAll(kTelegrams, {{"ru%22", "en%22"}});
  EXPECT_TRUE(IsRefused(CheckSignature(other, 7342037359, kProductionKey)));
  EXPECT_EQ(ParseInitData(kTelegrams)->user_id, 279058397);
}

TEST(SignatureTest, IsRefusedOnceAnythingIsChanged) {
  const std::string good = kSigned;
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"1650385342", "1650385343"},
                                 {"%3A42", "%3A43"},
                                 {"query_id=test", "query_id=tesT"},
                                 {"&query_id=test", ""},
                                 {"-jU_Cw", "-jU_C"},
                                 {"JQ0J", "JQ0K"}}) {
    EXPECT_TRUE(IsRefused(CheckSignature(absl::StrReplaceAll(good, {{from, to}}), 42, kKey)))
        << from;
  }
  EXPECT_TRUE(IsRefused(CheckSignature(good + "&more=1", 42, kKey)));
  EXPECT_TRUE(IsRefused(CheckSignature(good + "&query_id=test", 42, kKey))) << "a field twice";
  EXPECT_TRUE(CheckSignature(absl::StrReplaceAll(good, {{"hash=123", "hash=4"}}), 42, kKey).ok())
      << "the bot's own hash is not signed";
}

TEST(SignatureTest, NoByteMayChange) {
  std::mt19937_64 random(1);
  const std::string good = kSigned;
  const size_t hash = good.find("hash=123");
  for (int i = 0; i < 500; ++i) {
    std::string bad = good;
    // The last character has bits that say nothing.
    const size_t at = random() % (bad.size() - 1);
    if (at >= hash && at < hash + 8) continue;
    bad[at] = static_cast<char>(bad[at] ^ (1 + random() % 100));
    if (bad == good) continue;
    // Hexadecimal digits of an escape may be written in either case.
    const auto was = ParseInitData(good);
    const auto is = ParseInitData(bad);
    if (is.ok() && is->user_id == was->user_id && is->signed_at == was->signed_at &&
        CheckSignature(bad, 42, kKey).ok()) {
      EXPECT_EQ(absl::AsciiStrToLower(bad), absl::AsciiStrToLower(good)) << bad;
      continue;
    }
    EXPECT_FALSE(CheckSignature(bad, 42, kKey).ok()) << bad;
  }
}

}  // namespace
}  // namespace selfology::miniapp

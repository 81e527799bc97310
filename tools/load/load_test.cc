// Load on a real mesh.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/journey/mesh.h"
#include "tools/load/run.h"

namespace selfology::load {
namespace {

using ::testing::HasSubstr;

bool Never() { return false; }
void Quiet(const Result&) {}

TEST(LoadTest, PeopleAreAnsweredByTheMesh) {
  // Telegram's limits would make everybody wait.
  const auto mesh = journey::Mesh::Start(
      {.shape = journey::Shape::kOneProcess,
       .flags = {{"selfology",
                  {"--telegram_messages_per_second=1000", "--telegram_chat_messages_per_second=20",
                   "--coaching_dialog_gather=50ms", "--session_min_answers=3",
                   "--session_max_answers=3"}}}});
  ASSERT_TRUE(mesh.ok()) << mesh.status();
  const absl::StatusOr<Result> result = load::Run({.telegram = (*mesh)->telegram().base_url(),
                                                   .people = 5,
                                                   .per_second = 10,
                                                   .time = absl::Seconds(6),
                                                   .patience = journey::kPatience},
                                                  absl::Seconds(1), Quiet, Never);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->figures.errors(), 0) << Table(*result) << (*mesh)->Logs();
  EXPECT_EQ(result->figures.milliseconds.at("start").size(), 5);
  EXPECT_FALSE(result->figures.milliseconds.at("answer").empty());
  EXPECT_EQ(result->figures.acts, result->figures.answered());
  EXPECT_THAT(Line(*result), HasSubstr("0 errors"));
  EXPECT_THAT(Table(*result), HasSubstr("answer to the next message"));
  const auto json = nlohmann::json::parse(ToJson(*result));
  EXPECT_EQ(json["messages"], result->figures.acts);
  EXPECT_GT(json["milliseconds"]["answer"]["p99"].get<double>(), 0);
}

TEST(LoadTest, WithoutAnEmulatorItSaysSo) {
  const absl::StatusOr<Result> result =
      load::Run({.telegram = "http://127.0.0.1:1"}, absl::Seconds(1), Quiet, Never);
  EXPECT_TRUE(absl::IsUnavailable(result.status())) << result.status();
}

}  // namespace
}  // namespace selfology::load

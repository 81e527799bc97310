#include "services/edge/telegram_gateway/delivery_policy.h"

#include <random>

#include "common/status/status.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/edge/telegram_gateway/bot_api.h"

namespace selfology::telegram_gateway {
namespace {

using Verdict = Judgement::Verdict;
using absl::StatusCode;

Verdict VerdictOf(const absl::Status& failure, Kind kind) {
  std::mt19937 random(1);
  return JudgeFailure(failure, kind, 0, random).verdict;
}

absl::Status Refusal(std::string_view answer) { return ReadAnswer(200, answer).status(); }

TEST(JudgeFailureTest, EssentialMessagesAreSentAgainWhenInDoubt) {
  const absl::Status lost = status::Error(StatusCode::kUnavailable, "CONNECTION_LOST", "");
  for (const absl::Status& in_doubt : {lost, absl::DeadlineExceededError("")}) {
    EXPECT_EQ(VerdictOf(in_doubt, Kind::kQuestion), Verdict::kRetry);
    EXPECT_EQ(VerdictOf(in_doubt, Kind::kCoach), Verdict::kRetry);
    EXPECT_EQ(VerdictOf(in_doubt, Kind::kFeedback), Verdict::kAssumeSent);
    EXPECT_EQ(VerdictOf(in_doubt, Kind::kInsight), Verdict::kAssumeSent);
  }
}

TEST(JudgeFailureTest, EverythingIsSentAgainWhenNothingHappened) {
  for (const absl::Status& failure : {status::Error(StatusCode::kUnavailable, "CONNECT_FAILED", ""),
                                      status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED, ""),
                                      absl::UnavailableError(""), absl::UnauthenticatedError("")}) {
    EXPECT_EQ(VerdictOf(failure, Kind::kQuestion), Verdict::kRetry);
    EXPECT_EQ(VerdictOf(failure, Kind::kFeedback), Verdict::kRetry);
  }
}

TEST(JudgeFailureTest, ObeysRetryAfter) {
  std::mt19937 random(1);
  const absl::Status slow_down =
      Refusal(R"({"ok": false, "error_code": 429, "parameters": {"retry_after": 17}})");
  for (int failures = 0; failures < 20; ++failures) {
    EXPECT_GE(JudgeFailure(slow_down, Kind::kReply, failures, random).wait, absl::Seconds(17));
  }
}

TEST(JudgeFailureTest, WaitsLongerAndLongerButNotForEver) {
  std::mt19937 random(1);
  EXPECT_LE(JudgeFailure(absl::UnavailableError(""), Kind::kReply, 0, random).wait,
            absl::Seconds(2));
  for (int failures = 10; failures < 2000; failures += 100) {
    const absl::Duration wait =
        JudgeFailure(absl::UnavailableError(""), Kind::kReply, failures, random).wait;
    EXPECT_GE(wait, absl::Seconds(10));
    EXPECT_LE(wait, absl::Seconds(30));
  }
}

TEST(ReadAnswerTest, PeopleWhoCannotBeReached) {
  for (
      const char* answer : {
          R"({"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user"})",
          R"({"ok": false, "error_code": 400, "description": "Bad Request: chat not found"})",
          R"({"ok": false, "error_code": 400, "description": "Bad Request: PEER_ID_INVALID"})",
      }) {
    EXPECT_EQ(status::Reason(Refusal(answer)), "USER_UNREACHABLE") << answer;
    EXPECT_EQ(VerdictOf(Refusal(answer), Kind::kQuestion), Verdict::kUnreachable);
  }
}

TEST(ReadAnswerTest, RefusalsDoNotQuoteTheMessage) {
  const absl::Status refusal = Refusal(
      R"({"ok": false, "error_code": 400,
          "description": "Bad Request: can't parse entities: Unsupported start tag \"secret\" at byte offset 5"})");
  EXPECT_EQ(refusal.message(), "Bad Request: can't parse entities");
  EXPECT_EQ(VerdictOf(refusal, Kind::kRequested), Verdict::kDrop);
}

TEST(ReadAnswerTest, TellsItsErrorsApart) {
  EXPECT_EQ(
      status::Reason(Refusal(R"({"ok": false, "error_code": 409, "description": "Conflict"})")),
      "POLL_CONFLICT");
  EXPECT_TRUE(absl::IsUnauthenticated(
      Refusal(R"({"ok": false, "error_code": 401, "description": "Unauthorized"})")));
  EXPECT_TRUE(absl::IsUnavailable(
      Refusal(R"({"ok": false, "error_code": 502, "description": "Bad Gateway"})")));
  const absl::Status limited =
      Refusal(R"({"ok": false, "error_code": 429, "description": "Too Many Requests"})");
  EXPECT_EQ(status::Reason(limited), "RATE_LIMITED");
  EXPECT_EQ(status::RetryAfter(limited), absl::Seconds(1));
}

TEST(ReadAnswerTest, AProxysPageIsNoAnswer) {
  EXPECT_TRUE(absl::IsUnavailable(ReadAnswer(200, "<html>").status()));
  EXPECT_TRUE(absl::IsUnavailable(ReadAnswer(404, "<html>").status()));
  EXPECT_EQ(status::Reason(ReadAnswer(429, "<html>").status()), "RATE_LIMITED");
}

TEST(ReadAnswerTest, GivesTheResult) {
  EXPECT_EQ(*ReadAnswer(200, R"({"ok": true, "result": {"message_id": 5}})"),
            Json({{"message_id", 5}}));
}

TEST(KindTest, SurvivesItsWord) {
  for (int i = 0; i <= static_cast<int>(Kind::kRequested); ++i) {
    const auto kind = static_cast<Kind>(i);
    EXPECT_EQ(KindOf(WordOf(kind)), kind);
    EXPECT_GT(ShelfLife(kind), absl::ZeroDuration());
  }
}

}  // namespace
}  // namespace selfology::telegram_gateway

#include "services/edge/telegram_gateway/delivery/delivery_policy.h"

#include <random>

#include "common/status/status.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"

namespace selfology::telegram_gateway {
namespace {

using Verdict = Judgement::Verdict;
using absl::StatusCode;

constexpr bool kExpendable = true;
constexpr bool kEssential = false;

Verdict VerdictOf(const absl::Status& failure, bool expendable) {
  std::mt19937 random(1);
  return JudgeFailure(failure, expendable, 0, random).verdict;
}

absl::Status Refusal(std::string_view answer) { return ReadAnswer(200, answer).status(); }

TEST(JudgeFailureTest, EssentialMessagesAreSentAgainWhenInDoubt) {
  const absl::Status lost = status::Error(StatusCode::kUnavailable, "CONNECTION_LOST", "");
  for (const absl::Status& in_doubt : {lost, absl::DeadlineExceededError("")}) {
    EXPECT_EQ(VerdictOf(in_doubt, kEssential), Verdict::kRetry);
    EXPECT_EQ(VerdictOf(in_doubt, kExpendable), Verdict::kAssumeSent);
  }
}

TEST(JudgeFailureTest, EverythingIsSentAgainWhenNothingHappened) {
  for (const absl::Status& failure : {status::Error(StatusCode::kUnavailable, "CONNECT_FAILED", ""),
                                      status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED, ""),
                                      absl::UnavailableError(""), absl::UnauthenticatedError("")}) {
    EXPECT_EQ(VerdictOf(failure, kEssential), Verdict::kRetry);
    EXPECT_EQ(VerdictOf(failure, kExpendable), Verdict::kRetry);
  }
}

TEST(JudgeFailureTest, ObeysRetryAfter) {
  std::mt19937 random(1);
  const absl::Status slow_down =
      Refusal(R"({"ok": false, "error_code": 429, "parameters": {"retry_after": 17}})");
  for (int failures = 0; failures < 20; ++failures) {
    const Judgement judgement = JudgeFailure(slow_down, kEssential, failures, random);
    EXPECT_GE(judgement.wait, absl::Seconds(17));
    EXPECT_LE(judgement.wait, absl::Seconds(21)) << "no longer each time";
    EXPECT_FALSE(judgement.counts);
  }
}

TEST(JudgeFailureTest, WhatTelegramWasNotAskedAboutDoesNotCount) {
  std::mt19937 random(1);
  const absl::Status open = status::WithRetryAfter(
      status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED, ""), absl::Seconds(4));
  const Judgement judgement = JudgeFailure(open, kEssential, 50, random);
  EXPECT_FALSE(judgement.counts);
  EXPECT_GE(judgement.wait, absl::Seconds(4));
  EXPECT_LE(judgement.wait, absl::Seconds(5));
  EXPECT_TRUE(JudgeFailure(absl::UnavailableError(""), kEssential, 0, random).counts);
}

TEST(JudgeFailureTest, WaitsLongerAndLongerButNotForEver) {
  std::mt19937 random(1);
  EXPECT_LE(JudgeFailure(absl::UnavailableError(""), kEssential, 0, random).wait, absl::Seconds(2));
  for (int failures = 10; failures < 2000; failures += 100) {
    const absl::Duration wait =
        JudgeFailure(absl::UnavailableError(""), kEssential, failures, random).wait;
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
    EXPECT_EQ(VerdictOf(Refusal(answer), kEssential), Verdict::kUnreachable);
  }
}

TEST(ReadAnswerTest, RefusalsDoNotQuoteTheMessage) {
  const absl::Status refusal = Refusal(
      R"({"ok": false, "error_code": 400,
          "description": "Bad Request: can't parse entities: Unsupported start tag \"secret\" at byte offset 5"})");
  EXPECT_EQ(refusal.message(), "Bad Request: can't parse entities");
  EXPECT_EQ(VerdictOf(refusal, kEssential), Verdict::kDrop);
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

}  // namespace
}  // namespace selfology::telegram_gateway

#include "services/edge/telegram_gateway/delivery/delivery_policy.h"

#include <random>
#include <string_view>

#include "absl/strings/str_cat.h"
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

TEST(JudgeFailureTest, AnUploadThatWasCancelledIsTriedAgainAndDoesNotCount) {
  std::mt19937 random(1);
  const Judgement judgement = JudgeFailure(absl::CancelledError(""), kEssential, 5, random);
  EXPECT_EQ(judgement.verdict, Verdict::kRetry);
  EXPECT_FALSE(judgement.counts);
  EXPECT_TRUE(judgement.in_doubt);
}

TEST(JudgeFailureTest, FilesAreLeftOutWhenRefusedOrTooSlowThreeTimes) {
  EXPECT_TRUE(GivesUpFiles(absl::InvalidArgumentError(""), kEssential, 0));
  EXPECT_FALSE(GivesUpFiles(absl::DeadlineExceededError(""), kEssential, 1));
  EXPECT_TRUE(GivesUpFiles(absl::DeadlineExceededError(""), kEssential, 2));
  EXPECT_FALSE(GivesUpFiles(absl::DeadlineExceededError(""), kExpendable, 2));
  EXPECT_FALSE(GivesUpFiles(absl::UnavailableError(""), kEssential, 100));
  EXPECT_FALSE(GivesUpFiles(absl::OkStatus(), kEssential, 100));
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

TEST(ReadAnswerTest, AChatThatTakesNoFilesCanBeReached) {
  const auto refusal = [](std::string_view words) {
    return Refusal(absl::StrCat(R"({"ok": false, "error_code": 400, "description": "Bad Request: )",
                                words, R"("})"));
  };
  EXPECT_TRUE(absl::IsInvalidArgument(refusal("not enough rights to send photos to the chat")));
  EXPECT_TRUE(
      absl::IsInvalidArgument(refusal("not enough rights to send voice notes to the chat")));
  EXPECT_TRUE(absl::IsInvalidArgument(refusal("CHAT_SEND_STICKERS_FORBIDDEN")));
  for (const char* const words : {"not enough rights to send text messages to the chat",
                                  "have no rights to send a message", "CHAT_WRITE_FORBIDDEN"}) {
    EXPECT_EQ(status::Reason(refusal(words)), "USER_UNREACHABLE") << words;
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

// What follows when Telegram refuses a change in these words.
ChangeJudgement::Verdict AfterRefusal(store::Change::Kind kind, size_t messages,
                                      std::string_view words) {
  std::mt19937 random(1);
  const absl::Status refusal = Refusal(absl::StrCat(
      R"({"ok": false, "error_code": 400, "description": "Bad Request: )", words, R"("})"));
  return JudgeChange(kind, messages, refusal, 0, random).verdict;
}

TEST(JudgeChangeTest, WhatTelegramRefusesIsNotTriedAgain) {
  using Kind = store::Change::Kind;
  using V = ChangeJudgement::Verdict;
  EXPECT_EQ(AfterRefusal(Kind::kDelete, 3, "message can't be deleted for everyone"), V::kOneByOne);
  EXPECT_EQ(AfterRefusal(Kind::kDelete, 1, "message can't be deleted for everyone"),
            V::kOnlyButtons);
  EXPECT_EQ(AfterRefusal(Kind::kDelete, 1, "message to delete not found"), V::kGone);
  EXPECT_EQ(AfterRefusal(Kind::kClearButtons, 1, "message to edit not found"), V::kGone);
  EXPECT_EQ(AfterRefusal(Kind::kClearButtons, 1, "message can't be edited"), V::kGiveUp);
  EXPECT_EQ(AfterRefusal(Kind::kReplace, 1, "message to edit not found"), V::kSayAnew);
  EXPECT_EQ(AfterRefusal(Kind::kDelete, 3, "chat not found"), V::kGiveUp);
}

TEST(JudgeChangeTest, WhatMayPassIsTriedAgainSoon) {
  std::mt19937 random(1);
  for (int failures = 0; failures < 20; ++failures) {
    const ChangeJudgement judgement = JudgeChange(store::Change::Kind::kClearButtons, 1,
                                                  absl::UnavailableError(""), failures, random);
    EXPECT_EQ(judgement.verdict, ChangeJudgement::Verdict::kRetry);
    EXPECT_TRUE(judgement.counts);
    EXPECT_LE(judgement.wait, absl::Seconds(6));
  }
  const absl::Status slow_down =
      Refusal(R"({"ok": false, "error_code": 429, "parameters": {"retry_after": 17}})");
  const ChangeJudgement judgement =
      JudgeChange(store::Change::Kind::kDelete, 5, slow_down, 3, random);
  EXPECT_GE(judgement.wait, absl::Seconds(17));
  EXPECT_FALSE(judgement.counts);
}

TEST(JudgeChangeTest, WhatKeepsFailingIsGivenUpAfterTwoDays) {
  std::mt19937 random(1);
  using Kind = store::Change::Kind;
  absl::Duration tried;
  int failures = 0;
  while (failures < 10'000) {
    const ChangeJudgement judgement =
        JudgeChange(Kind::kClearButtons, 1, absl::UnavailableError(""), failures, random);
    if (judgement.verdict == ChangeJudgement::Verdict::kGiveUp) break;
    tried += judgement.wait;
    ++failures;
  }
  EXPECT_LT(failures, 1000);
  EXPECT_GE(tried, absl::Hours(44));
  EXPECT_LE(tried, absl::Hours(52));
  // Of several it may be one: the others need not wait for it.
  EXPECT_EQ(JudgeChange(Kind::kDelete, 3, absl::UnavailableError(""), 20, random).verdict,
            ChangeJudgement::Verdict::kOneByOne);
  // While nothing is asked, nothing is given up.
  EXPECT_EQ(JudgeChange(Kind::kDelete, 1, status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED, ""),
                        10'000, random)
                .verdict,
            ChangeJudgement::Verdict::kRetry);
}

TEST(JudgeChangeTest, KnowsAnEditThatCanNeverSucceed) {
  const auto refusal = [](std::string_view words) {
    return absl::InvalidArgumentError(absl::StrCat("Bad Request: ", words));
  };
  EXPECT_TRUE(CannotBeEdited(refusal("message can't be edited")));
  EXPECT_TRUE(CannotBeEdited(refusal("message to edit not found")));
  EXPECT_TRUE(CannotBeEdited(refusal("there is no text in the message to edit")));
  EXPECT_FALSE(CannotBeEdited(refusal("can't parse entities")));
  EXPECT_FALSE(IsGone(refusal("message can't be edited")));
  EXPECT_TRUE(IsGone(refusal("message to edit not found")));
}

}  // namespace
}  // namespace selfology::telegram_gateway

#include "services/edge/telegram_gateway/routing/failure_policy.h"

#include <string>

#include "common/status/status.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

TEST(FailurePolicyTest, NamesTheDialogAndNothingElse) {
  const absl::Status failure = absl::UnavailableError("down");
  EXPECT_EQ(BlamedDialog(failure), "");
  const absl::Status blamed = Blame(failure, "garden");
  EXPECT_EQ(BlamedDialog(blamed), "garden");
  EXPECT_EQ(blamed.code(), failure.code());
  EXPECT_EQ(blamed.message(), failure.message());
}

TEST(FailurePolicyTest, WhatIsAwayMayComeBack) {
  for (const absl::Status& failure :
       {absl::UnavailableError(""), absl::DeadlineExceededError(""), absl::AbortedError(""),
        absl::CancelledError(""), absl::ResourceExhaustedError(""), absl::PermissionDeniedError(""),
        absl::UnauthenticatedError(""), absl::UnknownError(""), absl::UnimplementedError(""),
        status::WithRetryAfter(absl::InternalError(""), absl::Seconds(1))}) {
    EXPECT_TRUE(MayPass(failure)) << failure;
  }
  for (const absl::Status& failure :
       {absl::InvalidArgumentError(""), absl::InternalError(""), absl::NotFoundError(""),
        absl::FailedPreconditionError(""), absl::AlreadyExistsError(""), absl::OutOfRangeError(""),
        absl::DataLossError(""),
        status::Error(absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE", "")}) {
    EXPECT_FALSE(MayPass(failure)) << failure;
  }
}

TEST(FailurePolicyTest, GivesUpAtOnceWhatIsRefusedAndInTheEndWhatIsNotClear) {
  EXPECT_TRUE(GivesUp(absl::InvalidArgumentError(""), 1));
  for (const absl::Status& unclear : {absl::UnknownError(""), absl::UnimplementedError("")}) {
    EXPECT_TRUE(IsUnclear(unclear));
    EXPECT_FALSE(GivesUp(unclear, 1));
    EXPECT_FALSE(GivesUp(unclear, kUnclearRounds - 1));
    EXPECT_TRUE(GivesUp(unclear, kUnclearRounds));
  }
  EXPECT_FALSE(GivesUp(absl::UnavailableError(""), 1'000'000));
  EXPECT_FALSE(GivesUp(status::WithRetryAfter(absl::UnknownError(""), absl::Seconds(1)), 1000));
}

TEST(FailurePolicyTest, WhatMayBeItsOwnIsGivenUpInTheEnd) {
  for (const absl::Status& failure :
       {absl::AbortedError(""), absl::PermissionDeniedError(""), absl::UnauthenticatedError(""),
        WithItsTime(absl::DeadlineExceededError(""))}) {
    EXPECT_FALSE(MayBeItsOwn(failure)) << "no dialog said that: " << failure;
    const absl::Status blamed = Blame(failure, "garden");
    EXPECT_TRUE(MayBeItsOwn(blamed)) << failure;
    EXPECT_TRUE(MayPass(blamed));
    EXPECT_FALSE(GivesUp(blamed, kUnclearRounds - 1));
    EXPECT_TRUE(GivesUp(blamed, kUnclearRounds));
    EXPECT_FALSE(MayBeItsOwn(status::WithRetryAfter(blamed, absl::Seconds(1))));
  }
  for (const absl::Status& failure :
       {absl::DeadlineExceededError(""), WithItsTime(absl::UnavailableError("")),
        NotAsked(absl::UnavailableError(""), /*crowded=*/false)}) {
    EXPECT_FALSE(MayBeItsOwn(Blame(failure, "garden"))) << failure;
  }
}

TEST(FailurePolicyTest, TellsWhatWasNotTried) {
  const absl::Status away = absl::UnavailableError("down");
  EXPECT_FALSE(WasNotAsked(away));
  EXPECT_TRUE(WasNotAsked(NotAsked(away, /*crowded=*/false)));
  EXPECT_FALSE(WasCrowded(NotAsked(away, /*crowded=*/false)));
  EXPECT_TRUE(WasCrowded(Blame(NotAsked(away, /*crowded=*/true), "garden")));
  EXPECT_TRUE(MayPass(NotAsked(away, /*crowded=*/true)));
}

TEST(FailurePolicyTest, WaitsLongerEachTime) {
  EXPECT_EQ(HoldFor(0), absl::Seconds(1));
  EXPECT_EQ(HoldFor(1), absl::Seconds(1));
  EXPECT_EQ(HoldFor(2), absl::Seconds(2));
  EXPECT_EQ(HoldFor(3), absl::Seconds(4));
  EXPECT_EQ(HoldFor(5), absl::Seconds(16));
  EXPECT_EQ(HoldFor(6), absl::Seconds(30));
  EXPECT_EQ(HoldFor(1'000'000), absl::Seconds(30));
}

TEST(FailurePolicyTest, KeepsWhatCanBeKept) {
  EXPECT_EQ(Storable("Всё плохо 🙂"), "Всё плохо 🙂");
  EXPECT_EQ(Storable(std::string("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(Storable("a\xff\xfe"), "a\uFFFD\uFFFD");
  EXPECT_EQ(Storable(std::string(1000, 'x')), std::string(500, 'x'));
}

}  // namespace
}  // namespace selfology::telegram_gateway

#include "services/edge/telegram_gateway/routing/setback.h"

#include <string>

#include "common/status/status.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

TEST(SetbackTest, NamesTheDialogAndNothingElse) {
  const absl::Status failure = absl::UnavailableError("down");
  EXPECT_EQ(BlamedDialog(failure), "");
  const absl::Status blamed = Blame(failure, "garden");
  EXPECT_EQ(BlamedDialog(blamed), "garden");
  EXPECT_EQ(blamed.code(), failure.code());
  EXPECT_EQ(blamed.message(), failure.message());
}

TEST(SetbackTest, WhatIsAwayMayComeBack) {
  for (const absl::Status& failure :
       {absl::UnavailableError(""), absl::DeadlineExceededError(""), absl::AbortedError(""),
        absl::CancelledError(""), absl::ResourceExhaustedError(""), absl::PermissionDeniedError(""),
        absl::UnauthenticatedError(""),
        status::WithRetryAfter(absl::InternalError(""), absl::Seconds(1))}) {
    EXPECT_TRUE(MayPass(failure)) << failure;
  }
  for (const absl::Status& failure :
       {absl::InvalidArgumentError(""), absl::InternalError(""), absl::UnknownError(""),
        absl::UnimplementedError(""), absl::NotFoundError(""), absl::FailedPreconditionError(""),
        absl::AlreadyExistsError(""), absl::OutOfRangeError(""), absl::DataLossError(""),
        status::Error(absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE", "")}) {
    EXPECT_FALSE(MayPass(failure)) << failure;
  }
}

TEST(SetbackTest, WaitsLongerEachTime) {
  EXPECT_EQ(HoldFor(0), absl::Seconds(1));
  EXPECT_EQ(HoldFor(1), absl::Seconds(1));
  EXPECT_EQ(HoldFor(2), absl::Seconds(2));
  EXPECT_EQ(HoldFor(3), absl::Seconds(4));
  EXPECT_EQ(HoldFor(5), absl::Seconds(16));
  EXPECT_EQ(HoldFor(6), absl::Seconds(30));
  EXPECT_EQ(HoldFor(1'000'000), absl::Seconds(30));
}

TEST(SetbackTest, KeepsWhatCanBeKept) {
  EXPECT_EQ(Storable("Всё плохо 🙂"), "Всё плохо 🙂");
  EXPECT_EQ(Storable(std::string("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(Storable("a\xff\xfe"), "a\uFFFD\uFFFD");
  EXPECT_EQ(Storable(std::string(1000, 'x')), std::string(500, 'x'));
}

}  // namespace
}  // namespace selfology::telegram_gateway

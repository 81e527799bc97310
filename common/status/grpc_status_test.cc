#include "common/status/grpc_status.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/cord.h"
#include "common/status/status.h"
#include "google/rpc/status.pb.h"

namespace selfology::status {
namespace {

TEST(GrpcStatusTest, EverythingSurvivesTheWay) {
  const absl::Status error = WithRetryAfter(
      Error(absl::StatusCode::kNotFound, "PROFILE_NOT_FOUND", "no profile yet", {{"k", "v"}}),
      absl::Seconds(3));
  EXPECT_EQ(FromGrpc(ToGrpc(error)), error);
  EXPECT_EQ(FromGrpc(ToGrpc(InvalidField("text", "must not be empty"))),
            InvalidField("text", "must not be empty"));
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, DetailsAreAGoogleRpcStatus) {
  const grpc::Status status = ToGrpc(Error(absl::StatusCode::kAborted, "CONFLICT", "try again"));
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), static_cast<int>(grpc::StatusCode::ABORTED));
  EXPECT_EQ(details.message(), "try again");
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
}

TEST(GrpcStatusTest, WhatIsNotAMessageStaysInside) {
  absl::Status error = absl::AbortedError("try again");
  error.SetPayload("selfology/postgres.sqlstate", absl::Cord("40001"));
  EXPECT_TRUE(ToGrpc(error).error_details().empty());
}

TEST(GrpcStatusTest, WithoutDetailsThereIsNoTrailer) {
  EXPECT_TRUE(ToGrpc(absl::InternalError("x")).error_details().empty());
}

TEST(GrpcStatusTest, BrokenDetailsAndUnknownCodesDoNotHideTheError) {
  const grpc::Status status(static_cast<grpc::StatusCode>(20), "odd", "\xff\xff");
  EXPECT_EQ(FromGrpc(status).code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(FromGrpc(status).message(), "odd");
}

TEST(GrpcStatusTest, StaysWithinWhatATrailerMayWeigh) {
  FieldViolations many;
  for (int i = 0; i < 1000; ++i) many.Add("field", "must be shorter, \xd0\xb6");
  const grpc::Status status = ToGrpc(many.ToStatus());
  EXPECT_LE(3 * status.error_message().size() + status.error_details().size() * 4 / 3, 8192u);
  EXPECT_TRUE(absl::IsInvalidArgument(FromGrpc(status)));
  EXPECT_EQ(Violations(FromGrpc(status)).size(), 16u);
  EXPECT_EQ(Reason(FromGrpc(status)), "INVALID_ARGUMENT");
}

TEST(GrpcStatusTest, ViolationsSurviveHoweverLongTheirWords) {
  FieldViolations many;
  for (int i = 0; i < 20; ++i) many.Add(std::string(1000, 'f'), std::string(1000, '\xb6'));
  const grpc::Status status = ToGrpc(many.ToStatus());
  EXPECT_LE(3 * status.error_message().size() + status.error_details().size() * 4 / 3, 8192u);
  EXPECT_FALSE(Violations(FromGrpc(status)).empty());
}

TEST(GrpcStatusTest, AMessageThatIsNotUtf8LosesNoDetails) {
  std::string message(767, 'x');
  message += "\xd0\xb6";  // Cut in the middle.
  for (const std::string& text : {message, std::string("\xff")}) {
    const absl::Status error = Error(absl::StatusCode::kInternal, "ODD", text, {{"k", "\xfe"}});
    EXPECT_EQ(Reason(FromGrpc(ToGrpc(error))), "ODD");
  }
}

}  // namespace
}  // namespace selfology::status

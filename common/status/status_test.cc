#include "common/status/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "common/status/status_macros.h"
#include "google/rpc/error_details.pb.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::status {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Json = nlohmann::json;

TEST(StatusTest, ErrorCarriesReasonAndMetadata) {
  const absl::Status error =
      Error(absl::StatusCode::kNotFound, "SESSION_NOT_FOUND", "no open session", {{"user", "u_1"}});
  EXPECT_TRUE(absl::IsNotFound(error));
  EXPECT_EQ(error.message(), "no open session");
  EXPECT_EQ(Reason(error), "SESSION_NOT_FOUND");
  EXPECT_THAT(ErrorMetadata(error), ElementsAre(Pair("user", "u_1")));
}

TEST(StatusTest, TheContractSaysWhichCodeGoesWithAReason) {
  const absl::Status error =
      Error(mesh::v1::ERROR_CODE_SESSION_TOO_SHORT, "too few answers", {{"given", "2"}});
  EXPECT_TRUE(absl::IsFailedPrecondition(error));
  EXPECT_EQ(error.message(), "too few answers");
  EXPECT_EQ(Reason(error), "SESSION_TOO_SHORT");
  EXPECT_EQ(ErrorCodeOf(error), mesh::v1::ERROR_CODE_SESSION_TOO_SHORT);
  EXPECT_THAT(ErrorMetadata(error), ElementsAre(Pair("given", "2")));
  EXPECT_TRUE(absl::IsInternal(Error(mesh::v1::ERROR_CODE_UNSPECIFIED, "a defect")));
}

TEST(StatusTest, EveryReasonOfTheContractHasACodeAndIsFoundAgain) {
  const auto& reasons = *mesh::v1::ErrorCode_descriptor();
  for (int i = 0; i < reasons.value_count(); ++i) {
    if (reasons.value(i)->number() == mesh::v1::ERROR_CODE_UNSPECIFIED) continue;
    const auto reason = static_cast<mesh::v1::ErrorCode>(reasons.value(i)->number());
    const absl::Status error = Error(reason, "why");
    EXPECT_TRUE(reasons.value(i)->options().HasExtension(mesh::v1::grpc_code))
        << reasons.value(i)->name();
    EXPECT_FALSE(error.ok()) << reasons.value(i)->name();
    EXPECT_EQ(ErrorCodeOf(error), reason);
  }
}

TEST(StatusTest, OtherReasonsAreNoneOfTheContract) {
  EXPECT_EQ(ErrorCodeOf(Error(absl::StatusCode::kUnavailable, "CONNECTION_LOST", "gone")),
            mesh::v1::ERROR_CODE_UNSPECIFIED);
  EXPECT_EQ(ErrorCodeOf(absl::OkStatus()), mesh::v1::ERROR_CODE_UNSPECIFIED);
  EXPECT_EQ(ErrorCodeOf(absl::UnavailableError("down")), mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE);
}

TEST(StatusTest, ReasonFallsBackToTheCode) {
  EXPECT_EQ(Reason(absl::UnavailableError("x")), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(Reason(absl::InvalidArgumentError("x")), "INVALID_ARGUMENT");
  EXPECT_EQ(Reason(absl::OkStatus()), "OK");
  EXPECT_EQ(Reason(absl::Status(static_cast<absl::StatusCode>(99), "x")), "UNKNOWN");
}

TEST(StatusTest, FieldViolationsAreReportedTogether) {
  FieldViolations bad;
  EXPECT_TRUE(bad.ToStatus().ok());
  const absl::Status error =
      bad.Add("user_id", "must be positive").Add("text", "must not be empty").ToStatus();
  EXPECT_TRUE(absl::IsInvalidArgument(error));
  EXPECT_EQ(error.message(), "user_id must be positive; text must not be empty");
  EXPECT_THAT(Violations(error), ElementsAre(FieldViolation{"user_id", "must be positive"},
                                             FieldViolation{"text", "must not be empty"}));
  EXPECT_FALSE(IsRetryable(error));
}

TEST(StatusTest, AFieldViolationCarriesAReasonToo) {
  const absl::Status error = InvalidField("user_id", "must be above 0");
  const auto payload = error.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  ASSERT_TRUE(payload.has_value());
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(*payload)));
  EXPECT_EQ(info.reason(), "INVALID_ARGUMENT");
  EXPECT_EQ(info.domain(), "selfology");
}

TEST(StatusTest, WhoGaveNoReasonGetsTheCodesIfTheContractHasIt) {
  const absl::Status lost = WithReason(absl::UnavailableError("lost the connection"));
  const auto payload = lost.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  ASSERT_TRUE(payload.has_value());
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(*payload)));
  EXPECT_EQ(info.reason(), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(lost.message(), "lost the connection");
  for (const absl::Status& unchanged :
       {absl::OkStatus(), absl::CancelledError("gone"), InvalidField("text", "must not be empty"),
        Error(absl::StatusCode::kUnavailable, "POLL_CONFLICT", "another poller")}) {
    EXPECT_EQ(WithReason(unchanged), unchanged);
  }
}

TEST(StatusTest, ALotOfFieldViolationsMakesAShortReport) {
  FieldViolations bad;
  for (int i = 0; i < 100'000; ++i) bad.Add(std::string(500, 'f'), "must be shorter");
  const absl::Status error = bad.ToStatus();
  EXPECT_LE(Violations(error).size(), 16u);
  EXPECT_GE(Violations(error).size(), 8u);
  EXPECT_EQ(Violations(error)[0].field.size(), 128u);
  EXPECT_LT(error.message().size(), 3000u);
  EXPECT_NE(error.message().find(" more"), std::string::npos) << error.message();
}

TEST(StatusTest, PeoplesIdsAreAboveZero) {
  EXPECT_TRUE(FieldViolations().CheckUserId(1).ToStatus().ok());
  for (const int64_t id : {int64_t{0}, int64_t{-1}}) {
    EXPECT_THAT(Violations(FieldViolations().CheckUserId(id, "profile.user_id").ToStatus()),
                ElementsAre(FieldViolation{"profile.user_id", "must be above 0"}));
  }
}

TEST(StatusTest, RetryAfterKeepsNanoseconds) {
  const absl::Duration delay = absl::Seconds(5) + absl::Nanoseconds(7);
  EXPECT_EQ(RetryAfter(WithRetryAfter(absl::UnavailableError("busy"), delay)), delay);
  EXPECT_EQ(RetryAfter(absl::UnavailableError("busy")), std::nullopt);
  EXPECT_TRUE(WithRetryAfter(absl::OkStatus(), delay).ok());
}

TEST(StatusTest, AnnotateKeepsDetails) {
  const absl::Status error =
      Annotate(Error(absl::StatusCode::kInternal, "ANALYSIS_FAILED", "no answer"), "instant");
  EXPECT_EQ(error.message(), "instant: no answer");
  EXPECT_EQ(Reason(error), "ANALYSIS_FAILED");
  EXPECT_TRUE(Annotate(absl::OkStatus(), "x").ok());
}

TEST(StatusTest, OnlyTransientCodesAreRetryable) {
  for (int code = 0; code <= 16; ++code) {
    const bool retryable = code == 4 || code == 10 || code == 14;  // google.rpc.Code
    EXPECT_EQ(IsRetryable(absl::Status(static_cast<absl::StatusCode>(code), "x")), retryable);
  }
}

TEST(StatusTest, HttpCodesAndBack) {
  for (absl::StatusCode code : {absl::StatusCode::kOk, absl::StatusCode::kInvalidArgument,
                                absl::StatusCode::kNotFound, absl::StatusCode::kPermissionDenied,
                                absl::StatusCode::kUnauthenticated, absl::StatusCode::kAborted,
                                absl::StatusCode::kResourceExhausted, absl::StatusCode::kInternal,
                                absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded,
                                absl::StatusCode::kUnimplemented, absl::StatusCode::kCancelled}) {
    EXPECT_EQ(FromHttpCode(HttpCode(code)), code) << absl::StatusCodeToString(code);
  }
  EXPECT_EQ(FromHttpCode(529), absl::StatusCode::kUnavailable);
  EXPECT_EQ(FromHttpCode(422), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromHttpCode(302), absl::StatusCode::kUnknown);
}

// The example of R000-26.
TEST(StatusTest, ErrorJsonHasTheSpecsForm) {
  const absl::Status error =
      WithRetryAfter(Error(absl::StatusCode::kUnavailable, "ANALYSIS_FAILED",
                           "Failed to analyze answer", {{"reason", "AI API timeout"}}),
                     absl::Milliseconds(4200));
  EXPECT_EQ(
      ErrorJson(error, "answer_123456_q1"),
      R"({"error":{"code":"ANALYSIS_FAILED","message":"Failed to analyze answer",)"
      R"("details":{"reason":"AI API timeout","retry_after":5},"trace_id":"answer_123456_q1"}})");
}

TEST(StatusTest, ErrorJsonListsViolationsAndMendsBadText) {
  const Json body = Json::parse(ErrorJson(InvalidField("name", "must be \"UTF-8\": \xff"), ""));
  EXPECT_EQ(body["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(body["error"]["details"]["violations"][0]["field"], "name");
  EXPECT_EQ(Json::parse(ErrorJson(absl::InternalError("x"), "t"))["error"]["details"],
            Json::object());
}

absl::StatusOr<std::unique_ptr<int>> Box(int value) {
  if (value < 0) return Error(absl::StatusCode::kOutOfRange, "NEGATIVE", "negative");
  return std::make_unique<int>(value);
}

absl::StatusOr<std::pair<int, int>> Twice(int value) {
  ASSIGN_OR_RETURN(std::unique_ptr<int> box, Box(value));
  return std::make_pair(*box, *box * 2);
}

absl::Status Check(int value, int* seen) {
  if (value == 7) RETURN_IF_ERROR(absl::AbortedError("seven"));
  RETURN_IF_ERROR(Box(value));
  ASSIGN_OR_RETURN((const auto [once, twice]), Twice(value));
  ASSIGN_OR_RETURN(*seen, absl::StatusOr<int>(once + twice));
  return absl::OkStatus();
}

TEST(StatusMacrosTest, AssignOrReturnTheErrorUnchanged) {
  int seen = 0;
  EXPECT_TRUE(Check(5, &seen).ok());
  EXPECT_EQ(seen, 15);
  EXPECT_TRUE(absl::IsAborted(Check(7, &seen)));
  EXPECT_EQ(Reason(Check(-1, &seen)), "NEGATIVE");
  EXPECT_EQ(Reason(Twice(-1).status()), "NEGATIVE");
  EXPECT_EQ(seen, 15);
}

}  // namespace
}  // namespace selfology::status

#include "common/postgres/error.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::postgres {
namespace {

using absl::StatusCode;

TEST(ErrorTest, EveryClassHasItsCode) {
  const struct {
    std::string_view sqlstate;
    StatusCode code;
  } kTable[] = {
      {"22001", StatusCode::kInvalidArgument},
      {"23502", StatusCode::kFailedPrecondition},
      {"23505", StatusCode::kAlreadyExists},
      {"23514", StatusCode::kFailedPrecondition},
      {"40001", StatusCode::kAborted},
      {"40P01", StatusCode::kAborted},
      {"40003", StatusCode::kInternal},
      {"55P03", StatusCode::kAborted},
      {"57014", StatusCode::kDeadlineExceeded},
      {"57P01", StatusCode::kUnavailable},
      {"57P03", StatusCode::kUnavailable},
      {"08006", StatusCode::kUnavailable},
      {"53300", StatusCode::kUnavailable},
      {"58030", StatusCode::kUnavailable},
      {"42501", StatusCode::kPermissionDenied},
      {"42601", StatusCode::kInternal},
      {"XX000", StatusCode::kInternal},
      {"", StatusCode::kInternal},
      {"2", StatusCode::kInternal},
  };
  for (const auto& [sqlstate, code] : kTable) {
    EXPECT_EQ(CodeOf(sqlstate), code) << sqlstate;
    EXPECT_EQ(SqlState(ToStatus({.sqlstate = sqlstate})), sqlstate);
  }
}

TEST(ErrorTest, OnlyMessagesThatCannotHoldValuesAreQuoted) {
  for (const std::string_view sqlstate : {"22P02", "23505", "P0001", "XX000", "HV000", "99999"}) {
    const absl::Status status = ToStatus({.sqlstate = sqlstate, .message = "secret"});
    EXPECT_THAT(status.ToString(), ::testing::Not(::testing::HasSubstr("secret"))) << sqlstate;
  }
  EXPECT_THAT(ToStatus({.sqlstate = "42703", .message = "column \"x\" does not exist"}).message(),
              ::testing::HasSubstr("column \"x\" does not exist"));
}

TEST(ErrorTest, NamesWhatWasViolated) {
  const absl::Status status =
      ToStatus({.sqlstate = "23502", .constraint = "c", .table = "sessions", .column = "user_id"});
  EXPECT_EQ(ConstraintName(status), "c");
  EXPECT_EQ(status.message(),
            "null in a column that takes none 23502 constraint c table sessions column user_id");
}

TEST(ErrorTest, AStalePreparedStatementIsNoFaultOfTheWork) {
  EXPECT_TRUE(absl::IsAborted(ToStatus({.sqlstate = "26000"})));
  EXPECT_TRUE(absl::IsAborted(ToStatus({.sqlstate = "0A000"})));
}

TEST(ErrorTest, WorthAnotherTry) {
  for (const std::string_view sqlstate : {"40001", "40P01", "0A000", "26000"}) {
    EXPECT_TRUE(WorthAnotherTry(ToStatus({.sqlstate = sqlstate}))) << sqlstate;
  }
  EXPECT_FALSE(WorthAnotherTry(ToStatus({.sqlstate = "23505"})));
  EXPECT_FALSE(WorthAnotherTry(ToStatus({.sqlstate = "57P01"})));
  EXPECT_FALSE(WorthAnotherTry(absl::AbortedError("not the database's")));
  EXPECT_FALSE(WorthAnotherTry(absl::OkStatus()));
}

}  // namespace
}  // namespace selfology::postgres

#include "common/timestamps/timestamp.h"

#include <random>

#include "absl/random/random.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"

namespace selfology::timestamps {
namespace {

using google::protobuf::util::TimeUtil;

TEST(TimestampTest, ThereAndBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const absl::Time time =
        absl::FromUnixSeconds(absl::Uniform<int64_t>(random, -62'135'596'800, 253'402'300'800)) +
        absl::Nanoseconds(absl::Uniform(random, 0, 1'000'000'000));
    const auto timestamp = ToProto(time);
    EXPECT_GE(timestamp.nanos(), 0);
    EXPECT_LT(timestamp.nanos(), 1'000'000'000);
    EXPECT_EQ(FromProto(timestamp), time);
  }
}

TEST(TimestampTest, IsWhatTheStandardMappingSays) {
  EXPECT_EQ(TimeUtil::ToString(ToProto(absl::FromUnixMillis(-500))), "1969-12-31T23:59:59.500Z");
  EXPECT_EQ(TimeUtil::ToString(ToProto(absl::InfiniteFuture())), "9999-12-31T23:59:59.999999999Z");
  EXPECT_EQ(TimeUtil::ToString(ToProto(absl::InfinitePast())), "0001-01-01T00:00:00Z");
}

TEST(TimestampTest, WholeMicrosecondsAreCutOffTowardsThePast) {
  EXPECT_EQ(WholeMicroseconds(absl::FromUnixNanos(1'999)), absl::FromUnixMicros(1));
  EXPECT_EQ(WholeMicroseconds(absl::FromUnixNanos(-1)), absl::FromUnixMicros(-1));
  EXPECT_EQ(WholeMicroseconds(absl::InfiniteFuture()), absl::InfiniteFuture());
}

}  // namespace
}  // namespace selfology::timestamps

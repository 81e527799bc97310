#include "services/platform/user/accounts/password_workers.h"

#include <functional>
#include <string>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

constexpr HashParameters kQuick = {.memory_kib = 64, .passes = 1, .lanes = 1};

Call Patient() { return Call::Background(absl::Seconds(30)); }

TEST(PasswordWorkersTest, ChecksWhatItHashed) {
  PasswordWorkers workers({.parameters = kQuick});
  const std::string hash = workers.Hash(Patient(), "correct horse").value();
  EXPECT_TRUE(workers.Check(Patient(), "correct horse", hash)->matches);
  EXPECT_FALSE(workers.Check(Patient(), "wrong horse", hash)->matches);
  EXPECT_FALSE(workers.Check(Patient(), "correct horse", hash)->better_hash.has_value());
}

TEST(PasswordWorkersTest, NothingMatchesAnAccountThatIsNotThere) {
  PasswordWorkers workers({.parameters = kQuick});
  EXPECT_FALSE(workers.Check(Patient(), "", "")->matches);
  EXPECT_FALSE(workers.Check(Patient(), "correct horse", "")->matches);
}

TEST(PasswordWorkersTest, HashesAnewWhatHasOtherParameters) {
  PasswordWorkers before({.parameters = kQuick});
  PasswordWorkers now({.parameters = {.memory_kib = 128, .passes = 1, .lanes = 1}});
  const std::string hash = before.Hash(Patient(), "correct horse").value();
  const auto checked = now.Check(Patient(), "correct horse", hash).value();
  ASSERT_TRUE(checked.better_hash.has_value());
  EXPECT_FALSE(
      now.Check(Patient(), "correct horse", *checked.better_hash)->better_hash.has_value());
  EXPECT_FALSE(now.Check(Patient(), "wrong horse", hash)->better_hash.has_value());
}

TEST(PasswordWorkersTest, RefusesWhatIsBeyondItsQueue) {
  PasswordWorkers workers({.threads = 1, .max_waiting = 0, .parameters = kQuick});
  const std::function<void()> release = workers.HoldThreadForTest();
  const auto refused = workers.Hash(Patient(), "correct horse");
  EXPECT_EQ(status::Reason(refused.status()), "RATE_LIMITED");
  EXPECT_TRUE(status::RetryAfter(refused.status()).has_value());
  release();
}

TEST(PasswordWorkersTest, WaitsNoLongerThanTheCall) {
  PasswordWorkers workers({.threads = 1, .max_waiting = 4, .parameters = kQuick});
  const std::function<void()> release = workers.HoldThreadForTest();
  EXPECT_EQ(workers.Hash(Call::Background(absl::ZeroDuration()), "correct horse").status().code(),
            absl::StatusCode::kDeadlineExceeded);
  release();
}

}  // namespace
}  // namespace selfology::user

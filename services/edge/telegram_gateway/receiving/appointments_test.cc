#include "services/edge/telegram_gateway/receiving/appointments.h"

#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Time At(int seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

TEST(AppointmentBookTest, GivesThemInTheOrderOfTheirTimes) {
  AppointmentBook book;
  EXPECT_EQ(book.next(), absl::InfiniteFuture());
  book.Make(1, At(30));
  book.Make(2, At(10));
  book.Make(3, At(20));
  EXPECT_EQ(book.next(), At(10));
  EXPECT_THAT(book.TakeDue(At(9)), IsEmpty());
  EXPECT_THAT(book.TakeDue(At(20)), ElementsAre(2, 3));
  EXPECT_EQ(book.next(), At(30));
  EXPECT_THAT(book.TakeDue(At(30)), ElementsAre(1));
  EXPECT_THAT(book.TakeDue(At(99)), IsEmpty());
}

TEST(AppointmentBookTest, ANewOneReplacesTheOld) {
  AppointmentBook book;
  book.Make(1, At(10));
  book.Make(1, At(30));
  EXPECT_THAT(book.TakeDue(At(20)), IsEmpty());
  book.Make(1, At(25));
  EXPECT_THAT(book.TakeDue(At(25)), ElementsAre(1));
  EXPECT_THAT(book.TakeDue(At(30)), IsEmpty());
}

TEST(AppointmentsTest, AreKept) {
  absl::Notification kept;
  Appointments appointments([&](int64_t id) {
    if (id == 7) kept.Notify();
  });
  // The thread waits for the later one when the earlier comes.
  appointments.Make(8, absl::Now() + absl::Hours(1));
  appointments.Make(7, absl::Now() + absl::Milliseconds(10));
  EXPECT_TRUE(kept.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST(AppointmentsTest, AreForgottenWhenStopped) {
  bool kept = false;
  Appointments appointments([&](int64_t) { kept = true; });
  appointments.Make(7, absl::Now() + absl::Hours(1));
  appointments.Stop();
  appointments.Make(8, absl::Now());
  appointments.Stop();
  EXPECT_FALSE(kept);
}

}  // namespace
}  // namespace selfology::telegram_gateway

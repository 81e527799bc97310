#include "services/edge/telegram_gateway/receiving/chat_queues.h"

#include <memory>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

TEST(ChatQueuesTest, StopDestroysWhatHasNotBegun) {
  ChatQueues queues(2);
  absl::Notification began, go;
  bool second_ran = false;
  auto held = std::make_shared<int>(0);
  ASSERT_TRUE(queues.Submit(1, [&] {
    began.Notify();
    go.WaitForNotification();
  }));
  ASSERT_TRUE(queues.Submit(1, [&, held] { second_ran = *held == 0; }));
  began.WaitForNotification();
  std::thread stop([&] { queues.Stop(); });
  while (queues.Submit(2, [] {})) std::this_thread::yield();
  go.Notify();
  stop.join();
  EXPECT_FALSE(second_ran);
  EXPECT_EQ(held.use_count(), 1) << "what it refers to is let go";
}

}  // namespace
}  // namespace selfology::telegram_gateway

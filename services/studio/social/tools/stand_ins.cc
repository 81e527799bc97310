// The stand-ins of platforms that the tests publish to, for clients that others wrote: prints the
// address of Mastodon's and Telegram's kind, and that of X's, and serves until it is killed.
// tests/peers/studio_servers.py
#include <cstdio>

#include "absl/synchronization/notification.h"
#include "services/studio/social/api_platforms_test.h"
#include "services/studio/social/fake_platforms_test.h"

int main() {
  const selfology::social::FakePlatforms platforms;
  const selfology::social::ApiPlatforms apis;
  std::printf("%s %s\n", platforms.url().c_str(), apis.url().c_str());
  std::fflush(stdout);
  absl::Notification never;
  never.WaitForNotification();
}

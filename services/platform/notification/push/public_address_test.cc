#include "services/platform/notification/push/public_address.h"

#include "gtest/gtest.h"

namespace selfology::notification {
namespace {

TEST(PublicAddressTest, LeadsNowhereNearUs) {
  for (const char* good : {"8.8.8.8", "172.15.0.1", "172.32.0.1", "223.255.255.255",
                           "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(IsPublicAddress(good)) << good;
  }
  for (const char* bad : {"",
                          "x",
                          "127.0.0.1",
                          "10.1.2.3",
                          "172.16.0.1",
                          "172.31.255.255",
                          "192.168.1.1",
                          "169.254.169.254",
                          "100.64.0.1",
                          "0.0.0.0",
                          "224.0.0.1",
                          "255.255.255.255",
                          "::",
                          "::1",
                          "fe80::1",
                          "fc00::1",
                          "ff02::1",
                          "::ffff:127.0.0.1",
                          "64:ff9b::a00:1",
                          "2001:db8::1",
                          "2002:7f00:1::",
                          "8.8.8.8 ",
                          "[::1]"}) {
    EXPECT_FALSE(IsPublicAddress(bad)) << bad;
  }
}

}  // namespace
}  // namespace selfology::notification

#include "services/studio/social/addresses.h"

#include "gtest/gtest.h"

namespace selfology::social {
namespace {

TEST(AddressesTest, OnlyThePublicInternet) {
  for (const char* open : {"1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"}) {
    EXPECT_TRUE(IsPublicAddress(open)) << open;
  }
  for (const char* closed : {"127.0.0.1",
                             "10.1.2.3",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "169.254.169.254",
                             "100.64.0.1",
                             "0.0.0.0",
                             "224.0.0.1",
                             "255.255.255.255",
                             "::1",
                             "::",
                             "fe80::1",
                             "fd00::1",
                             "::ffff:127.0.0.1",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::",
                             "2001:db8::1",
                             "2001::1",
                             "",
                             "x"}) {
    EXPECT_FALSE(IsPublicAddress(closed)) << closed;
  }
  EXPECT_TRUE(IsPublicAddress("172.32.0.1"));
}

}  // namespace
}  // namespace selfology::social

#include "services/edge/webhook/outbound/addresses.h"

#include <string>

#include "gtest/gtest.h"

namespace selfology::webhook {
namespace {

TEST(AddressesTest, PublicOnesMayBeReached) {
  for (const char* address :
       {"8.8.8.8", "93.184.216.34", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255",
        "100.128.0.0", "198.17.255.255", "223.255.255.255", "2606:4700:4700::1111",
        "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2400:cb00::1"}) {
    EXPECT_TRUE(MayReach(address, {})) << address;
  }
}

TEST(AddressesTest, OthersMayNot) {
  for (const char* address :
       {"127.0.0.1", "127.255.255.255", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2002:a00:1::1", "2001::1", "2001:db8::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1",
        "ff02::1", "100::1", "64:ff9b:1::1", "3fff::1", "5f00::1"}) {
    EXPECT_FALSE(MayReach(address, {})) << address;
  }
  for (const char* none : {"", "localhost", "127.1", "0x7f000001", "1.2.3.4.5", "fe80::1%eth0"}) {
    EXPECT_FALSE(MayReach(none, {})) << none;
  }
}

TEST(AddressesTest, SettingsMayAllowMore) {
  const auto networks = ParseNetworks({"127.0.0.0/8", "10.1.2.0/23", "fd00::/8"});
  ASSERT_TRUE(networks.ok()) << networks.status();
  for (const char* address : {"127.0.0.1", "10.1.3.255", "fd12::1", "::ffff:127.0.0.1", "8.8.8.8"}) {
    EXPECT_TRUE(MayReach(address, *networks)) << address;
  }
  for (const char* address : {"10.1.4.0", "10.1.1.255", "fc00::1", "::1"}) {
    EXPECT_FALSE(MayReach(address, *networks)) << address;
  }
  for (const char* wrong : {"", "10.0.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/-1", "a/8"}) {
    EXPECT_FALSE(ParseNetworks({wrong}).ok()) << wrong;
  }
}

}  // namespace
}  // namespace selfology::webhook

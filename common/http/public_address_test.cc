#include "common/http/public_address.h"

#include <arpa/inet.h>

#include <array>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace selfology::http {
namespace {

struct Range {
  const char* what;
  const char* network;
};

// Each row of the registries, and what they say elsewhere of IPv6 outside of 2000::/3.
constexpr Range kReserved[] = {
    {"this network", "0.0.0.0/8"},
    {"private", "10.0.0.0/8"},
    {"shared address space", "100.64.0.0/10"},
    {"loopback", "127.0.0.0/8"},
    {"link-local", "169.254.0.0/16"},
    {"private", "172.16.0.0/12"},
    {"protocol assignments", "192.0.0.0/24"},
    {"DS-Lite", "192.0.0.0/29"},
    {"dummy address", "192.0.0.8/32"},
    {"PCP anycast", "192.0.0.9/32"},
    {"TURN anycast", "192.0.0.10/32"},
    {"NAT64 discovery", "192.0.0.170/31"},
    {"documentation 1", "192.0.2.0/24"},
    {"AS112", "192.31.196.0/24"},
    {"AMT", "192.52.193.0/24"},
    {"6to4 relays", "192.88.99.0/24"},
    {"private", "192.168.0.0/16"},
    {"AS112 delegation", "192.175.48.0/24"},
    {"benchmarking", "198.18.0.0/15"},
    {"documentation 2", "198.51.100.0/24"},
    {"documentation 3", "203.0.113.0/24"},
    {"multicast", "224.0.0.0/4"},
    {"reserved", "240.0.0.0/4"},
    {"broadcast", "255.255.255.255/32"},
    {"unspecified", "::/128"},
    {"loopback", "::1/128"},
    {"translated (SIIT)", "::ffff:0:0:0/96"},
    {"NAT64, local", "64:ff9b:1::/48"},
    {"discard-only", "100::/64"},
    {"dummy prefix", "100:0:0:1::/64"},
    {"protocol assignments", "2001::/23"},
    {"Teredo", "2001::/32"},
    {"PCP anycast", "2001:1::1/128"},
    {"TURN anycast", "2001:1::2/128"},
    {"DNS-SD SRP anycast", "2001:1::3/128"},
    {"benchmarking", "2001:2::/48"},
    {"AMT", "2001:3::/32"},
    {"AS112", "2001:4:112::/48"},
    {"ORCHID", "2001:10::/28"},
    {"ORCHIDv2", "2001:20::/28"},
    {"drone identifiers", "2001:30::/28"},
    {"documentation", "2001:db8::/32"},
    {"6to4", "2002::/16"},
    {"AS112 delegation", "2620:4f:8000::/48"},
    {"documentation", "3fff::/20"},
    {"unassigned", "4000::/2"},
    {"SRv6 SIDs", "5f00::/16"},
    {"unique local", "fc00::/7"},
    {"link-local", "fe80::/10"},
    {"site-local", "fec0::/10"},
    {"multicast", "ff00::/8"},
};

// With the bits after the prefix all 0 or all 1; IPv4 written as IPv4.
std::string Edge(const Network& network, bool last) {
  std::array<uint8_t, 16> bytes = network.address;
  for (int bit = network.bits; bit < 128; ++bit) {
    const auto mask = static_cast<uint8_t>(0x80 >> bit % 8);
    bytes[bit / 8] = static_cast<uint8_t>(last ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
  }
  const bool is_v4 = network.bits >= 96 && bytes[10] == 0xff && bytes[8] == 0;
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes.data() + (is_v4 ? 12 : 0), text, sizeof text);
  return text;
}

TEST(PublicAddressTest, NothingReservedIsPublic) {
  for (const Range& range : kReserved) {
    const auto networks = ParseNetworks({range.network});
    ASSERT_TRUE(networks.ok()) << networks.status();
    for (const bool last : {false, true}) {
      const std::string address = Edge(networks->front(), last);
      EXPECT_FALSE(IsPublicAddress(address)) << range.what << " " << address;
      EXPECT_TRUE(IsPublicOrIn(address, *networks)) << range.what << " " << address;
      if (address.find(':') != std::string::npos) continue;
      EXPECT_FALSE(IsPublicAddress("::ffff:" + address)) << range.what;
      EXPECT_FALSE(IsPublicAddress("64:ff9b::" + address)) << range.what;
    }
  }
}

// The addresses right before and after what is reserved, among others.
TEST(PublicAddressTest, AllElseIs) {
  for (const char* address :
       {"1.0.0.0",         "1.1.1.1",        "8.8.8.8",        "9.255.255.255",   "11.0.0.0",
        "93.184.216.34",   "100.63.255.255", "100.128.0.0",    "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0",    "172.15.255.255", "172.32.0.0",      "191.255.255.255",
        "192.0.1.0",       "192.0.3.0",      "192.31.195.255", "192.31.197.0",    "192.52.192.255",
        "192.52.194.0",    "192.88.98.255",  "192.88.100.0",   "192.167.255.255", "192.169.0.0",
        "192.175.47.255",  "192.175.49.0",   "198.17.255.255", "198.20.0.0",      "198.51.99.255",
        "198.51.101.0",    "203.0.112.255",  "203.0.114.0",    "223.255.255.255"}) {
    EXPECT_TRUE(IsPublicAddress(address)) << address;
    EXPECT_TRUE(IsPublicAddress(std::string("::ffff:") + address)) << address;
    EXPECT_TRUE(IsPublicAddress(std::string("64:ff9b::") + address)) << address;
  }
  for (const char* address :
       {"2000::", "2001:200::", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db9::", "2003::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2400:cb00::1",
        "2606:4700:4700::1111", "2620:4f:7fff::1", "2620:4f:8001::", "2a00:1450:4001:81b::200e",
        "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"}) {
    EXPECT_TRUE(IsPublicAddress(address)) << address;
  }
}

TEST(PublicAddressTest, AnAddressInsideOfAnAddressCounts) {
  for (const char* hidden :
       {"::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:FFFF:A9FE:A9FE", "::127.0.0.1", "::a00:1",
        "::8.8.8.8", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8",
        "64:ff9b:0:0:1::808:808", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe", "::ffff:0:127.0.0.1", "2a00:1450::5efe:10.0.0.1",
        "2a00:1450::200:5efe:10.0.0.1"}) {
    EXPECT_FALSE(IsPublicAddress(hidden)) << hidden;
  }
}

TEST(PublicAddressTest, WhatIsNoAddressIsNotPublic) {
  for (const std::string_view none :
       std::initializer_list<std::string_view>{"",
                                               " ",
                                               "x",
                                               "localhost",
                                               "example.org",
                                               "8.8.8",
                                               "134744072",
                                               "0x8080808",
                                               "0x8.8.8.8",
                                               "010.8.8.8",
                                               "8.8.8.8.8",
                                               "8.8.8.256",
                                               "8.8.8.8 ",
                                               " 8.8.8.8",
                                               "8.8.8.8:80",
                                               "8.8.8.8/32",
                                               "8.8.8.8%eth0",
                                               "[2606:4700::1]",
                                               "2606:4700::1%eth0",
                                               "fe80::1%1",
                                               "2606:4700:::1",
                                               "2606:4700::12345",
                                               "::ffff:8.8.8",
                                               std::string_view("8.8.8.8\0", 8),
                                               std::string_view("8.8.8.8\0.x", 10),
                                               "8.8.8.８"}) {
    EXPECT_FALSE(IsPublicAddress(none)) << none;
  }
}

TEST(PublicAddressTest, SettingsMayAllowMore) {
  const auto networks = ParseNetworks({"127.0.0.0/8", "10.1.2.3/23", "fd00::/8", "192.168.7.9/32"});
  ASSERT_TRUE(networks.ok()) << networks.status();
  for (const char* address : {"127.0.0.1", "10.1.2.0", "10.1.3.255", "fd12::1", "192.168.7.9",
                              "::ffff:127.0.0.1", "8.8.8.8"}) {
    EXPECT_TRUE(IsPublicOrIn(address, *networks)) << address;
  }
  for (const char* address : {"10.1.4.0", "10.1.1.255", "fc00::1", "::1", "192.168.7.8", "x", ""}) {
    EXPECT_FALSE(IsPublicOrIn(address, *networks)) << address;
  }
  const auto all = ParseNetworks({"::/0"});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_TRUE(IsPublicOrIn("127.0.0.1", *all));
  EXPECT_FALSE(IsPublicOrIn("localhost", *all));
  EXPECT_TRUE(IsPublicOrIn("10.0.0.1", *ParseNetworks({"0.0.0.0/0"})));
  EXPECT_FALSE(IsPublicOrIn("fd00::1", *ParseNetworks({"0.0.0.0/0"})));
  EXPECT_TRUE(ParseNetworks({})->empty());
}

TEST(PublicAddressTest, SaysWhichNetworkIsNone) {
  for (const char* wrong : {"", "/8", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "fd00::/129",
                            "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "a/8", "[fd00::]/8"}) {
    const absl::Status refused = ParseNetworks({"10.0.0.0/8", wrong}).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << wrong;
    EXPECT_NE(refused.message().find("\"" + std::string(wrong) + "\""), std::string::npos);
  }
}

}  // namespace
}  // namespace selfology::http

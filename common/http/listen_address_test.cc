#include "common/http/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selfology::http {
namespace {

using ::testing::HasSubstr;

TEST(ListenAddressTest, ReadsBothFamilies) {
  EXPECT_EQ(*ParseListenAddress("127.0.0.1:8080"), (ListenAddress{"127.0.0.1", 8080}));
  EXPECT_EQ(*ParseListenAddress("0.0.0.0:0"), (ListenAddress{"0.0.0.0", 0}));
  EXPECT_EQ(*ParseListenAddress("[::]:8080"), (ListenAddress{"::", 8080}));
  EXPECT_EQ(*ParseListenAddress("[fe80::1]:65535"), (ListenAddress{"fe80::1", 65535}));
}

TEST(ListenAddressTest, WritesWhatItReads) {
  for (const char* text : {"127.0.0.1:8080", "[::]:8080", "[::1]:0"}) {
    EXPECT_EQ(Format(*ParseListenAddress(text)), text);
  }
}

TEST(ListenAddressTest, RefusesEverythingElseAndSaysWhy) {
  for (const char* text : {"", ":", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:-1", "127.0.0.1:+80", "127.0.0.1: 80", "127.0.0.1:http",
                           "::1:8080", ":8080", "[]:8080", "[::1:8080", "::1]:8080"}) {
    const auto address = ParseListenAddress(text);
    EXPECT_TRUE(absl::IsInvalidArgument(address.status())) << text;
    EXPECT_THAT(address.status().message(), HasSubstr(text));
  }
  EXPECT_THAT(ParseListenAddress("::1:8080").status().message(), HasSubstr("brackets"));
}

}  // namespace
}  // namespace selfology::http

#include "services/edge/realtime/engine_io/packet.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::realtime::engine_io {
namespace {

using ::testing::ElementsAre;

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

const Packet kHello{.data = "hello"};
const Packet kFour{.data = Bytes({1, 2, 3, 4}), .binary = true};

// The examples of the protocol's documents.
TEST(PacketTest, Protocol4AsItsDocumentWritesIt) {
  EXPECT_EQ(EncodePayload(Version::k4, {kHello, {PacketType::kPing}, {.data = "world"}}).body,
            "4hello\x1e"
            "2\x1e"
            "4world");
  EXPECT_EQ(EncodePayload(Version::k4, {kHello, kFour}).body,
            "4hello\x1e"
            "bAQIDBA==");
  const auto packets = DecodePayload(Version::k4,
                                     "4hello\x1e"
                                     "bAQIDBA==",
                                     false);
  ASSERT_TRUE(packets.ok());
  EXPECT_THAT(*packets, ElementsAre(kHello, kFour));
  EXPECT_EQ(EncodeBinary(Version::k4, kFour.data), kFour.data);
}

TEST(PacketTest, Protocol3AsItsDocumentWritesIt) {
  EXPECT_EQ(EncodePayload(Version::k3, {kHello, {PacketType::kPing}, {.data = "world"}}).body,
            "6:4hello1:26:4world");
  const Payload text = EncodePayload(Version::k3, {{.data = "€"}, kFour});
  EXPECT_EQ(text.body, "2:4€10:b4AQIDBA==");
  EXPECT_FALSE(text.binary);
  EXPECT_THAT(*DecodePayload(Version::k3, text.body, false),
              ElementsAre(Packet{.data = "€"}, kFour));

  const Payload bytes = EncodePayload(Version::k3, {kHello, kFour}, true);
  EXPECT_TRUE(bytes.binary);
  EXPECT_EQ(bytes.body, Bytes({0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4}));
  EXPECT_THAT(*DecodePayload(Version::k3, bytes.body, true), ElementsAre(kHello, kFour));
  // Without bytes in it a body stays text.
  EXPECT_FALSE(EncodePayload(Version::k3, {kHello}, true).binary);
  EXPECT_EQ(EncodeBinary(Version::k3, kFour.data), Bytes({4, 1, 2, 3, 4}));
  EXPECT_EQ(*DecodeBinary(Version::k3, Bytes({4, 1, 2, 3, 4})), kFour);
}

TEST(PacketTest, LengthsCountAsJavaScriptDoes) {
  // Two UTF-16 code units, four bytes.
  EXPECT_EQ(EncodePayload(Version::k3, {{.data = "😀"}}).body, "3:4😀");
  EXPECT_THAT(*DecodePayload(Version::k3, "3:4😀6:4hello", false),
              ElementsAre(Packet{.data = "😀"}, kHello));
  // Cut within a character.
  EXPECT_FALSE(DecodePayload(Version::k3, "2:4😀", false).ok());
}

TEST(PacketTest, RefusesWhatNoClientSends) {
  for (const char* body : {"", "abc", "7hello", "4a\x1e", "\x1e", "b!"}) {
    EXPECT_FALSE(DecodePayload(Version::k4, body, false).ok()) << body;
  }
  for (const char* body :
       {"", "abc", "6:4hell", ":4", "1:9", "9999999999:4", "-1:4", "2:b!", "0:", "6:4hello1"}) {
    EXPECT_FALSE(DecodePayload(Version::k3, body, false).ok()) << body;
  }
  for (const std::string& body :
       {Bytes({0, 6, 255, 52}), Bytes({2, 1, 255, 52}), Bytes({0, 255}), Bytes({1, 1, 255, 3}),
        Bytes({0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 255}), Bytes({0, 10, 255})}) {
    EXPECT_FALSE(DecodePayload(Version::k3, body, true).ok());
  }
  EXPECT_FALSE(DecodeText("").ok());
  EXPECT_FALSE(DecodeText("9").ok());
  EXPECT_FALSE(DecodeBinary(Version::k3, "").ok());
}

}  // namespace
}  // namespace selfology::realtime::engine_io

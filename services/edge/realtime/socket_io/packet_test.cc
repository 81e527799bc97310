#include "services/edge/realtime/socket_io/packet.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::realtime::socket_io {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Json Bytes(std::vector<uint8_t> bytes) { return Json::binary(std::move(bytes)); }

std::optional<Packet> Decode(std::string_view text) {
  Decoder decoder;
  auto packet = decoder.Text(text);
  return packet.ok() ? *std::move(packet) : std::nullopt;
}

// The examples of the protocol's document.
TEST(SocketPacketTest, WritesWhatTheDocumentShows) {
  const auto text = [](const Packet& packet) { return Encode(packet).text; };
  EXPECT_EQ(text({.type = PacketType::kConnect, .data = {{"sid", "x"}}}), R"(0{"sid":"x"})");
  EXPECT_EQ(text({.type = PacketType::kConnect, .nsp = "/admin", .data = {{"sid", "x"}}}),
            R"(0/admin,{"sid":"x"})");
  EXPECT_EQ(text({.type = PacketType::kDisconnect, .nsp = "/admin"}), "1/admin,");
  EXPECT_EQ(text({.data = {"foo"}}), R"(2["foo"])");
  EXPECT_EQ(text({.nsp = "/admin", .id = 12, .data = {"foo"}}), R"(2/admin,12["foo"])");
  EXPECT_EQ(text({.type = PacketType::kAck, .nsp = "/admin", .id = 13, .data = {"bar"}}),
            R"(3/admin,13["bar"])");
  EXPECT_EQ(text({.type = PacketType::kConnectError, .data = {{"message", "no"}}}),
            R"(4{"message":"no"})");
  const Encoded binary = Encode({.data = Json::array({"baz", Bytes({1, 2, 3, 4})})});
  EXPECT_EQ(binary.text, R"(51-["baz",{"_placeholder":true,"num":0}])");
  EXPECT_THAT(binary.attachments, ElementsAre("\1\2\3\4"));
  EXPECT_EQ(Encode({.type = PacketType::kAck,
                    .nsp = "/admin",
                    .id = 15,
                    .data = Json::array({Bytes({1, 2, 3, 4})})})
                .text,
            R"(61-/admin,15[{"_placeholder":true,"num":0}])");
}

TEST(SocketPacketTest, ReadsThem) {
  const auto event = Decode(R"(2/admin,12["foo",{"a":[1,null]}])");
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->type, PacketType::kEvent);
  EXPECT_EQ(event->nsp, "/admin");
  EXPECT_EQ(event->id, 12u);
  EXPECT_EQ(event->data, Json::parse(R"(["foo",{"a":[1,null]}])"));
  EXPECT_EQ(Decode("0/admin")->nsp, "/admin");
  EXPECT_EQ(Decode("0/admin,")->nsp, "/admin");
  EXPECT_EQ(Decode("0/admin?token=1,")->nsp, "/admin");
  EXPECT_TRUE(Decode("0")->data.is_null());
  EXPECT_EQ(Decode("3456[]")->id, 456u);
  EXPECT_EQ(Decode("51-[\"a\"]"), std::nullopt);  // Waits for what follows.
}

TEST(SocketPacketTest, PutsAttachmentsWhereTheyBelong) {
  Decoder decoder;
  const auto head = decoder.Text(
      R"(52-7["a",{"_placeholder":true,"num":1},{"b":[{"_placeholder":true,"num":0}]}])");
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(*head, std::nullopt);
  EXPECT_EQ(*decoder.Binary("zero"), std::nullopt);
  const auto whole = decoder.Binary("one");
  ASSERT_TRUE(whole.ok() && whole->has_value());
  EXPECT_EQ((*whole)->data[1], Bytes({'o', 'n', 'e'}));
  EXPECT_EQ((*whole)->data[2]["b"][0], Bytes({'z', 'e', 'r', 'o'}));
  EXPECT_EQ((*whole)->id, 7u);
  // The next packet is a new one.
  EXPECT_TRUE((*decoder.Text(R"(2["a"])")).has_value());
}

TEST(SocketPacketTest, RefusesWhatTheProtocolForbids) {
  for (const char* text : {"",
                           "abc",
                           "7",
                           "2",
                           "2{}",
                           "2[]",
                           "2[null]",
                           "2[\"a\"",
                           "2abc[\"a\"]",
                           "2[\"connect\"]",
                           "2[\"disconnect\"]",
                           "0[]",
                           "0\"a\"",
                           "1{}",
                           "3[]",
                           "31{}",
                           "4",
                           "4[]",
                           "5[\"a\"]",
                           "5-[\"a\"]",
                           "599-[\"a\"]",
                           "2[\"\xff\"]",
                           "2[1e999]",
                           "29999999999999999[\"a\"]"}) {
    Decoder decoder;
    EXPECT_FALSE(decoder.Text(text).ok()) << text;
  }
  Decoder unexpected;
  EXPECT_FALSE(unexpected.Binary("x").ok());
  Decoder interrupted;
  ASSERT_TRUE(interrupted.Text(R"(51-["a",{"_placeholder":true,"num":0}])").ok());
  EXPECT_FALSE(interrupted.Text(R"(2["a"])").ok());
  Decoder out_of_range;
  ASSERT_TRUE(out_of_range.Text(R"(51-["a",{"_placeholder":true,"num":1}])").ok());
  EXPECT_FALSE(out_of_range.Binary("x").ok());
}

TEST(SocketPacketTest, DepthIsLimited) {
  const auto nested = [](size_t depth) {
    return absl::StrCat("2[\"a\",", std::string(depth, '['), std::string(depth, ']'), "]");
  };
  Decoder decoder;
  EXPECT_TRUE(decoder.Text(nested(60)).ok());
  EXPECT_FALSE(decoder.Text(nested(70)).ok());
  EXPECT_FALSE(decoder.Text(nested(400'000)).ok());
}

TEST(SocketPacketTest, TextThatIsNoUtf8IsMended) {
  const Encoded encoded = Encode({.data = Json::array({"a", "\xff"})});
  EXPECT_TRUE(Decode(encoded.text).has_value());
  EXPECT_THAT(encoded.attachments, IsEmpty());
}

}  // namespace
}  // namespace selfology::realtime::socket_io

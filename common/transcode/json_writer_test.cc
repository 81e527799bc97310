#include "common/transcode/json_writer.h"

#include <limits>
#include <random>
#include <string>

#include "common/json/json.h"
#include "common/transcode/probe/thing_service.pb.h"
#include "common/transcode/random_message.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "testing/proto_matchers.h"

namespace selfology::transcode {
namespace {

using probe::v1::Thing;
using ::testing::HasSubstr;

Thing Of(const std::string& text) {
  Thing thing;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &thing)) << text;
  return thing;
}

std::string Written(const Thing& thing, const JsonStyle& style = {}) {
  std::string json;
  const absl::Status status = AppendJson(thing, style, json);
  EXPECT_TRUE(status.ok()) << status;
  return json;
}

// One field of it.
std::string Field(const Thing& thing, const std::string& name, const JsonStyle& style = {}) {
  const auto value = nlohmann::ordered_json::parse(Written(thing, style));
  return value.contains(name) ? value[name].dump() : "";
}

TEST(JsonWriterTest, WritesPlainFieldsAlwaysAndOthersWhenSet) {
  EXPECT_EQ(Written({}),
            R"({"id":"0","name":"","color":"COLOR_UNSPECIFIED","colors":[],"parts":[],"counts":{},)"
            R"("colors_by_number":{},"by_truth":{},"raw":"","ratio":0,"weight":0,"large":"0",)"
            R"("small":0,"tiny":0,"is_new":false,"tags":[],"zigzag":"0","fixed":"0"})");
  EXPECT_EQ(Field(Of("nickname: ''"), "nickname"), "\"\"");
  EXPECT_EQ(Field(Of("radius: 0"), "radius"), "0");
  EXPECT_EQ(Field(Of("inner {}"), "inner").substr(0, 9), R"({"id":"0")");
}

TEST(JsonWriterTest, WritesWhatProtobufsMappingSays) {
  EXPECT_EQ(Field(Of("id: -5"), "id"), "\"-5\"");
  EXPECT_EQ(Field(Of("color: COLOR_DEEP_BLUE"), "color"), "\"COLOR_DEEP_BLUE\"");
  EXPECT_EQ(Field(Of("color: 99"), "color"), "99");
  EXPECT_EQ(Field(Of("raw: '\\377\\376'"), "raw"), "\"//4=\"");
  EXPECT_EQ(Field(Of("ratio: 0.1 weight: 1e300"), "ratio"), "0.1");
  EXPECT_EQ(Field(Of("weight: nan"), "weight"), "\"NaN\"");
  EXPECT_EQ(Field(Of("weight: -inf"), "weight"), "\"-Infinity\"");
  EXPECT_EQ(Field(Of("counts { key: 'b' value: 2 } counts { key: 'a' value: 1 }"), "counts"),
            R"({"a":"1","b":"2"})");
  EXPECT_EQ(Field(Of("colors_by_number { key: -1 value: COLOR_RED }"), "colors_by_number"),
            R"({"-1":"COLOR_RED"})");
  EXPECT_EQ(Field(Of("made_at { seconds: 1759312800 nanos: 5000000 }"), "made_at"),
            "\"2025-10-01T10:00:00.005Z\"");
  EXPECT_EQ(Field(Of("age { seconds: 90 }"), "age"), "\"90s\"");
  EXPECT_EQ(Field(Of("maybe { value: 7 }"), "maybe"), "\"7\"");
  EXPECT_EQ(Field(Of("mask { paths: 'a_b' paths: 'c.d' }"), "mask"), "\"aB,c.d\"");
  EXPECT_EQ(Field(Of("extra { fields { key: 'k' value { null_value: NULL_VALUE } } }"), "extra"),
            R"({"k":null})");
  EXPECT_EQ(Field(Of("tags: '\\\"\\n\\001</script>'"), "tags"), R"(["\"\n\u0001</script>"])");
}

TEST(JsonWriterTest, WritesTheStyleOfAService) {
  const JsonStyle style = {.integers_as_numbers = true, .short_enums = true};
  EXPECT_EQ(Field(Of("id: -9007199254740992"), "id", style), "-9007199254740992");
  EXPECT_EQ(Field(Of("color: COLOR_DEEP_BLUE"), "color", style), "\"deep_blue\"");
  EXPECT_EQ(Field({}, "color", style), "\"unspecified\"");
  EXPECT_EQ(Field(Of("maybe { value: 7 }"), "maybe", style), "7");
  EXPECT_EQ(Field(Of("counts { key: 'b' value: 2 }"), "counts", style), R"({"b":2})");
  std::string json;
  const absl::Status status = AppendJson(Of("inner { large: 9007199254740993 }"), style, json);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Thing.large"));
}

TEST(JsonWriterTest, SaysTheStyleOfAContract) {
  const auto& file = *Thing::descriptor()->file();
  EXPECT_FALSE(StyleOf(*file.FindServiceByName("ThingService")).short_enums);
  EXPECT_TRUE(StyleOf(*file.FindServiceByName("StyledService")).short_enums);
  EXPECT_TRUE(StyleOf(*file.FindServiceByName("StyledService")).integers_as_numbers);
}

// What is written is read again as it was, whatever the message and the style.
TEST(JsonWriterTest, RandomMessagesComeBackAsTheyWere) {
  std::mt19937_64 bits(20);
  for (const JsonStyle& style :
       {JsonStyle{}, JsonStyle{.integers_as_numbers = true, .short_enums = true}}) {
    RandomMessage random(
        bits, style.integers_as_numbers ? kMaxExactInteger : std::numeric_limits<int64_t>::max());
    for (int i = 0; i < 500; ++i) {
      Thing thing;
      random.Fill(thing);
      const std::string json = Written(thing, style);
      Thing again;
      const absl::Status parsed = json::Parse(json, again);
      ASSERT_TRUE(parsed.ok()) << parsed << "\n" << json;
      google::protobuf::util::MessageDifferencer differencer;
      google::protobuf::util::DefaultFieldComparator comparator;
      comparator.set_treat_nan_as_equal(true);
      differencer.set_field_comparator(&comparator);
      ASSERT_TRUE(differencer.Compare(thing, again)) << json;
    }
  }
}

// Where both write the same, they write the same.
TEST(JsonWriterTest, AgreesWithProtobufsOwnPrinter) {
  std::mt19937_64 bits(21);
  RandomMessage random(bits, std::numeric_limits<int64_t>::max());
  for (int i = 0; i < 100; ++i) {
    Thing thing;
    random.Fill(thing);
    const auto own = nlohmann::json::parse(Written(thing));
    const auto theirs = nlohmann::json::parse(*json::Print(thing, {.defaults = true}));
    for (const auto& [name, value] : theirs.items()) {
      if (value.is_number_float() || value.is_object() || value.is_array()) continue;
      EXPECT_EQ(own.value(name, nlohmann::json()), value) << name;
    }
  }
}

}  // namespace
}  // namespace selfology::transcode

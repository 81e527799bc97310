#include "common/http/sse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace selfology::http {
namespace {

using ::testing::ElementsAre;

// The examples of the standard.
TEST(SseTest, ReadsTheStandardsExamples) {
  EXPECT_THAT(EventReader().Feed("data: YHOO\ndata: +2\ndata: 10\n\n"),
              ElementsAre(ServerEvent{.data = "YHOO\n+2\n10"}));
  EventReader reader;
  EXPECT_THAT(
      reader.Feed(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
                  "data:  third event\n\n"),
      ElementsAre(ServerEvent{.data = "first event", .id = "1"},
                  ServerEvent{.data = "second event"}, ServerEvent{.data = " third event"}));
  EXPECT_THAT(EventReader().Feed("data\n\ndata\ndata\n\ndata:"),
              ElementsAre(ServerEvent{}, ServerEvent{.data = "\n"}));
}

TEST(SseTest, KeepsTypesAndIgnoresTheRest) {
  EXPECT_THAT(
      EventReader().Feed("\xEF\xBB\xBF"
                         "event: delta\nretry: 5\nunknown: x\ndata: {\"a\": 1}\n\nevent: none\n\n"),
      ElementsAre(ServerEvent{.type = "delta", .data = "{\"a\": 1}"}));
}

TEST(SseTest, CutsAnywhereAndAllLineEndsGiveTheSame) {
  const std::string text = "event: a\ndata: 1\ndata: 2\n\nid: 7\ndata: \xd0\xb6\n\n";
  const std::vector<ServerEvent> expected = EventReader().Feed(text);
  ASSERT_EQ(expected.size(), 2u);
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    std::string variant;
    for (char c : text) variant += c == '\n' ? end : std::string(1, c);
    std::mt19937 random(3);
    for (int i = 0; i < 200; ++i) {
      EventReader reader;
      std::vector<ServerEvent> events;
      for (size_t at = 0; at < variant.size();) {
        const size_t size = 1 + random() % 5;
        for (ServerEvent& event : reader.Feed(variant.substr(at, size))) events.push_back(event);
        at += size;
      }
      EXPECT_EQ(events, expected);
    }
  }
}

TEST(SseTest, WhatIsFormattedReadsBack) {
  for (const ServerEvent& event :
       {ServerEvent{}, ServerEvent{.type = "done", .data = "a\nb\n\nc", .id = "5"},
        ServerEvent{.data = " leading"}, ServerEvent{.data = "data: x"}}) {
    EXPECT_THAT(EventReader().Feed(FormatEvent(event)), ElementsAre(event));
  }
  EXPECT_THAT(EventReader().Feed(FormatEvent({.type = "a\ndata: forged"})),
              ElementsAre(ServerEvent{.type = "a data: forged"}));
}

}  // namespace
}  // namespace selfology::http

#include "tests/journey/trace_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace selfology::journey {
namespace {

using testing::CollectedSpan;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

CollectedSpan SpanOf(std::string service, char id, char parent) {
  CollectedSpan span{.service = std::move(service)};
  span.span.set_trace_id(absl::HexStringToBytes(std::string(kTrace)));
  span.span.set_span_id(std::string(8, id));
  if (parent != 0) span.span.set_parent_span_id(std::string(8, parent));
  span.span.set_name(absl::StrCat("work ", std::string(1, id)));
  span.span.set_start_time_unix_nano(1);
  span.span.set_end_time_unix_nano(2);
  return span;
}

// a > b > c, and d under a.
std::vector<CollectedSpan> Good() {
  return {SpanOf("gateway", 'a', 0), SpanOf("session", 'b', 'a'), SpanOf("profile", 'c', 'b'),
          SpanOf("trait", 'd', 'a')};
}

const TraceExpectation kExpected = {.spans = 4, .services = 4, .of = {"session", "trait"}};

TEST(TraceCheckTest, AWholeTraceIsWell) {
  std::vector<CollectedSpan> spans = Good();
  spans.push_back(SpanOf("session", 'x', 'y'));  // Of another trace.
  spans.back().span.set_trace_id(std::string(16, 'z'));
  EXPECT_THAT(CheckTrace(spans, kTrace, kExpected), IsEmpty());
}

TEST(TraceCheckTest, FindsAnOrphan) {
  std::vector<CollectedSpan> spans = Good();
  spans.erase(spans.begin() + 1);
  spans.push_back(SpanOf("session", 'e', 'a'));
  EXPECT_THAT(CheckTrace(spans, kTrace, kExpected),
              ElementsAre("orphan: profile \"work c\" 6363636363636363 of 6262626262626262"));
}

TEST(TraceCheckTest, FindsAMissingServiceAndMissingSpans) {
  std::vector<CollectedSpan> spans = Good();
  spans.pop_back();
  EXPECT_THAT(CheckTrace(spans, kTrace, kExpected),
              ElementsAre("spans: 3, at least 4 expected", HasSubstr("at least 4 expected"),
                          "missing service: trait"));
}

TEST(TraceCheckTest, FindsWhatNoTraceMayBe) {
  EXPECT_THAT(CheckTrace({}, kTrace, {.spans = 0, .services = 0}), ElementsAre("beginnings: 0"));
  std::vector<CollectedSpan> spans = Good();
  spans.push_back(SpanOf("session", 'b', 'a'));
  EXPECT_THAT(CheckTrace(spans, kTrace, kExpected), ElementsAre(HasSubstr("twice: session")));
  spans = Good();
  spans.push_back(SpanOf("session", 'f', 0));
  EXPECT_THAT(CheckTrace(spans, kTrace, kExpected), ElementsAre("beginnings: 2"));
  spans = Good();
  spans.push_back(SpanOf("session", 'f', 'g'));
  spans.push_back(SpanOf("session", 'g', 'f'));
  EXPECT_THAT(CheckTrace(spans, kTrace, kExpected),
              ElementsAre(HasSubstr("circle: session"), HasSubstr("circle: session")));
  spans = Good();
  spans[0].span.set_end_time_unix_nano(0);
  EXPECT_THAT(CheckTrace(spans, kTrace, kExpected),
              ElementsAre(HasSubstr("ends before it begins")));
}

}  // namespace
}  // namespace selfology::journey

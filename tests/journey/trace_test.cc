// A journey as a collector sees it: one trace through all of its services.

#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/otlp/collector.h"
#include "tests/journey/answers.h"
#include "tests/journey/mesh.h"
#include "tests/journey/person.h"
#include "tests/journey/record.h"
#include "tests/journey/trace_check.h"

namespace selfology::journey {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kAnswers = 5;

TEST(TraceTest, AJourneyIsOneTraceWithoutAnOrphan) {
  auto collector = testing::OtlpCollector::Start();
  ASSERT_TRUE(collector.ok()) << collector.status();
  auto mesh = Mesh::Start(MeshOptions{
      .shape = Shape::kOneProcess,
      .flags = {
          {"selfology",
           {absl::StrCat("--otlp_endpoint=", (*collector)->endpoint()), "--trace_share=1"}}}});
  ASSERT_TRUE(mesh.ok()) << mesh.status();
  std::string trace_id;
  {
    Record record(**mesh);
    Person ann(**mesh, "en");
    ann.Says("/start");
    ann.Presses(ann.Hears("Welcome to Selfology"), "✅ I agree");
    for (int number = 1; number <= kAnswers; ++number) {
      ann.Hears(absl::StrCat("Question ", number, " of 10"));
      ann.Says(EnglishAnswer(number));
      ann.Hears("✨");
      if (HasFailure()) return;
    }
    ann.Hears(absl::StrCat("Question ", kAnswers + 1, " of 10"));
    record.AwaitEvents(ann.id(), "answer.analyzed.deep", kAnswers);
    record.AwaitPassed();
    const std::set<std::string> traces = record.Traces(ann.id());
    ASSERT_THAT(traces, SizeIs(1));
    trace_id = *traces.begin();
  }
  mesh->reset();  // What is queued is sent when a process ends.

  const std::vector<testing::CollectedSpan> spans = (*collector)->spans();
  std::map<std::string, int> by_service;
  for (const testing::CollectedSpan& span : SpansOf(spans, trace_id)) ++by_service[span.service];
  const std::string counts = absl::StrJoin(by_service, ", ", absl::PairFormatter(" "));
  std::printf("spans of the journey: %s\n", counts.c_str());
  EXPECT_THAT(CheckTrace(spans, trace_id,
                         {.of = {"telegram_gateway", "coaching_dialog", "session", "question",
                                 "analysis", "profile", "trait"}}),
              IsEmpty())
      << counts;
}

}  // namespace
}  // namespace selfology::journey

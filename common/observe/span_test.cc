#include "common/observe/span.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"

namespace selfology::observe {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
const absl::Time kEnd = kStart + absl::Milliseconds(3);

class Kept final : public SpanSink {
 public:
  void Take(FinishedSpan span) override { spans.push_back(std::move(span)); }
  std::vector<FinishedSpan> spans;
};

class SpanTest : public ::testing::Test {
 protected:
  static void Name(FinishedSpan& span) { span.name = "work"; }

  static TraceContext Remote(bool sampled) {
    return {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled};
  }

  std::mt19937_64 random_{1};
  Kept kept_;
  const Tracer all_{"session", &kept_, 1};
  const Tracer none_{"session", &kept_, 0};
};

TEST_F(SpanTest, ASpanHasItsServiceItsParentAndItsTimes) {
  const Span outer = Span::Enter(&all_, SpanKind::kServer, {}, kStart, random_);
  const Span inner =
      Span::Within(outer.trace(), SpanKind::kClient, kStart + absl::Milliseconds(1), random_);
  inner.End(absl::StatusCode::kNotFound, kEnd, Name);
  outer.End(absl::StatusCode::kNotFound, kEnd, Name);

  ASSERT_THAT(kept_.spans, SizeIs(2));
  const FinishedSpan& client = kept_.spans[0];
  const FinishedSpan& server = kept_.spans[1];
  EXPECT_EQ(server.service, "session");
  EXPECT_EQ(server.name, "work");
  EXPECT_EQ(server.start, kStart);
  EXPECT_EQ(server.end, kEnd);
  EXPECT_TRUE(server.parent.empty());
  EXPECT_FALSE(server.failed) << "the caller's mistake";
  EXPECT_EQ(client.trace.trace_id, server.trace.trace_id);
  EXPECT_EQ(client.parent, server.trace.span_id);
  EXPECT_TRUE(client.failed);
}

TEST_F(SpanTest, ATraceFollowsItsFirstDecision) {
  EXPECT_TRUE(Span::Enter(&none_, SpanKind::kServer, Remote(true), kStart, random_).sampled());
  EXPECT_FALSE(Span::Enter(&all_, SpanKind::kServer, Remote(false), kStart, random_).sampled());
  EXPECT_TRUE(Span::Enter(&all_, SpanKind::kServer, {}, kStart, random_).sampled());
  EXPECT_FALSE(Span::Enter(&none_, SpanKind::kServer, {}, kStart, random_).sampled());
}

TEST_F(SpanTest, AShareOfTheTracesIsSampledAndAllDecideAlike) {
  const Tracer one{"session", &kept_, 0.1};
  const Tracer other{"profile", &kept_, 0.1};
  int sampled = 0;
  for (int i = 0; i < 10'000; ++i) {
    const TraceContext trace = NewTrace(random_);
    EXPECT_EQ(one.Samples(trace.trace_id), other.Samples(trace.trace_id));
    if (one.Samples(trace.trace_id)) ++sampled;
  }
  EXPECT_NEAR(sampled, 1000, 150);
  // OpenTelemetry's threshold: at a tenth, the random bits must be e66666... or more.
  const auto samples = [&](std::string_view random_digits) {
    return one.Samples(std::string_view(absl::StrCat("4bf92f3577b34da6a3", random_digits)));
  };
  EXPECT_FALSE(samples("e6666666660000"));
  EXPECT_TRUE(samples("e6666666670000"));
  EXPECT_TRUE(samples("ffffffffffffff"));
}

TEST_F(SpanTest, OfTracesThatAreNotSampledFaultsAreExported) {
  const Span refused = Span::Enter(&none_, SpanKind::kServer, {}, kStart, random_);
  refused.End(absl::StatusCode::kOk, kEnd, Name);
  refused.End(absl::StatusCode::kInvalidArgument, kEnd, Name);
  Span::Within(refused.trace(), SpanKind::kClient, kStart, random_)
      .End(absl::StatusCode::kNotFound, kEnd, Name);
  EXPECT_THAT(kept_.spans, IsEmpty());
  refused.End(absl::StatusCode::kInternal, kEnd, Name);
  ASSERT_THAT(kept_.spans, SizeIs(1));
  EXPECT_TRUE(kept_.spans[0].failed);
  EXPECT_EQ(kept_.spans[0].attributes,
            (decltype(kept_.spans[0].attributes){{"error.type", std::string("INTERNAL")},
                                                 {"sampling.fault_only", std::string("true")}}));
}

TEST_F(SpanTest, WhoRecordsNothingPassesTheTraceOn) {
  const Tracer off{"session", nullptr, 1};
  for (const Tracer* const tracer : {&off, static_cast<const Tracer*>(nullptr)}) {
    const Span span = Span::Enter(tracer, SpanKind::kServer, Remote(true), kStart, random_);
    EXPECT_EQ(span.trace(), Remote(true));
    EXPECT_EQ(Span::Within(span.trace(), SpanKind::kClient, kStart, random_).trace(), Remote(true));
    const Span begun = Span::Enter(tracer, SpanKind::kServer, {}, kStart, random_);
    EXPECT_TRUE(begun.trace().valid());
    EXPECT_FALSE(begun.trace().sampled) << "its parent would be missing";
    span.End(absl::StatusCode::kInternal, kEnd, Name);
  }
  EXPECT_THAT(kept_.spans, IsEmpty());
  EXPECT_FALSE(Span::Within({}, SpanKind::kClient, kStart, random_).trace().valid());
}

TEST_F(SpanTest, ANewTraceMayHaveAnIdAlready) {
  TraceContext named = Remote(false);
  named.span_id = {};
  const Span span = Span::Enter(&all_, SpanKind::kServer, named, kStart, random_);
  span.End(absl::StatusCode::kOk, kEnd, Name);
  ASSERT_THAT(kept_.spans, SizeIs(1));
  EXPECT_EQ(kept_.spans[0].trace.trace_id, named.trace_id);
  EXPECT_TRUE(kept_.spans[0].parent.empty());
}

}  // namespace
}  // namespace selfology::observe

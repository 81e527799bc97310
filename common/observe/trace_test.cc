#include "common/observe/trace.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <thread>

namespace selfology::observe {
namespace {

constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpanId[] = "00f067aa0ba902b7";

TEST(TraceTest, ParsesTheRecommendationsExample) {
  const auto trace = TraceContext::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(*trace, (TraceContext{kTraceId, kSpanId, true}));
  EXPECT_EQ(trace->Format(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

TEST(TraceTest, OnlyTheLowestFlagMeansSampled) {
  const std::string head = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";
  EXPECT_FALSE(TraceContext::Parse(head + "00")->sampled);
  EXPECT_FALSE(TraceContext::Parse(head + "fe")->sampled);
  EXPECT_TRUE(TraceContext::Parse(head + "0b")->sampled);
}

TEST(TraceTest, RefusesWhatTheRecommendationCallsInvalid) {
  for (const char* bad : {
           "",
           "00",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-zz",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
       }) {
    EXPECT_FALSE(TraceContext::Parse(bad).has_value()) << bad;
  }
  EXPECT_TRUE(TraceContext::Parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
}

TEST(TraceTest, WhatWeMakeParses) {
  std::mt19937_64 random(1);
  std::set<std::string> spans;
  for (int i = 0; i < 1000; ++i) {
    const TraceContext trace = NewTrace(random);
    EXPECT_EQ(TraceContext::Parse(trace.Format()), trace);
    const TraceContext child = trace.Child(random);
    EXPECT_EQ(child.trace_id, trace.trace_id);
    EXPECT_EQ(child.sampled, trace.sampled);
    spans.insert(trace.span_id.str());
    spans.insert(child.span_id.str());
  }
  EXPECT_EQ(spans.size(), 2000u);
}

TEST(TraceTest, NoTraceFormatsAsNothingAndItsChildStartsAJourney) {
  std::mt19937_64 random(1);
  EXPECT_FALSE(TraceContext().valid());
  EXPECT_EQ(TraceContext().Format(), "");
  EXPECT_TRUE(TraceContext().Child(random).valid());
}

TEST(TraceTest, ScopesNestAndBelongToTheirThread) {
  EXPECT_FALSE(ScopedTrace::Current().valid());
  ScopedTrace outer({kTraceId, kSpanId, true});
  {
    ScopedTrace inner({kTraceId, "1111111111111111", true});
    EXPECT_EQ(ScopedTrace::Current().span_id, "1111111111111111");
    std::thread([] { EXPECT_FALSE(ScopedTrace::Current().valid()); }).join();
  }
  EXPECT_EQ(ScopedTrace::Current().span_id, kSpanId);
}

}  // namespace
}  // namespace selfology::observe

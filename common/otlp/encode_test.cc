#include "common/otlp/encode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/escaping.h"

namespace selfology::otlp {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::map<std::string, std::string> Texts(
    const google::protobuf::RepeatedPtrField<opentelemetry::proto::common::v1::KeyValue>& all) {
  std::map<std::string, std::string> texts;
  for (const auto& attribute : all) texts[attribute.key()] = attribute.value().string_value();
  return texts;
}

observe::FinishedSpan SpanOf(std::string service) {
  observe::FinishedSpan span{
      .service = std::move(service),
      .kind = observe::SpanKind::kClient,
      .trace = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true},
      .parent = "b7ad6b7169203331",
      .start = absl::FromUnixNanos(1'700'000'000'000'000'001),
      .end = absl::FromUnixNanos(1'700'000'000'000'000'003),
      .name = "POST openai chat"};
  return span;
}

TEST(EncodeTest, ASpanGoesAsOtlpHasIt) {
  observe::FinishedSpan from = SpanOf("ai");
  from.code = absl::StatusCode::kUnavailable;
  from.failed = true;
  from.Add("http.request.method", "POST");
  from.Add("http.response.status_code", 503);
  from.links.push_back({"0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b8", true});
  const auto request = Encode({from}, "replica-1");
  ASSERT_EQ(request.resource_spans_size(), 1);
  const auto& group = request.resource_spans(0);
  EXPECT_THAT(Texts(group.resource().attributes()),
              ElementsAre(Pair("service.instance.id", "replica-1"), Pair("service.name", "ai"),
                          Pair("service.namespace", "selfology")));
  const auto& span = group.scope_spans(0).spans(0);
  EXPECT_EQ(absl::BytesToHexString(span.trace_id()), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(absl::BytesToHexString(span.span_id()), "00f067aa0ba902b7");
  EXPECT_EQ(absl::BytesToHexString(span.parent_span_id()), "b7ad6b7169203331");
  EXPECT_EQ(span.name(), "POST openai chat");
  EXPECT_EQ(span.kind(), opentelemetry::proto::trace::v1::Span::SPAN_KIND_CLIENT);
  EXPECT_EQ(span.start_time_unix_nano(), 1'700'000'000'000'000'001u);
  EXPECT_EQ(span.end_time_unix_nano(), 1'700'000'000'000'000'003u);
  EXPECT_EQ(span.flags(), 1u);
  EXPECT_EQ(span.attributes(0).value().string_value(), "POST");
  EXPECT_EQ(span.attributes(1).value().int_value(), 503);
  EXPECT_EQ(span.status().code(), opentelemetry::proto::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(span.status().message(), "UNAVAILABLE");
  EXPECT_EQ(absl::BytesToHexString(span.links(0).trace_id()), "0af7651916cd43dd8448eb211c80319c");
}

TEST(EncodeTest, EachServiceIsAResource) {
  observe::FinishedSpan first = SpanOf("session");
  first.parent = {};
  const auto request = Encode({first, SpanOf("profile"), SpanOf("session")}, "r");
  ASSERT_EQ(request.resource_spans_size(), 2);
  EXPECT_EQ(Texts(request.resource_spans(0).resource().attributes())["service.name"], "session");
  EXPECT_EQ(request.resource_spans(0).scope_spans(0).spans_size(), 2);
  EXPECT_EQ(request.resource_spans(1).scope_spans(0).spans_size(), 1);
  const auto& root = request.resource_spans(0).scope_spans(0).spans(0);
  EXPECT_EQ(root.parent_span_id(), "");
  EXPECT_FALSE(root.has_status());
}

}  // namespace
}  // namespace selfology::otlp

#include "services/edge/api_gateway/request_headers.h"

#include <string>

#include "gtest/gtest.h"

namespace selfology::api_gateway {
namespace {

using http::Headers;

absl::StatusOr<std::optional<absl::Duration>> Grpc(const std::string& text) {
  return TimeoutOf({{"grpc-timeout", text}});
}
absl::StatusOr<std::optional<absl::Duration>> Seconds(const std::string& text) {
  return TimeoutOf({{"X-Request-Timeout", text}});
}

TEST(RequestHeadersTest, TimeoutsShorten) {
  EXPECT_EQ(*TimeoutOf({}), std::nullopt);
  EXPECT_EQ(**Grpc("500m"), absl::Milliseconds(500));
  EXPECT_EQ(**Grpc("2H"), absl::Hours(2));
  EXPECT_EQ(**Grpc("99999999n"), absl::Nanoseconds(99999999));
  EXPECT_EQ(**Seconds("2.5"), absl::Milliseconds(2500));
  EXPECT_EQ(**TimeoutOf({{"Grpc-Timeout", "3S"}, {"X-Request-Timeout", "2"}}), absl::Seconds(2));
  for (const char* bad : {"", "5", "S", "-5S", "0S", "123456789S", "5s", "5 S", "1.5S"}) {
    EXPECT_FALSE(Grpc(bad).ok()) << bad;
  }
  for (const char* bad : {"", "-1", "0", "1e3", "nan", "inf", "1h", "0x10"}) {
    EXPECT_FALSE(Seconds(bad).ok()) << bad;
  }
}

TEST(RequestHeadersTest, OneVersionIsKnown) {
  EXPECT_TRUE(CheckApiVersion({}).ok());
  EXPECT_TRUE(CheckApiVersion({{"api-version", " v1 "}}).ok());
  const absl::Status refused = CheckApiVersion({{"API-Version", "v2"}});
  EXPECT_EQ(refused.message(), "Unsupported API version");
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
}

TEST(RequestHeadersTest, CorrelationIdsAreTakenOrMade) {
  const auto trace =
      *observe::TraceContext::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const std::string made = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_EQ(CorrelationIdOf({}, trace), made);
  EXPECT_EQ(CorrelationIdOf({{"X-Correlation-ID", "a b"}}, trace), "a b");
  EXPECT_EQ(CorrelationIdOf({{"X-Correlation-ID", std::string(128, 'x')}}, trace).size(), 128u);
  EXPECT_EQ(CorrelationIdOf({{"X-Correlation-ID", std::string(129, 'x')}}, trace), made);
  EXPECT_EQ(CorrelationIdOf({{"X-Correlation-ID", "a\tb"}}, trace), made);
  EXPECT_EQ(CorrelationIdOf({{"X-Correlation-ID", "я"}}, trace), made);
}

TEST(RequestHeadersTest, ACorrelationIdNamesTheTrace) {
  const auto trace =
      *observe::TraceContext::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const auto id_of = [&](const Headers& headers) { return ParentOf(headers).trace_id.str(); };
  EXPECT_FALSE(ParentOf({}).valid());
  // SHA-256 of "answer_123456_q1".
  const std::string same = id_of({{"X-Correlation-ID", "answer_123456_q1"}});
  EXPECT_EQ(same.size(), 32u);
  EXPECT_NE(same, trace.trace_id.str());
  EXPECT_EQ(id_of({{"X-Correlation-ID", "answer_123456_q1"}}), same);
  EXPECT_NE(id_of({{"X-Correlation-ID", "answer_123456_q2"}}), same);
  EXPECT_EQ(id_of({{"X-Correlation-ID", "0af7651916cd43dd8448eb211c80319c"}}),
            "0af7651916cd43dd8448eb211c80319c");
  // A traceparent says it already.
  EXPECT_EQ(ParentOf({{"X-Correlation-ID", "a"}, {"traceparent", trace.Format()}}), trace);
  // No span of that id was ever recorded.
  EXPECT_TRUE(ParentOf({{"X-Correlation-ID", "a"}}).span_id.empty());
}

TEST(RequestHeadersTest, ReadsTheRest) {
  EXPECT_EQ(IdempotencyKeyOf({{"Idempotency-Key", "\"k1\""}}), "k1");
  EXPECT_EQ(IdempotencyKeyOf({{"idempotency-key", " k1 "}}), "k1");
  EXPECT_EQ(IdempotencyKeyOf({}), "");
  EXPECT_TRUE(TakesGzip({{"Accept-Encoding", "br;q=1.0, GZIP;q=0.8"}}));
  EXPECT_TRUE(TakesGzip({{"Accept-Encoding", "*"}}));
  EXPECT_FALSE(TakesGzip({{"Accept-Encoding", "gzip;q=0"}}));
  EXPECT_FALSE(TakesGzip({}));
  EXPECT_TRUE(WantsEvents({{"Accept", "text/event-stream"}}));
  EXPECT_FALSE(WantsEvents({{"Accept", "application/json"}}));
}

}  // namespace
}  // namespace selfology::api_gateway

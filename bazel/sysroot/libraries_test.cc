// Each locked library compiles, links and runs, in the version that the code counts on.
#include <curl/curl.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <zlib.h>

#include <boost/beast/version.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "prometheus/counter.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"
#include "re2/re2.h"

namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(LibrariesTest, AServerWithHealthReflectionAndChannelzStarts) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  EXPECT_GT(port, 0);
  EXPECT_THAT(grpc::Version(), StartsWith("1.51."));
  server->Shutdown();
}

TEST(LibrariesTest, AbseilTakesTheStandardStringView) {
  EXPECT_EQ(absl::StrCat(std::string_view("a"), 1), "a1");
}

TEST(LibrariesTest, TimeZonesComeWithTheTree) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  EXPECT_EQ(absl::FormatTime("%H:%M", absl::UnixEpoch(), zone), "01:00");
}

TEST(LibrariesTest, ClientLibrariesAreTheLockedOnes) {
  EXPECT_EQ(PQlibVersion() / 10000, 15);
  EXPECT_THAT(curl_version(), HasSubstr("OpenSSL/3."));
  EXPECT_THAT(OpenSSL_version(OPENSSL_VERSION), StartsWith("OpenSSL 3."));
  std::unique_ptr<redisContext, decltype(&redisFree)> context(redisConnect("127.0.0.1", 1),
                                                              &redisFree);
  EXPECT_STREQ(context->errstr, "Connection refused");
}

TEST(LibrariesTest, MetricsAndTextLibrariesWork) {
  prometheus::Registry registry;
  prometheus::BuildCounter().Name("ticks").Register(registry).Add({}).Increment();
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry.Collect()), HasSubstr("ticks 1"));
  EXPECT_TRUE(RE2::FullMatch("a42", "a\\d+"));
  EXPECT_EQ(nlohmann::json::parse(R"({"a": 1})").at("a"), 1);
  EXPECT_EQ(crc32(0, nullptr, 0), 0u);
  EXPECT_THAT(BOOST_BEAST_VERSION_STRING, HasSubstr("Beast"));
}

}  // namespace

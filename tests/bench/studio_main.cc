// How fast the studio is, by the whole mesh in one process:
//
//   bazel run -c opt //tests/bench:studio
//   bazel run -c opt //tests/bench:studio -- --posts=10000 --seconds=60
//
// check: of a text of 10 kB for nine platforms, by REST. calendar: of 5,000 posts, by REST. lateness: posts that are due
// uniformly over a time, at six stand-ins of platforms; from when a post is due until the platform has answered. Exits with 1
// when something could not be measured; a missed aim is only said.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "selfology/social/v1/social_service_client.h"
#include "testing/servers/binaries.h"
#include "testing/servers/free_port.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/process.h"
#include "testing/servers/redis_server.h"
#include "tests/bench/report.h"
#include "tests/chaos/studio_platforms.h"

ABSL_FLAG(int, posts, 10'000, "Posts that are due.");
ABSL_FLAG(int, seconds, 60, "Over how long.");
ABSL_FLAG(bool, json, false, "Print one line of JSON per row.");

namespace selfology::bench {
namespace {

using Json = nlohmann::json;
using postgres::Transaction;
namespace social = ::selfology::social::v1;

constexpr int kCalls = 30;
constexpr int kCalendarPosts = 5'000;
constexpr absl::Duration kPatience = absl::Minutes(3);
constexpr int kStandIns = 6;
constexpr social::Platform kPlatforms[] = {social::PLATFORM_MASTODON, social::PLATFORM_BLUESKY,
                                           social::PLATFORM_WORDPRESS};

std::string Runfiles() {
  for (const char* variable : {"TEST_SRCDIR", "RUNFILES_DIR"}) {
    if (const char* folder = std::getenv(variable); folder != nullptr) return folder;
  }
  std::error_code error;
  return std::filesystem::current_path(error).parent_path().string();
}

class Studio {
 public:
  absl::Status Start() {
    ASSIGN_OR_RETURN(scratch_, servers::ScratchFolder::Make());
    ASSIGN_OR_RETURN(postgres_, servers::PostgresServer::Start({}));
    ASSIGN_OR_RETURN(redis_, servers::RedisServer::Start({}));
    ASSIGN_OR_RETURN(database_,
                     postgres::Database::Open({.url = postgres_->url(), .min_connections = 1}));
    const int port = servers::FreePort();
    rest_ = absl::StrCat("http://127.0.0.1:", port);
    grpc_ = absl::StrCat("unix:", scratch_.path(), "/grpc");
    ASSIGN_OR_RETURN(
        process_,
        servers::Process::Start(
            {.argv = {absl::StrCat(Runfiles(), "/debian_sysroot/run"),
                      absl::StrCat(Runfiles(), "/selfology/services/selfology"),
                      absl::StrCat("--grpc_address=", grpc_), "--http_address=127.0.0.1:0",
                      absl::StrCat("--api_gateway_listen=127.0.0.1:", port), "--replica=bench",
                      "--social_private_servers",
                      absl::StrCat("--file_folder=", scratch_.path(), "/files"),
                      absl::StrCat("--telegram_media_folder=", scratch_.path(), "/media")},
             .environment = {absl::StrCat("DATABASE_URL=", postgres_->url()),
                             absl::StrCat("REDIS_URL=", redis_->url()),
                             "TELEGRAM_BOT_TOKEN=42:bench",
                             "TELEGRAM_API_BASE=http://127.0.0.1:9"}}));
    const absl::Status serving = process_->WaitForOutput("\"serving\"", absl::Now() + kPatience);
    if (!serving.ok()) {
      return absl::FailedPreconditionError(absl::StrCat(serving.ToString(), process_->output()));
    }
    return LogIn();
  }

  absl::Status MeasureCheck(Report& report) {
    std::string text;
    while (text.size() < 10'000)
      text +=
          "A garden, https://a.example/b and сад \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x8C\xBE. ";
    Json texts = Json::array();
    for (const char* platform : {"telegram", "mastodon", "bluesky", "wordpress", "x", "linkedin",
                                 "facebook", "instagram", "threads"}) {
      texts.push_back({{"platform", platform}, {"text", text}});
    }
    const Json body = {{"user_id", user_}, {"texts", texts}};
    ASSIGN_OR_RETURN(std::vector<double> took,
                     Times([&] { return Ask("POST", "/api/social/check", body.dump()).status(); }));
    report.Add({.name = "studio.check",
                .what = "limits of 10 kB at nine platforms, by REST, p50",
                .unit = "ms",
                .ours = Quantile(took, 0.5),
                .aim = {.kind = Aim::kAtMost, .value = 5}});
    return absl::OkStatus();
  }

  absl::Status MeasureCalendar(Report& report) {
    RETURN_IF_ERROR(database_->Write(Patient(), [&](Transaction& tx) -> absl::Status {
      return tx
          .Execute(
              "INSERT INTO selfology.content_posts (user_id, title, text, versions, account_ids, "
              "platforms, tags,"
              " needs_approval, state, publish_at, created_at, updated_at)"
              " SELECT $1, 'Post ' || i, repeat('A word or two. ', 12), '', '{}', '{}', '{}', "
              "false,"
              " 'scheduled', timestamptz '2030-01-01' + i * interval '7 minutes', now(), now()"
              " FROM generate_series(1, $2::int) i",
              user_, kCalendarPosts)
          .status();
    }));
    const std::string path =
        absl::StrCat("/api/content/calendar?from_day=2030-01-01&days=31&user_id=", user_);
    ASSIGN_OR_RETURN(const http::ClientResponse once, Ask("GET", path, ""));
    int posts = 0;
    for (const Json& day : Json::parse(once.body)["days"])
      posts += static_cast<int>(day["posts"].size());
    if (posts != kCalendarPosts) {
      return absl::InternalError(absl::StrCat("the calendar has ", posts, " posts"));
    }
    ASSIGN_OR_RETURN(std::vector<double> took,
                     Times([&] { return Ask("GET", path, "").status(); }));
    report.Add({.name = "studio.calendar",
                .what = absl::StrCat("calendar of 5,000 posts by REST, ", once.body.size() / 1000,
                                     " kB, p50"),
                .unit = "ms",
                .ours = Quantile(took, 0.5),
                .aim = {.kind = Aim::kAtMost, .value = 100}});
    return absl::OkStatus();
  }

  absl::Status MeasureLateness(Report& report) {
    const int posts = absl::GetFlag(FLAGS_posts);
    const int seconds = absl::GetFlag(FLAGS_seconds);
    const social::SocialServiceClient client(rpc::Channel::Connect("social", grpc_, calls_));
    std::vector<std::unique_ptr<chaos::StudioPlatforms>> stand_ins;
    std::vector<int64_t> accounts, platforms;
    for (int i = 0; i < kStandIns; ++i) {
      stand_ins.push_back(std::make_unique<chaos::StudioPlatforms>(chaos::StudioPlatforms::Options{
          .seed = static_cast<uint64_t>(i), .faults = 0, .slowness = absl::Milliseconds(20)}));
      social::ConnectAccountRequest request;
      request.set_user_id(user_);
      request.set_platform(kPlatforms[i % std::size(kPlatforms)]);
      request.set_server(stand_ins.back()->url());
      request.set_secret("bench");
      if (request.platform() != social::PLATFORM_MASTODON) request.set_login("bench");
      ASSIGN_OR_RETURN(const social::ConnectAccountResponse response,
                       client.ConnectAccount(Patient(), request));
      accounts.push_back(response.account().account_id());
      platforms.push_back(request.platform());
    }
    const absl::Time begin = absl::Now() + absl::Seconds(5);
    RETURN_IF_ERROR(database_->Write(Patient(), [&](Transaction& tx) -> absl::Status {
      return tx
          .Execute(
              "INSERT INTO selfology.social_publications (user_id, account_id, platform, post_id, "
              "key, text, state,"
              " created_at, publish_at, next_at) SELECT $1, ($2::bigint[])[1 + i % $4],"
              " (($3::bigint[])[1 + i % $4])::int, 0, 'bench' || i, 'Post ' || i, 'pending', now(),"
              " $5::timestamptz + i * interval '1 second' * $6::float8 / $7,"
              " $5::timestamptz + i * interval '1 second' * $6::float8 / $7 FROM "
              "generate_series(0, $7 - 1) i",
              user_, accounts, platforms, static_cast<int32_t>(kStandIns), begin,
              static_cast<double>(seconds), static_cast<int32_t>(posts))
          .status();
    }));
    absl::SleepFor(begin + absl::Seconds(seconds) - absl::Now());
    const absl::Time by = absl::Now() + kPatience;
    for (int64_t left = 1; left > 0 && absl::Now() < by;) {
      ASSIGN_OR_RETURN(const auto row, database_->Read(Patient(), [](Transaction& tx) {
        return tx.QueryOne<int64_t>(
            "SELECT count(*) FROM selfology.social_publications WHERE state <> 'published'");
      }));
      left = std::get<0>(*row);
      if (left > 0) absl::SleepFor(absl::Milliseconds(100));
    }
    ASSIGN_OR_RETURN(const auto row, database_->Read(Patient(), [](Transaction& tx) {
      return tx.QueryOne<double, double, int64_t>(
          "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY late), percentile_cont(0.99) WITHIN "
          "GROUP"
          " (ORDER BY late), count(*) FROM (SELECT (extract(epoch FROM published_at - publish_at) *"
          " 1000)::float8 AS late FROM selfology.social_publications WHERE state = 'published') l");
    }));
    int64_t there = 0;
    for (const auto& stand_in : stand_ins) there += stand_in->posts();
    if (std::get<2>(*row) != posts || there != posts) {
      return absl::InternalError(
          absl::StrCat(std::get<2>(*row), " are published, ", there, " are there"));
    }
    for (const auto& [name, value] :
         {std::pair("p50", std::get<0>(*row)), std::pair("p99", std::get<1>(*row))}) {
      report.Add({.name = absl::StrCat("studio.lateness_", name),
                  .what = absl::StrCat(posts, " posts due within ", seconds,
                                       " s at six stand-ins, ", name),
                  .unit = "ms",
                  .ours = value,
                  .aim = {.kind = Aim::kAtMost, .value = 1000}});
    }
    return absl::OkStatus();
  }

 private:
  static Call Patient() { return Call::Background(kPatience); }

  absl::StatusOr<http::ClientResponse> Ask(const std::string& method, const std::string& path,
                                           std::string body) {
    http::Headers headers = {{"Content-Type", "application/json"}};
    if (!token_.empty()) headers.Set("Authorization", absl::StrCat("Bearer ", token_));
    ASSIGN_OR_RETURN(const http::ClientResponse response,
                     client_.Send(Patient(), {.method = method,
                                              .url = rest_ + path,
                                              .headers = std::move(headers),
                                              .body = std::move(body),
                                              .max_response_bytes = 64 << 20}));
    if (response.status / 100 != 2) {
      return absl::InternalError(
          absl::StrCat(method, " ", path, ": ", response.status, " ", response.body));
    }
    return response;
  }

  absl::Status LogIn() {
    const Json person = {{"email", "bench@studio.example"},
                         {"password", "a long password of a bench"},
                         {"first_name", "Bench"}};
    RETURN_IF_ERROR(Ask("POST", "/api/users/register", person.dump()).status());
    ASSIGN_OR_RETURN(const http::ClientResponse response,
                     Ask("POST", "/api/auth/login", person.dump()));
    const Json login = Json::parse(response.body);
    token_ = login["tokens"]["access_token"];
    user_ = login["user_id"].is_string() ? std::stoll(login["user_id"].get<std::string>())
                                         : login["user_id"].get<int64_t>();
    return absl::OkStatus();
  }

  template <typename Act>
  absl::StatusOr<std::vector<double>> Times(Act act) {
    std::vector<double> took;
    for (int i = 0; i < kCalls; ++i) {
      const absl::Time begin = absl::Now();
      RETURN_IF_ERROR(act());
      took.push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
    }
    return took;
  }

  servers::ScratchFolder scratch_;
  std::unique_ptr<servers::PostgresServer> postgres_;
  std::unique_ptr<servers::RedisServer> redis_;
  std::unique_ptr<postgres::Database> database_;
  observe::Requests calls_{nullptr, "bench_client"};
  http::Client client_{http::Client::Options{}};
  std::unique_ptr<servers::Process> process_;
  std::string rest_;
  std::string grpc_;
  std::string token_;
  int64_t user_ = 0;
};

absl::Status Measure(Report& report) {
  Studio studio;
  RETURN_IF_ERROR(studio.Start());
  RETURN_IF_ERROR(studio.MeasureCheck(report));
  RETURN_IF_ERROR(studio.MeasureCalendar(report));
  return studio.MeasureLateness(report);
}

}  // namespace
}  // namespace selfology::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  selfology::bench::Report report(absl::GetFlag(FLAGS_json));
  const absl::Status status = selfology::bench::Measure(report);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}

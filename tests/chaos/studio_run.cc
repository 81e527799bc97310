#include "tests/chaos/studio_run.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "selfology/social/v1/social_service_client.h"
#include "testing/servers/binaries.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/process.h"
#include "testing/servers/redis_server.h"
#include "tests/chaos/studio_platforms.h"

namespace selfology::chaos {
namespace {

namespace social = ::selfology::social::v1;
using postgres::Transaction;

constexpr int64_t kFirstUser = 1000;
constexpr int kUsers = 5;
constexpr int kRefusedOneIn = 20;
constexpr social::Platform kPlatforms[] = {social::PLATFORM_MASTODON, social::PLATFORM_BLUESKY,
                                           social::PLATFORM_WORDPRESS};
constexpr absl::Duration kMoved = absl::Seconds(200);  // Longer than a lease.
constexpr absl::Duration kStart = absl::Seconds(90);

std::string Runfiles() {
  for (const char* variable : {"TEST_SRCDIR", "RUNFILES_DIR"}) {
    if (const char* folder = std::getenv(variable); folder != nullptr) return folder;
  }
  std::error_code error;
  return std::filesystem::current_path(error).parent_path().string();
}

// What is published, and where.
struct Sent {
  std::string text;
  bool refused = false;
};

class Studio {
 public:
  explicit Studio(const StudioRun& run)
      : run_(run), random_(run.seed), platforms_({.seed = run.seed + 1}) {}

  absl::StatusOr<StudioReport> Run() {
    RETURN_IF_ERROR(StartServers());
    RETURN_IF_ERROR(Launch());
    RETURN_IF_ERROR(Connect());
    RETURN_IF_ERROR(Send());
    StudioReport report;
    for (; report.kills < run_.kills; ++report.kills) {
      const absl::Duration life =
          run_.shortest_life + (run_.longest_life - run_.shortest_life) *
                                   std::uniform_real_distribution<double>(0, 1)(random_);
      absl::SleepFor(life);
      RETURN_IF_ERROR(KillAndMoveTime());
      RETURN_IF_ERROR(Launch());
    }
    // The platforms are well again: all of it has to be settled now.
    platforms_.Heal();
    const absl::Time healed = absl::Now();
    absl::Duration moved = absl::ZeroDuration();
    for (;;) {
      ASSIGN_OR_RETURN(const int64_t open, CountOpen());
      if (open == 0) break;
      if (absl::Now() - healed > run_.patience) {
        report.violations.push_back(absl::StrCat(open, " publications are not settled"));
        break;
      }
      ASSIGN_OR_RETURN(const bool idle, NothingIsDue());
      if (idle) {
        RETURN_IF_ERROR(KillAndMoveTime());
        moved += kMoved;
        RETURN_IF_ERROR(Launch());
      } else {
        absl::SleepFor(absl::Milliseconds(50));
      }
    }
    report.settled_after = absl::Now() - healed + moved;
    RETURN_IF_ERROR(Check(report));
    return report;
  }

 private:
  absl::StatusOr<int64_t> Number(std::string_view sql) {
    ASSIGN_OR_RETURN(const auto row, database_->Read(Patient(), [&](Transaction& tx) {
      return tx.QueryOne<int64_t>(sql);
    }));
    return std::get<0>(*row);
  }
  static Call Patient() { return Call::Background(kStart); }

  absl::Status StartServers() {
    ASSIGN_OR_RETURN(scratch_, servers::ScratchFolder::Make());
    ASSIGN_OR_RETURN(postgres_, servers::PostgresServer::Start({}));
    ASSIGN_OR_RETURN(redis_, servers::RedisServer::Start({}));
    ASSIGN_OR_RETURN(database_,
                     postgres::Database::Open({.url = postgres_->url(), .min_connections = 1}));
    return absl::OkStatus();
  }

  absl::Status Launch() {
    const std::string address = absl::StrCat("unix:", scratch_.path(), "/social");
    ASSIGN_OR_RETURN(
        process_,
        servers::Process::Start(
            {.argv = {absl::StrCat(Runfiles(), "/debian_sysroot/run"),
                      absl::StrCat(Runfiles(), "/selfology/", run_.program),
                      absl::StrCat("--grpc_address=", address), "--http_address=127.0.0.1:0",
                      "--replica=social", "--social_private_servers", "--social_workers=4",
                      absl::StrCat("--social_bluesky_url=", platforms_.url())},
             .environment = {absl::StrCat("DATABASE_URL=", postgres_->url()),
                             absl::StrCat("REDIS_URL=", redis_->url())}}));
    const absl::Status serving = process_->WaitForOutput("\"serving\"", absl::Now() + kStart);
    if (!serving.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("social does not serve: ", serving.ToString(), "\n", process_->output()));
    }
    client_ = std::make_unique<social::SocialServiceClient>(
        rpc::Channel::Connect("social", address, calls_));
    return absl::OkStatus();
  }

  // Nobody works on anything meanwhile, so that no lease is cut short.
  absl::Status KillAndMoveTime() {
    process_->Signal(SIGKILL);
    process_->Wait(absl::Now() + kStart).IgnoreError();
    return database_->Write(Patient(), [](Transaction& tx) -> absl::Status {
      const int64_t seconds = absl::ToInt64Seconds(kMoved);
      tx.Queue(
          "UPDATE selfology.social_publications SET next_at = next_at - make_interval(secs => $1)"
          " WHERE next_at IS NOT NULL",
          static_cast<double>(seconds));
      tx.Queue(
          "UPDATE selfology.social_attempts SET started_at = started_at - make_interval(secs => $1)"
          " WHERE outcome IN (0, 4)",
          static_cast<double>(seconds));
      return absl::OkStatus();
    });
  }

  absl::Status Connect() {
    for (int user = 0; user < kUsers; ++user) {
      for (const social::Platform platform : kPlatforms) {
        social::ConnectAccountRequest request;
        request.set_user_id(kFirstUser + user);
        request.set_platform(platform);
        request.set_server(platforms_.url());
        const std::string name = absl::StrCat("person", user);
        request.set_secret(name);
        if (platform != social::PLATFORM_MASTODON) request.set_login(name);
        ASSIGN_OR_RETURN(const social::ConnectAccountResponse response,
                         client_->ConnectAccount(Patient(), request));
        accounts_[{user, platform}] = response.account().account_id();
      }
    }
    return absl::OkStatus();
  }

  absl::Status Send() {
    for (int i = 0; i < run_.posts; ++i) {
      const int user = i % kUsers;
      const social::Platform platform = kPlatforms[i / kUsers % std::size(kPlatforms)];
      const bool refused = i % kRefusedOneIn == 0;
      const std::string text = absl::StrCat(refused ? "refuse " : "text ", i);
      social::PublishRequest request;
      request.set_user_id(kFirstUser + user);
      request.add_account_ids(accounts_[{user, platform}]);
      request.set_text(text);
      request.set_idempotency_key(text);
      RETURN_IF_ERROR(client_->Publish(Patient(), request).status());
      sent_.push_back({text, refused});
    }
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> CountOpen() {
    return Number(
        "SELECT count(*) FROM selfology.social_publications WHERE state IN ('pending', 'unknown')");
  }

  // All that is left waits for a time that is yet to come.
  absl::StatusOr<bool> NothingIsDue() {
    ASSIGN_OR_RETURN(const int64_t due,
                     Number("SELECT count(*) FROM selfology.social_publications WHERE"
                            " state IN ('pending', 'unknown') AND next_at <= now() +"
                            " interval '1 second'"));
    if (due > 0) return false;
    ASSIGN_OR_RETURN(const int64_t working,
                     Number("SELECT count(*) FROM selfology.social_attempts WHERE outcome = 0"
                            " AND started_at > now() - interval '30 seconds'"));
    return working == 0;
  }

  absl::Status Check(StudioReport& report) {
    report.posts = run_.posts;
    report.faults = platforms_.faults();
    std::set<std::string> published, refused;
    struct Row {
      std::string text;
      std::string state;
    };
    ASSIGN_OR_RETURN(const std::vector<Row> rows, database_->Read(Patient(), [](Transaction& tx) {
      return tx.Query<Row>("SELECT text, state FROM selfology.social_publications");
    }));
    for (const Row& row : rows) (row.state == "published" ? published : refused).insert(row.text);
    for (const Sent& sent : sent_) {
      const int64_t copies = platforms_.Copies(sent.text);
      if (copies > 1) {
        report.duplicates += copies - 1;
        report.violations.push_back(
            absl::StrCat("TWICE: ", sent.text, " is there ", copies, " times"));
      }
      const bool says_published = published.contains(sent.text);
      if ((copies > 0) != says_published) {
        report.violations.push_back(absl::StrCat("WRONG: ", sent.text, " is there ", copies,
                                                 " times, and the ledger says ",
                                                 says_published ? "published" : "refused"));
      }
      if (!sent.refused && copies == 0) {
        ++report.lost;
        report.violations.push_back(absl::StrCat("LOST: ", sent.text));
      }
    }
    report.published = static_cast<int64_t>(published.size());
    report.refused = static_cast<int64_t>(refused.size());
    ASSIGN_OR_RETURN(report.attempts, Number("SELECT count(*) FROM selfology.social_attempts"));
    ASSIGN_OR_RETURN(report.unsettled, Number("SELECT count(*) FROM selfology.social_attempts WHERE"
                                              " outcome IN (0, 4) OR evidence = ''"));
    ASSIGN_OR_RETURN(report.looked_up, Number("SELECT count(*) FROM selfology.social_attempts WHERE"
                                              " evidence LIKE 'found%' OR evidence LIKE 'no%' AND"
                                              " evidence NOT LIKE 'not connected%'"));
    if (report.unsettled > 0) {
      report.violations.push_back(absl::StrCat("STUCK: ", report.unsettled, " attempts"));
    }
    return absl::OkStatus();
  }

  const StudioRun run_;
  std::mt19937_64 random_;
  StudioPlatforms platforms_;
  servers::ScratchFolder scratch_;
  std::unique_ptr<servers::PostgresServer> postgres_;
  std::unique_ptr<servers::RedisServer> redis_;
  std::unique_ptr<postgres::Database> database_;
  observe::Requests calls_{nullptr, "chaos_client"};
  std::unique_ptr<servers::Process> process_;
  std::unique_ptr<social::SocialServiceClient> client_;
  std::map<std::pair<int, social::Platform>, int64_t> accounts_;
  std::vector<Sent> sent_;
};

}  // namespace

std::string StudioReport::ToString() const {
  std::string line = absl::StrCat(
      "posts=", posts, " published=", published, " refused=", refused, " duplicates=", duplicates,
      " lost=", lost, " attempts=", attempts, " looked_up=", looked_up, " unsettled=", unsettled,
      " kills=", kills,
      " settled_after=", absl::FormatDuration(absl::Trunc(settled_after, absl::Seconds(1))));
  for (const auto& [fault, times] : faults) absl::StrAppend(&line, " ", fault, "=", times);
  return absl::StrCat(line, " violations=", violations.size());
}

absl::StatusOr<StudioReport> RunStudio(const StudioRun& run) { return Studio(run).Run(); }

}  // namespace selfology::chaos

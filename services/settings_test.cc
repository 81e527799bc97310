// One environment for all services: each takes what is its own, passes over what is another's, and
// refuses what is nobody's.

#include "services/settings.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/eventually.h"
#include "testing/servers/process.h"

namespace selfology {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

// What the session service says before it gives up for want of a database.
std::string SaysIn(std::vector<std::string> environment) {
  const std::string runfiles = std::getenv("TEST_SRCDIR");
  auto process = servers::Process::Start(
      {.argv = {absl::StrCat(runfiles, "/debian_sysroot/run"),
                absl::StrCat(runfiles, "/selfology/services/coaching/session/session_service")},
       .environment = std::move(environment)});
  EXPECT_TRUE(process.ok()) << process.status();
  (*process)->Wait(absl::Now() + absl::Minutes(1)).IgnoreError();
  return (*process)->output();
}

TEST(SettingsTest, ListsTheFlagsOfAllRooms) {
  EXPECT_THAT(kSettings, IsSupersetOf({"ai_premium", "anthropic_api_key", "outbox_relay_mode",
                                       "outbox_relay_retention", "qdrant_url",
                                       "session_idle_timeout", "telegram_messages_per_second"}));
}

TEST(SettingsTest, AServicePassesOverWhatIsAnothers) {
  const std::string said =
      SaysIn({"SELFOLOGY_OUTBOX_RELAY_RETENTION=24h", "SELFOLOGY_AI_PREMIUM=anthropic,claude,3,15",
              "SELFOLOGY_TELEGRAM_POLL_WAIT=nonsense"});
  EXPECT_THAT(said, HasSubstr("database_url: required"));
  EXPECT_THAT(said, Not(HasSubstr("SELFOLOGY_")));
}

TEST(SettingsTest, AServiceRefusesWhatIsNobodysAndWhatIsWrong) {
  const std::string said =
      SaysIn({"SELFOLOGY_SESSION_MAX_ANSWER=9", "SELFOLOGY_SESSION_MAX_ANSWERS=many"});
  EXPECT_THAT(said, HasSubstr("SELFOLOGY_SESSION_MAX_ANSWER: no such setting"));
  EXPECT_THAT(said, HasSubstr("SELFOLOGY_SESSION_MAX_ANSWERS: "));
}

TEST(SettingsTest, AServiceRefusesASecretThatIsNone) {
  EXPECT_THAT(SaysIn({"SELFOLOGY_SERVICE_SECRET_FILE=/no/such/file"}),
              HasSubstr("service_secret_file: the file cannot be read"));
}

TEST(SettingsTest, AnAccountAndItsSecretGoTogether) {
  EXPECT_THAT(SaysIn({"SELFOLOGY_SERVICE_ACCOUNT=content"}),
              HasSubstr("service_account_secret_file: must go together with service_account"));
  EXPECT_THAT(SaysIn({"SELFOLOGY_SERVICE_ACCOUNT=content",
                      "SELFOLOGY_SERVICE_ACCOUNT_SECRET_FILE=/no/such/file"}),
              HasSubstr("service_account_secret_file: the file cannot be read"));
}

TEST(SettingsTest, TheCollectorMayBeNamedAsOpenTelemetryDoes) {
  EXPECT_THAT(SaysIn({"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector"}),
              Not(HasSubstr("otlp_endpoint")));
  EXPECT_THAT(SaysIn({"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector/v1/traces"}),
              HasSubstr("otlp_endpoint: must be http://host:port"));
  EXPECT_THAT(SaysIn({"OTEL_EXPORTER_OTLP_ENDPOINT=nonsense:",
                      "SELFOLOGY_OTLP_ENDPOINT=http://collector:4317"}),
              Not(HasSubstr("otlp_endpoint")))
      << "ours counts more";
  EXPECT_THAT(SaysIn({"SELFOLOGY_TRACE_SHARE=10"}), HasSubstr("trace_share: must be 0 to 1"));
}

// A server that accepts nobody, as long as it lives: programs that connect to it wait.
class SilentServer {
 public:
  SilentServer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(fd_, any, size), 0);
    EXPECT_EQ(listen(fd_, 16), 0);
    EXPECT_EQ(getsockname(fd_, any, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(fd_); }
  int port() const { return port_; }

 private:
  const int fd_;
  int port_ = 0;
};

TEST(SettingsTest, AProcessHasItsProgramsName) {
  const SilentServer database;
  const std::string runfiles = std::getenv("TEST_SRCDIR");
  auto process = servers::Process::Start(
      {.argv = {absl::StrCat(runfiles, "/debian_sysroot/run"),
                absl::StrCat(runfiles, "/selfology/services/coaching/session/session_service")},
       .environment = {
           absl::StrCat("DATABASE_URL=postgresql://postgres@127.0.0.1:", database.port(), "/x"),
           "REDIS_URL=redis://127.0.0.1:1"}});
  ASSERT_TRUE(process.ok()) << process.status();
  const std::string path = absl::StrCat("/proc/", (*process)->pid(), "/comm");
  std::string name;
  const auto has_it = [&] {
    std::getline(std::ifstream(path), name);
    return name == "session_service";
  };
  testing::Eventually([&] { return has_it() || !(*process)->running(); }, absl::Minutes(1));
  EXPECT_EQ(name, "session_service") << (*process)->output();
}

}  // namespace
}  // namespace selfology

// What /health/detailed, /metrics and the status page say of a process and its mesh.

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/observe/log.h"
#include "common/service/host_fixture_test.h"
#include "common/service/status_page.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "selfology/events/v1/onboarding.pb.h"

namespace selfology::service {
namespace {

using events::v1::SessionCreated;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::string At(absl::Duration ago) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now() - ago, absl::UTCTimeZone());
}

class StatusTest : public HostFixture {
 protected:
  std::vector<std::string> Known() {
    std::vector<std::string> fields;
    const auto reply = redis().Command(Deadline(), {"HKEYS", "selfology:status"});
    const absl::Span<const redis::Reply> all = *reply->Array();
    for (const redis::Reply& field : all) fields.emplace_back(*field.String());
    return fields;
  }
};

TEST_F(StatusTest, DetailedHealthHasTheDocumentedFields) {
  Start(nullptr);
  const nlohmann::json health = GetJson("/health/detailed");
  EXPECT_EQ(health["service"], "probe_group");
  EXPECT_TRUE(health["status"].is_string());
  absl::Time time;
  EXPECT_TRUE(
      absl::ParseTime(absl::RFC3339_full, health["timestamp"].get<std::string>(), &time, nullptr));
  EXPECT_LT(absl::Now() - time, absl::Minutes(1));
  EXPECT_EQ(health["dependencies"],
            (nlohmann::json{{"database", "healthy"}, {"redis", "healthy"}}));
  EXPECT_TRUE(health["uptime"].is_number_integer());
  EXPECT_EQ(health["serving"], true);
  for (const char* const name : {"memory_bytes", "cpu_cores", "disk_bytes", "open_files"}) {
    EXPECT_GT(health["resources"][name]["limit"].get<double>(), 0) << name;
    EXPECT_TRUE(health["resources"][name]["status"].is_string()) << name;
  }
  EXPECT_EQ(health["services"]["probe_group"]["dependencies"]["database"]["status"], "healthy");
}

TEST_F(StatusTest, ALongQueueDegradesWithoutEndingService) {
  std::atomic<double> length = 7;
  Start([&](Mesh& mesh) {
    mesh.ReportQueue("unsent_messages", [&] { return length.load(); });
    return absl::OkStatus();
  });
  nlohmann::json health = GetJson("/health/detailed");
  EXPECT_EQ(health["queues"]["unsent_messages"]["waiting"], 7);
  EXPECT_EQ(health["queues"]["unsent_messages"]["status"], "healthy");
  EXPECT_THAT(health["problems"].dump(), Not(HasSubstr("unsent_messages")));
  length = 1001;
  health = GetJson("/health/detailed");
  EXPECT_EQ(health["status"], "degraded");
  EXPECT_THAT(health["problems"], Contains("queue unsent_messages: 1001, above 1000"));
  EXPECT_EQ(GetJson("/health")["status"], "healthy") << "what it depends on is well";
  EXPECT_EQ(Get("/health/ready").status, 200);
  StopMesh();  // The queue is of this test.
}

TEST_F(StatusTest, OpenCircuitsAndLastErrorsAreNamed) {
  Start([&](Mesh& mesh) {
    mesh.metrics().Gauge("circuit_breaker_state", "x", {{"target", "telegram"}}).Set(2);
    mesh.metrics().Gauge("circuit_breaker_state", "x", {{"target", "openai"}}).Set(0);
    return absl::OkStatus();
  });
  observe::Error("mail not sent", {{"status", absl::InternalError("to ann@example.org")}});
  const std::string text = Get("/health/detailed").body;
  const nlohmann::json health = nlohmann::json::parse(text);
  EXPECT_EQ(health["circuit_breakers"]["telegram"], "open");
  EXPECT_EQ(health["circuit_breakers"]["openai"], "closed");
  EXPECT_THAT(health["problems"], Contains("circuit breaker telegram: open"));
  const auto is_it = [](const nlohmann::json& error) {
    return error["message"] == "mail not sent" && error["code"] == "INTERNAL";
  };
  const nlohmann::json& errors = health["last_errors"];
  EXPECT_TRUE(std::any_of(errors.begin(), errors.end(), is_it)) << text;
  EXPECT_THAT(text, Not(HasSubstr("ann@example.org")));
}

TEST_F(StatusTest, MetricsTellOfTheProcess) {
  Start(nullptr);
  const std::string metrics = Get("/metrics").body;
  for (const char* const name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
        "process_start_time_seconds", "state_disk_free_bytes"}) {
    EXPECT_THAT(metrics, HasSubstr(absl::StrCat("\n", name, " "))) << name;
  }
}

TEST_F(StatusTest, ThePageNeedsNothingFromElsewhere) {
  Start(nullptr);
  const http::ClientResponse page = Get("/status");
  EXPECT_EQ(page.status, 200);
  const std::string policy(page.headers.Get("Content-Security-Policy").value_or(""));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  for (const char* const path :
       {"/status", "/status/status.css", "/status/status.js", "/status/charts.js"}) {
    const http::ClientResponse file = Get(path);
    EXPECT_EQ(file.status, 200) << path;
    // SVG's namespace is a name, and nothing is loaded from there.
    std::string text = file.body;
    for (size_t at; (at = text.find("http://www.w3.org/2000/svg")) != std::string::npos;) {
      text.erase(at, 26);
    }
    EXPECT_THAT(text, Not(HasSubstr("http:"))) << path;
    EXPECT_THAT(text, Not(HasSubstr("https:"))) << path;
  }
}

TEST_F(StatusTest, ProcessesKnowEachOtherUntilTheyEnd) {
  Start(nullptr);
  EXPECT_THAT(Known(), ::testing::SizeIs(1)) << "this process";
  const auto say = [&](std::string_view replica, const std::string& text) {
    ASSERT_TRUE(redis().Command(Deadline(), {"HSET", "selfology:status", replica, text}).ok());
  };
  const auto alive = [](std::string_view service, absl::Duration ago) {
    return nlohmann::json{{"service", service}, {"replica", "x"}, {"timestamp", At(ago)}}.dump();
  };
  say("late", alive("trait", absl::Minutes(2)));
  say("fresh", alive("profile", absl::ZeroDuration()));
  say("gone", alive("coach", absl::Minutes(6)));
  say("foreign", "no JSON");
  const nlohmann::json mesh = GetJson("/status/mesh");
  EXPECT_EQ(mesh["redis"], "healthy");
  ASSERT_EQ(mesh["replicas"].size(), 3u);
  EXPECT_EQ(mesh["replicas"][0]["service"], "probe_group");
  EXPECT_EQ(mesh["replicas"][0]["replica"], mesh["replica"]);
  EXPECT_EQ(mesh["replicas"][1]["service"], "profile");
  EXPECT_EQ(mesh["replicas"][1]["away"], false);
  EXPECT_EQ(mesh["replicas"][2]["service"], "trait");
  EXPECT_EQ(mesh["replicas"][2]["away"], true);
  EXPECT_EQ(Known().size(), 3u) << "who is gone is forgotten";
  StopMesh();
  EXPECT_THAT(Known(), ::testing::UnorderedElementsAre("late", "fresh"));
}

TEST_F(StatusTest, WhoEndedWithoutAWordIsForgottenByTheNext) {
  Start(nullptr);
  const nlohmann::json killed = {{"replica", "killed"}, {"timestamp", At(absl::Minutes(6))}};
  ASSERT_TRUE(
      redis().Command(Deadline(), {"HSET", "selfology:status", "killed", killed.dump()}).ok());
  StopMesh();
  Start(nullptr);
  EXPECT_THAT(Known(), ::testing::SizeIs(1)) << "this process";
}

TEST_F(StatusTest, StreamsTellHowFarGroupsAreBehind) {
  absl::Notification go_on;
  Start([&](Mesh& mesh) {
    mesh.On<SessionCreated>([&](const SessionCreated& event, events::Handling&) {
      if (event.session_id() > 1) go_on.WaitForNotification();
      return absl::OkStatus();
    });
    return absl::OkStatus();
  });
  SessionCreated event;
  event.set_user_id(5);
  const auto waiting = [&]() -> int64_t {
    const nlohmann::json streams = GetJson("/status/streams");
    for (const auto& group : streams["groups"]) {
      if (group["group"] == "probe_group") return group["waiting"];
    }
    return -1;
  };
  // The second to fourth wait behind the first, in the middle of the stream.
  event.set_session_id(1);
  Publish(event);
  AwaitHandled("probe_group", 1);
  for (int64_t session = 2; session <= 4; ++session) {
    event.set_session_id(session);
    Publish(event);
  }
  Await("three events to wait", [&] { return waiting() == 3; });
  go_on.Notify();
  Await("none to wait", [&] { return waiting() == 0; });
  StopMesh();
}

}  // namespace
}  // namespace selfology::service

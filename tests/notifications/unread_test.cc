// What a person has not read: one number over REST, on their socket and on their phone, after each of 1,000 random
// notifications and reads.
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/service/settings.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "services/edge/api_gateway/settings.h"
#include "services/edge/realtime/settings.h"
#include "services/edge/realtime/socket_io/client_test.h"
#include "services/platform/notification/module.h"
#include "services/platform/queue/module.h"
#include "testing/mesh_test.h"

ABSL_DECLARE_FLAG(selfology::service::Secret, notification_apns_key);
ABSL_DECLARE_FLAG(std::string, notification_apns_key_id);
ABSL_DECLARE_FLAG(std::string, notification_apns_team_id);
ABSL_DECLARE_FLAG(std::string, notification_apns_topic);
ABSL_DECLARE_FLAG(std::string, notification_apns_url);

namespace selfology {
namespace {

using ::nlohmann::json;

constexpr int64_t kAnn = 1001;
constexpr int kSteps = 1000;
constexpr absl::Duration kAim = absl::Seconds(1);  // R004: equal within it.

std::string NewApnsKey() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  EVP_PKEY_free(key);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

// Of an answer's member, which is left out when it is 0.
int64_t Number(const json& message, const std::string& name) {
  if (!message.is_object() || !message.contains(name)) return 0;
  const json& value = message[name];
  if (value.is_number_integer()) return value.get<int64_t>();
  int64_t number = -1;
  EXPECT_TRUE(value.is_string() && absl::SimpleAtoi(value.get_ref<const std::string&>(), &number))
      << message;
  return number;
}

// Apple's push service for one phone: the number on the app's icon.
class Phone {
 public:
  explicit Phone(std::function<void(int64_t badge)> shows) : shows_(std::move(shows)) {
    auto server = http::Server::Start(
        {}, {{.method = "POST", .path = "/*", .handler = [this](const http::Request& request) {
                shows_(Number(json::parse(request.body)["aps"], "badge"));
                return http::Response::Text("");
              }}});
    EXPECT_TRUE(server.ok()) << server.status();
    if (server.ok()) server_ = *std::move(server);
  }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

 private:
  const std::function<void(int64_t)> shows_;
  std::unique_ptr<http::Server> server_;  // Last: its handler uses the above.
};

class UnreadTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    phone_.emplace([this](int64_t badge) {
      absl::MutexLock lock(&mutex_);
      badge_ = badge;
    });
    absl::SetFlag(&FLAGS_notification_apns_key, service::Secret{NewApnsKey()});
    absl::SetFlag(&FLAGS_notification_apns_key_id, "KEY1");
    absl::SetFlag(&FLAGS_notification_apns_team_id, "TEAM1");
    absl::SetFlag(&FLAGS_notification_apns_topic, "org.example.app");
    absl::SetFlag(&FLAGS_notification_apns_url, phone_->url());
    uint16_t port = 0;
    realtime::RealtimeSettings devices;
    devices.listening = [this](uint16_t listening) {
      absl::MutexLock lock(&mutex_);
      devices_port_ = listening;
    };
    StartMesh(testing::Modules(
        notification::MakeModule(), queue::MakeModule(), realtime::MakeModule(std::move(devices)),
        api_gateway::MakeModule(
            {.requests_per_minute = 0, .on_listening = [this](const std::string& address) {
               rest_ = absl::StrCat("http://", address);
             }})));
    Await("devices to be able to connect", [&] {
      absl::MutexLock lock(&mutex_);
      port = devices_port_;
      return port != 0;
    });
    Ask("POST", "/api/notifications/devices",
        {{"device", {{"user_id", kAnn}, {"kind", "APNS"}, {"token", std::string(64, 'a')}}}});
    device_.emplace(port, json{{"user_id", kAnn}, {"offset", 0}});
    ASSERT_TRUE(device_->Await("ready").is_object());
    listener_ = std::thread([this] { Listen(); });
  }
  void TearDown() override {
    StopMesh();  // Closes the socket.
    if (listener_.joinable()) listener_.join();
  }

  json Ask(std::string method, std::string_view path, const json& body = nullptr) {
    http::Headers headers;
    if (!body.is_null()) headers.Set("Content-Type", "application/json");
    const auto sent = client_.Send(Deadline(), {.method = std::move(method),
                                                .url = absl::StrCat(rest_, path),
                                                .headers = std::move(headers),
                                                .body = body.is_null() ? "" : body.dump()});
    EXPECT_TRUE(sent.ok()) << sent.status();
    if (!sent.ok()) return json::object();
    EXPECT_EQ(sent->status, 200) << path << ": " << sent->body;
    return json::parse(sent->body, nullptr, false);
  }

  int64_t Send(int step, bool is_pushed) {
    const json answer =
        Ask("POST", "/api/notifications/send",
            {{"user_id", kAnn},
             {"kind", "generic"},
             {"priority", "URGENT"},  // Also at night.
             {"channels", {is_pushed ? "PUSH" : "INBOX"}},
             {"parameters", {{"title", absl::StrCat("No. ", step)}, {"text", "News."}}},
             {"deduplication_key", absl::StrCat("step-", step)}});
    return Number(answer["notification"], "notification_id");
  }

  // Whether socket and phone come to show it.
  bool IsShown(int64_t unread) {
    const auto shown = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return told_ == unread && badge_ == unread;
    };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&shown), testing::kPatience);
  }
  std::string Shown() {
    absl::MutexLock lock(&mutex_);
    return absl::StrCat("the socket says ", told_, ", the phone ", badge_);
  }
  std::vector<int64_t> versions() {
    absl::MutexLock lock(&mutex_);
    return versions_;
  }

 private:
  void Listen() {
    for (;;) {
      const auto [name, event] = device_->Event();
      if (name == "closed") return;
      if (name != "event") continue;
      const std::string type = event["type"];
      if (type != "notification.added" && type != "notification.read") continue;
      absl::MutexLock lock(&mutex_);
      told_ = Number(event["data"], "unread");
      versions_.push_back(Number(event["data"], "version"));
    }
  }

  const absl::FlagSaver flags_;
  absl::Mutex mutex_;
  uint16_t devices_port_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t told_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t badge_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<int64_t> versions_ ABSL_GUARDED_BY(mutex_);  // As the socket told them.
  http::Client client_{{}};
  std::string rest_;
  std::optional<Phone> phone_;
  std::optional<realtime::socket_io::TestDevice> device_;
  std::thread listener_;
};

TEST_F(UnreadTest, IsOneNumberOverRestOnTheSocketAndOnThePhoneAtEveryStep) {
  std::mt19937 random(20261201);  // Seeded: the same steps each time.
  std::vector<int64_t> unread;
  std::vector<absl::Duration> took;
  for (int step = 0; step < kSteps; ++step) {
    const absl::Time begin = absl::Now();
    if (unread.empty() || random() % 2 == 0) {
      unread.push_back(Send(step, random() % 2 == 0));
    } else {
      // One of them, or now and then all up to it.
      const auto which = unread.begin() + static_cast<int64_t>(random() % unread.size());
      if (random() % 20 == 0) {
        Ask("PUT", absl::StrCat("/api/notifications/user/", kAnn, "/read"),
            {{"up_to_notification_id", *which}});
        unread.erase(unread.begin(), which + 1);
      } else {
        Ask("PUT", absl::StrCat("/api/notifications/", *which, "/read"), {{"user_id", kAnn}});
        unread.erase(which);
      }
    }
    const auto count = static_cast<int64_t>(unread.size());
    const json answer = Ask("GET", absl::StrCat("/api/notifications/user/", kAnn, "/unread"));
    ASSERT_EQ(Number(answer, "unread"), count) << "over REST, step " << step;
    ASSERT_TRUE(IsShown(count)) << "step " << step << ": " << count << " are unread, " << Shown();
    took.push_back(absl::Now() - begin);
  }
  const std::vector<int64_t> told = versions();
  ASSERT_EQ(told.size(), static_cast<size_t>(kSteps)) << "each change once";
  for (size_t i = 1; i < told.size(); ++i) ASSERT_EQ(told[i], told[i - 1] + 1);

  std::sort(took.begin(), took.end());
  const auto at = [&](int per_mille) {
    return took[static_cast<size_t>(kSteps * per_mille / 1000 - 1)];
  };
  std::printf("equal everywhere after: p50 %.0f ms, p99 %.0f ms, at most %.0f ms\n",
              absl::ToDoubleMilliseconds(at(500)), absl::ToDoubleMilliseconds(at(990)),
              absl::ToDoubleMilliseconds(took.back()));
  // Not of each step: other programs may have the machine for a moment.
  EXPECT_LE(at(990), kAim);
}

}  // namespace
}  // namespace selfology

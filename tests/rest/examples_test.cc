// Every example of a contract, made as a call to the real services: it is answered as the contract says.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/http/client.h"
#include "common/transcode/route_table.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/options.pb.h"
#include "services/edge/api_gateway/contracts.h"
#include "testing/eventually.h"
#include "testing/servers/free_port.h"
#include "tests/rest/example_stories_test.h"
#include "tests/rest/rest_fixture_test.h"

ABSL_DECLARE_FLAG(bool, notification_local_messages);
ABSL_DECLARE_FLAG(std::string, webhook_listen);

namespace selfology {
namespace {

using google::protobuf::MethodDescriptor;
using ::nlohmann::json;

constexpr absl::Duration kPatience = absl::Seconds(30);

// All that `part` has, `whole` has, too: members, and elements in any place.
bool IsWithin(const json& part, const json& whole) {
  if (part.is_object()) {
    return whole.is_object() &&
           std::all_of(part.items().begin(), part.items().end(), [&](auto& member) {
             return whole.contains(member.key()) && IsWithin(member.value(), whole[member.key()]);
           });
  }
  if (part.is_array() && !part.empty()) {
    return whole.is_array() && std::all_of(part.begin(), part.end(), [&](const json& element) {
             return std::any_of(whole.begin(), whole.end(),
                                [&](const json& one) { return IsWithin(element, one); });
           });
  }
  return part == whole;
}

const transcode::RouteTable& Routes() {
  static const auto* const routes = new transcode::RouteTable(
      transcode::RouteTable::Make(api_gateway::LinkedContracts()).value());
  return *routes;
}

// Those that have a path, each once.
std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  std::set<const MethodDescriptor*> seen;
  for (const auto& route : Routes().routes()) {
    if (seen.insert(route->method).second) methods.push_back(route->method);
  }
  return methods;
}

int CountOf(const MethodDescriptor& method) {
  return method.options().ExtensionSize(mesh::v1::example);
}

std::string NameOf(const MethodDescriptor& method) {
  return absl::StrCat(method.service()->name(), ".", method.name());
}

// A text of JSON or of a path with this value of an answer.
std::string With(std::string text, std::string_view written, const json& value) {
  const std::string real = value.is_string() ? value.get<std::string>() : value.dump();
  return absl::StrReplaceAll(text, {{written, real}});
}

class ExamplesTest : public RestMeshTest {
 protected:
  struct Told {
    std::string path;
    std::string request;
    json answer;  // What the example says; null: nothing.
    Answer real;
  };

  void SetUp() override {
    door_ = absl::StrCat("127.0.0.1:", servers::FreePort());
    absl::SetFlag(&FLAGS_webhook_listen, door_);
    absl::SetFlag(&FLAGS_notification_local_messages, true);
    gateway_.requests_per_minute = 0;
    RestMeshTest::SetUp();
    for (const Story& story : Stories()) stories_[story.method] = &story;
    for (const MethodDescriptor* const method : Methods()) {
      by_name_.emplace(NameOf(*method), method);
    }
  }

  // After what has to have happened before. again: an example that is only needed for another one, with keys that nobody
  // has used.
  Told Tell(const MethodDescriptor& method, int nth, bool again) {
    const mesh::v1::RestExample& example = method.options().GetExtension(mesh::v1::example, nth);
    Told told{.path = example.path(), .request = example.request(), .answer = nullptr, .real = {}};
    std::string expected = example.answer();
    if (again && !IsMadeOnce(NameOf(method))) Renew(told);
    const auto found = stories_.find(NameOf(method));
    std::vector<Earlier> own;
    std::map<std::string_view, json> answers;
    if (found != stories_.end()) {
      for (const Earlier& earlier : found->second->earlier) {
        if (earlier.method == found->second->method) {
          own.push_back(earlier);
          continue;
        }
        if (!answers.contains(earlier.method)) answers[earlier.method] = AnswerOf(earlier.method);
        if (earlier.pointer.empty()) continue;
        const json::json_pointer pointer{std::string(earlier.pointer)};
        EXPECT_TRUE(answers[earlier.method].contains(pointer))
            << NameOf(method) << ": " << earlier.method << " has no " << earlier.pointer << " in "
            << answers[earlier.method];
        if (!answers[earlier.method].contains(pointer)) continue;
        const json value = answers[earlier.method][pointer];
        for (std::string* text : {&told.path, &told.request, &expected}) {
          *text = With(*text, earlier.written, value);
        }
      }
    }
    const auto match = Routes().Find(VerbOf(method, told.path), PathOnly(told.path));
    EXPECT_TRUE(match.route != nullptr && match.route->method == &method) << told.path;
    if (match.route == nullptr) return told;
    const auto send = [&] {
      told.real = Send(match.route->verb, told.path, told.request);
      std::string settled = expected;
      const json real = told.real.Json();
      for (const Earlier& one : own) {
        const json::json_pointer pointer{std::string(one.pointer)};
        if (real.is_object() && real.contains(pointer)) {
          settled = With(settled, one.written, real[pointer]);
        }
      }
      told.answer = settled.empty() ? json() : json::parse(settled);
      return told.real.status == 200 && (told.answer.is_null() || IsWithin(told.answer, real));
    };
    if (match.route->verb == "GET") {
      // What was said before may take its time to be seen.
      testing::Eventually(send, kPatience);
    } else {
      send();
    }
    return told;
  }

 private:
  json AnswerOf(std::string_view method) {
    if (method == kReceivedWebhook) return ReceivedWebhook();
    const auto found = by_name_.find(method);
    EXPECT_NE(found, by_name_.end()) << method;
    if (found == by_name_.end() || CountOf(*found->second) == 0) return json::object();
    if (const auto known = once_.find(method); known != once_.end()) return known->second;
    const Told told = Tell(*found->second, 0, /*again=*/true);
    EXPECT_EQ(told.real.status, 200) << method << ": " << told.real.body;
    if (IsMadeOnce(method)) once_[method] = told.real.Json();
    return told.real.Json();
  }

  // Another service's, over the door that is theirs.
  json ReceivedWebhook() {
    const std::string key = absl::StrCat("zap-", ++renewed_);
    const Answer made = Send(
        "POST", "/api/webhooks/sources",
        json{{"provider", "PROVIDER_ZAPIER"}, {"user_id", 1001}, {"idempotency_key", key}}.dump());
    EXPECT_EQ(made.status, 200) << made.body;
    if (made.status != 200) return json::object();
    const json source = made.Json();
    const std::string url =
        absl::StrCat("http://", door_, source["source"]["path"].get<std::string>());
    const std::string secret = source["secret"];
    int status = 0;
    testing::Eventually(
        [&] {
          const auto sent = client_.Send(
              Call::Background(kPatience),
              {.method = "POST",
               .url = url,
               .headers = {{"Authorization", "Bearer " + secret},
                           {"Content-Type", "application/json"}},
               .body = json{{"id", key}, {"event", "row_added"}, {"data", {{"text", "Words"}}}}
                           .dump()});
          status = sent.ok() ? sent->status : 0;
          return status != 0;
        },
        kPatience);
    EXPECT_EQ(status, 200);
    const json received =
        Send("GET", absl::StrCat("/api/webhooks/received?user_id=1001&endpoint_id=",
                                 source["source"]["endpoint_id"].get<std::string>()))
            .Json();
    EXPECT_EQ(received["received"].size(), 1u) << received;
    return received["received"].empty() ? json::object() : received["received"][0];
  }

  void Renew(Told& told) {
    const std::string mark = absl::StrCat("-", ++renewed_);
    constexpr std::string_view kInQuery = "idempotency_key=";
    if (const size_t at = told.path.find(kInQuery); at != std::string::npos) {
      told.path.insert(at + kInQuery.size(), absl::StrCat(renewed_, "-"));
    }
    json request = json::parse(told.request, nullptr, false);
    if (!request.is_object()) return;
    for (const char* name : {"idempotency_key", "deduplication_key"}) {
      if (request.contains(name)) request[name] = request[name].get<std::string>() + mark;
    }
    told.request = request.dump();
  }

  static std::string PathOnly(const std::string& path) { return path.substr(0, path.find('?')); }

  std::string VerbOf(const MethodDescriptor& method, const std::string& path) const {
    for (const char* verb : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      const auto match = Routes().Find(verb, PathOnly(path));
      if (match.route != nullptr && match.route->method == &method) return verb;
    }
    return "";
  }

  std::string door_;
  int renewed_ = 0;
  http::Client client_{{}};
  std::map<std::string_view, const Story*, std::less<>> stories_;
  std::map<std::string_view, json, std::less<>> once_;
  std::map<std::string, const MethodDescriptor*, std::less<>> by_name_;
};

TEST_F(ExamplesTest, EachIsTrue) {
  size_t examples = 0;
  for (const MethodDescriptor* const method : Methods()) {
    for (int nth = 0; nth < CountOf(*method); ++nth) {
      const Told told = Tell(*method, nth, /*again=*/false);
      ++examples;
      EXPECT_EQ(told.real.status, 200)
          << method->full_name() << ": " << told.path << ": " << told.real.body;
      EXPECT_TRUE(told.answer.is_null() || IsWithin(told.answer, told.real.Json()))
          << method->full_name() << ": " << told.path << " " << told.request << "\n=> "
          << told.real.body << "\nand not " << told.answer;
    }
  }
  EXPECT_GT(examples, 0u);
}

// Of these services, whose paths others write their clients for.
TEST(ContractExamplesTest, EachMethodOfTheseServicesHasOne) {
  const std::set<std::string_view> packages = {"selfology.notification.v1", "selfology.queue.v1",
                                               "selfology.webhook.v1"};
  // Their token is in a mail, and nowhere else.
  const std::set<std::string> without = {"SubscriptionService.ShowUnsubscribe",
                                         "SubscriptionService.Unsubscribe"};
  size_t count = 0;
  for (const MethodDescriptor* const method : Methods()) {
    if (!packages.contains(std::string_view(method->file()->package()))) continue;
    ++count;
    EXPECT_EQ(CountOf(*method) > 0, !without.contains(NameOf(*method))) << method->full_name();
  }
  EXPECT_GT(count, 60u);
}

TEST(ContractExamplesTest, AStoryIsOfAnExample) {
  std::set<std::string> names;
  for (const MethodDescriptor* const method : Methods()) {
    if (CountOf(*method) > 0) names.insert(NameOf(*method));
  }
  for (const Story& story : Stories()) {
    EXPECT_TRUE(names.contains(std::string(story.method))) << story.method;
  }
}

}  // namespace
}  // namespace selfology

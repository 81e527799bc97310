// Somebody writes the same word wherever a service keeps what people say, and is erased: no table
// and no key has it any more, whichever service it was.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "selfology/mesh/v1/options.pb.h"
#include "services/edge/api_gateway/contracts.h"
#include "testing/eventually.h"
#include "testing/leftovers.h"
#include "tests/rest/rest_fixture_test.h"

namespace selfology {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

// In no word list and no other text of the product.
constexpr std::string_view kWord = "quixmobrel";

struct Said {
  std::string_view package;  // "task" of selfology.task.v1.
  std::string_view table;    // Where it is kept.
  std::string_view verb;
  std::string_view path;  // $USER and $WORD are filled in.
  std::string_view body;
};

constexpr Said kSaid[] = {
    {"analytics", "analytics_reports", "POST", "/api/analytics/reports",
     R"({"user_id": $USER, "report": {"title": "$WORD", "time_zone": "UTC",
         "sections": [{"title": "$WORD", "metric": "task.completed", "measure": "events"}]}})"},
    {"challenge", "challenges", "POST", "/api/challenges",
     R"({"user_id": $USER, "kind": "CHALLENGE_KIND_QUIZ", "mode": "CHALLENGE_MODE_DUEL",
         "title": "$WORD", "text": "What is $WORD?", "options": ["$WORD", "a town"],
         "right_option": 1, "days": 3, "language": "en"})"},
    {"coach", "coach_memories", "PUT", "/api/v1/coach/memory",
     R"({"user_id": $USER, "item": {"kind": "MEMORY_KIND_GOAL", "text": "$WORD"}})"},
    {"content", "content_posts", "POST", "/api/content/posts",
     R"({"user_id": $USER, "title": "$WORD", "text": "About $WORD."})"},
    {"feed", "feed_people", "POST", "/api/v1/users",
     R"({"telegram_id": $USER, "username": "$WORD", "first_name": "$WORD", "language": "en"})"},
    {"file", "file_files", "POST", "/api/files/upload",
     R"({"user_id": $USER, "name": "$WORD.txt", "content": "aGVsbG8="})"},
    {"notification", "notifications", "POST", "/api/notifications/send",
     R"({"user_id": $USER, "kind": "task.due", "parameters": {"title": "$WORD"},
         "channels": ["CHANNEL_INBOX"], "deduplication_key": "1"})"},
    {"queue", "queue_jobs", "POST", "/api/queue/jobs",
     R"({"user_id": $USER, "queue": "default", "kind": "x", "payload": {"said": "$WORD"}})"},
    {"security", "security_api_keys", "POST", "/api/auth/api-keys",
     R"({"user_id": $USER, "display_name": "$WORD", "scopes": ["growth.tasks.read"]})"},
    {"task", "tasks", "POST", "/api/tasks",
     R"({"user_id": $USER, "task": {"title": "$WORD", "notes": "Mind the $WORD."}})"},
    {"user", "user_teams", "POST", "/api/teams", R"({"user_id": $USER, "name": "$WORD"})"},
    {"webhook", "webhook_endpoints", "POST", "/api/webhooks/endpoints",
     R"({"user_id": $USER, "url": "https://example.org/$WORD", "description": "$WORD",
         "event_types": ["task.completed"]})"},
};

// Packages with personal fields of which another test says the same, or that keep none.
const std::map<std::string_view, std::string_view>& Elsewhere() {
  static const auto* const elsewhere = new std::map<std::string_view, std::string_view>{
      {"ai", "Stores nothing."},
      {"analysis", "tests/journey/erasure_test."},
      {"channel_reader", "Keeps what channels say, not people; whom one follows: its own test."},
      {"events", "The outbox and the streams are looked at here."},
      {"gamification", "Keeps what the events of the others say; its table is looked at here."},
      {"integration", "Tokens are sealed, so no word is found; its own test."},
      {"mesh", "Dead letters: common/service/mesh_erasure_test."},
      {"miniapp", "Keeps nothing that was said; its own test."},
      {"profile", "tests/journey/erasure_test."},
      {"realtime", "Its log is filled by the events of the others."},
      {"relay", "Has the outbox."},
      {"safety", "Keeps no words."},
      {"session", "tests/journey/erasure_test."},
      {"social", "What is kept comes from platforms; its own tests."},
      {"telegram", "tests/journey/erasure_test."},
      {"trait", "tests/journey/erasure_test."},
  };
  return *elsewhere;
}

void CollectPersonal(const google::protobuf::Descriptor& message, std::set<std::string>& packages) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (!message.field(i)->options().GetExtension(mesh::v1::personal)) continue;
    // "selfology.task.v1"
    const std::string package = message.file()->package();
    const size_t begin = package.find('.') + 1;
    packages.insert(package.substr(begin, package.rfind('.') - begin));
  }
  for (int i = 0; i < message.nested_type_count(); ++i) {
    CollectPersonal(*message.nested_type(i), packages);
  }
}

class ErasingTest : public RestMeshTest {
 protected:
  static std::string Filled(std::string_view text, const std::string& user) {
    return absl::StrReplaceAll(text, {{"$USER", user}, {"$WORD", kWord}});
  }
};

TEST_F(ErasingTest, NoServiceIsForgotten) {
  std::set<std::string> packages;
  std::set<const google::protobuf::FileDescriptor*> files;
  for (const auto* service : api_gateway::LinkedContracts()) {
    const auto* file = service->file();
    files.insert(file);
    for (int i = 0; i < file->dependency_count(); ++i) files.insert(file->dependency(i));
  }
  for (const auto* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      CollectPersonal(*file->message_type(i), packages);
    }
  }
  std::set<std::string_view> said;
  for (const Said& each : kSaid) said.insert(each.package);
  for (const std::string& package : packages) {
    EXPECT_TRUE(said.contains(package) || Elsewhere().contains(package))
        << "selfology." << package
        << " has personal fields: say something to it in kSaid, so that it is seen erased.";
  }
  for (const auto& [package, reason] : Elsewhere()) {
    EXPECT_TRUE(!said.contains(package)) << package << " is in both lists";
  }
}

TEST_F(ErasingTest, WhatWasSaidToAnyServiceIsGone) {
  const std::string user =
      Send("POST", "/api/users/register",
           Filled(R"({"email": "$WORD@example.org", "password": "seven green lanterns",
                      "first_name": "$WORD", "language": "en"})",
                  ""))
          .Json()["user_id"];
  Answer consent = Send("PUT", absl::StrCat("/api/v1/onboarding/", user, "/consent"),
                        R"({"granted": true, "policy_version": "2025-10-01"})");
  ASSERT_EQ(consent.status, 200) << consent.body;
  int number = 0;
  for (const Said& each : kSaid) {
    const Answer answer =
        Send(std::string(each.verb), Filled(each.path, user), Filled(each.body, user),
             {{"Idempotency-Key", absl::StrCat("said-", ++number)}});
    EXPECT_EQ(answer.status, 200) << each.path << ": " << answer.body;
  }
  const auto database = postgres::Database::Open({.url = url()});
  ASSERT_TRUE(database.ok()) << database.status();
  const auto redis = redis::Client::Open(servers::TestRedis().url());
  ASSERT_TRUE(redis.ok()) << redis.status();
  const testing::Leftovers leftovers({std::string(kWord)});
  const std::set<std::string> before = leftovers.Tables(**database);
  EXPECT_THAT(before, Contains("selfology.user_accounts"));
  for (const Said& each : kSaid) {
    EXPECT_THAT(before, Contains(absl::StrCat("selfology.", each.table))) << each.path;
  }

  const Answer erasing =
      Send("DELETE", absl::StrCat("/api/users/", user), "", {{"Idempotency-Key", "erase"}});
  ASSERT_EQ(erasing.status, 200) << erasing.body;
  // Keys go when their service hears of it, be that before or after the last table.
  std::set<std::string> left, keys;
  testing::Eventually(
      [&] {
        left = leftovers.Tables(**database);
        keys = leftovers.Keys(**redis);
        return left.empty() && keys.empty();
      },
      absl::Seconds(60));
  EXPECT_THAT(left, IsEmpty());
  EXPECT_THAT(keys, IsEmpty());
}

}  // namespace
}  // namespace selfology

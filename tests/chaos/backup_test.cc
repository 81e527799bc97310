// A backup that is taken while people talk with the mesh, restored into a new one after a disaster: what was there before it
// is there again, once and in order; nothing but what came after it is missing. And secrets are in no file in the clear.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/postgres/connection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/webhook/v1/webhook_service_client.h"
#include "testing/eventually.h"
#include "tests/chaos/checker.h"
#include "tests/chaos/run.h"
#include "tests/chaos/settle.h"
#include "tests/journey/words.h"

namespace selfology::chaos {
namespace {

using journey::Mesh;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::IsEmpty;

constexpr int kAnswers = 3, kTurns = 2;
constexpr int kBefore = 20, kMeanwhile = 100;  // People.
constexpr absl::Duration kPatience = absl::Minutes(4);
// Nobody's but ours, so that wherever it is found it is a leak. Of an endpoint, and of a source.
constexpr char kEndpointSecret[] = "a very well-known secret of an endpoint!";
constexpr char kSourceSecret[] = "another well-known secret, of a source";

// The bot said so, before the person said anything more.
bool WasRefused(const Said& said, const Facts& facts) {
  for (auto message = facts.chat.upper_bound(said.message_id); message != facts.chat.end();
       ++message) {
    if (!message->second.from_bot) return false;
    if (journey::IsRefusal(message->second.text)) return true;
  }
  return false;
}

// What people said before they said something more. The last thing that somebody said may be on its way.
int64_t Followed(const std::vector<Ledger>& ledgers) {
  int64_t followed = 0;
  for (const Ledger& ledger : ledgers) {
    followed += std::max<int64_t>(0, static_cast<int64_t>(ledger.said.size()) - 1);
  }
  return followed;
}

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/backup_test");
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    ASSERT_EQ(Ctl({"seal", "new", folder_ + "/keys"}), "");
    std::ofstream(folder_ + "/service.key") << std::string(64, '7');
    std::vector<std::string> flags;
    for (const auto& [program, more] : MeshFlags(kAnswers)) {
      flags.insert(flags.end(), more.begin(), more.end());
    }
    for (const char* service : {"security", "webhook"}) {
      flags.push_back(absl::StrCat("--", service, "_seal_key_file=", folder_, "/service.key"));
    }
    auto mesh =
        Mesh::Start({.shape = journey::Shape::kOneProcess, .flags = {{"selfology", flags}}});
    ASSERT_TRUE(mesh.ok()) << mesh.status();
    mesh_ = *std::move(mesh);
  }

  // Empty, or what it said when it failed.
  static std::string Ctl(std::vector<std::string> words) {
    std::vector<std::string> argv = Mesh::ProgramCommand("tools/ctl/selfologyctl");
    argv.insert(argv.end(), words.begin(), words.end());
    auto process = servers::Process::Start({.argv = std::move(argv)});
    if (!process.ok()) return process.status().ToString();
    const absl::StatusOr<int> code = (*process)->Wait(absl::Now() + kPatience);
    if (code.ok() && *code == 0) return "";
    return absl::StrCat("selfologyctl failed: ", (*process)->output());
  }
  std::vector<std::string> Arguments() const {
    return {folder_ + "/made",
            "--key_file=" + folder_ + "/keys",
            "--state=" + folder_ + "/state",
            "--database_url=" + mesh_->database_url(),
            "--file_folder=" + mesh_->file_folder(),
            "--telegram_media_folder=" + mesh_->media_folder()};
  }
  std::string Backup() const {
    std::vector<std::string> words = Arguments();
    words.insert(words.begin(), "backup");
    return Ctl(std::move(words));
  }
  std::string Restore() const {
    std::vector<std::string> words = Arguments();
    words.insert(words.begin(), "restore");
    words.push_back("--redis_url=" + mesh_->redis_url());
    words.push_back("--force");  // The folders are those of before.
    return Ctl(std::move(words));
  }

  void KeepSecrets() {
    const webhook::v1::WebhookServiceClient webhooks(mesh_->Peer("webhook"));
    webhook::v1::CreateEndpointRequest endpoint;
    endpoint.set_url("https://example.com/hook");
    endpoint.set_secret(absl::StrCat("whsec_", absl::Base64Escape(kEndpointSecret)));
    endpoint.set_idempotency_key("endpoint");
    const auto made = webhooks.CreateEndpoint(Mesh::Deadline(), endpoint);
    ASSERT_TRUE(made.ok()) << made.status();
    webhook::v1::CreateSourceRequest source;
    source.set_provider(webhook::v1::PROVIDER_GITHUB);
    source.set_secret(kSourceSecret);
    source.set_idempotency_key("source");
    const auto added = webhooks.CreateSource(Mesh::Deadline(), source);
    ASSERT_TRUE(added.ok()) << added.status();
  }

  // Files below a folder that have one of the secrets in any form.
  static std::vector<std::string> Leaks(const std::string& folder) {
    std::vector<std::string> leaks;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file),
                              std::istreambuf_iterator<char>()};
      for (const std::string secret : {kEndpointSecret, kSourceSecret}) {
        for (const std::string& form :
             {secret, absl::Base64Escape(secret), absl::BytesToHexString(secret)}) {
          if (absl::StrContains(bytes, form)) leaks.push_back(entry.path().string());
        }
      }
    }
    return leaks;
  }
  std::string DataFolder() {
    const auto row = mesh_->database().Read(Mesh::Deadline(), [](postgres::Transaction& tx) {
      return tx.QueryOne<std::string>("SELECT current_setting('data_directory')");
    });
    return std::get<0>(row->value());
  }
  // What has been committed is in the data's files, too, not in the log alone.
  void Checkpoint() {
    const auto connection =
        postgres::Connection::Open(Mesh::Deadline(), {.url = mesh_->database_url()});
    ASSERT_TRUE(connection.ok()) << connection.status();
    const absl::Status done = (*connection)->Script(Mesh::Deadline(), "CHECKPOINT");
    ASSERT_TRUE(done.ok()) << done;
  }

  void AwaitQuiet() {
    EXPECT_TRUE(testing::Eventually(
        [&] {
          const absl::StatusOr<int64_t> under_way = CountUnderWay(*mesh_);
          return under_way.ok() && *under_way == 0;
        },
        kPatience))
        << "events are still under way" << mesh_->Logs();
  }

  std::string folder_;
  std::unique_ptr<Mesh> mesh_;
};

TEST_F(BackupTest, WhatWasThereBeforeIsThereAgainOnceAndInOrder) {
  ASSERT_NO_FATAL_FAILURE(KeepSecrets());
  Crowd before(mesh_->telegram(), {.people = kBefore,
                                   .answers = kAnswers,
                                   .turns = kTurns,
                                   .seed = 1,
                                   .arrive_within = absl::Seconds(2),
                                   .think = absl::Milliseconds(200)});
  ASSERT_TRUE(before.Start().ok());
  const auto settled = Settle(*mesh_, before, {.patience = kPatience});
  ASSERT_TRUE(settled.ok() && *settled) << mesh_->Logs();
  before.Stop();

  Crowd meanwhile(mesh_->telegram(), {.people = kMeanwhile,
                                      .answers = kAnswers,
                                      .turns = kTurns,
                                      .seed = 2,
                                      .arrive_within = absl::Seconds(4),
                                      .think = absl::Milliseconds(500)});
  ASSERT_TRUE(meanwhile.Start().ok());
  const absl::Time busy_by = absl::Now() + kPatience;
  while (Followed(meanwhile.ledgers()) < kMeanwhile && absl::Now() < busy_by) {
    meanwhile.AwaitDone(absl::Milliseconds(20));
  }
  const std::vector<Ledger> at_backup = meanwhile.ledgers();
  ASSERT_THAT(Followed(at_backup), Ge(kMeanwhile));
  const int64_t said = meanwhile.said();
  const absl::StatusOr<std::set<int64_t>> handled = HandledUpdates(*mesh_);
  ASSERT_TRUE(handled.ok()) << handled.status();
  // The gateway makes it with the first file.
  std::filesystem::create_directories(mesh_->media_folder());
  ASSERT_EQ(Backup(), "");
  EXPECT_THAT(meanwhile.said(), Gt(said)) << "nobody said anything while it was taken";
  meanwhile.Stop();

  ASSERT_NO_FATAL_FAILURE(Checkpoint());
  EXPECT_THAT(Leaks(DataFolder()), IsEmpty());
  EXPECT_THAT(Leaks(folder_ + "/made"), IsEmpty());

  // Updates that took effect after the backup began, or while it was taken, and that Telegram does not give again. What had
  // taken effect before is none of them, nor what Telegram still has.
  std::set<int64_t> forgotten;
  const absl::Status again = mesh_->StartOver([&]() -> absl::Status {
    const int64_t kept_by_telegram =
        mesh_->telegram().exchange().Look([](const telegram_emulator::World& world) {
          return world.updates.empty() ? world.updates.next_id() : world.updates.front().id;
        });
    for (int64_t id = *handled->begin(); id < kept_by_telegram; ++id) {
      if (!handled->contains(id)) forgotten.insert(id);
    }
    const std::string problem = Restore();
    return problem.empty() ? absl::OkStatus() : absl::InternalError(problem);
  });
  ASSERT_TRUE(again.ok()) << again;
  ASSERT_NO_FATAL_FAILURE(AwaitQuiet());
  EXPECT_THAT(Leaks(DataFolder()), IsEmpty());
  ASSERT_TRUE(IndexForReading(*mesh_).ok());

  const auto findings =
      Check(*mesh_, before.ledgers(), {.answers = kAnswers, .turns = kTurns}, folder_, forgotten);
  ASSERT_TRUE(findings.ok()) << findings.status();
  for (const Violation& violation : findings->violations) {
    ADD_FAILURE() << Name(violation.harm) << " user " << violation.user_id << ": "
                  << violation.what;
  }
  EXPECT_THAT(findings->events, Gt(kBefore * 20));

  // Of those who were in the middle of it: what they had been answered to is there, and whatever is there took effect once.
  int64_t kept = 0;
  for (const Ledger& ledger : at_backup) {
    const auto facts = ReadFacts(*mesh_, ledger.user_id);
    ASSERT_TRUE(facts.ok()) << facts.status();
    std::set<std::string> texts;
    for (const Answer& answer : facts->answers) texts.insert(answer.text);
    for (const Turn& turn : facts->turns) texts.insert(turn.text);
    // The last one may not have been taken down yet.
    for (size_t i = 0; i + 1 < ledger.said.size(); ++i) {
      if (WasRefused(ledger.said[i], *facts)) continue;
      EXPECT_TRUE(texts.contains(ledger.said[i].text)) << Describe(ledger, *facts);
      ++kept;
    }
    Findings all;
    CheckPerson(ledger, *facts, {.answers = kAnswers, .turns = kTurns}, all);
    // They said and were told more than the mesh remembers, so some of it is missing or unknown.
    for (const Violation& violation : all.violations) {
      const bool is_handling = absl::StrContains(violation.what, " never came to ");
      // What they were told after the backup the restored mesh does not know, and tells it again.
      const bool is_told_again = absl::StrContains(violation.what, " in the chat");
      const bool is_broken = (violation.harm == Harm::kTwice && !is_told_again) ||
                             violation.harm == Harm::kOutOfOrder || is_handling;
      EXPECT_FALSE(is_broken) << Name(violation.harm) << ": " << violation.what << "\n"
                              << Describe(ledger, *facts);
    }
  }
  EXPECT_THAT(kept, Gt(kMeanwhile / 2));

  // It goes on working, and what was sealed opens.
  const webhook::v1::WebhookServiceClient webhooks(mesh_->Peer("webhook"));
  const auto endpoints = webhooks.ListEndpoints(Mesh::Deadline(), {});
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  EXPECT_EQ(endpoints->endpoints_size(), 1);
}

}  // namespace
}  // namespace selfology::chaos

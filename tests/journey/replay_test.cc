// An operator publishes events again: whoever did his part does nothing, whoever lost it does it
// again.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/relay/v1/outbox_relay_service_client.h"
#include "testing/servers/process.h"
#include "tests/journey/answers.h"
#include "tests/journey/mesh.h"
#include "tests/journey/person.h"
#include "tests/journey/record.h"
#include "tools/ctl/state_folder.h"

namespace selfology::journey {
namespace {

using ::testing::EndsWith;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::HasSubstr;

class ReplayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto mesh = Mesh::Start(Shape::kOneProcess);
    ASSERT_TRUE(mesh.ok()) << mesh.status();
    mesh_ = *std::move(mesh);
    record_.emplace(*mesh_);
    state_.emplace(mesh_->scratch());
    ASSERT_EQ(state_->Lock(), absl::OkStatus());
    ASSERT_EQ(state_->Announce(mesh_->EndpointsJson(), {}), absl::OkStatus());
  }

  // What selfologyctl prints.
  std::string Ctl(std::vector<std::string> words) {
    std::vector<std::string> argv = Mesh::ProgramCommand("tools/ctl/selfologyctl");
    argv.insert(argv.end(), words.begin(), words.end());
    argv.push_back(absl::StrCat("--state=", mesh_->scratch()));
    auto process = servers::Process::Start({.argv = std::move(argv)});
    EXPECT_TRUE(process.ok()) << process.status();
    (*process)->Wait(absl::Now() + kPatience).IgnoreError();
    return (*process)->output();
  }
  // How many events it says.
  int64_t Replay(std::vector<std::string> words) {
    words.insert(words.begin(), "replay");
    const std::string said = Ctl(std::move(words));
    int64_t events = -1;
    EXPECT_TRUE(absl::SimpleAtoi(said.substr(0, said.find(' ')), &events)) << said;
    return events;
  }

  int64_t Published() {
    const relay::v1::OutboxRelayServiceClient client(mesh_->Peer("outbox_relay"));
    return client.GetStatus(Mesh::Deadline(), {})->status().published_total();
  }
  int64_t Count(std::string_view table, std::string_view key, int64_t user) {
    return record_->Number(
        absl::StrCat("SELECT count(*) FROM selfology.", table, " WHERE ", key, " = $1"), user);
  }
  // Begins, and answers one question.
  void Answer(Person& person) {
    person.Says("/start");
    person.Presses(person.Hears("Welcome to Selfology"), "✅ I agree");
    person.Hears("Question 1 of 10");
    person.Says(EnglishAnswer(1));
    person.Hears("Question 2 of 10");
    record_->AwaitEvents(person.id(), "answer.analyzed.deep", 1);
    record_->AwaitHandled(person.id(), "trait.extracted", "profile_storage");
    record_->AwaitHandled(person.id(), "trait.extracted", "trait_evolution");
    record_->AwaitPassed();
  }
  void Sql(std::string_view sql, int64_t user) {
    const absl::Status done = mesh_->database().Write(
        Mesh::Deadline(),
        [&](postgres::Transaction& tx) { return tx.Execute(sql, user).status(); });
    EXPECT_EQ(done, absl::OkStatus()) << sql;
  }

  std::unique_ptr<Mesh> mesh_;
  std::optional<Record> record_;
  std::optional<ctl::StateFolder> state_;
};

TEST_F(ReplayTest, WhoDidItsPartDoesNothingAndWhoLostItDoesItAgain) {
  const std::string before = absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
  Person ann(*mesh_, "en");
  Person bob(*mesh_, "en");
  ASSERT_NO_FATAL_FAILURE(Answer(ann));
  ASSERT_NO_FATAL_FAILURE(Answer(bob));
  const std::string anns = absl::StrCat("--user=", ann.id());
  const int64_t events = Count("outbox", "partition_key", ann.id());
  const int64_t history = Count("trait_history", "user_id", ann.id());
  const int64_t messages = Count("outgoing_messages", "user_id", ann.id());
  const int64_t published = Published();
  ASSERT_THAT(history, Gt(0));

  // Counting publishes nothing.
  EXPECT_THAT(Ctl({"replay", "--from=1h", anns, "--dry_run"}),
              EndsWith(" events would be published again\n"));
  EXPECT_EQ(Replay({"--from=1h", anns, "--dry_run"}), events);
  EXPECT_EQ(Replay({"--from", before, "--dry_run"}),
            events + Count("outbox", "partition_key", bob.id()));
  EXPECT_EQ(Replay({"--from=2h", "--to=1h", "--dry_run"}), 0);
  EXPECT_EQ(
      Replay({"--from", before, "--type=session.created,user.answer.submitted", anns, "--dry_run"}),
      2);
  EXPECT_EQ(Published(), published);
  EXPECT_THAT(Ctl({"replay"}), HasSubstr("needs --from"));
  EXPECT_THAT(Ctl({"replay", "--from=yesterday"}), HasSubstr("is no time"));

  // All did their part.
  EXPECT_EQ(Replay({"--from=1h", anns}), events);
  EXPECT_THAT(Published(), Ge(published + events));
  record_->AwaitPassed();
  EXPECT_EQ(Count("outbox", "partition_key", ann.id()), events);
  EXPECT_EQ(Count("trait_history", "user_id", ann.id()), history);
  EXPECT_EQ(Count("outgoing_messages", "user_id", ann.id()), messages);

  // One lost it.
  Sql("DELETE FROM selfology.trait_history WHERE user_id = $1", ann.id());
  Sql("DELETE FROM selfology.inbox WHERE consumer_group = 'trait_evolution' AND event_id IN"
      " (SELECT id FROM selfology.outbox WHERE partition_key = $1)",
      ann.id());
  EXPECT_EQ(Replay({"--from=1h", "--type=trait.extracted"}), 2);
  record_->Await("the traits to be there again",
                 [&] { return Count("trait_history", "user_id", ann.id()) == history; });
  record_->AwaitPassed();
  EXPECT_EQ(Count("trait_history", "user_id", ann.id()), history);
  EXPECT_EQ(Count("trait_history", "user_id", bob.id()), history);
  EXPECT_EQ(record_->DeadLetters(), 0);
}

}  // namespace
}  // namespace selfology::journey

// One user's trouble is nobody else's: an event that is always refused parks its own user until it
// is corrected, and a transaction that stays open holds up nothing but its own events.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/gateway.pb.h"
#include "tests/chaos/checker.h"
#include "tests/chaos/run.h"
#include "tests/chaos/settle.h"
#include "tests/journey/person.h"
#include "tests/journey/record.h"
#include "tools/ctl/state_folder.h"

namespace selfology::chaos {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using journey::Mesh;
using journey::Person;
using journey::Record;

constexpr int kAnswers = 2;
constexpr int kTurns = 1;
constexpr std::string_view kRequested = "message.send.requested";

class NeighboursTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = Mesh::Start({.second_relay = true, .flags = MeshFlags(kAnswers)});
    ASSERT_TRUE(started.ok()) << started.status();
    mesh_ = *std::move(started);
    record_ = std::make_unique<Record>(*mesh_);
  }

  std::unique_ptr<Crowd> StartCrowd(int people) {
    auto crowd =
        std::make_unique<Crowd>(mesh_->telegram(), CrowdOptions{.people = people,
                                                                .answers = kAnswers,
                                                                .turns = kTurns,
                                                                .arrive_within = absl::Seconds(1),
                                                                .think = absl::Milliseconds(100)});
    EXPECT_EQ(crowd->Start(), absl::OkStatus());
    return crowd;
  }

  void ExpectSettles(const Crowd& crowd) {
    const auto settled = Settle(*mesh_, crowd, {});
    ASSERT_TRUE(settled.ok()) << settled.status();
    EXPECT_TRUE(*settled) << mesh_->Logs();
  }

  void ExpectNoViolations(const Crowd& crowd) {
    const auto findings = Check(*mesh_, crowd.ledgers(), {.answers = kAnswers, .turns = kTurns},
                                ::testing::TempDir());
    ASSERT_TRUE(findings.ok()) << findings.status();
    for (const Violation& violation : findings->violations) {
      ADD_FAILURE() << Name(violation.harm) << " " << violation.user_id << ": " << violation.what;
    }
  }

  // Runs selfologyctl dead-letters and gives the lines that it prints.
  std::vector<std::string> DeadLetters(const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = Mesh::ProgramCommand("tools/ctl/selfologyctl");
    argv.emplace_back("dead-letters");
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    argv.push_back(absl::StrCat("--state=", mesh_->scratch()));
    const auto process = servers::Process::Start({.argv = std::move(argv)});
    if (!process.ok()) {
      ADD_FAILURE() << process.status();
      return {};
    }
    const auto code = (*process)->Wait(absl::Now() + journey::kPatience);
    EXPECT_TRUE(code.ok() && *code == 0) << code.status() << (*process)->output();
    return absl::StrSplit((*process)->output(), '\n', absl::SkipEmpty());
  }

  int TimesHeard(int64_t user, std::string_view words) {
    int times = 0;
    for (const telegram_emulator::Message& message : mesh_->telegram().Messages(user)) {
      times += message.from_bot && absl::StrContains(message.text, std::string(words));
    }
    return times;
  }

  std::unique_ptr<Mesh> mesh_;
  std::unique_ptr<Record> record_;
};

TEST_F(NeighboursTest, APoisonEventParksItsOwnUserUntilItIsMendedAndReplayed) {
  ctl::StateFolder state(mesh_->scratch());
  ASSERT_EQ(state.Lock(), absl::OkStatus());
  ASSERT_EQ(state.Announce(mesh_->EndpointsJson(), {}), absl::OkStatus());

  constexpr int kPeople = 8;
  const auto crowd = StartCrowd(kPeople);
  const int64_t victim = crowd->ledgers().front().user_id;
  ASSERT_EQ(mesh_->database().Write(Mesh::Deadline(),
                                    [&](postgres::Transaction& tx) {
                                      return events::PublishEncoded(
                                          tx, kRequested, {.partition_key = victim}, "\xff");
                                    }),
            absl::OkStatus());

  record_->Await("everybody but the victim at their journey's end", [&] {
    const auto unfinished = CountUnfinished(*mesh_);
    return crowd->done() == kPeople - 1 && unfinished.ok() && *unfinished == 0;
  });
  EXPECT_FALSE(crowd->ledgers().front().done);
  const std::string of_victim = absl::StrCat("--user=", victim);
  const std::vector<std::string> letters = DeadLetters({"list"});
  ASSERT_THAT(letters, SizeIs(::testing::Ge(2)));
  EXPECT_THAT(letters, Each(HasSubstr("telegram_gateway")));
  EXPECT_EQ(DeadLetters({"list", of_victim}), letters) << "somebody else is parked, too";
  EXPECT_THAT(letters.front(), AllOf(HasSubstr(kRequested), HasSubstr("FAILED")));
  EXPECT_THAT((std::vector<std::string>{letters.begin() + 1, letters.end()}),
              Each(HasSubstr("PARKED")));

  const std::string group = "--group=telegram_gateway";
  const std::string event =
      absl::StrCat("--event=", std::string(absl::string_view(letters.front()).substr(0, 36)));
  DeadLetters({"replay", group, of_victim});
  record_->Await("the event refused again", [&] {
    return absl::StrContains(DeadLetters({"list", of_victim}).front(), "attempts=2");
  });
  EXPECT_THAT(DeadLetters({"list"}), SizeIs(letters.size()));

  DeadLetters({"edit", group, event,
               absl::StrCat(R"(--payload={"userId": ")", victim,
                            R"(", "messageText": "Sorry for the wait."})")});
  DeadLetters({"replay", group, of_victim});
  ExpectSettles(*crowd);
  EXPECT_THAT(DeadLetters({"list"}), IsEmpty());
  EXPECT_EQ(TimesHeard(victim, "Sorry for the wait."), 1);
  ExpectNoViolations(*crowd);
}

TEST_F(NeighboursTest, ATransactionThatStaysOpenHoldsUpNothingButItsOwnEvents) {
  Person ann(*mesh_, "en");
  ann.Says("/start");
  ann.Hears("Welcome to Selfology");
  const auto request = [&](postgres::Transaction& tx, std::string_view words) {
    events::v1::MessageSendRequested message;
    message.set_user_id(ann.id());
    message.set_message_text(std::string(words));
    ASSERT_EQ(events::Publish(tx, message), absl::OkStatus());
    ASSERT_TRUE(tx.Execute("SELECT 1").ok());  // What was queued is written.
  };
  const Call call = Call::Background(absl::Minutes(15));
  postgres::Transaction early = mesh_->database().Begin(call);
  request(early, "written first, committed last");
  postgres::Transaction late = mesh_->database().Begin(call);
  request(late, "written last, committed first");

  // Whole journeys, and a relay that takes over, while both are open.
  const auto crowd = StartCrowd(6);
  record_->Await("the journeys to be under way", [&] { return crowd->said() > 12; });
  mesh_->Kill("outbox_relay");
  ExpectSettles(*crowd);
  ASSERT_EQ(mesh_->Restart("outbox_relay"), absl::OkStatus());
  ExpectNoViolations(*crowd);
  EXPECT_THAT(TimesHeard(ann.id(), "committed"), 0);
  const auto newer = early.QueryOne<int64_t>(
      "SELECT count(*) FROM selfology.outbox o WHERE xid > pg_current_xact_id()"
      " AND EXISTS (SELECT FROM selfology.inbox i WHERE i.event_id = o.id)");
  ASSERT_TRUE(newer.ok()) << newer.status();
  EXPECT_GT(std::get<0>(**newer), 6 * 15) << "handled, though committed by younger transactions";

  ASSERT_EQ(late.Commit(), absl::OkStatus());
  const int64_t first = ann.Hears("committed first").id;
  EXPECT_EQ(TimesHeard(ann.id(), "committed last"), 0);
  ASSERT_EQ(early.Commit(), absl::OkStatus());
  EXPECT_GT(ann.Hears("committed last").id, first);
  ExpectSettles(*crowd);
  ExpectNoViolations(*crowd);
}

}  // namespace
}  // namespace selfology::chaos

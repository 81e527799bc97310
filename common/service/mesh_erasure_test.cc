#include "common/service/mesh_erasure.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/envelope.h"
#include "common/events/outbox.h"
#include "common/events/redaction.h"
#include "common/service/mesh.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/erasure.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/mesh/v1/erasure_service_client.h"
#include "testing/mesh_test.h"

namespace selfology::service {
namespace {

using events::v1::SessionCompleted;
using events::v1::SessionCreated;
using events::v1::UserDataErased;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr postgres::Migration kNotes[] = {
    {1, "0001_notes", "CREATE TABLE notes (user_id bigint, session_id bigint)"}};
constexpr postgres::Migration kChats[] = {
    {1, "0001_chats", "CREATE TABLE chats (chat_id bigint) PARTITION BY HASH (chat_id)"}};

struct ToyOptions {
  std::string name;
  absl::Span<const postgres::Migration> migrations = {};
  std::function<absl::Status(Mesh&)> start;
};

class Toy final : public Module {
 public:
  explicit Toy(ToyOptions options) : options_(std::move(options)) {}
  ModuleInfo info() const override {
    return {.name = options_.name, .group = options_.name, .migrations = options_.migrations};
  }
  absl::Status Start(Mesh& mesh) override { return options_.start(mesh); }

 private:
  const ToyOptions options_;
};

// "first" notes each session it hears of and tells "second" of it, which notes it too: data that
// come back unless both are stopped before either is emptied.
class MeshErasureTest : public testing::MeshTest {
 protected:
  void TearDown() override { StopMesh(); }

  std::unique_ptr<Module> First() {
    return std::make_unique<Toy>(
        ToyOptions{.name = "first", .migrations = kNotes, .start = [this](Mesh& mesh) {
                     first_ = &mesh;
                     mesh.OnErase([this](postgres::Transaction& tx, int64_t user_id) {
                       Note("first erases");
                       return tx.Execute("DELETE FROM notes WHERE user_id = $1", user_id);
                     });
                     mesh.OnErased([this](const Call&, int64_t) {
                       Note("first erased");
                       return absl::OkStatus();
                     });
                     mesh.On<SessionCreated>([](const SessionCreated& event,
                                                events::Handling& handling) -> absl::Status {
                       RETURN_IF_ERROR(handling.tx().Execute("INSERT INTO notes VALUES ($1, $2)",
                                                             event.user_id(), event.session_id()));
                       SessionCompleted completed;
                       completed.set_user_id(event.user_id());
                       completed.set_session_id(event.session_id());
                       return events::Publish(handling.tx(), completed);
                     });
                     return absl::OkStatus();
                   }});
  }
  std::unique_ptr<Module> Second() {
    return std::make_unique<Toy>(ToyOptions{
        .name = "second", .start = [this](Mesh& mesh) {
          mesh.OnErase([this](postgres::Transaction&, int64_t) -> absl::StatusOr<int64_t> {
            Note("second erases");
            if (failures_ > 0) {
              --failures_;
              return absl::UnavailableError("not now");
            }
            return 5;
          });
          mesh.On<SessionCompleted>([this](const SessionCompleted& event, events::Handling&) {
            absl::MutexLock lock(&mutex_);
            completed_[event.user_id()].insert(event.session_id());
            return absl::OkStatus();
          });
          return absl::OkStatus();
        }});
  }
  void Start(absl::Duration resume_after = absl::Hours(1)) {
    StartMesh(testing::Modules(First(), Second()),
              [&](Settings& settings) { settings.erasure_resume_after = resume_after; });
  }

  void Note(std::string what) {
    absl::MutexLock lock(&mutex_);
    notes_.push_back(std::move(what));
  }
  std::vector<std::string> Notes() {
    absl::MutexLock lock(&mutex_);
    return notes_;
  }
  // A handler may run again for an event that it handled: each counts once.
  std::set<int64_t> CompletedOf(int64_t user) {
    absl::MutexLock lock(&mutex_);
    return completed_[user];
  }
  void Create(int64_t user, int64_t session) {
    SessionCreated event;
    event.set_user_id(user);
    event.set_session_id(session);
    event.set_language("marker-word");
    Publish(event);
  }
  int64_t Number(std::string_view sql) {
    const auto row = DatabaseAs("").Read(
        Deadline(), [&](postgres::Transaction& tx) { return tx.QueryOne<int64_t>(sql); });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? std::get<0>(**row) : -1;
  }
  absl::StatusOr<mesh::v1::EraseUserResponse> EraseByRpc(int64_t user) {
    mesh::v1::EraseUserRequest request;
    request.set_user_id(user);
    return mesh::v1::ErasureServiceClient(Peer("first")).EraseUser(Deadline(), request);
  }

  Mesh* first_ = nullptr;
  std::atomic<int> failures_ = 0;

 private:
  absl::Mutex mutex_;
  std::vector<std::string> notes_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, std::set<int64_t>> completed_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(MeshErasureTest, ErasesEverywhereAndTellsOfItOnce) {
  Start();
  Create(1, 10);
  Create(2, 20);
  AwaitHandled("first", 2);
  AwaitHandled("second", 2);
  const auto response = EraseByRpc(1);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->erased_rows(), 1 + 5);
  // A phase ends everywhere before the next begins; the last one erases what came meanwhile.
  const std::vector<std::string> notes = Notes();
  ASSERT_THAT(notes, SizeIs(6));
  for (const int phase : {0, 3}) {
    EXPECT_THAT(std::vector(notes.begin() + phase, notes.begin() + phase + 3),
                UnorderedElementsAre("first erases", "first erased", "second erases"));
  }
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.notes WHERE user_id = 1"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.notes WHERE user_id = 2"), 1);
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.mesh_erasures"), 0);
  ASSERT_THAT(Published<UserDataErased>(), SizeIs(1));
  EXPECT_EQ(Published<UserDataErased>()[0].user_id(), 1);
}

TEST_F(MeshErasureTest, TheOutboxKeepsTombstonesThatNobodyPublishes) {
  Start();
  Create(1, 10);
  Create(2, 20);
  AwaitHandled("first", 2);
  AwaitHandled("second", 2);
  ASSERT_TRUE(first_->EraseUser(Deadline(), 1).ok());
  Await("the outbox to be redacted", [&] {
    EXPECT_EQ(events::RedactOutbox(Deadline(), DatabaseAs("selfology_mesh")), absl::OkStatus());
    return Number("SELECT count(*) FROM selfology.redactions WHERE outbox_done_at IS NULL") == 0;
  });
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.outbox WHERE partition_key = 1"), 3);
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.outbox WHERE partition_key = 1"
                   " AND payload = '' AND redacted_at IS NOT NULL"),
            2);
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.event_outbox WHERE status = 'erased'"), 2);
  // Those of the other person, and user.data.erased.
  EXPECT_EQ(Republish(), 2 + 1);
  ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok());
  Create(3, 30);
  Await("the third to be handled", [&] { return !CompletedOf(3).empty(); });
  int of_erased = 0, of_others = 0;
  for (int partition = 0; partition < 4; ++partition) {
    const auto reply =
        redis().Command(Deadline(), {"XRANGE", events::StreamName(partition, 4), "-", "+"});
    ASSERT_TRUE(reply.ok()) << reply.status();
    const absl::Span<const redis::Reply> entries = *reply->Array();
    for (const redis::Reply& entry : entries) {
      const std::string text = entry.DebugString();
      if (text.find("user.data.erased") != std::string::npos) continue;
      const bool erased = text.find("\"key\", \"1\"") != std::string::npos;
      ++(erased ? of_erased : of_others);
    }
  }
  EXPECT_EQ(of_erased, 0);
  EXPECT_THAT(of_others, Ge(3));
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.notes WHERE user_id = 1"), 0);
  EXPECT_THAT(CompletedOf(2), ElementsAre(20));
}

TEST_F(MeshErasureTest, WhatWasBegunIsFinishedByItself) {
  Start(absl::Milliseconds(100));
  Create(1, 10);
  AwaitHandled("first", 1);
  failures_ = 3;
  const auto incomplete = EraseByRpc(1);
  EXPECT_EQ(status::Reason(incomplete.status()), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.notes"), 0) << "who can has erased";
  EXPECT_THAT(AwaitPublished<UserDataErased>(), SizeIs(1));
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.mesh_erasures"), 0);
}

TEST_F(MeshErasureTest, UntilItIsFinishedNothingComesBackAndAfterwardsOneBeginsAnew) {
  Start();
  failures_ = 1;
  EXPECT_FALSE(EraseByRpc(1).ok());
  Create(1, 10);
  Create(2, 20);
  AwaitHandled("first", 2);
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.notes WHERE user_id = 1"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.notes WHERE user_id = 2"), 1);
  ASSERT_TRUE(EraseByRpc(1).ok());
  Create(1, 11);
  Await("the new session", [&] { return !CompletedOf(1).empty(); });
  EXPECT_THAT(CompletedOf(1), ElementsAre(11));
}

TEST_F(MeshErasureTest, AServiceThatIsAwayLeavesItIncomplete) {
  StartMesh(testing::Modules(First()), [&](Settings& settings) {
    settings.services = {"absent", "first"};
    settings.peers["absent"] = "unix:/nonexistent";
  });
  const auto incomplete = first_->EraseUser(Call::Background(absl::Seconds(3)), 1);
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.event_erasures WHERE erased_at = 'infinity'"), 1)
      << "who is there has begun";
  EXPECT_EQ(status::Reason(incomplete.status()), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.mesh_erasures"), 1);
  EXPECT_THAT(Published<UserDataErased>(), SizeIs(0));
}

TEST_F(MeshErasureTest, RefusesWhatNamesNobody) {
  Start();
  EXPECT_TRUE(absl::IsInvalidArgument(EraseByRpc(0).status()));
  const mesh::v1::ErasureServiceClient client(Peer("first"));
  mesh::v1::EraseDataRequest request;
  request.set_service("third");
  request.set_user_id(1);
  EXPECT_EQ(status::Violations(client.EraseData(Deadline(), request).status())[0].field, "attempt");
  request.set_attempt(1);
  EXPECT_TRUE(absl::IsNotFound(client.EraseData(Deadline(), request).status()));
  mesh::v1::FinishErasureRequest finish;
  finish.set_service("first");
  finish.set_user_id(1);
  finish.set_attempt(1);
  EXPECT_EQ(status::Violations(client.FinishErasure(Deadline(), finish).status())[0].field,
            "erased_at");
  finish.mutable_erased_at()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(1)));
  EXPECT_EQ(status::Violations(client.FinishErasure(Deadline(), finish).status())[0].field,
            "erased_at");
}

TEST_F(MeshErasureTest, AnAttemptThatIsOverSuspendsNobody) {
  Start();
  ASSERT_TRUE(EraseByRpc(1).ok());
  ASSERT_TRUE(EraseByRpc(1).ok());
  mesh::v1::BeginErasureRequest late;
  late.set_service("first");
  late.set_user_id(1);
  late.set_attempt(1);
  const mesh::v1::ErasureServiceClient client(Peer("first"));
  EXPECT_TRUE(absl::IsAborted(client.BeginErasure(Deadline(), late).status()));
  Create(1, 10);
  Await("the session of who came back", [&] { return !CompletedOf(1).empty(); });
}

TEST_F(MeshErasureTest, WhatWaitedForTheErasureBelongsToAfterIt) {
  Start();
  // An RPC that has begun, and comes to write once the erasure has let it go on.
  postgres::Transaction waiting = DatabaseAs("selfology_second").Begin(Deadline());
  ASSERT_TRUE(waiting.QueryOne<absl::Time>("SELECT now()").ok());
  ASSERT_TRUE(EraseByRpc(1).ok());
  SessionCreated event;
  event.set_user_id(1);
  event.set_session_id(11);
  ASSERT_EQ(events::Publish(waiting, event), absl::OkStatus());
  ASSERT_EQ(waiting.Commit(), absl::OkStatus());
  Await("its event to take effect", [&] { return !CompletedOf(1).empty(); });
  Await("the redaction", [&] {
    EXPECT_EQ(events::RedactOutbox(Deadline(), DatabaseAs("selfology_mesh")), absl::OkStatus());
    return Number("SELECT count(*) FROM selfology.redactions WHERE outbox_done_at IS NULL") == 0;
  });
  EXPECT_EQ(Number("SELECT count(*) FROM selfology.outbox WHERE redacted_at IS NOT NULL"), 0);
}

class ForgetfulTest : public servers::PostgresTest {};

TEST_F(ForgetfulTest, AServiceThatNothingErasesIsNotStarted) {
  const std::map<std::string, absl::Span<const postgres::Migration>> forgetful = {
      {"notes.user_id", kNotes}, {"chats.chat_id", kChats}};
  for (const auto& [column, migrations] : forgetful) {
    Settings settings;
    settings.database_url = url();
    settings.redis_url = servers::TestRedis().url();
    const auto host =
        Host::Start(std::move(settings), testing::Modules(std::make_unique<Toy>(ToyOptions{
                                             .name = absl::StrCat("toy_", column.substr(0, 5)),
                                             .migrations = migrations,
                                             .start = [](Mesh&) { return absl::OkStatus(); }})));
    EXPECT_TRUE(absl::IsFailedPrecondition(host.status())) << host.status();
    EXPECT_THAT(std::string(host.status().message()), HasSubstr(column));
  }
}

}  // namespace
}  // namespace selfology::service

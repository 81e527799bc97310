#include "common/events/erasure.h"

#include <cstdint>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/events/consumer_fixture_test.h"
#include "common/events/event_type.h"

namespace selfology::events {
namespace {

using v1::SessionCreated;

class ErasureTest : public ConsumerTest {
 protected:
  // As a service that is erased by itself.
  absl::Status Erase(int64_t user) {
    return database_->Write(TestCall(), [&](postgres::Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(BeginErasure(tx, user));
      RETURN_IF_ERROR(tx.Execute("DELETE FROM effects WHERE user_id = $1", user));
      return FinishErasure(tx, user);
    });
  }
  // From now on events of sessions with the number 1 are parked as dead letters.
  void RefuseFirstSessions() {
    before_effect_ = [](const SessionCreated& event) -> absl::Status {
      if (event.session_id() == 1) return absl::InvalidArgumentError("poison");
      return absl::OkStatus();
    };
  }
  // An event about a person, ordered with all others about one post.
  Envelope About(int64_t person, int64_t session) {
    Envelope event = Make(person, session);
    event.partition_key = HashedKey("post_id", "7");
    event.subject = person;
    return event;
  }
};

TEST_F(ErasureTest, WhatWasUnderWayToAnErasedPersonIsDropped) {
  RefuseFirstSessions();
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  Add(Make(1, 1));
  Add(Make(2, 1));
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 2; }));
  std::vector<Envelope> late;
  for (int64_t user = 1; user <= 9; ++user) late.push_back(Make(user, 2));

  ASSERT_EQ(Erase(1), absl::OkStatus());
  EXPECT_EQ(Count("dead_letters"), 1) << "they hold what a person wrote";
  for (const Envelope& event : late) Add(event);
  Envelope again = Make(1, 3);
  again.occurred_at += absl::Seconds(1);
  Add(again);
  ASSERT_TRUE(AwaitEffects(8));
  ASSERT_TRUE(Await([&] { return Count("inbox") == 12; })) << "nothing is left to be tried again";
  std::map<int64_t, std::vector<int64_t>> effects = Effects();
  EXPECT_EQ(effects[1], std::vector<int64_t>{3}) << "who comes back begins anew";
  EXPECT_EQ(effects[9], std::vector<int64_t>{2}) << "others in the same transaction";
  EXPECT_FALSE(effects.contains(2)) << "parked behind the first";
}

TEST_F(ErasureTest, SaysUntilWhenItErased) {
  const auto erased_at = [&] {
    return database_->Read(TestCall(), [](postgres::Transaction& tx) { return ErasedAt(tx, 1); },
                           {.newest = true});
  };
  EXPECT_EQ(erased_at(), absl::StatusOr<absl::Time>(absl::InfinitePast()));
  const auto begin = [](postgres::Transaction& tx) { return BeginErasure(tx, 1); };
  ASSERT_TRUE(database_->Write(TestCall(), begin).ok());
  EXPECT_EQ(erased_at(), absl::StatusOr<absl::Time>(absl::InfiniteFuture()));
  const absl::Time end = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
  const auto finish = [&](postgres::Transaction& tx) {
    return FinishErasure(tx, 1, std::nullopt, end);
  };
  ASSERT_TRUE(database_->Write(TestCall(), finish).ok());
  EXPECT_EQ(erased_at(), absl::StatusOr<absl::Time>(end));
}

TEST_F(ErasureTest, UntilAnErasureIsFinishedNothingTakesEffectWhenceverItOccurred) {
  const auto erase = [&](std::optional<absl::Time> finish) {
    bool begun = false;
    const absl::Status status =
        database_->Write(TestCall(), [&](postgres::Transaction& tx) -> absl::Status {
          if (finish.has_value()) return FinishErasure(tx, 1, std::nullopt, *finish);
          ASSIGN_OR_RETURN(begun, BeginErasure(tx, 1));
          return absl::OkStatus();
        });
    EXPECT_EQ(status, absl::OkStatus());
    return begun;
  };
  EXPECT_FALSE(erase(std::nullopt));
  EXPECT_TRUE(erase(std::nullopt)) << "begun twice";
  const absl::Time now = absl::Now();
  Envelope meanwhile = Make(1, 1);
  meanwhile.occurred_at = now + absl::Minutes(1);
  Add(meanwhile);
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(Await([&] { return Count("inbox") == 1; }));
  EXPECT_EQ(Count("effects"), 0);

  erase(now + absl::Minutes(2));
  Envelope late = Make(1, 2);
  late.occurred_at = now + absl::Minutes(2);
  Envelope anew = Make(1, 3);
  anew.occurred_at = now + absl::Minutes(3);
  Add(late);
  Add(anew);
  ASSERT_TRUE(AwaitEffects(1));
  EXPECT_EQ(Effects()[1], std::vector<int64_t>{3});
  EXPECT_EQ(Count("inbox"), 3);
}

TEST_F(ErasureTest, EventsAboutAPersonUnderAnotherKeyAreDroppedWithThePersonOnly) {
  RefuseFirstSessions();
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  Add(About(1, 1));
  Add(About(2, 2));
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 2; })) << "one key, one order";
  Add(Make(2, 3));
  ASSERT_TRUE(AwaitEffects(1));
  EXPECT_EQ(Effects()[2], std::vector<int64_t>{3}) << "the person is not parked, the key is";

  const Envelope late = About(1, 4);
  ASSERT_EQ(Erase(1), absl::OkStatus());
  EXPECT_EQ(Count("dead_letters WHERE subject = 2"), 1);
  EXPECT_EQ(Count("dead_letters"), 1);
  ASSERT_EQ(database_->Write(
                TestCall(),
                [](postgres::Transaction& tx) {
                  return tx.Execute("UPDATE dead_letters SET replay_requested = true").status();
                }),
            absl::OkStatus());
  ASSERT_EQ(consumer->ReplayDeadLetters(TestCall()), absl::OkStatus());
  EXPECT_EQ(Effects()[2], (std::vector<int64_t>{3, 2}));
  Add(late);
  Add(About(2, 5));
  ASSERT_TRUE(AwaitEffects(3));
  EXPECT_FALSE(Effects().contains(1));
}

TEST_F(ErasureTest, WhatWaitsBehindAnErasedPersonsLetterIsReplayed) {
  RefuseFirstSessions();
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  Add(About(1, 1));
  Add(About(2, 2));
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 2; }));
  ASSERT_EQ(Erase(1), absl::OkStatus());
  ASSERT_EQ(consumer->ReplayDeadLetters(TestCall()), absl::OkStatus());
  EXPECT_EQ(Effects()[2], std::vector<int64_t>{2});
  EXPECT_EQ(Count("dead_letters"), 0);
}

TEST_F(ErasureTest, PhasesOfAnAttemptThatIsOverAreRefused) {
  const auto begin = [&](int64_t attempt) {
    return database_->Write(TestCall(), [&](postgres::Transaction& tx) {
      return BeginErasure(tx, 1, attempt).status();
    });
  };
  const auto finish = [&](int64_t attempt) {
    return database_->Write(TestCall(), [&](postgres::Transaction& tx) {
      return FinishErasure(tx, 1, attempt, absl::Now());
    });
  };
  const std::string suspended = "event_erasures WHERE erased_at = 'infinity'";
  ASSERT_EQ(begin(4), absl::OkStatus());
  ASSERT_EQ(begin(4), absl::OkStatus()) << "a phase may be repeated";
  ASSERT_EQ(begin(5), absl::OkStatus());
  EXPECT_TRUE(absl::IsAborted(begin(4)));
  EXPECT_TRUE(absl::IsAborted(finish(4)));
  EXPECT_EQ(Count(suspended), 1);
  ASSERT_EQ(finish(5), absl::OkStatus());
  ASSERT_EQ(finish(5), absl::OkStatus());
  EXPECT_TRUE(absl::IsAborted(begin(4)));
  EXPECT_TRUE(absl::IsAborted(begin(5))) << "a request that comes late";
  EXPECT_EQ(Count(suspended), 0);
  EXPECT_EQ(Erase(1), absl::OkStatus()) << "the service's own";
  ASSERT_EQ(begin(6), absl::OkStatus());
  EXPECT_EQ(Count(suspended), 1);
}

TEST_F(ErasureTest, AProcessOfTheVersionBeforeEndsNoErasure) {
  const auto old = [&] {
    return database_->Write(TestCall(), [](postgres::Transaction& tx) {
      return tx.Execute("SELECT begin_event_erasure(1)").status();
    });
  };
  ASSERT_EQ(old(), absl::OkStatus());
  EXPECT_EQ(Count("event_erasures WHERE erased_at < 'infinity'"), 1);
  ASSERT_EQ(
      database_->Write(TestCall(),
                       [](postgres::Transaction& tx) { return BeginErasure(tx, 1, 1).status(); }),
      absl::OkStatus());
  ASSERT_EQ(old(), absl::OkStatus());
  EXPECT_EQ(Count("event_erasures WHERE erased_at = 'infinity'"), 1);
}

TEST_F(ErasureTest, AnErasureWaitsForTheHandlerAndTakesItsEffectToo) {
  absl::Notification handling_it, go_on;
  Consumer consumer(Settings("a"), *streams_, *database_, metrics_);
  consumer.On<SessionCreated>([&](const SessionCreated& event, Handling& handling) -> absl::Status {
    RETURN_IF_ERROR(Effect(event, handling));
    handling_it.Notify();
    go_on.WaitForNotification();
    return absl::OkStatus();
  });
  ASSERT_TRUE(consumer.Start().ok());
  Add(Make(1, 1));
  handling_it.WaitForNotification();
  absl::Status erased;
  std::thread eraser([&] { erased = Erase(1); });
  EXPECT_TRUE(Await([&] {
    return Count(
               "pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
               " (SELECT oid FROM pg_database WHERE datname = current_database())") == 1;
  }));
  go_on.Notify();
  eraser.join();
  EXPECT_EQ(erased, absl::OkStatus());
  EXPECT_EQ(Count("effects"), 0);
  EXPECT_EQ(Count("inbox"), 1) << "it was handled before";
}

}  // namespace
}  // namespace selfology::events

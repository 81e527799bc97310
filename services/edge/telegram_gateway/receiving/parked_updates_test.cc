#include <string>
#include <vector>

#include "services/edge/telegram_gateway/receiving/held_fixture_test.h"
#include "services/edge/telegram_gateway/receiving/held_updates.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kWrong[] = "Something went wrong";

class ParkedUpdatesTest : public HeldTest {};

TEST_F(ParkedUpdatesTest, WhatADialogRefusesIsParkedAndLetsTheRestPass) {
  Start();
  Meet();
  Poison("Salt.");
  Say("Salt.");
  Say("Water.");
  Await("garden heard: Water.", Await(kWrong).id);
  EXPECT_EQ(Asked("Salt."), 3) << "it might have been chance";
  AwaitParked(1);

  const std::vector<v1::HeldUpdate> parked = List(v1::HELD_UPDATE_STATE_PARKED);
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].bot_id(), 42);
  EXPECT_EQ(parked[0].user_id(), ann());
  EXPECT_THAT(parked[0].update_json(), HasSubstr("Salt."));
  EXPECT_EQ(parked[0].state(), v1::HELD_UPDATE_STATE_PARKED);
  EXPECT_EQ(parked[0].dialog(), "garden");
  EXPECT_EQ(parked[0].code(), "INTERNAL");
  EXPECT_EQ(parked[0].reason(), "bad soil");
  EXPECT_EQ(parked[0].rounds(), 1);
  EXPECT_FALSE(parked[0].has_due_at());
  EXPECT_THAT(List(v1::HELD_UPDATE_STATE_WAITING), IsEmpty());
  // Telegram, or somebody else, brings it again.
  EXPECT_EQ(Handle(parked[0].update_json())->outcome(), v1::UPDATE_OUTCOME_HELD);

  // Tried again, it is refused again; that is not said twice.
  EXPECT_EQ(Replay(OfAnn()), 1);
  MeshTest::Await("another round", [&] { return Asked("Salt.") >= 6; });
  AwaitParked(1);
  EXPECT_EQ(Count(kWrong), 1);
  Answer(garden(), nullptr);
  EXPECT_EQ(Replay(OfAnn()), 1);
  Await("garden heard: Salt.");
  AwaitQuiet();
  EXPECT_THAT(List(v1::HELD_UPDATE_STATE_UNSPECIFIED), IsEmpty());
  EXPECT_EQ(Handle(parked[0].update_json())->outcome(), v1::UPDATE_OUTCOME_DUPLICATE);
  EXPECT_EQ(Count("garden heard: Salt."), 1);
  EXPECT_EQ(Count("garden heard: Water."), 1);
  EXPECT_EQ(Count("takes longer than usual"), 0);
}

TEST_F(ParkedUpdatesTest, WhatTheDatabaseRefusesIsParked) {
  Start();
  Meet();
  AwaitQuiet();
  Execute("ALTER TABLE handled_updates ADD CONSTRAINT none CHECK (outcome = '') NOT VALID");
  Say("It rains.");
  AwaitParked(1);
  Execute("ALTER TABLE handled_updates DROP CONSTRAINT none");
  const std::vector<v1::HeldUpdate> parked = List(v1::HELD_UPDATE_STATE_PARKED);
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].dialog(), "");
  EXPECT_EQ(parked[0].code(), "FAILED_PRECONDITION");
  EXPECT_EQ(Replay(OfAnn()), 1);
  Await("garden heard: It rains.");
  AwaitQuiet();
  EXPECT_EQ(Count("garden heard: It rains."), 1);
  // The dialog can tell that it is the same.
  std::vector<std::string> keys;
  for (const v1::ReactRequest& request : garden().Reacted()) {
    if (request.update().has_words()) keys.push_back(request.update_key());
  }
  EXPECT_GT(keys.size(), 3u);
  EXPECT_THAT(keys, Each(keys[0]));
}

TEST_F(ParkedUpdatesTest, OperatorsGiveUpdatesUp) {
  Start();
  Meet();
  Poison("Salt.");
  Say("Salt.");
  AwaitParked(1);
  const std::string parked = List(v1::HELD_UPDATE_STATE_PARKED)[0].update_json();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("one");
  Say("two");
  AwaitHeld(2);

  v1::DiscardHeldUpdatesRequest discard;
  v1::ReplayHeldUpdatesRequest replay;
  EXPECT_TRUE(absl::IsInvalidArgument(gateway().DiscardHeldUpdates(Deadline(), discard).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(gateway().ReplayHeldUpdates(Deadline(), replay).status()));
  discard.mutable_filter()->set_bot_id(-1);
  EXPECT_TRUE(absl::IsInvalidArgument(gateway().DiscardHeldUpdates(Deadline(), discard).status()));

  // Page by page, in the order in which they were set aside.
  v1::ListHeldUpdatesRequest list;
  list.set_page_size(2);
  const auto first = gateway().ListHeldUpdates(Deadline(), list);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->held_updates(), SizeIs(2));
  list.set_page_token(first->next_page_token());
  const auto second = gateway().ListHeldUpdates(Deadline(), list);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_THAT(second->held_updates(), SizeIs(1));
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_THAT(second->held_updates(0).update_json(), HasSubstr("two"));
  EXPECT_TRUE(second->held_updates(0).has_due_at());

  // Those that wait go only if that is said.
  discard.mutable_filter()->clear_bot_id();
  discard.mutable_filter()->set_user_id(ann());
  EXPECT_EQ(gateway().DiscardHeldUpdates(Deadline(), discard)->discarded(), 1);
  EXPECT_EQ(Handle(parked)->outcome(), v1::UPDATE_OUTCOME_DUPLICATE);
  discard.mutable_filter()->add_update_ids(second->held_updates(0).update_id());
  discard.set_include_waiting(true);
  EXPECT_EQ(gateway().DiscardHeldUpdates(Deadline(), discard)->discarded(), 1);
  Answer(garden(), nullptr);
  garden().Fail("React", absl::OkStatus());
  Await("garden heard: one");
  AwaitHeld(0);
  AwaitQuiet();
  EXPECT_THAT(Answered(ann()), ElementsAre("one"));
}

TEST_F(ParkedUpdatesTest, WhatWaitsForItsPersonIsReplayedOrDiscardedOnlyByItsNumber) {
  Start();
  AwaitQuiet();
  Execute(
      "INSERT INTO held_updates (bot_id, update_id, user_id, body, dialog, code, reason, rounds,"
      " due_at, held_at, parked, awaits_choice, gathers) SELECT 42, n, -100, '{}', '', '', '', 0,"
      " now() + interval '1 day', now(), n < 3, n = 1, n = 3 FROM generate_series(1, 3) AS n");
  v1::HeldUpdateFilter filter;
  filter.set_state(v1::HELD_UPDATE_STATE_PARKED);
  EXPECT_EQ(Replay(filter), 1);
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates WHERE awaits_choice"), 1);
  Execute("DELETE FROM held_updates WHERE update_id = 2");
  v1::DiscardHeldUpdatesRequest discard;
  // Of a channel, as it were.
  discard.mutable_filter()->set_user_id(-100);
  discard.set_include_waiting(true);
  EXPECT_EQ(gateway().DiscardHeldUpdates(Deadline(), discard)->discarded(), 0);
  for (const int64_t id : {1, 3}) discard.mutable_filter()->add_update_ids(id);
  EXPECT_EQ(gateway().DiscardHeldUpdates(Deadline(), discard)->discarded(), 2);
}

}  // namespace
}  // namespace selfology::telegram_gateway

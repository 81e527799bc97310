#include "services/edge/telegram_gateway/receiving/gathering.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/edge/telegram_gateway/receiving/held_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kWithin = absl::Seconds(2);

Update Written(int64_t id, std::string_view fields) {
  return *ParseUpdate(absl::StrCat(
      R"({"update_id": )", id, R"(, "message": {"message_id": )", id,
      R"(, "from": {"id": 42}, "chat": {"id": 42, "type": "private"}, )", fields, "}}"));
}
Update WordsOf(int64_t id, std::string_view words, int64_t date) {
  return Written(id, absl::StrCat(R"("text": ")", words, R"(", "date": )", date));
}
Update Picture(int64_t id, std::string_view album) {
  return Written(id, absl::StrCat(R"("photo": [], "media_group_id": ")", album, R"(")"));
}

v1::DialogDescription Gathers(absl::Duration within) {
  v1::DialogDescription description;
  description.set_dialog("garden");
  description.mutable_gather()->set_seconds(absl::ToInt64Seconds(within));
  return description;
}

std::optional<GatherRequest> RequestOf(const Update& update, const v1::DialogDescription* dialog) {
  return GatherRequestOf(update, ActOf(update, "selfology_bot"), dialog);
}

TEST(WishOfTest, TheListeningDialogDecides) {
  const v1::DialogDescription gathers = Gathers(kWithin);
  const v1::DialogDescription does_not = Gathers(absl::ZeroDuration());
  const Update words = WordsOf(5, "One.", 1);
  ASSERT_TRUE(RequestOf(words, &gathers).has_value());
  EXPECT_EQ(RequestOf(words, &gathers)->dialog, "garden");
  EXPECT_EQ(RequestOf(words, &gathers)->within, kWithin);
  EXPECT_FALSE(RequestOf(words, &does_not).has_value());
  EXPECT_FALSE(RequestOf(words, nullptr).has_value());
  EXPECT_FALSE(RequestOf(WordsOf(5, "/start", 1), &gathers).has_value());
  EXPECT_FALSE(RequestOf(Written(5, R"("photo": [])"), &gathers).has_value());
  EXPECT_FALSE(RequestOf(*Gather(words, "garden"), &gathers).has_value()) << "it is gathered";
}

TEST(WishOfTest, AnAlbumIsAlwaysGathered) {
  const v1::DialogDescription does_not = Gathers(absl::ZeroDuration());
  EXPECT_EQ(RequestOf(Picture(5, "7"), &does_not)->within, kAlbumWait);
  EXPECT_EQ(RequestOf(Picture(5, "7"), nullptr)->dialog, "") << "nobody listens";
}

const GatherRequest kGarden = {.dialog = "garden", .within = kWithin};

TEST(JoinsTest, WordsWrittenWithinTheTime) {
  const Update gathered = *Gather(WordsOf(5, "One.", 1000), "garden");
  EXPECT_TRUE(Joins(gathered, WordsOf(6, "Two.", 1000), kGarden));
  EXPECT_TRUE(Joins(gathered, WordsOf(6, "Two.", 1002), kGarden));
  EXPECT_TRUE(Joins(gathered, WordsOf(6, "Two.", 1003), kGarden)) << "dates are rounded down";
  EXPECT_FALSE(Joins(gathered, WordsOf(6, "Two.", 1004), kGarden));
  // Of the one before, not of the first.
  const Update two = *Gather(gathered, WordsOf(6, "Two.", 1002), "garden");
  EXPECT_TRUE(Joins(two, WordsOf(7, "Three.", 1004), kGarden));
}

TEST(JoinsTest, OnlyWhatBelongsTogether) {
  const Update gathered = *Gather(WordsOf(5, "One.", 1000), "garden");
  EXPECT_FALSE(Joins(gathered, WordsOf(6, "Two.", 1000), {.dialog = "pond", .within = kWithin}));
  EXPECT_FALSE(Joins(gathered, Written(6, R"("text": "x", "reply_to_message": {"message_id": 3})"),
                     kGarden));
  EXPECT_FALSE(Joins(gathered, Picture(6, "7"), kGarden));
  const Update album = *Gather(Picture(5, "7"), "garden");
  EXPECT_TRUE(Joins(album, Picture(6, "7"), kGarden));
  EXPECT_TRUE(Joins(album, Picture(6, "7"), {.dialog = "", .within = kAlbumWait}))
      << "an album is one whoever listens meanwhile";
  EXPECT_FALSE(Joins(album, Picture(6, "8"), kGarden));
  EXPECT_FALSE(Joins(album, WordsOf(6, "Two.", 1000), kGarden));
}

TEST(JoinsTest, NoMoreThanOneMessageMayHold) {
  const Update gathered = *Gather(WordsOf(5, std::string(3000, 'a'), 1000), "garden");
  EXPECT_TRUE(Joins(gathered, WordsOf(6, std::string(1095, 'b'), 1000), kGarden));
  EXPECT_FALSE(Joins(gathered, WordsOf(6, std::string(1096, 'b'), 1000), kGarden));
}

TEST(WaitForTest, EndsOnceThereIsEnough) {
  Update gathered = *Gather(WordsOf(1, "x", 1000), "garden");
  for (int id = 2; id <= 20; ++id) {
    EXPECT_EQ(WaitFor(gathered, kGarden), kWithin);
    ASSERT_TRUE(Joins(gathered, WordsOf(id, "x", 1000), kGarden));
    gathered = *Gather(gathered, WordsOf(id, "x", 1000), "garden");
  }
  EXPECT_EQ(WaitFor(gathered, kGarden), absl::ZeroDuration());
  EXPECT_FALSE(Joins(gathered, WordsOf(21, "x", 1000), kGarden));
}

class GatheringTest : public HeldTest {
 protected:
  static void LetGather(FakeDialog& dialog, int64_t seconds) {
    dialog.description.mutable_gather()->set_seconds(seconds);
  }
  // Also while the clock stands there are messages to be sent.
  void StartFast() {
    Start([](GatewaySettings& s) {
      s.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                  .all = {.per_second = 1000, .burst = 1000}};
    });
  }
  void AwaitGathered(int64_t updates) {
    MeshTest::Await("the words to be gathered", [&] {
      return Rows(
                 "SELECT COALESCE(sum(cardinality(gathered)), 0) FROM held_updates"
                 " WHERE gathers") == updates;
    });
  }
};

TEST_F(GatheringTest, WordsWrittenRightAfterEachOtherAreOneUpdate) {
  LetGather(garden(), 1);
  StartFast();
  Meet();
  const int64_t handled = Rows("SELECT count(*) FROM handled_updates");
  Say("One.");
  Say("Two.");
  const int64_t last = Say("Three.");
  Await("garden heard: One.\nTwo.\nThree.");
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ElementsAre("One.\nTwo.\nThree."));
  const v1::ReactRequest request = garden().Reacted().back();
  EXPECT_EQ(request.update().message_id(), last);
  EXPECT_EQ(request.update().gathered(), 3);
  EXPECT_EQ(request.update_number(), Rows("SELECT max(update_id) FROM handled_updates"));
  EXPECT_EQ(request.update_key(), absl::StrCat("tg:", request.update_number()));
  EXPECT_EQ(Rows("SELECT count(*) FROM handled_updates"), handled + 3) << "each of them";
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates"), 0);
}

TEST_F(GatheringTest, WhatDoesNotBelongToItComesRightAfterIt) {
  LetGather(garden(), 3);
  StartFast();
  Meet();
  AwaitQuiet();
  // Its time never comes.
  StopClock();
  const int64_t first = Say("One.");
  AwaitGathered(1);
  Say("/garden");
  Await("garden heard: One.", first);
  Await("garden: /garden");
  Say("Two.");
  AwaitGathered(1);
  ASSERT_TRUE(telegram().EditText(ann(), first, "Once.").ok());
  Await("garden read again: Once.");
  std::vector<std::string> what;
  for (const v1::ReactRequest& request : garden().Reacted()) {
    const v1::DialogUpdate& update = request.update();
    what.push_back(update.has_command() ? update.command().name()
                   : update.has_words() ? update.words()
                                        : update.edited_words());
  }
  EXPECT_THAT(what, ElementsAre("start", "One.", "garden", "Two.", "Once."));
}

TEST_F(GatheringTest, GuardsHearEachMessageAtOnceAndThenTheWhole) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  Answer(lighthouse, [](const v1::ReactRequest& request) {
    return request.update().words() == "Two." ? Answering({Saying("I see.")}) : v1::ReactResponse();
  });
  LetGather(garden(), 3);
  StartFast();
  Meet();
  AwaitQuiet();
  StopClock();
  Say("One.");
  Say("Two.");
  // What it says does not wait for the others.
  Await("I see.");
  EXPECT_THAT(lighthouse.Heard(), ElementsAre("One.", "Two."));
  EXPECT_THAT(garden().Heard(), IsEmpty());
  Say("/garden");
  Await("garden heard: One.\nTwo.");
  Await("garden: /garden");
  EXPECT_THAT(lighthouse.Heard(), ElementsAre("One.", "Two.", "One.\nTwo."));
  EXPECT_EQ(Count("I see."), 1);
}

TEST_F(GatheringTest, WhatAGuardTakesIsNotAmongThem) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  Answer(lighthouse, [](const v1::ReactRequest& request) {
    v1::ReactResponse response;
    response.set_taken(request.update().words() == "A storm comes.");
    return response;
  });
  LetGather(garden(), 1);
  StartFast();
  Meet();
  Say("One.");
  Say("A storm comes.");
  Say("Two.");
  Await("garden heard: One.\nTwo.");
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ElementsAre("One.\nTwo."));
}

TEST_F(GatheringTest, OutlastsTheProcess) {
  LetGather(garden(), 3);
  StartFast();
  Meet();
  AwaitQuiet();
  StopClock();
  Say("One.");
  Say("Two.");
  AwaitGathered(2);
  EXPECT_TRUE(telegram().AwaitQuiet(testing::kPatience).ok()) << "Telegram need not keep them";
  StopMesh();
  StartClock();
  StartFast();
  Await("garden heard: One.\nTwo.");
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ElementsAre("One.\nTwo."));
}

// Else a dialog that took them, and could not say so, would be told of some of them twice.
TEST_F(GatheringTest, WhoIsInItIsDecidedBeforeTheDialogIsAsked) {
  LetGather(garden(), 1);
  StartFast();
  Meet();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("One.");
  Say("Two.");
  MeshTest::Await("the dialog to be asked", [&] { return !garden().Heard().empty(); });
  Say("Three.");
  AwaitHeld(2);
  garden().Fail("React", absl::OkStatus());
  Await("garden heard: One.\nTwo.");
  Await("garden heard: Three.");
  AwaitQuiet();
  std::map<std::string, std::set<std::string>> words_by_key;
  for (const v1::ReactRequest& request : garden().Reacted()) {
    if (request.update().has_words()) {
      words_by_key[request.update_key()].insert(request.update().words());
    }
  }
  EXPECT_THAT(words_by_key, SizeIs(2));
  for (const auto& [key, words] : words_by_key) EXPECT_THAT(words, SizeIs(1)) << key;
  EXPECT_EQ(Count("garden heard"), 2);
  EXPECT_EQ(Count("takes longer than usual"), 1);
}

TEST_F(GatheringTest, WhatTelegramBringsAgainIsInItOnce) {
  LetGather(garden(), 3);
  StartFast();
  Meet();
  AwaitQuiet();
  StopClock();
  const int64_t id = Rows("SELECT max(update_id) + 1000 FROM handled_updates");
  const std::string one = FromAnn(id, "One.");
  const std::string two = FromAnn(id + 1, "Two.");
  for (const std::string& update : {one, one, two, one, two}) {
    EXPECT_EQ(Handle(update)->outcome(), v1::UPDATE_OUTCOME_HELD);
  }
  AwaitGathered(2);
  EXPECT_EQ(Handle(FromAnn(id + 2, "/garden"))->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  for (const std::string& update : {one, two}) {
    EXPECT_EQ(Handle(update)->outcome(), v1::UPDATE_OUTCOME_DUPLICATE);
  }
  EXPECT_THAT(garden().Heard(), ElementsAre("One.\nTwo."));
}

TEST_F(GatheringTest, WhatEndsItAndIsGatheredItselfIsTakenAtOnce) {
  LetGather(garden(), 3);
  StartFast();
  Meet();
  AwaitQuiet();
  StopClock();
  const auto hangs = std::make_shared<absl::Notification>();
  garden().Do([&](FakeDialog& d) { d.held = hangs; });
  const int64_t id = Rows("SELECT max(update_id) + 1000 FROM handled_updates");
  EXPECT_EQ(Handle(FromAnn(id, "One."))->outcome(), v1::UPDATE_OUTCOME_HELD);
  Json reply = ParseLeniently(FromAnn(id + 1, "Two."));
  reply["message"]["reply_to_message"] = {{"message_id", 3}};
  v1::HandleUpdateRequest request;
  request.set_update_json(Dump(reply));
  // The garden has longer than that for the first.
  const auto taken = gateway().HandleUpdate(Call::Background(absl::Seconds(5)), request);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->outcome(), v1::UPDATE_OUTCOME_HELD);
  MeshTest::Await("the first to be heard", [&] { return garden().Heard().size() == 1; });
  hangs->Notify();
  StartClock();
  Await("garden heard: Two.");
  EXPECT_THAT(Answered(ann()), ElementsAre("One.", "Two."));
}

TEST_F(GatheringTest, OnlyTheDialogThatListensDecides) {
  FakeDialog& orchard = AddDialog("orchard");
  LetGather(garden(), 3);
  StartFast();
  Await("Welcome to the orchard", Say("/start orchard"));
  AwaitQuiet();
  StopClock();
  Say("One.");
  Say("Two.");
  Await("orchard heard: Two.");
  EXPECT_THAT(orchard.Heard(), ElementsAre("One.", "Two."));
}

TEST_F(GatheringTest, AnAlbumIsOneUpdate) {
  StartFast();
  Meet();
  const auto album = telegram().SendAlbum(
      ann(), {{.kind = "document", .bytes = "a", .name = "a.txt", .caption = "Spring"},
              {.kind = "document", .bytes = "b", .name = "b.txt"},
              {.kind = "document", .bytes = "c", .name = "c.txt"}});
  ASSERT_TRUE(album.ok()) << album.status();
  Await("garden got: CONTENT_KIND_DOCUMENT");
  AwaitQuiet();
  EXPECT_EQ(Count("garden got"), 1);
  const v1::DialogUpdate update = garden().Reacted().back().update();
  EXPECT_EQ(update.content().caption(), "Spring");
  EXPECT_EQ(update.gathered(), 3);
  EXPECT_EQ(update.message_id(), album->back().id);
}

TEST_F(GatheringTest, ErasingThePersonErasesIt) {
  LetGather(garden(), 3);
  StartFast();
  Meet();
  AwaitQuiet();
  StopClock();
  Say("One.");
  AwaitGathered(1);
  v1::DeleteUserDataRequest request;
  request.set_user_id(ann());
  ASSERT_TRUE(gateway().DeleteUserData(Deadline(), request).ok());
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates"), 0);
}

TEST_F(GatheringTest, AQuestionInBetweenKeepsWordsApart) {
  LetGather(garden(), 3);
  StartFast();
  Meet();
  AwaitQuiet();
  StopClock();
  Say("The last of it.");
  AwaitGathered(1);
  v1::SendMessageRequest unmarked;
  unmarked.set_user_id(ann());
  unmarked.set_idempotency_key("q2");
  unmarked.set_message_text("And what comes next?");
  ASSERT_TRUE(gateway().SendMessage(Deadline(), unmarked).ok());
  // As a question of the dialog's is.
  Execute("UPDATE outgoing_messages SET mark = 'q2' WHERE key = 'rpc:q2'");
  Say("The harvest.");
  Say("/garden");
  Await("garden heard: The last of it.");
  Await("garden heard: The harvest.");
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ElementsAre("The last of it.", "The harvest."));
}

}  // namespace
}  // namespace selfology::telegram_gateway

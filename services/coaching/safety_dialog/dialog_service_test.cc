#include "services/coaching/safety_dialog/dialog_service.h"

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/safety.pb.h"
#include "selfology/safety/v1/safety_service_client.h"
#include "selfology/telegram/v1/dialog_service_client.h"
#include "services/coaching/safety_dialog/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::safety_dialog {
namespace {

using events::v1::SafetyDangerNoticed;
using ::selfology::testing::EqualsProto;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int64_t kAnn = 123456;

// The module in a process of the mesh, over real PostgreSQL and Redis; the test plays the gateway.
class DialogServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()),
              [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    dialog_.emplace(Peer("safety_dialog"));
    safety_.emplace(Peer("safety_dialog"));
  }
  void TearDown() override { StopMesh(); }

  // One more update of hers, and a minute later than the one before.
  v1::ReactRequest Next(v1::DialogUpdate update) {
    MoveClock(absl::Minutes(1));
    v1::ReactRequest request;
    request.set_dialog("safety_dialog");
    request.set_user_id(kAnn);
    request.set_update_number(++updates_);
    request.set_update_key(absl::StrCat("tg:", updates_));
    request.set_language("en");
    *request.mutable_update() = std::move(update);
    return request;
  }
  v1::ReactRequest Words(std::string words) {
    v1::DialogUpdate update;
    update.set_words(std::move(words));
    return Next(std::move(update));
  }
  v1::ReactRequest Command(std::string name, std::string argument) {
    v1::DialogUpdate update;
    update.mutable_command()->set_name(std::move(name));
    update.mutable_command()->set_argument(std::move(argument));
    return Next(std::move(update));
  }
  v1::ReactRequest Button(std::string argument) {
    v1::DialogUpdate update;
    update.mutable_button()->set_action("safety");
    update.mutable_button()->set_argument(std::move(argument));
    return Next(std::move(update));
  }

  v1::ReactResponse React(const v1::ReactRequest& request) {
    const auto response = dialog_->React(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::ReactResponse());
  }
  v1::ReactResponse Say(std::string words) { return React(Words(std::move(words))); }
  v1::ReactResponse Tap(std::string argument) { return React(Button(std::move(argument))); }

  static std::string TextOf(const v1::ReactResponse& response) {
    EXPECT_LE(response.reaction().messages_size(), 1);
    return response.reaction().messages_size() == 1 ? response.reaction().messages(0).message_text()
                                                    : "";
  }

  std::optional<::selfology::safety::v1::CrisisMode> Mode() {
    ::selfology::safety::v1::GetModeRequest request;
    request.set_user_id(kAnn);
    const auto response = safety_->GetMode(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok() || !response->has_mode()) return std::nullopt;
    return response->mode();
  }
  int64_t Rows(std::string_view table) {
    const auto row =
        DatabaseAs("selfology_safety_dialog").Read(Deadline(), [&](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>(absl::StrCat("SELECT count(*) FROM ", table));
        });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? std::get<0>(**row) : -1;
  }

  std::optional<v1::DialogServiceClient> dialog_;
  std::optional<::selfology::safety::v1::SafetyServiceClient> safety_;

  absl::Time Now() const { return begin_ + absl::Seconds(ahead_s_.load()); }
  void MoveClock(absl::Duration by) { ahead_s_ += absl::ToInt64Seconds(by); }

 private:
  const absl::Time begin_ = absl::Now();
  std::atomic<int64_t> ahead_s_ = 0;
  int64_t updates_ = 1000;
};

TEST_F(DialogServiceTest, LetsWordsWithoutDangerPassAndKeepsNothing) {
  const v1::ReactResponse response = Say("Where my books are.");
  EXPECT_FALSE(response.taken());
  EXPECT_THAT(response.reaction().messages(), IsEmpty());
  EXPECT_FALSE(Mode().has_value());
  EXPECT_EQ(Rows("safety_modes"), 0);
  EXPECT_EQ(Rows("safety_requests"), 0);
}

TEST_F(DialogServiceTest, DangerIsAnsweredAndTellsTheOperatorsWithoutItsWords) {
  const v1::ReactResponse response = Say("I want to kill myself");
  EXPECT_TRUE(response.taken());
  EXPECT_THAT(TextOf(response), HasSubstr("Is somebody with you?"));
  EXPECT_TRUE(response.reaction().drop_waiting());
  ASSERT_TRUE(Mode().has_value());
  EXPECT_EQ(Mode()->danger(), ::selfology::safety::v1::DANGER_DIRECT);
  EXPECT_EQ(Mode()->level(), ::selfology::safety::v1::DANGER_LEVEL_ACT);
  const auto noticed = Published<SafetyDangerNoticed>();
  ASSERT_THAT(noticed, SizeIs(1));
  EXPECT_EQ(noticed[0].user_id(), kAnn);
  EXPECT_EQ(noticed[0].danger(), ::selfology::safety::v1::DANGER_DIRECT);
  EXPECT_EQ(noticed[0].level(), ::selfology::safety::v1::DANGER_LEVEL_ACT);
  EXPECT_EQ(noticed[0].language(), "en");
  EXPECT_TRUE(noticed[0].mode_began());
  // The next words are its own, too, and nobody is told twice.
  const v1::ReactResponse next = Say("I do not know");
  EXPECT_TRUE(next.taken());
  EXPECT_NE(TextOf(next), "");
  EXPECT_FALSE(next.reaction().drop_waiting());
  EXPECT_THAT(Published<SafetyDangerNoticed>(), SizeIs(1));
}

TEST_F(DialogServiceTest, ReadsCaptionsEditsAndWhatStandsBehindCommands) {
  v1::DialogUpdate caption, edit;
  caption.mutable_content()->set_caption("хочу умереть");
  edit.set_edited_words("I want to kill myself");
  for (const v1::ReactRequest& request :
       {Next(caption), Next(edit), Command("start", "I want to kill myself"),
        Command("sos", "I want to kill myself")}) {
    const v1::ReactResponse response = React(request);
    EXPECT_TRUE(response.taken()) << request.DebugString();
    EXPECT_NE(TextOf(response), "") << request.DebugString();
    EXPECT_TRUE(Mode().has_value()) << request.DebugString();
    Tap("safe");
  }
  EXPECT_THAT(Published<SafetyDangerNoticed>(), SizeIs(4));
}

TEST_F(DialogServiceTest, SpeaksTheLanguageOfTheWords) {
  EXPECT_THAT(TextOf(Say("я хочу умереть")), HasSubstr("С вами сейчас кто-нибудь есть?"));
  EXPECT_EQ(Published<SafetyDangerNoticed>()[0].language(), "ru");
  // Buttons and "ok" say nothing of it.
  EXPECT_THAT(TextOf(Tap("alone")), HasSubstr("Давайте это изменим"));
  EXPECT_THAT(TextOf(Say("ok")), HasSubstr("Я здесь"));
}

TEST_F(DialogServiceTest, TheSafeButtonEndsIt) {
  Say("I want to kill myself");
  const v1::ReactResponse safe = Tap("safe");
  EXPECT_THAT(TextOf(safe), AllOf(HasSubstr("I am glad"), HasSubstr("/start")));
  EXPECT_FALSE(Mode().has_value());
  EXPECT_FALSE(Say("Where my books are.").taken());
}

TEST_F(DialogServiceTest, TheSameUpdateHasOneEffectAndOneAnswer) {
  const v1::ReactRequest danger = Words("I want to kill myself");
  const v1::ReactResponse first = React(danger);
  const v1::ReactRequest safe = Button("safe");
  const v1::ReactResponse ended = React(safe);
  EXPECT_THAT(React(danger), EqualsProto(first));
  EXPECT_FALSE(Mode().has_value()) << "it is over";
  EXPECT_THAT(React(safe), EqualsProto(ended));
  EXPECT_THAT(Published<SafetyDangerNoticed>(), SizeIs(1));
}

TEST_F(DialogServiceTest, ABurstHasOneCard) {
  v1::ReactRequest one = Words("hello");
  EXPECT_FALSE(React(one).taken());
  v1::ReactRequest two = Words("I want to kill myself");
  EXPECT_NE(TextOf(React(two)), "");
  // What was gathered of the two comes as a whole.
  v1::ReactRequest whole = Words("hello\nI want to kill myself");
  whole.set_update_key(absl::StrCat(one.update_key(), ":all"));
  whole.mutable_update()->set_gathered(2);
  MoveClock(-absl::Seconds(57));
  const v1::ReactResponse response = React(whole);
  EXPECT_TRUE(response.taken());
  EXPECT_THAT(response.reaction().messages(), IsEmpty());
  EXPECT_THAT(Published<SafetyDangerNoticed>(), SizeIs(1));
}

TEST_F(DialogServiceTest, AWholeMayShowWhatItsPartsDoNot) {
  EXPECT_FALSE(Say("I want to").taken());
  v1::ReactRequest whole = Words("I want to\nkill myself");
  whole.mutable_update()->set_gathered(2);
  EXPECT_TRUE(React(whole).taken());
}

TEST_F(DialogServiceTest, LeavesNobodyInTheModeWithoutAnAnswer) {
  v1::DialogUpdate sticker;
  sticker.mutable_content();
  const v1::ReactResponse before = React(Next(sticker));
  EXPECT_FALSE(before.taken()) << "there is no mode yet";
  EXPECT_EQ(before.reaction().messages_size(), 0);
  EXPECT_FALSE(React(Command("start", "")).taken());
  Say("I want to kill myself");
  const v1::ReactResponse after = React(Next(sticker));
  EXPECT_TRUE(after.taken());
  EXPECT_NE(TextOf(after), "");
  EXPECT_TRUE(Mode().has_value());
  const v1::ReactResponse bare = React(Command("start", ""));
  EXPECT_TRUE(bare.taken());
  EXPECT_NE(TextOf(bare), "");
  EXPECT_TRUE(Mode().has_value());
  Tap("safe");
  EXPECT_FALSE(React(Next(sticker)).taken());
}

TEST_F(DialogServiceTest, LetsWhoWasOnlyAskedGoSilently) {
  Tap("ending_unsure");
  EXPECT_TRUE(Say("We paint the fence today").taken());
  ASSERT_TRUE(Mode().has_value());
  const v1::ReactResponse second = Say("And then we have tea");
  EXPECT_FALSE(second.taken());
  EXPECT_EQ(second.reaction().messages_size(), 0);
  EXPECT_FALSE(Mode().has_value());
  EXPECT_EQ(Rows("safety_modes"), 0);
}

TEST_F(DialogServiceTest, SaysSorryForWhatWasMisunderstood) {
  Tap("ending_unsure");
  EXPECT_THAT(TextOf(Say("вы не так поняли")), HasSubstr("это было понято неверно"));
  EXPECT_FALSE(Mode().has_value());
}

TEST_F(DialogServiceTest, SosShowsNumbersAndRemembersTheCountry) {
  const v1::ReactResponse sos = React(Command("sos", ""));
  EXPECT_THAT(TextOf(sos), AllOf(HasSubstr("112"), HasSubstr("findahelpline.com")));
  EXPECT_THAT(sos.reaction().messages(0).button_rows().rbegin()->buttons(0).text(),
              HasSubstr("my country"));
  EXPECT_FALSE(Mode().has_value()) << "who looks for numbers is left free";
  EXPECT_THAT(TextOf(Tap("countries")), HasSubstr("Which country"));
  EXPECT_THAT(TextOf(Tap("country:GB")), AllOf(HasSubstr("116 123"), HasSubstr("Samaritans")));
  EXPECT_THAT(TextOf(React(Command("sos", "please"))), HasSubstr("116 123"));
  EXPECT_THAT(TextOf(Say("I want to kill myself")), HasSubstr("116 123"));
  EXPECT_THAT(TextOf(Tap("country:")), Not(HasSubstr("116 123"))) << "another country";
  EXPECT_THAT(TextOf(Tap("country:XX")), HasSubstr("findahelpline.com"));
  EXPECT_TRUE(Mode().has_value()) << "choosing a country is no end";
  EXPECT_TRUE(React(Command("sos", "")).taken());
  EXPECT_TRUE(Mode().has_value()) << "nor is looking at the numbers";
}

TEST_F(DialogServiceTest, OldButtonsOfUnknownCardsShowTheNumbers) {
  EXPECT_THAT(TextOf(Tap("a_card_of_yesterday")), HasSubstr("findahelpline.com"));
  EXPECT_THAT(TextOf(Tap("short")), HasSubstr("findahelpline.com"));
}

TEST_F(DialogServiceTest, ALevelThatRisesIsToldOnce) {
  ASSERT_TRUE(Tap("ending_unsure").reaction().drop_waiting());
  Tap("ending_yes");
  Tap("ending_yes");
  const auto noticed = Published<SafetyDangerNoticed>();
  ASSERT_THAT(noticed, SizeIs(2));
  EXPECT_TRUE(noticed[0].mode_began());
  EXPECT_EQ(noticed[0].level(), ::selfology::safety::v1::DANGER_LEVEL_ASK);
  EXPECT_FALSE(noticed[1].mode_began());
  EXPECT_EQ(noticed[1].level(), ::selfology::safety::v1::DANGER_LEVEL_ACT);
}

TEST_F(DialogServiceTest, ForgetsWhoHasLongBeenSilent) {
  Say("I want to kill myself");
  DialogService service(DatabaseAs("selfology_safety_dialog"), [this] { return Now(); });
  MoveClock(absl::Hours(24 * 6));
  ASSERT_TRUE(service.ForgetOld(Deadline()).ok());
  EXPECT_TRUE(Mode().has_value());
  MoveClock(absl::Hours(24 * 2));
  ASSERT_TRUE(service.ForgetOld(Deadline()).ok());
  EXPECT_FALSE(Mode().has_value());
}

TEST_F(DialogServiceTest, ErasesAPersonForGood) {
  Say("I want to kill myself");
  Tap("country:GB");
  ::selfology::safety::v1::DeleteUserDataRequest request;
  request.set_user_id(kAnn);
  const auto erased = safety_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_GE(erased->deleted_rows(), 2);
  EXPECT_EQ(Rows("safety_modes") + Rows("safety_countries") + Rows("safety_requests"), 0);
  EXPECT_EQ(safety_->DeleteUserData(Deadline(), request)->deleted_rows(), 0);
}

TEST_F(DialogServiceTest, NamesAllThatIsWrongWithARequest) {
  v1::ReactRequest request;
  EXPECT_THAT(status::Violations(dialog_->React(Deadline(), request).status()), SizeIs(5));
  v1::RenderEventRequest render;
  render.set_dialog("safety_dialog");
  EXPECT_TRUE(absl::IsInvalidArgument(dialog_->RenderEvent(Deadline(), render).status()));
}

}  // namespace
}  // namespace selfology::safety_dialog

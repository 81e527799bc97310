// Settings, memory, moods, privacy and exports, as people have them in the chat.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/status/status.h"
#include "selfology/coach/v1/mood_service_client.h"
#include "selfology/notification/v1/preferences_service_client.h"
#include "services/coaching/coaching_dialog/dialog_fixture_test.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class SettingsDialogTest : public DialogTest {
 protected:
  notification::v1::Preferences Preferences() {
    notification::v1::GetPreferencesRequest request;
    request.set_user_id(kAnn);
    const auto response = notification::v1::PreferencesServiceClient(Peer("notification"))
                              .GetPreferences(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->preferences() : notification::v1::Preferences();
  }
  // The first button whose callback_data begins like this.
  static std::string ButtonOf(const v1::DialogReaction& reaction, const std::string& prefix) {
    const std::vector<std::string> buttons = ButtonsOf(reaction);
    const auto found = std::find_if(buttons.begin(), buttons.end(), [&](const std::string& data) {
      return absl::StartsWith(data, prefix);
    });
    EXPECT_NE(found, buttons.end()) << prefix;
    return found == buttons.end() ? "" : *found;
  }
};

TEST_F(SettingsDialogTest, ChangesWhatIsPressedInOneMessage) {
  Start();
  const v1::DialogReaction panel = Give("settings");
  EXPECT_THAT(TextOf(panel), HasSubstr("Reminders: off"));
  EXPECT_EQ(panel.messages(0).lifecycle(), v1::MESSAGE_LIFECYCLE_SYSTEM);
  EXPECT_EQ(panel.messages(0).tag(), "settings");
  EXPECT_THAT(TextOf(Press("settings:reminders:on")), HasSubstr("at 19:00, once a day"));
  EXPECT_THAT(TextOf(Press("settings:time")), HasSubstr("what time"));
  EXPECT_THAT(TextOf(Press("settings:time:540")), HasSubstr("at 9:00"));
  EXPECT_THAT(TextOf(Press("settings:zone:Asia/Tokyo")), HasSubstr("Tokyo"));
  EXPECT_THAT(TextOf(Press("settings:quiet:1380-420")), HasSubstr("23:00–7:00"));
  Press("settings:statements:off");
  Press("settings:heavy:on");
  const notification::v1::Preferences chosen = Preferences();
  EXPECT_TRUE(chosen.reminders());
  EXPECT_EQ(chosen.reminder_minute(), 540);
  EXPECT_EQ(chosen.time_zone(), "Asia/Tokyo");
  EXPECT_EQ(chosen.quiet_from_minute(), 1380);
  EXPECT_EQ(chosen.quiet_until_minute(), 420);
  EXPECT_TRUE(chosen.no_statements());
  EXPECT_TRUE(chosen.heavy_questions());
  EXPECT_THAT(Press("settings:done").replacement(), HasSubstr("Saved"));
}

TEST_F(SettingsDialogTest, TakesAnyTimeZoneInWords) {
  Start();
  EXPECT_THAT(TextOf(Give("settings", "Europe/Paris")), HasSubstr("Europe/Paris, it is"));
  EXPECT_THAT(TextOf(Give("settings", "the <moon>")), HasSubstr("“the &lt;moon&gt;”"));
  EXPECT_EQ(Preferences().time_zone(), "Europe/Paris");
}

TEST_F(SettingsDialogTest, SaysWhenTheyCannotBeHad) {
  Start();
  owners().Do([](Owners& o) {
    o.failures["GetPreferences"] = absl::InternalError("broken");
    o.failures["UpdatePreferences"] = absl::InternalError("broken");
  });
  EXPECT_THAT(ButtonsOf(Give("settings")), IsEmpty());
  EXPECT_THAT(TextOf(Press("settings:reminders:on")), Not(HasSubstr("Reminders: on")));
  EXPECT_EQ(Rows("coaching_preferences"), 0);
}

TEST_F(SettingsDialogTest, SpeaksTheLanguageChosenAtOnce) {
  Start();
  EXPECT_THAT(ButtonsOf(Give("settings")), Not(Contains("settings:address")));
  EXPECT_THAT(ButtonsOf(Press("settings:language")), Contains("settings:language:ru"));
  const v1::DialogReaction russian = Press("settings:language:ru");
  EXPECT_EQ(russian.language(), "ru");
  EXPECT_THAT(TextOf(russian), HasSubstr("Настройки"));
  EXPECT_THAT(ButtonsOf(russian), Contains("settings:address"));
  EXPECT_THAT(TextOf(Press("settings:address:informal")), HasSubstr("на «ты»"));
  EXPECT_EQ(Preferences().form_of_address(), notification::v1::FORM_OF_ADDRESS_INFORMAL);
}

TEST_F(SettingsDialogTest, ButtonsOfOtherTimesDoNothing) {
  Start();
  for (const char* button : {"settings:time:never", "settings:time:4000", "settings:quiet:1-x",
                             "settings:zone:Atlantis", "remind:every:0", "remind:at:9999",
                             "remind:what", "privacy:what", "mood:4:2020-01-01", "mood:x"}) {
    EXPECT_THAT(Press(button).notice(), HasSubstr("no longer")) << button;
  }
  EXPECT_THAT(TextOf(Press("memory:done:99:0")), HasSubstr("nothing in particular"));
  EXPECT_FALSE(Preferences().has_updated_at());
}

TEST_F(SettingsDialogTest, NamesBadFields) {
  Start();
  const coach::v1::MoodServiceClient moods(Peer("coaching_dialog"));
  coach::v1::RecordMoodRequest record;
  record.set_user_id(kAnn);
  record.set_day("yesterday");
  EXPECT_THAT(status::Violations(moods.RecordMood(Deadline(), record).status()), SizeIs(2));
  coach::v1::ListMoodsRequest list;
  list.set_user_id(kAnn);
  list.set_page_token("x");
  EXPECT_TRUE(absl::IsInvalidArgument(moods.ListMoods(Deadline(), list).status()));
}

TEST_F(SettingsDialogTest, MoodsAreOptionalAndShownAsAChart) {
  Start();
  EXPECT_THAT(TextOf(Give("mood")), HasSubstr("only with your consent"));
  PutQuestion("q1", "What is home to you?");
  const std::string good = ButtonOf(Give("mood"), "mood:4:");
  const v1::DialogReaction taken = Press(good);
  EXPECT_THAT(taken.replacement(),
              AllOf(HasSubstr("🙂 Noted"), HasSubstr("▆"), Not(HasSubstr("in a row"))));
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_WAITING_FOR_ANSWER) << "the question still waits";
  Press(ButtonOf(Give("mood"), "mood:1:"));
  EXPECT_EQ(Rows("coaching_moods"), 1) << "one a day";

  const coach::v1::MoodServiceClient moods(Peer("coaching_dialog"));
  coach::v1::RecordMoodRequest record;
  record.set_user_id(kAnn);
  record.set_mood(coach::v1::MOOD_GREAT);
  for (const char* day : {"2026-01-01", "2026-01-02", "2026-01-03"}) {
    record.set_day(day);
    ASSERT_TRUE(moods.RecordMood(Deadline(), record).ok());
  }
  coach::v1::ListMoodsRequest list;
  list.set_user_id(kAnn);
  list.set_page_size(3);
  const auto first = moods.ListMoods(Deadline(), list);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->records(0).mood(), coach::v1::MOOD_AWFUL);
  list.set_page_token(first->next_page_token());
  const auto second = moods.ListMoods(Deadline(), list);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->records_size(), 1);
  EXPECT_EQ(second->records(0).day(), "2026-01-01");
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(SettingsDialogTest, MemoryIsShownMarkedAndForgotten) {
  owners().Do([](Owners& o) {
    for (int i = 1; i <= 2; ++i) {
      coach::v1::MemoryItem& item = *o.memory.add_items();
      item.set_memory_id(i);
      item.set_kind(i == 1 ? coach::v1::MEMORY_KIND_PERSON : coach::v1::MEMORY_KIND_PROMISE);
      item.set_text(i == 1 ? "Sasha, my brother" : "Call Sasha");
    }
    o.memory.mutable_plan()->set_plan_id(4);
    o.memory.mutable_plan()->set_goal("Sleep more");
    o.memory.mutable_plan()->add_steps()->set_number(1);
  });
  Start();
  EXPECT_THAT(TextOf(Give("memory")),
              AllOf(HasSubstr("Sasha, my brother"), HasSubstr("Sleep more")));
  EXPECT_THAT(TextOf(Press("memory:done:2:0")), HasSubstr("✅ Call Sasha"));
  EXPECT_THAT(TextOf(Press("memory:step:1:0")), HasSubstr("☑️ 1."));
  EXPECT_THAT(TextOf(Press("memory:forget:1:0")), Not(HasSubstr("brother")));
  EXPECT_THAT(ButtonsOf(Press("memory:all")), ElementsAre("memory:all:yes", "memory:page:0"));
  EXPECT_THAT(TextOf(Give("memory")), HasSubstr("Call Sasha")) << "not before the second step";
  EXPECT_THAT(Press("memory:all:yes").replacement(), HasSubstr("Forgotten"));
  EXPECT_THAT(TextOf(Give("memory")), HasSubstr("nothing in particular"));
  owners().Do([](Owners& o) { o.failures["GetMemory"] = absl::InternalError("broken"); });
  EXPECT_THAT(TextOf(Give("memory")), HasSubstr("cannot get at my memory"));
}

TEST_F(SettingsDialogTest, CancelClosesWhatIsOpen) {
  Start();
  EXPECT_THAT(TextOf(Give("cancel")), HasSubstr("Nothing is open"));
  const v1::DialogReaction panel = Give("settings");
  const v1::DialogReaction cancelled = Give("cancel");
  EXPECT_THAT(cancelled.spent_keys(), ElementsAre(panel.messages(0).key()));
  EXPECT_THAT(TextOf(Give("cancel")), HasSubstr("Nothing is open"));

  PutQuestion("q1", "What is home to you?");
  const v1::DialogReaction warning = Give("delete");
  EXPECT_THAT(Say("Отмена!").spent_keys(), ElementsAre(warning.messages(0).key()));
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_THAT(TextOf(Say("cancel")), Not(HasSubstr("Closed"))) << "nothing is open any more";
  Give("memory");
  Press("memory:close");
  EXPECT_THAT(TextOf(Give("cancel")), HasSubstr("Nothing is open"))
      << "an empty one has no buttons";
}

TEST_F(SettingsDialogTest, PrivacyLeadsToExportAndErasure) {
  Start();
  EXPECT_THAT(ButtonsOf(Give("privacy")), ElementsAre("privacy:export", "privacy:erase"));
  EXPECT_THAT(ButtonsOf(Press("privacy:erase")), ElementsAre("delete:yes", "delete:no"));
}

TEST_F(SettingsDialogTest, AnExportIsTwoFilesOfEverything) {
  Start();
  Complete();
  Say("I paint <at night> & sleep by day.");
  Give("settings", "Asia/Tokyo");
  Press(ButtonOf(Give("mood"), "mood:5:"));
  const v1::DialogReaction exported = Press("privacy:export");
  ASSERT_THAT(exported.messages(), SizeIs(1));
  ASSERT_THAT(exported.messages(0).media_ids(), SizeIs(2)) << TextOf(exported);
  const auto files = gateway().files();
  const FakeGateway::File page = files.at(exported.messages(0).media_ids(0));
  EXPECT_THAT(page.name, HasSubstr(".html"));
  EXPECT_EQ(page.size, static_cast<int64_t>(page.bytes.size()));
  EXPECT_THAT(page.bytes, AllOf(HasSubstr("I paint &lt;at night&gt; &amp; sleep by day."),
                                HasSubstr("Asia/Tokyo"), HasSubstr("MOOD_GREAT")));
  const FakeGateway::File json = files.at(exported.messages(0).media_ids(1));
  EXPECT_THAT(json.name, HasSubstr(".json"));
  EXPECT_EQ(json.size, static_cast<int64_t>(json.bytes.size()));
  EXPECT_THAT(json.bytes, AllOf(HasSubstr("\"I paint <at night> & sleep by day.\""),
                                HasSubstr("GetPreferences"), HasSubstr("ListMoods")));

  EXPECT_THAT(TextOf(Give("export")), HasSubstr("10 minutes")) << "not so soon again";
}

TEST_F(SettingsDialogTest, AnExportThatFailsSaysSoAndMayBeTriedAtOnce) {
  Start();
  Complete();
  owners().Do([](Owners& o) { o.failures["ListMessages"] = absl::InternalError("broken"); });
  v1::DialogReaction failed = Give("export");
  EXPECT_THAT(TextOf(failed), HasSubstr("could not collect everything"));
  EXPECT_THAT(failed.messages(0).media_ids(), IsEmpty());
  owners().Do([](Owners& o) { o.failures.clear(); });
  gateway().FailWith(absl::UnavailableError("away"));
  EXPECT_THAT(TextOf(Give("export")), HasSubstr("could not collect everything"));
  gateway().FailWith(absl::OkStatus());
  EXPECT_THAT(Give("export").messages(0).media_ids(), SizeIs(2));
}

profile::v1::Profile Curious() {
  profile::v1::Profile profile;
  profile.set_version(3);
  profile.mutable_big_five()->mutable_openness()->set_value(0.8);
  profile.mutable_big_five()->mutable_openness()->set_confidence(0.9);
  return profile;
}

TEST_F(SettingsDialogTest, TheProfileIsAPictureWithWordsUnderIt) {
  Start();
  EXPECT_THAT(Give("profile").messages(0).media_ids(), IsEmpty()) << "there is none yet";
  owners().Do([](Owners& o) { o.profiles[kAnn] = Curious(); });
  const v1::DialogReaction shown = Give("profile");
  ASSERT_THAT(shown.messages(), SizeIs(1));
  EXPECT_THAT(TextOf(shown), HasSubstr("Openness"));
  EXPECT_THAT(ButtonsOf(shown), ElementsAre("profile:why", "profile:fit"));
  ASSERT_THAT(shown.messages(0).media_ids(), SizeIs(1));
  const FakeGateway::File picture = gateway().files().at(shown.messages(0).media_ids(0));
  EXPECT_EQ(picture.name, "profile.png");
  EXPECT_EQ(picture.bytes.substr(1, 3), "PNG");
  EXPECT_EQ(picture.size, static_cast<int64_t>(picture.bytes.size()));
}

TEST_F(SettingsDialogTest, TheProfileIsSaidInWordsWhenNoPictureCanBeSent) {
  Start();
  owners().Do([](Owners& o) { o.profiles[kAnn] = Curious(); });
  gateway().FailWith(absl::UnavailableError("away"));
  const v1::DialogReaction shown = Give("profile");
  EXPECT_THAT(shown.messages(0).media_ids(), IsEmpty());
  EXPECT_THAT(TextOf(shown), HasSubstr("Openness"));
}

TEST_F(SettingsDialogTest, TheProfileSaysWhyAndCanBeCorrected) {
  Start();
  owners().Do([](Owners& o) {
    o.profiles[kAnn] = Curious();
    trait::v1::TraitEvidence reason;
    reason.set_trait_name("openness");
    reason.set_kind(trait::v1::EVIDENCE_KIND_TEXT);
    reason.set_direction(1);
    reason.set_quote("I try a new dish every week");
    o.evidence[kAnn] = {reason};
  });
  EXPECT_THAT(TextOf(Press("profile:why")), HasSubstr("“I try a new dish every week”"));
  EXPECT_THAT(ButtonsOf(Press("profile:fit")), Contains("profile:fit:openness:less"));
  const v1::DialogReaction taken = Press("profile:fit:openness:less");
  EXPECT_THAT(TextOf(taken), HasSubstr("Taken down: <b>Openness</b>"));
  owners().Do([](Owners& o) {
    ASSERT_THAT(o.corrections, SizeIs(1));
    EXPECT_EQ(o.corrections[0].trait_name(), "openness");
    EXPECT_EQ(o.corrections[0].fit(), profile::v1::TRAIT_FIT_TOO_HIGH);
  });
  EXPECT_THAT(Press("profile:fit:openness:perhaps").notice(), HasSubstr("no longer"));
  EXPECT_THAT(Press("profile:done").replacement(), HasSubstr("/profile"));
}

TEST_F(SettingsDialogTest, NothingStaysOfWhoIsErased) {
  Start();
  Complete();
  Give("settings", "Asia/Tokyo");
  Press("remind:at:540");
  Press(ButtonOf(Give("mood"), "mood:5:"));
  Give("export");
  Press("delete:yes");
  for (const char* table :
       {"coaching_preferences", "coaching_reminders", "coaching_reminder_offers", "coaching_moods",
        "coaching_exports", "coaching_open_panels"}) {
    EXPECT_EQ(Rows(table), 0) << table;
  }
}

}  // namespace
}  // namespace selfology::coaching_dialog

// What settings and memory show.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "common/timestamps/local_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/coaching_dialog/settings/memory_panel.h"
#include "services/coaching/coaching_dialog/settings/settings_panel.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'796'400'000);  // 2026-12-04T16:00:00Z

std::vector<std::string> DataOf(const v1::DialogMessage& message) {
  std::vector<std::string> data;
  for (const v1::ButtonRow& row : message.button_rows()) {
    for (const v1::Button& button : row.buttons()) data.push_back(button.callback_data());
  }
  return data;
}

// Of somebody who never chose.
Preferences Usual() {
  Preferences preferences;
  preferences.set_user_id(7);
  preferences.set_reminder_minute(19 * 60);
  preferences.set_quiet_from_minute(22 * 60);
  preferences.set_quiet_until_minute(8 * 60);
  preferences.set_days_between_reminders(1);
  return preferences;
}

// As Telegram and the gateway want them.
void ExpectGood(const v1::DialogMessage& message) {
  EXPECT_EQ(message.lifecycle(), v1::MESSAGE_LIFECYCLE_SYSTEM);
  EXPECT_TRUE(message.keep_buttons());
  EXPECT_NE(message.key(), "");
  for (const v1::ButtonRow& row : message.button_rows()) {
    EXPECT_GE(row.buttons_size(), 1);
    EXPECT_LE(row.buttons_size(), 8);
    for (const v1::Button& button : row.buttons()) {
      EXPECT_LE(button.callback_data().size(), 64u) << button.callback_data();
      EXPECT_LE(text::Characters(button.text()), 64);
      EXPECT_EQ(button.callback_data().substr(0, button.callback_data().find(':')), message.tag());
    }
  }
}

TEST(SettingsPanelTest, ShowsWhatIsChosen) {
  Preferences preferences = Usual();
  v1::DialogMessage message = SettingsPanel(Language::kEnglish, "k", preferences, kNow);
  ExpectGood(message);
  EXPECT_THAT(message.message_text(), AllOf(HasSubstr("Reminders: off"), HasSubstr("go by UTC"),
                                            HasSubstr("Quiet hours: 22:00–8:00"),
                                            HasSubstr("statements between questions: on"),
                                            HasSubstr("I ask first"), Not(HasSubstr("address"))));
  EXPECT_THAT(DataOf(message), Contains("settings:reminders:on"));

  preferences.set_reminders(true);
  preferences.set_time_zone("Europe/Moscow");
  preferences.set_days_between_reminders(3);
  preferences.set_no_statements(true);
  preferences.set_heavy_questions(true);
  preferences.set_form_of_address(notification::v1::FORM_OF_ADDRESS_INFORMAL);
  preferences.set_quiet_from_minute(0);
  preferences.set_quiet_until_minute(0);
  message = SettingsPanel(Language::kRussian, "k", preferences, kNow);
  ExpectGood(message);
  EXPECT_THAT(message.message_text(),
              AllOf(HasSubstr("Обращение: на «ты»"), HasSubstr("в 19:00, не чаще раза в 3 дня"),
                    HasSubstr("Москва, сейчас там 19:00"), HasSubstr("Тихие часы: нет"),
                    HasSubstr("касание: выключены"), HasSubstr("можно без предупреждения")));
  EXPECT_THAT(DataOf(message), Contains("settings:reminders:off"));
  EXPECT_THAT(DataOf(message), Contains("settings:statements:on"));
}

TEST(SettingsPanelTest, EveryChoiceIsOneThatMayBeMade) {
  for (const Language language : kLanguages) {
    ExpectGood(LanguagePanel(language, "k"));
    ExpectGood(AddressPanel(language, "k"));
    ExpectGood(QuietPanel(language, "k"));
    ExpectGood(TimePanel(language, "k"));
    const v1::DialogMessage zones = ZonePanel(language, "k", kNow);
    ExpectGood(zones);
    std::set<std::string> offered;
    for (const std::string& data : DataOf(zones)) {
      const std::vector<std::string> parts = absl::StrSplit(data, absl::MaxSplits(':', 2));
      if (parts[1] != "zone") continue;
      EXPECT_TRUE(timestamps::IsZone(parts[2])) << parts[2];
      EXPECT_TRUE(offered.insert(parts[2]).second) << parts[2];
    }
    EXPECT_GE(offered.size(), 20u);
  }
  const v1::DialogMessage zones = ZonePanel(Language::kRussian, "k", kNow);
  EXPECT_EQ(zones.button_rows(0).buttons(0).text(), "8:00 · Лос-Анджелес");
}

TEST(SettingsPanelTest, AsksForTheTimeZoneWhereItIsNotKnown) {
  Preferences preferences = Usual();
  preferences.set_reminders(true);
  EXPECT_THAT(DataOf(RemindersOn(Language::kEnglish, "k", preferences, kNow)),
              Contains("settings:zone:Europe/Berlin"));
  preferences.set_time_zone("Europe/Berlin");
  EXPECT_THAT(DataOf(RemindersOn(Language::kEnglish, "k", preferences, kNow)), IsEmpty());
}

coach::v1::MemoryItem Item(int64_t id, coach::v1::MemoryKind kind, std::string text) {
  coach::v1::MemoryItem item;
  item.set_memory_id(id);
  item.set_kind(kind);
  item.set_text(std::move(text));
  return item;
}

TEST(MemoryPanelTest, ShowsWhatIsRememberedByKind) {
  Memory memory;
  memory.items = {Item(1, coach::v1::MEMORY_KIND_GOAL, "Run <10> km"),
                  Item(2, coach::v1::MEMORY_KIND_PERSON, "Sasha, my brother"),
                  Item(3, coach::v1::MEMORY_KIND_DATE, "Exam")};
  memory.items[2].set_due_date("2026-12-04");
  memory.plan.set_plan_id(5);
  memory.plan.set_goal("A rest & sleep");
  auto& step = *memory.plan.add_steps();
  step.set_number(1);
  step.set_text("Walk");
  step.set_done(true);
  memory.plan.add_steps()->set_number(2);
  const v1::DialogMessage message = MemoryPanel(Language::kEnglish, "k", memory, 0);
  ExpectGood(message);
  const std::string& text = message.message_text();
  EXPECT_LT(text.find("People"), text.find("Dates"));
  EXPECT_LT(text.find("Dates"), text.find("Goals"));
  EXPECT_THAT(text, AllOf(HasSubstr("1. Sasha, my brother"), HasSubstr("2. Exam · 4.12"),
                          HasSubstr("3. Run &lt;10&gt; km"), HasSubstr("A rest &amp; sleep")));
  EXPECT_THAT(
      DataOf(message),
      ElementsAre("memory:done:1:0", "memory:forget:2:0", "memory:forget:3:0", "memory:forget:1:0",
                  "memory:step:2:0", "memory:plan:5:0", "memory:all", "memory:close"));
}

TEST(MemoryPanelTest, PagesAndSurvivesPagesThatAreGone) {
  Memory memory;
  for (int i = 1; i <= 12; ++i) {
    memory.items.push_back(Item(i, coach::v1::MEMORY_KIND_FACT, absl::StrCat("Fact number ", i)));
  }
  const v1::DialogMessage first = MemoryPanel(Language::kEnglish, "k", memory, 0);
  ExpectGood(first);
  EXPECT_THAT(first.message_text(), AllOf(HasSubstr("5. Fact"), Not(HasSubstr("6. Fact"))));
  EXPECT_THAT(DataOf(first), Contains("memory:page:1"));
  const v1::DialogMessage last = MemoryPanel(Language::kEnglish, "k", memory, 2);
  EXPECT_THAT(last.message_text(), AllOf(HasSubstr("12. Fact"), Not(HasSubstr("10. Fact"))));
  EXPECT_EQ(MemoryPanel(Language::kEnglish, "k", memory, 99).message_text(), last.message_text());
  EXPECT_EQ(MemoryPanel(Language::kEnglish, "k", memory, -1).message_text(), first.message_text());
}

TEST(MemoryPanelTest, IsHonestAboutNothing) {
  const v1::DialogMessage message = MemoryPanel(Language::kRussian, "k", {}, 0);
  EXPECT_THAT(message.message_text(), HasSubstr("ничего особенного"));
  EXPECT_THAT(DataOf(message), IsEmpty());
}

TEST(WordingTest, IsCompleteInBothLanguages) {
  for (int i = 0; i <= static_cast<int>(Wording::kPageDone); ++i) {
    const std::string_view english = Phrase(Language::kEnglish, static_cast<Wording>(i));
    const std::string_view russian = Phrase(Language::kRussian, static_cast<Wording>(i));
    EXPECT_FALSE(english.empty()) << i;
    EXPECT_FALSE(russian.empty()) << i;
    for (const char* place : {"$0", "$1"}) {
      EXPECT_EQ(english.find(place) == std::string_view::npos,
                russian.find(place) == std::string_view::npos)
          << english;
    }
  }
}

}  // namespace
}  // namespace selfology::coaching_dialog

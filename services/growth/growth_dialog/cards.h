// The dialog's messages about tasks: the day's list, one task, and the buttons under them.
//
// Buttons are "task:<what>:<task_id>[:<how long>]", "growth:<what>" and those of challenges. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/task/v1/task.pb.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/growth/growth_dialog/texts.h"

namespace selfology::growth_dialog {

namespace telegram = ::selfology::telegram::v1;

inline constexpr std::string_view kDialog = "growth_dialog";
inline constexpr std::string_view kTaskAction = "task";
inline constexpr std::string_view kGrowthAction = "growth";
inline constexpr std::string_view kChallengeAction = "challenge";
inline constexpr size_t kShownTasks = 8;
inline constexpr size_t kShownNext = 5;

// How a card is written: for whom, and when.
struct Reader {
  Language language = Language::kEnglish;
  absl::TimeZone zone = absl::UTCTimeZone();
  bool zone_is_known = true;
  absl::Time now = {};

  // The zone's name; empty: it is not known.
  std::string KnownZone() const { return zone_is_known ? zone.name() : std::string(); }
};

telegram::DialogMessage TextMessage(std::string_view kind, std::string html);
void AddButton(telegram::ButtonRow& row, std::string_view text, std::string data);

// What there is to do.
struct Agenda {
  std::vector<task::v1::Task> day =
      {};             // Overdue, due today or without a date; the most urgent first.
  int day_count = 0;  // How many there are in all; `day` may have fewer.
  std::vector<task::v1::Task> next = {};  // Due in the seven days after today, the earliest first.
  int next_count = 0;
  int later_count = 0;  // Due after that.
};
// Overdue, today's, without a date, and the next days' tasks.
telegram::DialogMessage DayList(const Agenda& agenda, const Reader& reader);
// Says under that list that words become tasks, with a button that ends it.
void OfferToWrite(Language language, telegram::DialogMessage& list);
// A page, from 0, of all open tasks. `total`: how many there are; `tasks` may have fewer.
telegram::DialogMessage AllList(const std::vector<task::v1::Task>& tasks, int total, size_t page,
                                const Reader& reader);
// One task with all that can be done with it. `heading`: above it, may be empty.
telegram::DialogMessage TaskCard(const task::v1::Task& task, std::string_view heading,
                                 const Reader& reader);
// Which of several tasks is meant; each has a button of that word, such as "done", and what stands
// behind the task's id.
telegram::DialogMessage TaskChoice(const std::vector<task::v1::Task>& tasks,
                                   std::string_view heading, std::string_view what,
                                   const Reader& reader, std::string_view more = "");
// How long to put it off.
telegram::DialogMessage SnoozeChoice(const task::v1::Task& task, const Reader& reader);
// When "hour", "evening", "tomorrow" and "week" are; InfinitePast for another word.
absl::Time SnoozeUntil(std::string_view how_long, const Reader& reader);

telegram::DialogDescription Describe();

}  // namespace selfology::growth_dialog

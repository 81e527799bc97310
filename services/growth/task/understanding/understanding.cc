#include "services/growth/task/understanding/understanding.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/recurrence.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/understanding/findings.h"
#include "services/growth/task/understanding/meaning.h"
#include "services/growth/task/understanding/resolving.h"
#include "services/growth/task/understanding/title.h"
#include "services/growth/task/understanding/words.h"

namespace selfology::task {
namespace {

bool IsRussian(const Sentence& sentence) {
  int cyrillic = 0, latin = 0;
  for (std::string_view rest = sentence.text; !rest.empty();) {
    const char32_t c = text::TakeCharacter(rest);
    if (c >= 0x400 && c <= 0x4FF) ++cyrillic;
    if ((c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z')) ++latin;
  }
  if (cyrillic == 0 && latin == 0) return absl::StartsWith(sentence.language, "ru");
  // Russian sentences have English names in them; it is hardly ever the other way round.
  return cyrillic * 3 > latin;
}

// Until when something that begins on `start` goes on.
absl::CivilDay LastDay(absl::CivilDay start, const std::pair<int, Unit>& lasts) {
  switch (lasts.second) {
    case Unit::kWeek:
      return start + 7 * lasts.first - 1;
    case Unit::kMonth:
      return DayOf({.kind = DateSpec::kInMonths, .amount = lasts.first}, start) - 1;
    case Unit::kYear:
      return DayOf({.kind = DateSpec::kInMonths, .amount = 12 * lasts.first}, start) - 1;
    default:
      return start + lasts.first - 1;
  }
}

class Resolver {
 public:
  Resolver(const Sentence& sentence, Meaning& meaning, v1::UnderstandTaskResponse& response)
      : zone_(sentence.zone), now_(sentence.now), meaning_(meaning), response_(response) {
    const absl::CivilSecond now = absl::ToCivilSecond(now_, zone_);
    today_ = absl::CivilDay(now);
    minutes_now_ = now.hour() * 60 + now.minute();
  }

  void Resolve() {
    if (meaning_.after.has_value()) {
      SetDue(now_ + *meaning_.after, false);
      response_.set_due_from_now(true);
      if (meaning_.repeat.has_value()) SetRule(absl::CivilDay(absl::ToCivilSecond(now_, zone_)));
      return;
    }
    if (meaning_.repeat.has_value()) return ResolveRepeat();
    if (!meaning_.date.has_value() && !HasTime()) return;
    absl::CivilDay day = today_;
    if (meaning_.date.has_value()) day = DayOf(*meaning_.date, today_);
    if (!HasTime()) return SetDay(day);
    const int minutes = Minutes(day == today_, meaning_.date.has_value());
    // "today at midnight" and "by friday midnight" are when that day ends.
    if (meaning_.time.has_value() && meaning_.time->midnight && meaning_.date.has_value() &&
        (day == today_ || meaning_.time_is_deadline)) {
      ++day;
    }
    if (!meaning_.date.has_value() && minutes <= minutes_now_) ++day;
    SetDue(At(day, minutes), false);
  }

 private:
  bool HasTime() const { return meaning_.time.has_value() || meaning_.part != Part::kNone; }

  int Minutes(bool is_today, bool says_today = false) {
    if (!meaning_.time.has_value()) return MinutesOf(meaning_.part);
    if (meaning_.time->ambiguous && meaning_.part == Part::kNone) meaning_.doubt += 0.1;
    // "at 10" is in the morning, although that has passed, unless today was said.
    const bool may_be_late = is_today && (says_today || meaning_.time->hour <= 9);
    return MinutesOf(*meaning_.time, meaning_.part, may_be_late, minutes_now_);
  }

  absl::Time At(absl::CivilDay day, int minutes) const {
    return ToTime({absl::CivilSecond(absl::CivilMinute(day) + minutes), zone_});
  }

  void SetDue(absl::Time due, bool all_day) {
    const absl::Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(due));
    *response_.mutable_due_at() = timestamps::ToProto(whole);
    response_.set_due_all_day(all_day);
  }
  void SetDay(absl::CivilDay day) { SetDue(At(day, 0), true); }

  void SetRule(absl::CivilDay start) {
    std::string rule = ToRule(*meaning_.repeat);
    if (meaning_.times.has_value()) {
      absl::StrAppend(&rule, ";COUNT=", *meaning_.times);
    } else if (meaning_.until.has_value() || meaning_.lasts.has_value()) {
      const absl::CivilDay last = meaning_.until.has_value() ? DayOf(*meaning_.until, start)
                                                             : LastDay(start, *meaning_.lasts);
      if (last.year() <= 9999)
        absl::StrAppendFormat(&rule, ";UNTIL=%04d%02d%02d", last.year(), last.month(), last.day());
    }
    v1::Recurrence& recurrence = *response_.mutable_recurrence();
    recurrence.set_rrule(rule);
    recurrence.set_mode(meaning_.repeat->after_completion ? v1::RECURRENCE_MODE_AFTER_COMPLETION
                                                          : v1::RECURRENCE_MODE_FIXED);
  }

  void ResolveRepeat() {
    RepeatSpec& repeat = *meaning_.repeat;
    const bool only_begins = meaning_.role == Role::kFrom;
    if (meaning_.date.has_value() && !only_begins) Complete(*meaning_.date, repeat);
    if (repeat.unit == Unit::kHour && !HasTime() && !meaning_.date.has_value()) {
      SetRule(today_);
      response_.set_due_from_now(true);
      return SetDue(now_ + absl::Hours(repeat.interval), false);
    }
    absl::CivilDay start = today_;
    // A weekday that became a part of the rule says no day by itself: it may be today.
    const bool says_day = meaning_.date.has_value() && meaning_.date->kind != DateSpec::kWeekday;
    if (says_day || (meaning_.date.has_value() && (only_begins || repeat.unit != Unit::kWeek))) {
      start = DayOf(*meaning_.date, today_);
    }
    // Of "twice a day at 8 and 20" the hours that are said are the hours.
    if (repeat.spread && meaning_.time.has_value()) repeat.hours.clear();
    const bool timed = HasTime();
    int minutes = timed ? Minutes(false) : 0;
    if (!meaning_.more_times.empty() && repeat.unit != Unit::kHour) {
      std::vector<int>& hours = repeat.hours;
      hours.push_back(minutes / 60);
      for (const Finding* const more : meaning_.more_times) {
        hours.push_back(MinutesOf(*more->time, more->part, false, minutes_now_) / 60);
      }
      std::sort(hours.begin(), hours.end());
      hours.erase(std::unique(hours.begin(), hours.end()), hours.end());
      minutes = hours.front() * 60 + minutes % 60;
    }
    const absl::Time begin = At(start, minutes);
    const absl::Time after = timed && start == today_ && !says_day
                                 ? std::max(now_, begin - absl::Seconds(1))
                                 : begin - absl::Seconds(1);
    // The first time is the next that fits, whatever lies between the ones that follow.
    RepeatSpec each = repeat;
    each.interval = 1;
    const absl::StatusOr<std::optional<absl::Time>> first =
        NextOccurrence(ToRule(each), ToMoment(begin, zone_), after);
    const absl::Time due = first.ok() && first->has_value() ? **first : begin;
    SetRule(absl::ToCivilDay(due, zone_));
    if (timed || repeat.unit == Unit::kHour) return SetDue(due, false);
    SetDay(absl::ToCivilDay(due, zone_));
  }

  const absl::TimeZone zone_;
  const absl::Time now_;
  Meaning& meaning_;
  v1::UnderstandTaskResponse& response_;
  absl::CivilDay today_;
  int minutes_now_ = 0;
};

void SetReminders(const Meaning& meaning, v1::UnderstandTaskResponse& response) {
  // They count once it is known when it is due.
  for (const int minutes : meaning.remind_minutes) {
    response.add_reminders()->set_minutes_before_due(minutes);
  }
  if (!response.has_due_at()) return;
  if (meaning.asks_to_remind && response.reminders().empty() && !response.due_all_day()) {
    response.add_reminders()->set_minutes_before_due(0);
  }
}

}  // namespace

void CheckSentence(std::string_view text, const std::string& time_zone,
                   status::FieldViolations& bad) {
  const int length = text::Characters(text);
  if (text::Trim(text).empty() || length > kMaxSentence || !text::IsStorable(text)) {
    bad.Add("text", "must be 1 to 1000 characters");
  }
  CheckZone(time_zone, "time_zone", bad);
}

v1::UnderstandTaskResponse Understand(const Sentence& sentence) {
  v1::UnderstandTaskResponse response;
  const bool russian = IsRussian(sentence);
  response.set_language(russian ? "ru" : "en");
  const Words words(sentence.text);
  const std::vector<Finding> all = FindAll(words, russian ? RussianRules() : EnglishRules());
  Meaning meaning = MeaningOf(all);
  Resolver(sentence, meaning, response).Resolve();

  std::vector<bool> used(words.size(), false);
  for (const Finding* found : meaning.taken) {
    std::fill(used.begin() + static_cast<int64_t>(found->begin),
              used.begin() + static_cast<int64_t>(found->end), true);
  }
  for (const size_t link : meaning.links) used[link] = true;
  for (const std::string& words_left : NotUnderstood(words, used)) {
    response.add_not_understood(words_left);
    meaning.doubt += 0.2;
  }
  std::string title = TitleOf(words, used);
  if (meaning.asks_to_remind) {
    // "remind me tomorrow to call", "напомни завтра, что надо позвонить".
    for (const std::string_view link : {"to ", "that ", "about ", "что ", "чтобы "}) {
      if (absl::StartsWith(title, link)) {
        title = TitleOf(Words(title.substr(link.size())), {});
        break;
      }
    }
  }
  if (title.empty()) {
    title = std::string(text::Trim(sentence.text));
    meaning.doubt += 0.5;
  }
  response.set_title(title);
  response.mutable_labels()->Assign(meaning.labels.begin(), meaning.labels.end());
  response.set_priority(meaning.priority);
  response.set_estimate_minutes(meaning.estimate_minutes);
  SetReminders(meaning, response);
  response.set_confidence(std::max(0.1, 1.0 - meaning.doubt));
  return response;
}

v1::Task ToTask(const v1::UnderstandTaskResponse& understood, const std::string& time_zone) {
  v1::Task task;
  task.set_title(std::string(text::Prefix(understood.title(), kMaxTitle)));
  if (task.title().size() < understood.title().size()) task.set_notes(understood.title());
  if (understood.has_due_at()) *task.mutable_due_at() = understood.due_at();
  task.set_due_all_day(understood.due_all_day());
  if (understood.has_recurrence()) *task.mutable_recurrence() = understood.recurrence();
  *task.mutable_labels() = understood.labels();
  task.set_priority(understood.priority());
  *task.mutable_reminders() = understood.reminders();
  task.set_estimate_minutes(understood.estimate_minutes());
  task.set_time_zone(time_zone);
  return task;
}

}  // namespace selfology::task

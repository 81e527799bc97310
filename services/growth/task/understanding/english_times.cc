// English times of the day: "at 5", "5:30pm", "half past six", "from 2 to 4", "in the evening".
#include <string_view>

#include "services/growth/task/understanding/english_rules.h"
#include "services/growth/task/understanding/english_words.h"

namespace selfology::task::english {
namespace {

// "am", "p.m.", "a": 1 for am, 2 for pm, 0 for neither.
int ReadHalf(const Words& words, size_t at, size_t& end) {
  for (const auto& [whole, letter, half] :
       {std::tuple<std::string_view, std::string_view, int>{"am", "a", 1}, {"pm", "p", 2}}) {
    if (words.Is(at, whole)) {
      end = at + 1;
      return half;
    }
    if (words.Is(at, letter) && words.Is(at + 1, ".") && words.Is(at + 2, "m")) {
      end = words.Is(at + 3, ".") && at + 4 < words.size() ? at + 4 : at + 3;
      return half;
    }
  }
  return 0;
}

void ApplyHalf(int half, TimeSpec& time) {
  if (half == 0) return;
  time.ambiguous = false;
  if (half == 1 && time.hour == 12) time.hour = 0;
  if (half == 2 && time.hour < 12) time.hour += 12;
}

bool IsHour(int64_t number) { return number >= 1 && number <= 12; }

// An hour in words or figures: "six", "6".
bool ReadHour(const Words& words, size_t at, int& hour, size_t& end) {
  if (words.IsNumber(at)) {
    if (words[at].text.size() > 2 || words[at].number < 0 || words[at].number > 24) return false;
    if (words[at].adjoins && at > 0 && words.IsWord(at - 1)) return false;
    hour = static_cast<int>(words[at].number);
    end = at + 1;
    return true;
  }
  return !words.IsAny(at, {"a", "an"}) && ReadNumber(words, at, hour, end) && IsHour(hour);
}

// "half past five", "quarter to six", "ten past six".
bool ReadPast(const Words& words, size_t at, TimeSpec& time, size_t& end) {
  int minutes = 0;
  size_t next = at;
  if (words.Is(at, "half")) {
    minutes = 30;
    next = at + 1;
  } else if (words.Is(at, "quarter") || (words.Is(at, "a") && words.Is(at + 1, "quarter"))) {
    minutes = 15;
    next = words.Is(at, "a") ? at + 2 : at + 1;
  } else if (!words.IsAny(at, {"a", "an"}) && ReadNumber(words, at, minutes, next) &&
             minutes >= 1 && minutes <= 29) {
    // "2 to 4" is from two to four.
    if (words.IsAny(next, {"minutes", "min"})) {
      ++next;
    } else if (words.IsNumber(at) && !words.Is(next, "past")) {
      return false;
    }
  } else {
    return false;
  }
  const bool past = words.IsAny(next, {"past", "after"});
  if (!past && !words.IsAny(next, {"to", "till", "before"})) return false;
  int hour = 0;
  if (!ReadHour(words, next + 1, hour, end) || !IsHour(hour)) return false;
  time = {.hour = hour, .minute = minutes, .ambiguous = true, .has_minutes = true};
  if (!past) {
    if (minutes > 30) return false;
    time.hour = hour == 1 ? 12 : hour - 1;
    time.minute = 60 - minutes;
  }
  ApplyHalf(ReadHalf(words, end, end), time);
  return true;
}

// `bare`: whether an hour alone is a time, as behind "at".
bool ReadTime(const Words& words, size_t at, bool bare, TimeSpec& time, size_t& end) {
  int hour = 0, minute = 0;
  // "at half six".
  if (bare && words.Is(at, "half") && ReadHour(words, at + 1, hour, end) && IsHour(hour)) {
    time = {.hour = hour, .minute = 30, .ambiguous = true, .has_minutes = true};
    ApplyHalf(ReadHalf(words, end, end), time);
    return true;
  }
  if (ReadPast(words, at, time, end)) return true;
  if (words.IsAny(at, {"noon", "midday", "lunchtime"}) || (bare && words.Is(at, "lunch"))) {
    time = {.hour = 12};
    end = at + 1;
    return true;
  }
  if (words.Is(at, "midnight")) {
    time = {.midnight = true};
    end = at + 1;
    return true;
  }
  for (const std::string_view mark : {":", "."}) {
    if (!ReadClock(words, at, mark, hour, minute)) continue;
    end = at + 3;
    const int half = ReadHalf(words, end, end);
    if (mark == "." && half == 0 && !bare) return false;
    if (half != 0 && !IsHour(hour)) return false;
    time = {.hour = hour % 24, .minute = minute, .has_minutes = true};
    time.ambiguous = half == 0 && IsHour(hour) && words[at].text[0] != '0';
    ApplyHalf(half, time);
    return true;
  }
  if (!ReadHour(words, at, hour, end)) {
    // "at 1830".
    if (bare && words.IsWhole(at) && words[at].text.size() == 4 && words[at].number < 2400 &&
        words[at].number % 100 < 60) {
      time = {.hour = static_cast<int>(words[at].number / 100),
              .minute = static_cast<int>(words[at].number % 100),
              .has_minutes = true};
      end = at + 1;
      return true;
    }
    return false;
  }
  time = {.hour = hour % 24, .ambiguous = IsHour(hour)};
  if (const int half = ReadHalf(words, end, end); half != 0) {
    if (!IsHour(hour)) return false;
    ApplyHalf(half, time);
    return true;
  }
  if (words.IsAny(end, {"o'clock", "oclock"})) {
    ++end;
    return true;
  }
  if (!bare) return false;
  // "at six thirty".
  int minutes = 0;
  size_t after = 0;
  if (!words.IsNumber(at) && words.IsWord(end) && !words.IsAny(end, {"a", "an"}) &&
      ReadNumber(words, end, minutes, after) && minutes >= 10 && minutes < 60) {
    time.minute = minutes;
    time.has_minutes = true;
    end = after;
    ApplyHalf(ReadHalf(words, end, end), time);
  }
  // "at 5 degrees", "at 5.5": no time.
  if (words.IsNumber(at) && (words.Joins(end, ".") || words.Joins(end, ",") ||
                             words.IsAny(end, {"%", "percent", "degrees", "km", "kg", "mph"}))) {
    return false;
  }
  return true;
}

// "in the morning", "at night".
bool ReadHalfOfDay(const Words& words, size_t at, Part& part, size_t& end) {
  if (words.Is(at, "in") && words.Is(at + 1, "the")) return ReadPart(words, at + 2, part, end);
  if (words.Is(at, "at") && words.Is(at + 1, "night")) return ReadPart(words, at + 1, part, end);
  return false;
}

// The end of "from 2 to 4", "5-6pm".
void ReadRange(const Words& words, bool between, TimeSpec& time, size_t& end) {
  if (!words.IsAny(end, {"-", "–", "—", "to", "till", "until"}) &&
      !(between && words.Is(end, "and"))) {
    return;
  }
  TimeSpec last;
  size_t behind = end;
  if (!ReadTime(words, end + 1, true, last, behind)) return;
  if (!last.ambiguous && time.ambiguous && last.hour >= 12) {
    const int hour = time.hour % 12 + 12;
    time.ambiguous = false;
    if (hour * 60 + time.minute < last.hour * 60 + last.minute) {
      time.hour = hour;
    } else {
      time.hour %= 12 + (time.hour == 12 ? 1 : 0);
    }
  }
  int minutes = last.hour * 60 + last.minute - time.hour * 60 - time.minute;
  if (last.ambiguous && minutes <= 0) minutes += 12 * 60;
  if (minutes <= 0) minutes += 24 * 60;
  if (minutes > 12 * 60) return;
  time.minutes_long = minutes;
  end = behind;
}

}  // namespace

bool FindTime(const Words& words, size_t at, const Finding* before, Finding& finding) {
  size_t next = at;
  bool bare = true, ranged = false;
  const bool is_behind_day = before != nullptr && before->date.kind != DateSpec::kNone;
  if (words.Is(at, "no") && words.Is(at + 1, "later") && words.Is(at + 2, "than")) {
    next = at + 3;
  } else if (words.IsAny(at, {"at", "@"})) {
    next = at + 1;
    if (words.IsAny(next, {"around", "about", "exactly"})) ++next;
  } else if (words.Is(at, "due") && words.IsAny(at + 1, {"at", "by"})) {
    next = at + 2;
  } else if (words.IsAny(at, {"by", "before", "around", "until", "till", "after"})) {
    next = at + 1;
  } else if (words.IsAny(at, {"from", "between"})) {
    next = at + 1;
    ranged = true;
  } else {
    // "tomorrow half six".
    bare = is_behind_day && words.Is(at, "half");
  }
  TimeSpec time;
  if (!ReadTime(words, next, bare, time, finding.end)) {
    // "5-6pm", "3-4:30 pm".
    if (bare || !words.Joins(at + 1, "-") || !ReadTime(words, at, true, time, finding.end)) {
      return false;
    }
    ReadRange(words, false, time, finding.end);
    if (time.minutes_long == 0 || (time.ambiguous && !is_behind_day)) return false;
    finding.time = time;
    return true;
  }
  const size_t before_range = finding.end;
  ReadRange(words, ranged, time, finding.end);
  // "from 5" alone is no time of the day, "from 5pm" is.
  if (ranged && finding.end == before_range && time.ambiguous && !time.has_minutes) return false;
  ReadHalfOfDay(words, finding.end, finding.part, finding.end);
  if (words.IsAny(at, {"by", "before", "until", "till", "due"})) finding.role = Role::kDeadline;
  finding.time = time;
  return true;
}

bool FindPart(const Words& words, size_t at, const Finding* before, Finding& finding) {
  const size_t tonight = words.Is(at, "late") ? at + 1 : at;
  if (words.Is(tonight, "tonight")) {
    finding.date = {.kind = DateSpec::kInDays};
    finding.part = tonight == at ? Part::kTonight : Part::kNight;
    finding.end = tonight + 1;
    return true;
  }
  if (ReadHalfOfDay(words, at, finding.part, finding.end)) return true;
  // "first thing tomorrow", "first thing in the morning".
  if (words.Is(at, "first") && words.Is(at + 1, "thing")) {
    finding.part = Part::kMorning;
    finding.end = at + 2;
    Part part;
    if (words.Is(at + 2, "in") && words.Is(at + 3, "the")) {
      ReadPart(words, at + 4, part, finding.end);
    }
    return true;
  }
  if (words.Is(at, "this") && ReadPart(words, at + 1, finding.part, finding.end)) {
    finding.date = {.kind = DateSpec::kInDays};
    return true;
  }
  // "tomorrow morning", "every monday evening".
  const bool is_behind_day =
      before != nullptr && (before->date.kind != DateSpec::kNone || before->repeat.has_value());
  return is_behind_day && ReadPart(words, at, finding.part, finding.end);
}

}  // namespace selfology::task::english

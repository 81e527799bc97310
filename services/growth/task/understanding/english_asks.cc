// What else a sentence can ask for in English: reminders, lengths, priorities:
// "remind me to", "for 30 minutes", "high priority".
#include <string_view>
#include <utility>

#include "services/growth/task/understanding/english_rules.h"
#include "services/growth/task/understanding/english_words.h"

namespace selfology::task::english {

// "10 times".
bool FindTimes(const Words& words, size_t at, const Finding* before, Finding& finding) {
  int number = 0;
  size_t end = at;
  if (before == nullptr || !before->repeat.has_value() || words.IsAny(at, {"a", "an"}) ||
      !ReadNumber(words, words.Is(at, "for") ? at + 1 : at, number, end) ||
      !words.Is(end, "times") || number < 1) {
    return false;
  }
  finding.times = number;
  finding.end = end + 1;
  return true;
}

// "for 30 minutes", "for two weeks", "(45 min)", "~2h".
bool FindLasting(const Words& words, size_t at, const Finding*, Finding& finding) {
  if (!words.IsAny(at, {"for", "~", "("})) return false;
  size_t next = at + 1;
  if (words.Is(at, "for") && words.Is(next, "the") && words.Is(next + 1, "next")) next += 2;
  if (words.IsAny(next, {"about", "around", "~"})) ++next;
  Length length;
  if (!ReadLength(words, next, length, finding.end)) return false;
  if (words.Is(at, "(")) {
    if (!words.Is(finding.end, ")") || length.unit != Unit::kMinute) return false;
    ++finding.end;
  }
  finding.lasts = {length.amount, length.unit};
  return true;
}

// "remind me to", "remind me 10 minutes before", "with a reminder an hour before".
bool FindReminder(const Words& words, size_t at, const Finding*, Finding& finding) {
  size_t next = at;
  bool asked = false;
  if (words.IsAny(next, {"please", "pls"})) ++next;
  if (words.Is(next, "and") && words.Is(next + 1, "remind")) ++next;
  if (words.Is(next, "remind") && words.IsAny(next + 1, {"me", "us"})) {
    next += 2;
    asked = true;
  } else if (words.Is(next, "with") && words.Is(next + 1, "a") && words.Is(next + 2, "reminder")) {
    next += 3;
  } else if (words.Is(next, "reminder")) {
    ++next;
    if (words.Is(next, ":")) {
      finding.asks_to_remind = true;
      finding.end = next + 1;
      return at == 0;
    }
  } else {
    return false;
  }
  Length length;
  size_t end = next;
  if (ReadLength(words, next, length, end) &&
      (words.IsAny(end, {"before", "earlier", "prior"}) ||
       (words.Is(end, "in") && words.Is(end + 1, "advance"))) &&
      (length.unit == Unit::kMinute || length.unit == Unit::kDay || length.unit == Unit::kWeek)) {
    finding.remind_minutes = length.amount * (length.unit == Unit::kMinute ? 1
                                              : length.unit == Unit::kDay  ? 24 * 60
                                                                           : 7 * 24 * 60);
    finding.end = words.Is(end, "in") ? end + 2 : end + 1;
    if (words.IsAny(finding.end, {"hand", "it", "that"})) ++finding.end;
    return true;
  }
  if (!asked) return false;
  finding.asks_to_remind = true;
  finding.end = words.IsAny(next, {"to", "about", "that"}) ? next + 1 : next;
  return true;
}

// "high priority", "priority: low", "asap", "urgent:"; "urgent mail" is a kind of mail.
bool FindPriority(const Words& words, size_t at, const Finding*, Finding& finding) {
  static constexpr std::pair<std::string_view, v1::TaskPriority> kLevels[] = {
      {"high", v1::TASK_PRIORITY_HIGH},     {"top", v1::TASK_PRIORITY_HIGH},
      {"highest", v1::TASK_PRIORITY_HIGH},  {"medium", v1::TASK_PRIORITY_MEDIUM},
      {"normal", v1::TASK_PRIORITY_MEDIUM}, {"low", v1::TASK_PRIORITY_LOW},
      {"lowest", v1::TASK_PRIORITY_LOW}};
  size_t next = at;
  if (words.IsAny(next, {"with", "!"})) ++next;
  for (const auto& [name, priority] : kLevels) {
    finding.priority = priority;
    if (words.Is(next, name) && words.IsAny(next + 1, {"priority", "prio"})) {
      finding.end = next + 2;
      return true;
    }
    if (words.Is(at, "!") && words.Is(next, name) && words[next].adjoins) {
      finding.end = next + 1;
      return true;
    }
    if (words.IsAny(next, {"priority", "prio"})) {
      const size_t value = words.Is(next + 1, ":") ? next + 2 : next + 1;
      if (words.Is(value, name)) {
        finding.end = value + 1;
        return true;
      }
    }
  }
  if (words.Is(at, "not") && words.IsAny(at + 1, {"urgent", "important"}) &&
      (at > 0 ? !words.IsAny(at - 1, {"is", "be", "are", "was"})
              : words.IsAny(at + 2, {":", "-", ",", "–"}))) {
    finding.priority = v1::TASK_PRIORITY_LOW;
    finding.end = at == 0 ? at + 3 : at + 2;
    return true;
  }
  static constexpr std::string_view kSoon[][4] = {{"as", "soon", "as", "possible"},
                                                  {"as", "quickly", "as", "possible"}};
  for (const auto& phrase : kSoon) {
    if (words.Is(at, phrase[0]) && words.Is(at + 1, phrase[1]) && words.Is(at + 2, phrase[2]) &&
        words.Is(at + 3, phrase[3])) {
      finding.priority = v1::TASK_PRIORITY_HIGH;
      finding.end = at + 4;
      return true;
    }
  }
  finding.priority = v1::TASK_PRIORITY_HIGH;
  finding.end = at + 1;
  if (words.IsAny(at, {"asap", "urgently"})) return true;
  if (!words.IsAny(at, {"urgent", "important"})) return false;
  const bool at_end =
      at + 1 >= words.size() || (at + 2 >= words.size() && words.IsAny(at + 1, {"!", "."}));
  const bool is_heading = at == 0 && words.IsAny(at + 1, {":", "-", "!", ","});
  if (is_heading) finding.end = at + 2;
  return is_heading ||
         (at_end && at > 0 && !words.IsAny(at - 1, {"is", "be", "are", "not", "very"}));
}

}  // namespace selfology::task::english

namespace selfology::task {

absl::Span<const Rule> EnglishRules() {
  static constexpr Rule kRules[] = {&english::FindRepeat,
                                    &english::FindDate,
                                    &english::FindLater,
                                    &english::FindTime,
                                    &english::FindPart,
                                    &english::FindTimes,
                                    &english::FindLasting,
                                    &english::FindReminder,
                                    &english::FindPriority,
                                    &FindIsoDate,
                                    &FindMoreTime,
                                    &FindLabel,
                                    &FindMark};
  return kRules;
}

}  // namespace selfology::task

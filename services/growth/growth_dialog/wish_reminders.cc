#include "services/growth/growth_dialog/wish_reminders.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"

namespace selfology::growth_dialog {
namespace {

constexpr int kHour = 60, kDay = 24 * kHour, kWeek = 7 * kDay;
constexpr int kLongest = 365 * kDay;  // What a reminder may be ahead.

// Of one such word; 0: it is none.
int UnitOf(const std::string& word) {
  if (IsAny(word, {"minute", "minutes", "min", "mins", "минута", "минуту", "минуты", "минут", "мин",
                   "минутку", "минуток"})) {
    return 1;
  }
  if (IsAny(word, {"hour", "hours", "час", "часа", "часов", "часик"})) return kHour;
  if (IsAny(word, {"day", "days", "день", "дня", "дней", "сутки", "суток"})) return kDay;
  if (IsAny(word, {"week", "weeks", "неделю", "недели", "недель"})) return kWeek;
  return 0;
}

int NumberOf(const std::string& word) {
  static constexpr std::pair<std::string_view, int> kNumbers[] = {
      {"a", 1},           {"an", 1},        {"one", 1},       {"two", 2},      {"three", 3},
      {"four", 4},        {"five", 5},      {"ten", 10},      {"fifteen", 15}, {"twenty", 20},
      {"thirty", 30},     {"forty", 40},    {"один", 1},      {"одну", 1},     {"два", 2},
      {"две", 2},         {"три", 3},       {"четыре", 4},    {"пять", 5},     {"десять", 10},
      {"пятнадцать", 15}, {"двадцать", 20}, {"тридцать", 30}, {"сорок", 40}};
  for (const auto& [name, number] : kNumbers) {
    if (word == name) return number;
  }
  int number = 0;
  return absl::SimpleAtoi(word, &number) && number > 0 && number <= kLongest ? number : 0;
}

// "30 minutes", "half an hour", "полчаса", "час" at `at`; `end` lies behind it. 0: there is none.
int LengthAt(const Tokens& words, size_t at, size_t& end) {
  end = at;
  if (IsAt(words, at, {"half"}) && IsAt(words, at + 1, {"an", "a"}) &&
      IsAt(words, at + 2, {"hour"})) {
    end = at + 3;
    return kHour / 2;
  }
  if (IsAt(words, at, {"полчаса"})) {
    end = at + 1;
    return kHour / 2;
  }
  if (at < words.size() && UnitOf(words[at]) != 0) {
    end = at + 1;
    return UnitOf(words[at]);
  }
  if (at + 1 >= words.size()) return 0;
  const int number = NumberOf(words[at]), unit = UnitOf(words[at + 1]);
  if (number == 0 || unit == 0 || number > kLongest / unit) return 0;
  end = at + 2;
  return number * unit;
}

// Takes "30 minutes before" or "за час до" out of the words; 0: it is not there.
int TakeLead(Tokens& words) {
  for (size_t at = 0; at < words.size(); ++at) {
    size_t end = at;
    const bool is_russian = words[at] == "за";
    const int minutes = LengthAt(words, is_russian ? at + 1 : at, end);
    if (minutes == 0) continue;
    if (is_russian) {
      if (end < words.size() && words[end] == "до") ++end;
    } else if (end < words.size() && IsAny(words[end], {"before", "ahead"})) {
      if (words[end] == "ahead" && end + 1 < words.size() && words[end + 1] == "of") ++end;
      ++end;
    } else {
      continue;
    }
    words.erase(words.begin() + static_cast<ptrdiff_t>(at),
                words.begin() + static_cast<ptrdiff_t>(end));
    return minutes;
  }
  return 0;
}

bool TakePair(Tokens& words, std::initializer_list<std::string_view> first,
              std::initializer_list<std::string_view> second) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (!IsAny(words[i], first)) continue;
    const bool has_second = i + 1 < words.size() && IsAny(words[i + 1], second);
    words.erase(words.begin() + static_cast<ptrdiff_t>(i),
                words.begin() + static_cast<ptrdiff_t>(i + (has_second ? 2 : 1)));
    return true;
  }
  return false;
}

}  // namespace

Wish ReadReminder(const Tokens& sentence) {
  Tokens rest = sentence;
  Wish wish = {.kind = Wish::kRemind};
  wish.lead_minutes = TakeLead(rest);
  if (wish.lead_minutes == 0) return {};
  const bool asks = TakePair(rest, {"remind", "напомни", "напомните", "напомнить", "напомнишь"},
                             {"me", "us", "мне", "нам"}) ||
                    TakePair(rest, {"reminder", "напоминание"}, {});
  if (!asks) return {};
  std::erase_if(rest, [](const std::string& word) {
    return IsAny(word, {"set",  "add", "поставь", "сделай", "about",  "please", "пожалуйста",
                        "об",   "о",   "обо",     "этого",  "этим",   "него",   "нее",
                        "that", "can", "you",     "could",  "можешь", "можно"});
  });
  for (size_t i = 0; i < rest.size(); ++i) {
    // Something to be done, or when: all of it is a task.
    const bool is_verb = IsInfinitive(rest[i]) || (rest[i] == "to" && i == 0);
    if (is_verb || BeginsTime(rest, i)) return {};
  }
  wish.about = JoinTelling(rest, 0, rest.size());
  return wish;
}

}  // namespace selfology::growth_dialog

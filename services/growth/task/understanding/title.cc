#include "services/growth/task/understanding/title.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "common/text/text.h"
#include "services/growth/task/understanding/findings.h"

namespace selfology::task {
namespace {

using Phrase = std::initializer_list<std::string_view>;

// The longer ones first.
const std::vector<std::vector<std::string_view>>& Openings() {
  static const auto& openings =
      *new std::vector<std::vector<std::string_view>>{{"i", "need", "to"},
                                                      {"i", "have", "to"},
                                                      {"i", "want", "to"},
                                                      {"i", "should"},
                                                      {"i", "must"},
                                                      {"need", "to"},
                                                      {"have", "to"},
                                                      {"remember", "to"},
                                                      {"don't", "forget", "to"},
                                                      {"dont", "forget", "to"},
                                                      {"do", "not", "forget", "to"},
                                                      {"make", "sure", "to"},
                                                      {"got", "to"},
                                                      {"i've", "got", "to"},
                                                      {"please"},
                                                      {"add", "a", "task"},
                                                      {"add", "task"},
                                                      {"new", "task"},
                                                      {"todo"},
                                                      {"to-do"},
                                                      {"task"},
                                                      {"мне", "надо"},
                                                      {"мне", "нужно"},
                                                      {"надо", "бы"},
                                                      {"надо"},
                                                      {"нужно"},
                                                      {"не", "забыть"},
                                                      {"не", "забудь"},
                                                      {"не", "забыть", "бы"},
                                                      {"пожалуйста"},
                                                      {"добавь", "задачу"},
                                                      {"добавить", "задачу"},
                                                      {"новая", "задача"},
                                                      {"задача"},
                                                      {"надо", "не", "забыть"}};
  return openings;
}

// These are openings only with a colon: "task force" is none.
bool NeedsColon(std::string_view word) {
  return word == "todo" || word == "to-do" || word == "task" || word == "задача";
}

bool IsDropped(std::string_view mark) {
  return mark == "," || mark == ";" || mark == ":" || mark == "-" || mark == "–" || mark == "—" ||
         mark == "." || mark == "/" || mark == "|";
}

// How many words from `at` on are an opening.
size_t OpeningAt(const Words& words, const std::vector<size_t>& kept, size_t at) {
  size_t longest = 0;
  for (const auto& opening : Openings()) {
    if (at + opening.size() >= kept.size()) continue;
    bool matches = true;
    for (size_t i = 0; i < opening.size() && matches; ++i) {
      matches = words.Is(kept[at + i], opening[i]);
    }
    if (!matches) continue;
    size_t length = opening.size();
    const bool has_colon = words.Is(kept[at + length], ":");
    if (NeedsColon(opening.front()) && !has_colon) continue;
    if (has_colon || words.Is(kept[at + length], ",")) ++length;
    longest = std::max(longest, length);
  }
  return longest;
}

// "(" whose content is gone.
bool IsEmptyBracket(const Words& words, const std::vector<size_t>& kept, size_t at) {
  return at + 1 < kept.size() && ((words.Is(kept[at], "(") && words.Is(kept[at + 1], ")")) ||
                                  (words.Is(kept[at], "[") && words.Is(kept[at + 1], "]")));
}

// A comma with a word on either side: it may part what is listed.
bool PartsWords(const Words& words, const std::vector<size_t>& kept, size_t at) {
  return words.Is(kept[at], ",") && at > 0 && at + 1 < kept.size() &&
         words[kept[at - 1]].kind != Word::kMark && words[kept[at + 1]].kind != Word::kMark &&
         !words.IsAny(kept[at + 1], {"with", "about", "and", "с", "со", "о", "об", "и", "у"});
}

bool LooksLikeTime(const Words& words, size_t at) {
  static constexpr std::string_view kWords[] = {
      "today",    "tomorrow",    "tonight",   "monday",      "tuesday",    "wednesday",
      "thursday", "friday",      "saturday",  "sunday",      "every",      "january",
      "february", "april",       "june",      "july",        "august",     "september",
      "october",  "november",    "december",  "o'clock",     "twice",      "сегодня",
      "завтра",   "послезавтра", "ежедневно", "еженедельно", "ежемесячно", "ежегодно"};
  static constexpr std::string_view kStems[] = {
      "понедельник", "вторник", "четверг", "пятниц", "суббот", "воскресень",
      "каждую",      "каждый",  "каждое",  "каждые", "январ",  "феврал",
      "апрел",       "сентябр", "октябр",  "ноябр",  "декабр"};
  if (words[at].opaque) return false;
  for (const std::string_view word : kWords) {
    if (words.Is(at, word)) return true;
  }
  for (const std::string_view stem : kStems) {
    if (words.Begins(at, stem)) return true;
  }
  if (words.Is(at, "times") && words.IsAny(at + 1, {"a", "per"})) return true;
  if (words.IsAny(at, {"раз", "раза"}) && words.IsAny(at + 1, {"в", "за"})) return true;
  if (words.IsAny(at, {"am", "pm"}) && at > 0 && words.IsNumber(at - 1)) return true;
  if (words.IsNumber(at) && words.IsAny(at + 1, {"am", "pm"})) return true;
  // Of "10:75": all three parts.
  for (size_t mark = at >= 1 ? at - 1 : 1; mark <= at + 1; ++mark) {
    if (words.Joins(mark, ":") && words[mark + 1].text.size() == 2) return true;
  }
  return false;
}

}  // namespace

std::string TitleOf(const Words& words, const std::vector<bool>& used) {
  std::vector<size_t> kept;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i >= used.size() || !used[i]) kept.push_back(i);
  }
  for (size_t i = 0; i < kept.size();) {
    if (IsEmptyBracket(words, kept, i)) {
      kept.erase(kept.begin() + static_cast<int64_t>(i),
                 kept.begin() + static_cast<int64_t>(i) + 2);
      i = i == 0 ? 0 : i - 1;
      continue;
    }
    // A mark beside what was taken out has nothing to part any more.
    const bool is_loose =
        words[kept[i]].kind == Word::kMark && !words[kept[i]].opaque &&
        IsDropped(words[kept[i]].text) &&
        ((kept[i] > 0 && kept[i] <= used.size() && used[kept[i] - 1] &&
          words[kept[i]].text != "-" && !PartsWords(words, kept, i)) ||
         (i > 0 && words[kept[i - 1]].kind == Word::kMark && !words[kept[i - 1]].opaque &&
          IsDropped(words[kept[i - 1]].text) && kept[i - 1] + 1 != kept[i]));
    if (is_loose) {
      kept.erase(kept.begin() + static_cast<int64_t>(i));
      // Brackets around it may be empty now.
      i = i == 0 ? 0 : i - 1;
      continue;
    }
    ++i;
  }
  const auto is_edge = [&](size_t at) {
    return words[at].kind == Word::kMark && !words[at].opaque && IsDropped(words[at].text);
  };
  size_t begin = 0, end = kept.size();
  while (true) {
    while (begin < end && is_edge(kept[begin])) ++begin;
    const size_t opening = OpeningAt(words, kept, begin);
    if (opening == 0) break;
    begin += opening;
  }
  while (end > begin && is_edge(kept[end - 1])) --end;
  // "call mum and" is left of "call mum and tomorrow".
  while (end > begin + 1 && words.IsAny(kept[end - 1], {"and", "и"}) &&
         kept[end - 1] + 1 < words.size()) {
    --end;
  }
  std::string title;
  for (size_t i = begin; i < end; ++i) {
    const Word& word = words[kept[i]];
    const bool follows = i > begin && kept[i] == kept[i - 1] + 1;
    if (i > begin && !(follows && word.adjoins)) title += ' ';
    // A comma behind a gap adjoins what is before it.
    if (!follows && (words.Is(kept[i], ",") || words.Is(kept[i], ")")) && !title.empty()) {
      title.pop_back();
    }
    title += words.sentence().substr(word.begin, word.end - word.begin);
  }
  return std::string(text::Trim(title));
}

std::vector<std::string> NotUnderstood(const Words& words, const std::vector<bool>& used) {
  std::vector<std::string> groups;
  for (size_t i = 0; i < words.size();) {
    if (used[i] || !LooksLikeTime(words, i)) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < words.size() && !used[end] && LooksLikeTime(words, end)) ++end;
    groups.emplace_back(
        words.sentence().substr(words[i].begin, words[end - 1].end - words[i].begin));
    i = end;
  }
  return groups;
}

}  // namespace selfology::task

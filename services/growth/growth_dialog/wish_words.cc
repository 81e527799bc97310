#include "services/growth/growth_dialog/wish_words.h"

#include <utf8proc.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::growth_dialog {
namespace {

// How many characters two words have in common from their beginning.
size_t Common(const std::u32string& a, const std::u32string& b) {
  size_t common = 0;
  while (common < std::min(a.size(), b.size()) && a[common] == b[common]) ++common;
  return common;
}

std::u32string Characters(std::string_view utf8) {
  std::u32string characters;
  while (!utf8.empty()) characters.push_back(text::TakeCharacter(utf8));
  return characters;
}

bool IsFiller(const std::string& word) {
  return IsAny(
      word, {"the", "a",   "an",  "my",   "it",   "that",       "this",   "task",   "with", "of",
             "as",  "is",  "i",   "i've", "have", "already",    "just",   "to",     "at",   "for",
             "and", "up",  "all", "got",  "me",   "please",     "задачу", "задача", "эту",  "это",
             "ее",  "его", "я",   "уже",  "мне",  "мою",        "мой",    "мое",    "про",  "с",
             "со",  "в",   "на",  "и",    "к",    "пожалуйста", "все",    "по",     "у"});
}

}  // namespace

Tokens Split(std::string_view text) {
  Tokens tokens;
  std::string token;
  const auto flush = [&] {
    if (!token.empty()) tokens.push_back(std::exchange(token, ""));
  };
  while (!text.empty()) {
    auto c = static_cast<utf8proc_int32_t>(text::TakeCharacter(text));
    const utf8proc_category_t category = utf8proc_category(c);
    const bool is_letter = (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
                           category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_MN;
    if (c == U'’') c = '\'';
    // Of a word or a time of the day.
    const bool is_inner = (c == '\'' || c == ':' || c == '.' || c == '-') && !token.empty() &&
                          !text.empty() && text.front() != ' ';
    if (!is_letter && !is_inner) {
      flush();
      continue;
    }
    c = utf8proc_tolower(c);
    text::AppendCharacter(static_cast<char32_t>(c == U'ё' ? U'е' : c), token);
  }
  flush();
  return tokens;
}

bool IsAny(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsAt(const Tokens& words, size_t at, std::initializer_list<std::string_view> any) {
  return at < words.size() && IsAny(words[at], any);
}

bool NamesDay(const std::string& word) {
  return IsAny(word, {"today",       "tomorrow",    "tonight",  "monday", "tuesday", "wednesday",
                      "thursday",    "friday",      "saturday", "sunday", "сегодня", "завтра",
                      "послезавтра", "понедельник", "вторник",  "среду",  "четверг", "пятницу",
                      "субботу",     "воскресенье", "вечером",  "утром",  "днем"});
}

bool BeginsTime(const Tokens& words, size_t at) {
  const std::string& word = words[at];
  if (NamesDay(word) || IsAny(word, {"yesterday", "next", "вчера", "позавчера", "через"})) {
    return true;
  }
  if (at + 1 >= words.size()) return false;
  const std::string& next = words[at + 1];
  if (IsAny(word, {"to", "until", "till", "for", "by", "on", "at", "this", "in"})) {
    return BeginsTime(words, at + 1) ||
           IsAny(next, {"the", "a", "an", "this", "next", "morning", "evening", "afternoon",
                        "weekend", "noon"}) ||
           (next[0] >= '0' && next[0] <= '9');
  }
  if (IsAny(word, {"на", "в", "во", "до", "к"})) {
    return BeginsTime(words, at + 1) ||
           IsAny(next, {"следующей", "следующую", "следующий", "этой", "эту", "вечер", "утро",
                        "час", "день", "неделю", "месяц", "выходные", "выходных", "конец"}) ||
           (next[0] >= '0' && next[0] <= '9');
  }
  return false;
}

bool IsInfinitive(const std::string& word) {
  if (text::Characters(word) < 4 || absl::EndsWith(word, "ость") || absl::EndsWith(word, "ости") ||
      IsAny(word, {"кровать", "мать", "дочь", "ночь", "речь", "печь", "часть", "части", "гости",
                   "дети", "сети", "пути", "память", "скатерть", "запчасть", "запчасти"})) {
    return false;
  }
  for (const std::string_view ending : {"ть", "ться", "ти", "тись", "чь", "чься"}) {
    if (absl::EndsWith(word, ending)) return true;
  }
  return false;
}

std::string JoinTelling(const Tokens& words, size_t begin, size_t end) {
  Tokens kept;
  for (size_t i = begin; i < end; ++i) {
    if (!IsFiller(words[i])) kept.push_back(words[i]);
  }
  return absl::StrJoin(kept, " ");
}

bool IsSameWord(const std::string& left, const std::string& right) {
  if (left == right) return true;
  const std::u32string a = Characters(left), b = Characters(right);
  const size_t common = Common(a, b), shorter = std::min(a.size(), b.size());
  const size_t longer = std::max(a.size(), b.size());
  return common >= 3 && common + 2 >= shorter && common + 3 >= longer;
}

}  // namespace selfology::growth_dialog

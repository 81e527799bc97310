#include "services/growth/growth_dialog/errands.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "services/growth/growth_dialog/wish_words.h"
#include "services/growth/growth_dialog/wishes.h"

namespace selfology::growth_dialog {
namespace {

constexpr size_t kLongest = 14;  // Words of an errand; who tells more tells a story.

bool IsPolite(const std::string& word) {
  return IsAny(word, {"please", "ok",  "okay", "so",         "and",    "then", "can", "could",
                      "would",  "you", "will", "пожалуйста", "ну",     "а",    "и",   "ок",
                      "ладно",  "ты",  "вы",   "можешь",     "можете", "тогда"});
}

// "remind me", "напомни", "добавь задачу", with more behind it.
bool AsksForTask(const Tokens& words, size_t at) {
  const auto is = [&](size_t i, std::initializer_list<std::string_view> any) {
    return i < words.size() && IsAny(words[i], any);
  };
  const auto asks_back = [&](size_t i) {
    return is(i, {"what",  "who", "whom", "when",  "how",   "where",   "why",
                  "which", "of",  "что",  "чем",   "ком",   "кто",     "кого",
                  "когда", "где", "как",  "какой", "какая", "сколько", "почему"});
  };
  if (is(at, {"remind"}) && is(at + 1, {"me"})) {
    return at + 2 < words.size() && !asks_back(at + 2);
  }
  if (is(at, {"don't", "dont"}) && is(at + 1, {"let"}) && is(at + 2, {"me"})) {
    return is(at + 3, {"forget"}) && at + 4 < words.size();
  }
  if (is(at, {"напомни", "напомните", "напомнить", "напомнишь"})) {
    size_t next = at + 1;
    if (is(next, {"мне"})) ++next;
    const bool is_about = is(next, {"о", "об"});
    return next < words.size() && !asks_back(is_about ? next + 1 : next);
  }
  if (is(at, {"не"}) && is(at + 1, {"дай", "дайте"})) {
    const size_t forget = is(at + 2, {"мне"}) ? at + 3 : at + 2;
    return is(forget, {"забыть"}) && forget + 1 < words.size();
  }
  if (is(at, {"add", "put", "write", "note", "create", "make", "set", "добавь", "добавьте",
              "запиши", "запишите", "создай", "создайте", "поставь", "поставьте", "внеси",
              "внесите", "занеси", "занесите"})) {
    return std::any_of(
        words.begin() + static_cast<std::ptrdiff_t>(at), words.end(), [](const std::string& word) {
          return IsAny(word, {"task", "tasks", "reminder", "todo", "todos", "list", "задачу",
                              "задачи", "задачку", "напоминание", "список", "дела"});
        });
  }
  return false;
}

// As one begins an errand, in so many words that it is hardly the begin of a story.
bool BeginsErrand(const std::string& word) {
  return IsInfinitive(word) ||
         IsAny(word, {"call",    "ring",   "phone",   "buy",     "pay",     "send",     "book",
                      "email",   "text",   "pick",    "order",   "clean",   "wash",     "return",
                      "print",   "fix",    "check",   "finish",  "prepare", "submit",   "renew",
                      "collect", "bring",  "take",    "visit",   "meet",    "water",    "feed",
                      "cook",    "pack",   "sign",    "ask",     "tell",    "invite",   "install",
                      "update",  "review", "reply",   "answer",  "arrange", "register", "transfer",
                      "post",    "mail",   "repair",  "replace", "write",   "do",       "go",
                      "get",     "купи",   "позвони", "оплати",  "отправь", "забери",   "закажи"});
}

bool TellsOfSomebody(const Tokens& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return IsAny(word, {"i", "i'm", "i'd", "i've", "i'll", "we", "he", "she", "they", "я", "мы",
                        "он", "она", "они", "меня", "мной", "нас"});
  });
}

bool SaysWhen(const Tokens& words, size_t from) {
  for (size_t i = from; i < words.size(); ++i) {
    if (BeginsTime(words, i)) return true;
  }
  return false;
}

}  // namespace

bool IsErrand(std::string_view text) {
  const Tokens words = Split(text);
  if (words.empty() || words.size() > kLongest || absl::StrContains(text, "\n")) return false;
  size_t begin = 0;
  while (begin < words.size() && IsPolite(words[begin])) ++begin;
  if (AsksForTask(words, begin)) return true;
  switch (ReadWish(text).kind) {
    case Wish::kList:
    case Wish::kAll:
    case Wish::kWeek:
      return true;
    case Wish::kTask:
      break;
    default:
      return false;
  }
  if (absl::StrContains(text, '?') || begin >= words.size()) return false;
  return BeginsErrand(words[begin]) && SaysWhen(words, begin + 1) && !TellsOfSomebody(words);
}

}  // namespace selfology::growth_dialog

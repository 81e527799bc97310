#include "services/growth/growth_dialog/errands.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "services/growth/growth_dialog/wish_words.h"
#include "services/growth/growth_dialog/wishes.h"

namespace selfology::growth_dialog {
namespace {

constexpr size_t kLongest = 14;       // Words of an errand; who tells more tells a story.
constexpr size_t kLongestAsked = 30;  // Of one that is asked for in so many words.

bool IsPolite(const std::string& word) {
  return IsAny(word,
               {"please", "ok",    "okay",  "so",         "and",    "then",   "can",   "could",
                "would",  "you",   "will",  "пожалуйста", "ну",     "а",      "и",     "ок",
                "могли",  "мог",   "могла", "бы",         "hey",    "hi",     "hello", "привет",
                "слушай", "ладно", "ты",    "вы",         "можешь", "можете", "тогда"});
}

// "remind me what I said", "напомни о том, что я говорила", "remind me about the question".
bool AsksBack(const Tokens& words, size_t at) {
  if (IsAt(words, at,
           {"what", "who",   "whom",  "when",    "how",    "where",  "why",     "which",
            "of",   "что",   "чем",   "ком",     "кто",    "кого",   "когда",   "где",
            "как",  "какой", "какая", "сколько", "почему", "вопрос", "вопросе", "question"})) {
    return true;
  }
  if (IsAt(words, at, {"about", "the", "your", "этот", "твой", "ваш", "последний"})) {
    return AsksBack(words, at + 1);
  }
  return IsAt(words, at, {"то", "том", "все"}) && IsAt(words, at + 1, {"что", "чем", "о"}) &&
         IsAt(words, at + 2, {"я", "ты", "вы", "мы", "тебе", "вам"});
}

// "add a task: water the plants", "add milk to my list"; not "make a list of places".
bool AsksToAdd(const Tokens& words, size_t at) {
  if (IsAt(words, at, {"add", "create", "make", "set"})) {
    size_t next = at + 1;
    while (IsAt(words, next, {"me", "a", "an", "another", "new"})) ++next;
    const bool is_clear = IsAt(words, next, {"reminder"}) || IsAt(words, at, {"add", "create"}) ||
                          IsAt(words, next + 1, {"to"});
    if (IsAt(words, next, {"task", "reminder", "todo"}) && next + 1 < words.size()) return is_clear;
  }
  if (!IsAt(words, at, {"add", "put", "write", "note"})) return false;
  for (size_t i = at + 2; i + 1 < words.size(); ++i) {
    if (!IsAt(words, i, {"to", "on", "onto", "in"})) continue;
    const bool is_theirs = IsAt(words, i + 1, {"my", "the"});
    if (IsAt(words, is_theirs ? i + 2 : i + 1, {"list", "tasks", "todo", "todos", "todolist"})) {
      return true;
    }
    // "my shopping list"
    if (is_theirs && i + 4 == words.size() && words.back() == "list") return true;
  }
  return false;
}

// "добавь задачу полить цветы", "запиши в дела забрать посылку".
bool AsksToAddInRussian(const Tokens& words, size_t at) {
  if (!IsAt(words, at,
            {"добавь", "добавьте", "запиши", "запишите", "создай", "создайте", "поставь",
             "поставьте", "внеси", "внесите", "занеси", "занесите"})) {
    return false;
  }
  for (size_t i = at + 1; i < words.size(); ++i) {
    if (IsAny(words[i], {"задачу", "задачку", "напоминание", "напоминалку"})) return true;
    if (IsAny(words[i], {"задачи", "список", "дела"}) && words[i - 1] == "в") return true;
  }
  return false;
}

// "remind me", "напомни", "добавь задачу", with more behind it.
bool AsksForTask(const Tokens& words, size_t at) {
  if (IsAt(words, at, {"remind"}) && IsAt(words, at + 1, {"me"})) {
    return at + 2 < words.size() && !AsksBack(words, at + 2);
  }
  if (IsAt(words, at, {"don't", "dont"}) && IsAt(words, at + 1, {"let"}) &&
      IsAt(words, at + 2, {"me"})) {
    return IsAt(words, at + 3, {"forget"}) && at + 4 < words.size();
  }
  if (IsAt(words, at, {"напомни", "напомните", "напомнить", "напомнишь"})) {
    size_t next = at + 1;
    if (IsAt(words, next, {"мне"})) ++next;
    // "Напомнить себе, что я не один" is what somebody would do.
    if (IsAt(words, next, {"себе"})) return false;
    const bool is_about = IsAt(words, next, {"о", "об", "про"});
    return next < words.size() && !AsksBack(words, is_about ? next + 1 : next);
  }
  if (IsAt(words, at, {"не"}) && IsAt(words, at + 1, {"дай", "дайте"})) {
    const size_t forget = IsAt(words, at + 2, {"мне"}) ? at + 3 : at + 2;
    return IsAt(words, forget, {"забыть"}) && forget + 1 < words.size();
  }
  return AsksToAdd(words, at) || AsksToAddInRussian(words, at);
}

// Asks to see the list; "today", "everything" and «дела» alone may be answers.
bool AsksToSee(const Tokens& words, size_t at) {
  const std::string said =
      absl::StrJoin(words.begin() + static_cast<std::ptrdiff_t>(at), words.end(), " ");
  if (IsAny(said, {"tasks for today", "tasks today", "today's tasks", "задачи на сегодня",
                   "дела на сегодня", "план на сегодня", "список задач"})) {
    return true;
  }
  // The next question, rather.
  if (IsAny(said, {"what now", "what's next", "what is next", "что дальше", "что теперь"})) {
    return false;
  }
  return IsAt(words, at,
              {"what", "what's", "whats", "show", "how", "anything", "что", "чего", "как", "какие",
               "покажи", "покажите"});
}

// As one begins an errand, and hardly says what they like, or would do with a free day.
bool BeginsErrand(const std::string& word) {
  return IsAny(
      word, {"call",          "ring",     "phone",       "buy",         "pay",       "send",
             "book",          "email",    "text",        "pick",        "order",     "clean",
             "wash",          "return",   "print",       "fix",         "check",     "finish",
             "prepare",       "submit",   "renew",       "collect",     "bring",     "water",
             "pack",          "sign",     "install",     "update",      "reply",     "arrange",
             "register",      "transfer", "post",        "mail",        "repair",    "replace",
             "купить",        "докупить", "позвонить",   "перезвонить", "оплатить",  "заплатить",
             "отправить",     "забрать",  "заказать",    "записаться",  "сдать",     "отнести",
             "отвезти",       "вернуть",  "распечатать", "починить",    "проверить", "подготовить",
             "забронировать", "продлить", "полить",      "вынести",     "постирать", "помыть",
             "подписать",     "оформить", "заправить",   "получить",    "передать",  "купи",
             "позвони",       "оплати",   "отправь",     "забери",      "закажи"});
}

bool TellsOfSomebody(const Tokens& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return IsAny(word, {"i", "i'm", "i'd", "i've", "i'll", "we", "he", "she", "they", "я", "мы",
                        "он", "она", "они", "меня", "мной", "нас"});
  });
}

// A day or an hour. BeginsTime() also knows the begin of what is less than that: "to the sea".
bool SaysWhen(const Tokens& words, size_t from) {
  const auto number = [&](size_t i) {
    return i < words.size() && words[i][0] >= '0' && words[i][0] <= '9';
  };
  for (size_t i = from; i < words.size(); ++i) {
    if (NamesDay(words[i])) return true;
    if (IsAny(words[i], {"at", "by", "on", "before", "в", "во", "к", "до", "через"})) {
      if (number(i + 1) || (IsAt(words, i + 1, {"the"}) && number(i + 2))) return true;
    }
    const bool is_long = IsAt(words, i + 1, {"week", "month", "час", "полчаса", "неделю", "месяц"});
    if (IsAny(words[i], {"next", "через"}) && is_long) return true;
    if (words[i] == "in" && IsAt(words, i + 1, {"the"}) &&
        IsAt(words, i + 2, {"morning", "afternoon", "evening"})) {
      return true;
    }
    if (words[i] == "in" && number(i + 1) &&
        IsAt(words, i + 2, {"minutes", "hours", "hour", "days", "weeks"})) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool IsErrand(std::string_view text) {
  const Tokens words = Split(text);
  if (words.empty() || words.size() > kLongestAsked || absl::StrContains(text, "\n")) return false;
  // «Не могли бы вы напомнить»
  size_t begin = words[0] == "не" && IsAt(words, 1, {"могли", "мог", "могла", "можете"}) ? 1 : 0;
  while (begin < words.size() && IsPolite(words[begin])) ++begin;
  if (AsksForTask(words, begin)) return true;
  if (words.size() > kLongest) return false;
  switch (ReadWish(text).kind) {
    case Wish::kList:
    case Wish::kAll:
    case Wish::kWeek:
      return AsksToSee(words, begin);
    case Wish::kTask:
      break;
    default:
      return false;
  }
  if (absl::StrContains(text, '?') || begin >= words.size()) return false;
  return BeginsErrand(words[begin]) && SaysWhen(words, begin + 1) && !TellsOfSomebody(words);
}

}  // namespace selfology::growth_dialog

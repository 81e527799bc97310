#include "services/growth/growth_dialog/wishes.h"

#include <utf8proc.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::growth_dialog {
namespace {

using Kind = Wish::Kind;
using Tokens = std::vector<std::string>;

// Lower case, "ё" as "е", words apart; what is between them goes, but for "?" at the end.
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

// Whole messages that mean one thing. Words of courtesy are taken off before.
struct Phrases {
  Kind kind;
  std::vector<std::string_view> phrases;
};
const std::vector<Phrases>& Whole() {
  static const auto& whole = *new std::vector<Phrases>{
      {Kind::kList,
       {"today",
        "tasks",
        "my tasks",
        "list",
        "the list",
        "my list",
        "todo",
        "to-do",
        "todos",
        "agenda",
        "my day",
        "plan",
        "today's tasks",
        "tasks for today",
        "tasks today",
        "tomorrow",
        "show list",
        "show tasks",
        "show today",
        "what now",
        "what's next",
        "what is next",
        "сегодня",
        "задачи",
        "мои задачи",
        "список",
        "список задач",
        "дела",
        "мои дела",
        "план",
        "на сегодня",
        "дела на сегодня",
        "задачи на сегодня",
        "план на сегодня",
        "на завтра",
        "завтра",
        "покажи список",
        "покажи задачи",
        "покажи дела",
        "что дальше",
        "что теперь",
        "сегодняшние задачи"}},
      {Kind::kAll,
       {"all", "all tasks", "everything", "show all", "show everything", "все задачи", "все дела",
        "покажи все", "покажи все задачи", "весь список"}},
      {Kind::kWeek,
       {"week", "my week", "chart", "show week", "show my week", "how was my week", "неделя",
        "моя неделя", "график", "итоги недели", "как прошла неделя", "статистика", "statistics",
        "stats"}},
      {Kind::kProgress,
       {"streak",
        "my streak",
        "level",
        "my level",
        "progress",
        "my progress",
        "points",
        "my points",
        "xp",
        "coins",
        "my coins",
        "show progress",
        "show streak",
        "серия",
        "моя серия",
        "прогресс",
        "мой прогресс",
        "уровень",
        "мой уровень",
        "очки",
        "мои очки",
        "баллы",
        "монеты",
        "мои монеты",
        "какая серия",
        "какая у меня серия",
        "какой у меня уровень",
        "сколько у меня очков",
        "сколько у меня монет",
        "what's my streak",
        "what is my streak",
        "how's my streak",
        "how long is my streak",
        "what's my level",
        "what level am i",
        "how many points do i have",
        "how am i doing"}},
      {Kind::kTop,
       {"top",
        "leaderboard",
        "the leaderboard",
        "rating",
        "ranking",
        "my rank",
        "rank",
        "who is ahead",
        "who's ahead",
        "show leaderboard",
        "show the leaderboard",
        "рейтинг",
        "топ",
        "лидеры",
        "таблица лидеров",
        "таблица",
        "кто впереди",
        "мое место",
        "какое у меня место",
        "покажи рейтинг",
        "покажи таблицу лидеров",
        "what's my rank",
        "what is my rank",
        "where do i stand"}},
      {Kind::kChallenges,
       {"challenge", "challenges", "my challenges", "duel", "a duel", "show challenges",
        "give me a challenge", "challenge me", "вызов", "вызовы", "мои вызовы", "челлендж",
        "челленджи", "дуэль", "дай вызов", "дай мне вызов", "покажи вызовы", "хочу вызов",
        "хочу дуэль"}},
      {Kind::kBadge,
       {"badge", "badges", "my badges", "my badge", "show badge", "show badges", "значок", "значки",
        "мои значки", "покажи значок", "покажи значки"}},
      {Kind::kUndo,
       {"undo", "undo that", "take it back", "oops", "no not that", "отмени", "отменить", "отмена",
        "верни", "верни назад", "верни обратно", "ой", "не то", "отмени это"}},
      {Kind::kLeave,
       {"that's all",    "that is all", "that's it", "stop",         "enough",  "quit",
        "exit",          "cancel",      "finish",    "nothing else", "no more", "это все",
        "все",           "хватит",      "стоп",      "достаточно",   "выход",   "закончить",
        "больше ничего", "на этом все", "пока все",  "пока"}},
      {Kind::kThanks,
       {"thanks",
        "thank you",
        "thx",
        "thank you very much",
        "ok",
        "okay",
        "great",
        "cool",
        "nice",
        "good",
        "hi",
        "hello",
        "hey",
        "yes",
        "no",
        "good morning",
        "good evening",
        "спасибо",
        "спасибо большое",
        "большое спасибо",
        "ок",
        "окей",
        "хорошо",
        "отлично",
        "супер",
        "класс",
        "привет",
        "здравствуйте",
        "здравствуй",
        "да",
        "нет",
        "ага",
        "доброе утро",
        "добрый день",
        "добрый вечер"}},
      {Kind::kDone,
       {"done",      "it's done",    "it is done",      "i did it", "did it",    "finished",
        "completed", "mark as done", "mark it as done", "all done", "готово",    "сделано",
        "сделал",    "сделала",      "выполнено",       "выполнил", "выполнила", "я сделал",
        "я сделала", "уже сделал",   "уже сделала"}},
      {Kind::kMove,
       {"snooze", "later", "postpone", "remind me later", "not now", "позже", "потом", "отложи",
        "отложить", "перенеси", "напомни позже", "не сейчас", "напомни потом"}},
      {Kind::kDelete,
       {"delete", "delete it", "remove it", "delete that", "remove that", "удали", "удалить",
        "убери", "удали это", "удали ее", "удали задачу", "delete the task", "remove the task"}}};
  return whole;
}

// "what do i have today", "что у меня на завтра": about the list, whatever day.
bool AsksForList(const Tokens& words) {
  if (words.size() < 2 || words.size() > 9) return false;
  const bool asks = IsAny(words[0], {"what", "what's", "whats", "show", "что", "чего", "какие",
                                     "покажи", "покажите", "anything"});
  if (!asks) return false;
  const std::string& last = words.back();
  const bool about_day = IsAny(last, {"today", "tomorrow", "now", "today's", "сегодня", "завтра",
                                      "сейчас", "week", "недели", "неделе", "неделю"});
  const bool about_tasks =
      IsAny(last, {"tasks", "list", "todo", "todos", "задачи", "список", "дела", "do", "делать",
                   "have", "next", "left", "осталось", "due"});
  if (!about_day && !about_tasks) return false;
  // "what to cook tomorrow" is a task.
  return std::all_of(words.begin() + 1, words.end() - 1, [](const std::string& word) {
    return IsAny(
        word, {"is",    "are",  "do",     "i",       "have",    "to",   "for",      "on",
               "my",    "me",   "the",    "in",      "there",   "list", "else",     "due",
               "tasks", "plan", "left",   "у",       "меня",    "на",   "мне",      "нужно",
               "надо",  "есть", "там",    "делать",  "сделать", "в",    "еще",      "по",
               "плану", "мои",  "задачи", "дела",    "список",  "все",  "осталось", "запланировано",
               "этой",  "эту",  "this",   "planned", "of"});
  });
}

// Words that say when: what begins with one of these goes on to the end.
bool BeginsTime(const Tokens& words, size_t at) {
  const std::string& word = words[at];
  if (IsAny(word, {"today",       "tomorrow", "tonight",     "yesterday", "monday",    "tuesday",
                   "wednesday",   "thursday", "friday",      "saturday",  "sunday",    "next",
                   "сегодня",     "завтра",   "послезавтра", "вчера",     "позавчера", "через",
                   "понедельник", "вторник",  "среду",       "четверг",   "пятницу",   "субботу",
                   "воскресенье", "вечером",  "утром",       "днем"})) {
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

bool IsFiller(const std::string& word) {
  return IsAny(
      word, {"the", "a",   "an",  "my",   "it",   "that",       "this",   "task",   "with", "of",
             "as",  "is",  "i",   "i've", "have", "already",    "just",   "to",     "at",   "for",
             "and", "up",  "all", "got",  "me",   "please",     "задачу", "задача", "эту",  "это",
             "ее",  "его", "я",   "уже",  "мне",  "мою",        "мой",    "мое",    "про",  "с",
             "со",  "в",   "на",  "и",    "к",    "пожалуйста", "все",    "по",     "у"});
}

std::string Join(const Tokens& words, size_t begin, size_t end) {
  Tokens kept;
  for (size_t i = begin; i < end; ++i) {
    if (!IsFiller(words[i])) kept.push_back(words[i]);
  }
  return absl::StrJoin(kept, " ");
}

// A task and, behind it, when.
void ReadTarget(const Tokens& words, size_t begin, size_t end, Wish& wish) {
  size_t time = begin;
  while (time < end && !BeginsTime(words, time)) ++time;
  wish.about = Join(words, begin, time);
  Tokens when(words.begin() + static_cast<ptrdiff_t>(time),
              words.begin() + static_cast<ptrdiff_t>(end));
  // "to tomorrow", "на завтра": understood without.
  if (when.size() > 1 && IsAny(when[0], {"to", "until", "till", "до"})) when.erase(when.begin());
  if (when.size() > 1 && when[0] == "на" && BeginsTime({when[1]}, 0)) when.erase(when.begin());
  wish.when = absl::StrJoin(when, " ");
}

// "купил", "позвонила", "сделали"; reflexive ones too.
bool IsPastRussian(const std::string& word) {
  if (text::Characters(word) < 4) return false;
  for (const std::string_view ending :
       {"ил", "ала", "ила", "ал",   "ел",  "ела", "ял", "яла",  "ул",  "ула",
        "ыл", "ыла", "лся", "лась", "шел", "шла", "ез", "езла", "нес", "несла"}) {
    if (absl::EndsWith(word, ending)) return true;
  }
  return false;
}

bool IsPastEnglish(const std::string& word) {
  return (word.size() > 4 && absl::EndsWith(word, "ed") && !absl::EndsWith(word, "eed")) ||
         IsAny(word,
               {"bought", "paid",  "sent", "wrote", "did",    "made",  "took", "went",  "got",
                "gave",   "met",   "ran",  "swam",  "told",   "found", "rang", "hung",  "brought",
                "drove",  "built", "sold", "spoke", "taught", "fed",   "done", "agreed"});
}

// Past only behind "I" and the like: by themselves they say what is to be done.
bool IsPastBehindI(const std::string& word) { return IsAny(word, {"read", "put", "cut"}); }

// "посмотреть": what is to be done, so that "сериал" beside it is no verb.
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

// What begins with a verb that says what is to happen to a task.
Wish ReadVerb(const Tokens& words) {
  Wish wish;
  const std::string& first = words[0];
  const size_t size = words.size();
  if (IsAny(first, {"reschedule", "postpone", "snooze", "перенеси", "перенести", "отложи",
                    "отложить", "сдвинь", "передвинь", "перенесем", "отложим"})) {
    wish.kind = IsAny(first, {"snooze", "перенеси", "отложи", "сдвинь", "передвинь"})
                    ? Kind::kMove
                    : Kind::kMaybeMove;
    ReadTarget(words, 1, size, wish);
    // "перенеси" with nothing but the time is about the last; a task has both.
    if (!wish.about.empty()) wish.kind = Kind::kMaybeMove;
    return wish;
  }
  if (first == "move" || first == "push") {
    wish.kind = Kind::kMaybeMove;
    ReadTarget(words, 1, size, wish);
    if (wish.about.empty() && !wish.when.empty()) wish.kind = Kind::kMove;
    return wish.when.empty() ? Wish() : wish;
  }
  if (IsAny(first,
            {"delete", "remove", "cancel", "удали", "удалить", "убери", "вычеркни", "отмени"})) {
    wish.kind = Kind::kMaybeDelete;
    wish.about = Join(words, 1, size);
    return wish.about.empty() ? Wish() : wish;
  }
  // "check the oven" is a task.
  const bool checks_off =
      first == "check" && std::find(words.begin(), words.end(), "off") != words.end();
  if (checks_off ||
      IsAny(first, {"mark", "tick", "complete", "finish", "отметь", "закрой", "заверши"})) {
    size_t end = size;
    while (end > 1 && IsAny(words[end - 1], {"done", "off", "completed", "complete", "finished",
                                             "выполненной", "сделанной", "готовой", "выполнено",
                                             "как", "as", "off,", "выполненным", "сделанным"})) {
      --end;
    }
    wish.kind = Kind::kMaybeDone;
    Tokens rest(words.begin() + 1, words.begin() + static_cast<ptrdiff_t>(end));
    std::erase(rest, "off");
    ReadTarget(rest, 0, rest.size(), wish);
    // "finish the report by friday" is one, too.
    const bool is_past =
        wish.when.empty() || IsAny(wish.when, {"today", "yesterday", "сегодня", "вчера"});
    return wish.about.empty() || !is_past ? Wish() : wish;
  }
  return wish;
}

// "milk is done", "молоко купил", "done with the report", "я позвонил маме вчера".
Wish ReadDone(const Tokens& words) {
  Wish wish;
  size_t begin = 0, end = words.size();
  while (begin < end && IsAny(words[begin], {"i", "i've", "we", "have", "already", "just", "я",
                                             "мы", "уже", "сегодня", "вчера", "yesterday", "today",
                                             "the", "my", "только", "что"})) {
    if (IsAny(words[begin], {"вчера", "yesterday"})) wish.when = words[begin];
    ++begin;
  }
  if (begin >= end) return Wish();
  const bool said_past = begin > 0;
  const bool said_who = std::any_of(
      words.begin(), words.begin() + static_cast<ptrdiff_t>(begin), [](const std::string& word) {
        return IsAny(word, {"i", "i've", "we", "have", "already", "just", "yesterday"});
      });
  const auto is_said = [](const std::string& word) {
    return IsAny(word, {"done", "готово", "готов", "готова", "готовы", "сделано", "сделана",
                        "сделан", "сделал", "сделала", "выполнено", "выполнил", "выполнила",
                        "finished", "completed", "закончил", "закончила", "did"});
  };
  size_t last = end;
  while (last > begin &&
         IsAny(words[last - 1], {"yesterday", "today", "вчера", "сегодня", "already", "уже"})) {
    if (IsAny(words[last - 1], {"yesterday", "вчера"})) wish.when = words[last - 1];
    --last;
  }
  end = last;
  if (begin >= end) return Wish();
  if (is_said(words[begin]) && end > begin + 1) {
    wish.kind = Kind::kMaybeDone;
    wish.about = Join(words, begin + 1, end);
  } else if (is_said(words[end - 1]) && end > begin + 1) {
    wish.kind = Kind::kMaybeDone;
    wish.about = Join(words, begin, end - 1);
  } else if (std::any_of(words.begin(), words.end(), IsInfinitive)) {
    return Wish();
  } else if (end > begin + 1 && (IsPastEnglish(words[begin]) || IsPastRussian(words[begin]) ||
                                 (said_who && IsPastBehindI(words[begin])))) {
    wish.kind = Kind::kMaybeDone;
    wish.about = Join(words, begin + 1, end);
  } else if (end > begin + 1 && !said_past && IsPastRussian(words[end - 1])) {
    wish.kind = Kind::kMaybeDone;
    wish.about = Join(words, begin, end - 1);
  }
  return wish.about.empty() ? Wish() : wish;
}

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

// Forms of one word: "маме" and "мама", "report" and "reports".
bool IsSame(const std::string& left, const std::string& right) {
  if (left == right) return true;
  const std::u32string a = Characters(left), b = Characters(right);
  const size_t common = Common(a, b), shorter = std::min(a.size(), b.size());
  const size_t longer = std::max(a.size(), b.size());
  return common >= 3 && common + 2 >= shorter && common + 3 >= longer;
}

}  // namespace

Wish ReadWish(std::string_view sentence) {
  Tokens words = Split(sentence);
  const Tokens all = words;
  const bool asks = absl::EndsWith(text::Trim(sentence), "?");
  while (!words.empty() &&
         IsAny(words.front(), {"please", "ok", "okay", "hey", "so", "and", "well", "пожалуйста",
                               "ну", "ок", "а", "так", "и"}) &&
         words.size() > 1) {
    words.erase(words.begin());
  }
  while (words.size() > 1 &&
         IsAny(words.back(), {"please", "пожалуйста", "now", "again", "снова", "еще"})) {
    words.pop_back();
  }
  if (words.empty()) return {};
  // "not now" is said as it is; "my tasks now" is not.
  for (const std::string& whole : {absl::StrJoin(all, " "), absl::StrJoin(words, " ")}) {
    for (const Phrases& one : Whole()) {
      if (std::find(one.phrases.begin(), one.phrases.end(), whole) != one.phrases.end()) {
        return {.kind = one.kind};
      }
    }
  }
  if (AsksForList(words)) return {.kind = Kind::kList};
  // A line with a label, a priority or several lines is meant as a task.
  if (sentence.find_first_of("#\n") != std::string_view::npos) return {};
  if (Wish wish = ReadVerb(words); wish.kind != Kind::kTask) return wish;
  if (Wish wish = ReadDone(words); wish.kind != Kind::kTask) return wish;
  if (asks && IsAny(words[0], {"what",  "what's", "who",   "why",   "how",   "how's",   "when",
                               "where", "is",     "are",   "can",   "do",    "does",    "что",
                               "кто",   "почему", "как",   "когда", "где",   "сколько", "зачем",
                               "какой", "какая",  "какие", "ты",    "можно", "умеешь"}) &&
      std::find(words.begin(), words.end(), "remind") == words.end()) {
    return {.kind = Kind::kQuestion};
  }
  return {};
}

std::vector<size_t> BestMatches(std::string_view about, const std::vector<std::string>& titles) {
  const Tokens wanted = Split(about);
  std::vector<size_t> best;
  size_t fewest = 0;  // Words of the title that were not named.
  if (wanted.empty()) return best;
  for (size_t i = 0; i < titles.size(); ++i) {
    const Tokens title = Split(titles[i]);
    const bool has_all = std::all_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
      return std::any_of(title.begin(), title.end(),
                         [&](const std::string& other) { return IsSame(word, other); });
    });
    if (!has_all) continue;
    const size_t rest = title.size() > wanted.size() ? title.size() - wanted.size() : 0;
    if (!best.empty() && rest > fewest) continue;
    if (!best.empty() && rest < fewest) best.clear();
    fewest = rest;
    best.push_back(i);
  }
  return best;
}

}  // namespace selfology::growth_dialog

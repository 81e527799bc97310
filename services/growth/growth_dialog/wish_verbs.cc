#include "services/growth/growth_dialog/wish_verbs.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "common/text/text.h"

namespace selfology::growth_dialog {
namespace {

using Kind = Wish::Kind;

// A task and, behind it, when.
void ReadTarget(const Tokens& words, size_t begin, size_t end, Wish& wish) {
  size_t time = begin;
  while (time < end && !BeginsTime(words, time)) ++time;
  wish.about = JoinTelling(words, begin, time);
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

}  // namespace

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
    wish.about = JoinTelling(words, 1, size);
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
    wish.about = JoinTelling(words, begin + 1, end);
  } else if (is_said(words[end - 1]) && end > begin + 1) {
    wish.kind = Kind::kMaybeDone;
    wish.about = JoinTelling(words, begin, end - 1);
  } else if (std::any_of(words.begin(), words.end(), IsInfinitive)) {
    return Wish();
  } else if (end > begin + 1 && (IsPastEnglish(words[begin]) || IsPastRussian(words[begin]) ||
                                 (said_who && IsPastBehindI(words[begin])))) {
    wish.kind = Kind::kMaybeDone;
    wish.about = JoinTelling(words, begin + 1, end);
  } else if (end > begin + 1 && !said_past && IsPastRussian(words[end - 1])) {
    wish.kind = Kind::kMaybeDone;
    wish.about = JoinTelling(words, begin, end - 1);
  }
  return wish.about.empty() ? Wish() : wish;
}

}  // namespace selfology::growth_dialog

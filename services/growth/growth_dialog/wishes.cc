#include "services/growth/growth_dialog/wishes.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/text/text.h"
#include "services/growth/growth_dialog/phrases.h"
#include "services/growth/growth_dialog/wish_reminders.h"
#include "services/growth/growth_dialog/wish_verbs.h"
#include "services/growth/growth_dialog/wish_words.h"

namespace selfology::growth_dialog {
namespace {

using Kind = Wish::Kind;

constexpr std::pair<std::string_view, Kind> kSections[] = {
    {"[list]", Kind::kList},         {"[all]", Kind::kAll},   {"[week]", Kind::kWeek},
    {"[progress]", Kind::kProgress}, {"[top]", Kind::kTop},   {"[challenges]", Kind::kChallenges},
    {"[badge]", Kind::kBadge},       {"[undo]", Kind::kUndo}, {"[leave]", Kind::kLeave},
    {"[thanks]", Kind::kThanks},     {"[done]", Kind::kDone}, {"[move]", Kind::kMove},
    {"[delete]", Kind::kDelete},
};

// Whole messages that mean one thing. Words of courtesy are taken off before.
const absl::flat_hash_map<std::string_view, Kind>& Phrases() {
  static const auto& all = *new absl::flat_hash_map<std::string_view, Kind>([] {
    absl::flat_hash_map<std::string_view, Kind> phrases;
    Kind kind = Kind::kTask;
    for (const std::string_view line :
         absl::StrSplit(kWishPhrasesTxt, '\n', absl::SkipWhitespace())) {
      if (line[0] == '#') continue;
      if (line[0] == '[') {
        for (const auto& [name, section] : kSections) {
          if (line == name) kind = section;
        }
        continue;
      }
      for (const std::string_view phrase : absl::StrSplit(line, ',')) {
        phrases.emplace(absl::StripAsciiWhitespace(phrase), kind);
      }
    }
    return phrases;
  }());
  return all;
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
    if (const auto phrase = Phrases().find(whole); phrase != Phrases().end()) {
      return {.kind = phrase->second};
    }
  }
  if (AsksForList(words)) return {.kind = Kind::kList};
  // A line with a label, a priority or several lines is meant as a task.
  if (sentence.find_first_of("#\n") != std::string_view::npos) return {};
  if (Wish wish = ReadReminder(words); wish.kind != Kind::kTask) return wish;
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
                         [&](const std::string& other) { return IsSameWord(word, other); });
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

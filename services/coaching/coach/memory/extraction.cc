#include "services/coaching/coach/memory/extraction.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/coaching/coach/understanding/dates.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/stem.h"

namespace selfology::coach {
namespace {

using absl::CivilDay;

constexpr int kMostTextCharacters = 200;
constexpr int kMostQuoteCharacters = 300;

std::string Cut(std::string_view text, int characters) {
  return std::string(text::Trim(text::Prefix(text, characters)));
}

std::string Line(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  while (!line.empty() && std::string_view(".,;:!?").find(line.back()) != std::string::npos) {
    line.pop_back();
  }
  return Cut(line, kMostTextCharacters);
}

class Extractor {
 public:
  Extractor(const LoadedSpeech& speech, const Utterance& message, CivilDay today)
      : speech_(speech), message_(message), dates_(FindDates(message, today)), today_(today) {}

  std::vector<v1::MemoryItem> Run() && {
    FindPeople();
    ApplyRules();
    FindEvents();
    return std::move(items_);
  }

 private:
  WordRange SentenceOf(int word) const {
    WordRange sentence{word, word + 1};
    const auto& words = message_.words;
    while (sentence.begin > 0 && !words[sentence.begin - 1].ends_sentence) --sentence.begin;
    while (sentence.end < static_cast<int>(words.size()) &&
           !words[sentence.end - 1].ends_sentence) {
      ++sentence.end;
    }
    return sentence;
  }

  WordRange ClauseOf(int begin, int end) const {
    WordRange clause{begin, end};
    const auto& words = message_.words;
    while (clause.begin > 0 && !words[clause.begin - 1].ends_clause) --clause.begin;
    while (clause.end < static_cast<int>(words.size()) && !words[clause.end - 1].ends_clause) {
      ++clause.end;
    }
    return clause;
  }

  // The first day, today or later, that the words name.
  std::optional<CivilDay> DueIn(WordRange words) const {
    for (const DateMention& date : dates_) {
      if (date.words.begin >= words.begin && date.words.end <= words.end && date.day >= today_) {
        return date.day;
      }
    }
    return std::nullopt;
  }

  void Add(v1::MemoryKind kind, std::string_view text, WordRange quote,
           std::optional<CivilDay> due) {
    v1::MemoryItem item;
    item.set_kind(kind);
    item.set_text(Line(text));
    if (text::Characters(item.text()) < 2) return;
    item.set_quote(Cut(message_.Between(quote.begin, quote.end), kMostQuoteCharacters));
    if (due.has_value()) item.set_due_date(DayText(*due));
    for (const v1::MemoryItem& other : items_) {
      if (other.kind() == kind && KeyOf(other) == KeyOf(item)) return;
    }
    items_.push_back(std::move(item));
  }

  void FindPeople() {
    for (const PersonMention& person : speech_.people().Find(message_)) {
      if (person.name.empty() || person.relation.empty()) continue;
      const bool russian = speech_.language() == language::Language::kRussian;
      Add(v1::MEMORY_KIND_PERSON,
          absl::StrCat(person.name, russian ? " — " : ", ", person.relation),
          SentenceOf(person.words.begin), std::nullopt);
    }
  }

  void ApplyRules() {
    for (const auto& compiled : speech_.memory_rules()) {
      for (const Pattern& pattern : compiled.patterns) {
        const std::optional<Match> match = pattern.Find(message_);
        if (!match.has_value()) continue;
        const auto captured = match->captures.find("x");
        if (captured != match->captures.end() && Excepted(*compiled.rule, captured->second)) {
          continue;
        }
        const WordRange clause = ClauseOf(match->begin, match->end);
        if (compiled.rule->kind() == v1::MEMORY_KIND_PROMISE &&
            IsSomebodyElses(clause, match->begin)) {
          continue;
        }
        const std::string_view whole = message_.Between(match->begin, clause.end);
        std::string text(whole);
        if (!compiled.rule->text().empty() && captured != match->captures.end()) {
          text = std::string(message_.Between(captured->second.begin, captured->second.end));
        }
        Add(compiled.rule->kind(), text, SentenceOf(match->begin), DueIn(SentenceOf(match->begin)));
        break;
      }
    }
  }

  // «Начальник обещал», «мне обещали»: a promise to the person, or between others. Russian needs no
  // "I", so that whatever may be a subject before the verb speaks for somebody else.
  bool IsSomebodyElses(WordRange clause, int verb) const {
    if (speech_.language() != language::Language::kRussian) return false;
    static constexpr std::string_view kOwn[] = {"я", "мы"};
    static constexpr std::string_view kToThem[] = {"мне", "нам", "меня", "нас"};
    static constexpr std::string_view kBesides[] = {
        "и",         "а",       "но",    "ведь",    "же",      "уже",     "опять", "снова",
        "вчера",     "сегодня", "давно", "утром",   "тогда",   "сам",     "сама",  "сдуру",
        "еще",       "потом",   "как",   "раз",     "что",     "ему",     "ей",    "им",
        "тоже",      "зря",     "зачем", "недавно", "вечером", "наконец", "себе",  "когда",
        "то",  // «Как-то», «когда-то» are two words each.
        "клятвенно", "твердо",  "вроде", "кажется", "раньше",  "всем",    "честно"};
    bool own = false;
    for (int i = clause.begin; i < clause.end; ++i) {
      own |= absl::c_linear_search(kOwn, message_.words[i].text);
    }
    if (own) return false;
    for (int i = clause.begin; i < clause.end; ++i) {
      if (absl::c_linear_search(kToThem, message_.words[i].text)) return true;
    }
    static constexpr std::string_view kOfMany[] = {"обещали", "пообещали"};
    if (absl::c_linear_search(kOfMany, message_.words[verb].text)) return true;
    for (int i = clause.begin; i < verb; ++i) {
      const std::string& word = message_.words[i].text;
      if (absl::c_linear_search(kBesides, word) || IsDative(i) || IsWithinDate(i)) continue;
      return true;
    }
    // «Обещал начальник».
    return verb + 1 < clause.end && IsNominative(verb + 1);
  }

  // Somebody as those are called to whom something is promised: «маме», «Паше», «твоему брату».
  bool IsDative(int word) const {
    const std::u32string letters = safety::Utf32(message_.words[word].text);
    return letters.size() >= 3 &&
           std::u32string_view(U"еуюимй").find(letters.back()) != std::u32string_view::npos &&
           !IsNominative(word);
  }

  bool IsNominative(int word) const {
    for (const PersonMention& person : speech_.people().Find(message_)) {
      if (word < person.words.begin || word >= person.words.end) continue;
      const std::string& text = message_.words[word].text;
      const Utterance name(person.name);
      return text == person.relation || (!name.words.empty() && name.words.front().text == text);
    }
    static constexpr std::string_view kSubjects[] = {"он", "она", "они",  "кто",
                                                     "ты", "вы",  "никто"};
    return absl::c_linear_search(kSubjects, message_.words[word].text);
  }

  bool IsWithinDate(int word) const {
    return absl::c_any_of(dates_, [&](const DateMention& date) {
      return word >= date.words.begin && word < date.words.end;
    });
  }

  bool Excepted(const MemoryRule& rule, WordRange capture) const {
    const std::string& first = message_.words[capture.begin].text;
    return absl::c_any_of(rule.unless(), [&](const std::string& words) {
      return absl::c_any_of(absl::StrSplit(words, ' '), [&](std::string_view word) {
        return word.ends_with('*') ? first.starts_with(word.substr(0, word.size() - 1))
                                   : first == word;
      });
    });
  }

  void FindEvents() {
    const bool russian = speech_.language() == language::Language::kRussian;
    for (const DateMention& date : dates_) {
      if (date.day < today_) continue;
      const WordRange sentence = SentenceOf(date.words.begin);
      for (int i = sentence.begin; i < sentence.end; ++i) {
        const Event* event = EventAt(i);
        if (event == nullptr) continue;
        WordRange words{i, i + 1};
        // "driving test", "interview with Siemens", «экзамен по физике»
        const auto is = [&](int at, std::initializer_list<std::string_view> any) {
          return at >= sentence.begin && at < sentence.end &&
                 absl::c_linear_search(any, message_.words[at].text);
        };
        const auto free = [&](int at) {
          return at >= sentence.begin && at < sentence.end &&
                 absl::c_none_of(
                     dates_,
                     [&](const DateMention& other) {
                       return at >= other.words.begin && at < other.words.end;
                     });
        };
        // "dentist appointment"
        if (!russian && i + 1 < sentence.end && EventAt(i + 1) != nullptr && free(i + 1)) continue;
        if (!russian && free(i - 1) && message_.words[i - 1].text.size() > 3 &&
            !is(i - 1,
                {"have",  "that",  "this",    "with", "your",      "their",  "another", "before",
                 "after", "about", "there's", "next", "important", "until",  "because", "when",
                 "from",  "into",  "only",    "also", "just",      "really", "it's"})) {
          --words.begin;
        }
        if (is(i + 1, {"with", "at", "of", "по", "у", "с", "со", "к", "в"}) && free(i + 1) &&
            free(i + 2) && !message_.words[i].ends_clause &&
            !is(i + 2, {"the", "my", "a", "this", "that", "me", "it"})) {
          words.end = i + 3;
        }
        std::string text(message_.Between(words.begin, words.end));
        // What stands in a case is called by its name.
        if (russian) {
          text = absl::StrCat(event->name(), words.end > i + 1 ? " " : "",
                              message_.Between(i + 1, words.end));
        }
        if (const std::string owner = OwnerOf({sentence.begin, words.begin}); !owner.empty()) {
          text = russian ? absl::StrCat(text, " (", owner, ")") : absl::StrCat(owner, "'s ", text);
        }
        Add(v1::MEMORY_KIND_DATE, text, sentence, date.day);
        break;
      }
    }
  }

  // Whose event it is, when the words before it speak of somebody else: "my sister has a test".
  std::string OwnerOf(WordRange before) const {
    std::string owner;
    for (int i = before.begin; i < before.end; ++i) {
      for (const std::string_view own :
           {"i", "i'm", "i've", "we", "я", "мне", "мы", "меня", "нас"}) {
        if (message_.words[i].text == own) return "";
      }
    }
    for (const PersonMention& person : speech_.people().Find(message_)) {
      if (person.words.begin < before.begin || person.words.end > before.end) continue;
      owner = person.name.empty() ? person.relation : person.name;
    }
    return owner;
  }

  const Event* EventAt(int word) const {
    const std::string& text = message_.words[word].text;
    for (const Event& event : speech_.speech().event()) {
      for (const std::string_view form : absl::StrSplit(event.forms(), ' ', absl::SkipEmpty())) {
        if (form.ends_with('*') ? text.starts_with(form.substr(0, form.size() - 1))
                                : text == form) {
          return &event;
        }
      }
    }
    return nullptr;
  }

  const LoadedSpeech& speech_;
  const Utterance& message_;
  const std::vector<DateMention> dates_;
  const CivilDay today_;
  std::vector<v1::MemoryItem> items_;
};

// A person's name, as their line begins with it.
std::string NameIn(std::string_view text) {
  const size_t end = std::min({text.find(','), text.find(" —"), text.size()});
  return std::string(text.substr(0, end));
}

}  // namespace

std::vector<v1::MemoryItem> Extract(const LoadedSpeech& speech, const Utterance& message,
                                    CivilDay today) {
  return Extractor(speech, message, today).Run();
}

std::string KeyOf(const v1::MemoryItem& item) {
  static constexpr std::string_view kEmpty[] = {"the", "a",   "an", "to", "my",  "i",   "that",
                                                "on",  "at",  "in", "и",  "в",   "на",  "я",
                                                "что", "мне", "с",  "по", "мой", "моя", "это"};
  const std::string text =
      item.kind() == v1::MEMORY_KIND_PERSON ? NameIn(item.text()) : item.text();
  std::set<std::string> stems;
  for (const Token& word : safety::SplitTokens(text)) {
    if (!absl::c_linear_search(kEmpty, word.text)) stems.insert(safety::Stem(word.text));
  }
  return absl::StrJoin(stems, " ");
}

std::vector<v1::MemoryItem> Merge(const std::vector<v1::MemoryItem>& found,
                                  std::vector<v1::MemoryItem>& items) {
  std::vector<v1::MemoryItem> changed;
  for (const v1::MemoryItem& item : found) {
    const std::string key = KeyOf(item);
    const auto known = absl::c_find_if(items, [&](const v1::MemoryItem& other) {
      return other.kind() == item.kind() && KeyOf(other) == key;
    });
    if (known == items.end()) {
      items.push_back(item);
      changed.push_back(item);
      continue;
    }
    const bool new_day = !item.due_date().empty() && item.due_date() != known->due_date();
    const bool new_relation =
        item.kind() == v1::MEMORY_KIND_PERSON && NameIn(known->text()) == known->text();
    if (!new_day && !new_relation) continue;
    if (new_day) known->set_due_date(item.due_date());
    if (new_relation) known->set_text(item.text());
    known->set_quote(item.quote());
    changed.push_back(*known);
  }
  return changed;
}

}  // namespace selfology::coach

#include "services/coaching/lib/reflection/naming.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/quoting.h"
#include "services/coaching/lib/reflection/russian_words.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using language::Language;

constexpr int kMostWords = 18;
constexpr int kMostWordsOfItem = 3;
constexpr int kFewestItems = 3;
constexpr int kMostCharacters = 130;
constexpr size_t kFewestBeforeColon = 3;
constexpr int kMostWordsOfClause = 12;
constexpr int kMostWordsOfBoth = 34;  // With what it answers.

// What no name has, however it is said.
constexpr std::string_view kNeverNamed[] = {"BLAME",   "IRONY",  "META",    "INSULT",
                                            "PROFANE", "SECRET", "WEIGHTY", "REPORTED"};
// What is said as it was written only.
constexpr std::string_view kOnlyQuoted[] = {"YOU", "REGISTER", "HEDGE", "WE"};

bool Is(Clause clause, size_t at, std::string_view lower) {
  return at < clause.size() && clause[at].lower == lower;
}

class Finder {
 public:
  Finder(Language language, const Sentence& sentence)
      : words_(WordTable::Of(language)), language_(language), sentence_(sentence) {}

  Name Find() const {
    if (sentence_.question) return {};
    const Clause clause = WithoutFillers(language_, sentence_.tokens);
    Name name;
    name.tokens = WithoutAsides(clause);
    const size_t end = End(name.tokens);
    name.whole = end == name.tokens.size();
    name.tokens.resize(end);
    while (!name.tokens.empty() && !name.tokens.back().word && !name.tokens.back().quoted &&
           !Closes(name.tokens.back())) {
      name.tokens.pop_back();
    }
    if (!Names(name.tokens)) return {};
    for (const std::string_view set : kOnlyQuoted) {
      name.as_written |= words_.Has(set, name.tokens);
    }
    // "Coffee and then I look at the garden"
    for (size_t i = 1; i < name.tokens.size() && !IsSubordinate(name.tokens, 0); ++i) {
      name.as_written |= words_.Contains("I", name.tokens[i].lower) &&
                         words_.Contains("AND_I", name.tokens[i - 1].lower);
    }
    return name;
  }

 private:
  static bool Closes(const Token& token) {
    return token.lower == "»" || token.lower == "”" || token.lower == "\"";
  }

  bool IsSubordinate(Clause tokens, size_t at) const {
    return words_.Match("NAME_CLAUSE", tokens, at) > 0;
  }

  // "Probably that week", "на сон, наверное, и на дачу", "(my own)"
  std::vector<Token> WithoutAsides(Clause clause) const {
    for (size_t count = 0; (count = words_.Match("NAME_LEAD", clause, 0)) > 0;) {
      if (count >= clause.size()) return {};
      clause.remove_prefix(count);
      while (!clause.empty() && !clause[0].word && !clause[0].quoted) clause.remove_prefix(1);
    }
    std::vector<Token> kept;
    for (size_t i = 0; i < clause.size(); ++i) {
      if (Is(clause, i, "(")) {
        while (i < clause.size() && !Is(clause, i, ")")) ++i;
        continue;
      }
      if (Is(clause, i, ",") && i > 0) {
        const size_t aside = words_.Match("ASIDE", clause, i + 1);
        if (aside > 0 && (i + aside + 1 == clause.size() || Is(clause, i + aside + 1, ","))) {
          i += aside + (Is(clause, i + aside + 1, ",") ? 1 : 0);
          continue;
        }
      }
      kept.push_back(clause[i]);
    }
    // "Sleeping tbh"
    while (kept.size() > 1 && words_.Contains("ASIDE_AT_END", kept.back().lower)) kept.pop_back();
    return kept;
  }

  // Where something else begins: "My grandson, he is six", «Закат над гаражами, прям розовый».
  size_t End(Clause name) const {
    bool clause = IsSubordinate(name, 0);
    for (size_t i = 1; i + 1 < name.size(); ++i) {
      if (name[i].word || name[i].quoted) continue;
      // «Люди — странные существа», "Rule one: never lie" say what something is.
      const bool says = Is(name, i, "—") ? language_ == Language::kRussian
                                         : Is(name, i, ":") && i < kFewestBeforeColon;
      if (says) return 0;
      if (Is(name, i, ":") || Is(name, i, "—") || Is(name, i, ";")) return i;
      if (!Is(name, i, ",")) continue;
      if (!clause && BeginsAnother(name.subspan(i + 1))) return i;
      clause |= IsSubordinate(name, i + 1);
    }
    return name.size();
  }

  bool BeginsAnother(Clause rest) const {
    if (IsSubordinate(rest, 0) || words_.Match("RELATIVE", rest, 1) > 0) return false;
    if (words_.Match("NAME_ENDS", rest, 0) > 0) return true;
    if (language_ != Language::kRussian || Is(rest, 0, "и")) return false;
    for (const Token& token : rest) {
      // "Баня, рыбалка и чтобы никто не звонил"
      if (!token.word || token.lower == "и" || words_.Contains("NAME_CLAUSE", token.lower)) break;
      if (russian::IsFinite(token.lower)) return true;
    }
    return false;
  }

  bool Names(Clause name) const {
    const int count = WordsOf(name);
    if (count == 0 || count > kMostWords || text::Characters(Render(name)) > kMostCharacters) {
      return false;
    }
    for (const Token& token : name) {
      if (IsGibberish(token)) return false;
      if (token.word || token.quoted || token.lower == ",") continue;
      if (!Closes(token) && token.lower != "«" && token.lower != "“" && token.lower != "&") {
        return false;
      }
    }
    // "Nobody", "not my job": what is not so names nothing; "not knowing what to study" does.
    if (words_.Contains("NEGATION", name[0].lower) && !(name.size() > 2 && IsGerund(name[1]))) {
      return false;
    }
    if (words_.Match("NON_ANSWER", name, 0) == name.size()) return false;
    if (count == 1 && IsDigit(static_cast<char32_t>(name[0].text[0]))) return false;
    if (words_.Match("NOT_A_NAME", name, 0) > 0) return false;
    if (words_.Has("META_SHORT", name) || words_.Has("NAME_VAGUE", name)) return false;
    for (const std::string_view set : kNeverNamed) {
      if (words_.Has(set, name)) return false;
    }
    // "My doctor says I drink too much coffee"
    for (size_t i = 0; i + 1 < name.size(); ++i) {
      if (words_.Match("VIEW", name, i) == 0 && words_.Match("VIEW_ANY", name, i) == 0) continue;
      if (words_.Contains("OPENS_VIEW", name[i + 1].lower)) return false;
    }
    // An ugly house may be one, but nobody is.
    if (words_.Has("HARSH", name) && (count <= 2 || WriterIn(language_, name) != Writer::kAbsent)) {
      return false;
    }
    return !IsSentence(name);
  }

  // "Knowing"; Russian has other means.
  bool IsGerund(const Token& token) const {
    return language_ == Language::kEnglish && absl::EndsWith(token.lower, "ing") &&
           !words_.Contains("NO_GERUND", token.lower);
  }

  // Whether it tells what was or is: «Верил, что …», "My father was tired".
  bool IsSentence(Clause name) const {
    if (IsSubordinate(name, 0)) return false;
    if (language_ == Language::kRussian) {
      for (size_t i = 0; i < name.size() && !Is(name, i, ","); ++i) {
        if (name[i].quoted) continue;
        if (IsSubordinate(name, i)) break;
        if (russian::IsFinite(name[i].lower) || name[i].lower == "я") return true;
      }
      return false;
    }
    if (words_.Match("SUBJECT", name, 0) > 0 && !Is(name, 0, "my") && !Is(name, 0, "everyone") &&
        !Is(name, 0, "everybody")) {
      return true;
    }
    // "That week in Whitby"
    const bool shown = Is(name, 0, "that") || Is(name, 0, "this") || Is(name, 0, "those");
    if (words_.Match("POINTS_BACK", name, 0) > 0 && !(shown && name.size() > 1 && name[1].word)) {
      return true;
    }
    if (words_.Match("PAST_VERB", name, 0) > 0 && name.size() > 2) return true;
    if (IsGerund(name[0]) || (Is(name, 0, "not") && name.size() > 1)) return false;
    for (size_t i = 0; i < name.size(); ++i) {
      if (words_.Match("NAME_RELATIVE", name, i) > 0) return false;
      if (words_.Contains("FINITE", name[i].lower)) return true;
      // "People I trust" and not "Sometimes I trust people"
      const bool writer = words_.Contains("I", name[i].lower);
      if (writer) return i == 0 || words_.Contains("ADVERB", name[0].lower);
    }
    return false;
  }

  const WordTable& words_;
  const Language language_;
  const Sentence& sentence_;
};

bool AnswersInEnglish(const Asked& asked, Clause name) {
  const WordTable& words = WordTable::Of(Language::kEnglish);
  const std::string& first = name[0].lower;
  // "Mum wanted me down" is not what somebody does.
  const bool deed = absl::StartsWith(asked.told, "what you do") ||
                    absl::StartsWith(asked.told, "what you did") ||
                    absl::StartsWith(asked.told, "what you would do");
  const size_t somebody = words.Contains("NEVER_CAPITAL", first) ? 1 : 0;
  if (deed && somebody < name.size() && words.Contains("HUMAN", name[somebody].lower)) return false;
  const bool gerund = absl::EndsWith(first, "ing") && !words.Contains("NO_GERUND", first);
  if (asked.what == AskedFor::kWords) return true;
  if (first == "when" || first == "whenever" || first == "if" || first == "while") {
    return asked.what == AskedFor::kTime || asked.what == AskedFor::kManner ||
           (asked.what == AskedFor::kThing && !asked.noun);
  }
  if (first == "where") return asked.what == AskedFor::kPlace;
  if (words.Contains("NAME_CLAUSE", first)) return asked.what == AskedFor::kThing;
  if (words.Contains("NAME_PREPOSITION", first)) {
    return asked.what == AskedFor::kPlace || asked.what == AskedFor::kTime ||
           asked.what == AskedFor::kManner;
  }
  if (gerund) return asked.what != AskedFor::kPerson && asked.what != AskedFor::kPlace;
  if (asked.what == AskedFor::kAmount) {
    return words.Contains("AMOUNT", first) || IsDigit(static_cast<char32_t>(first[0]));
  }
  if (asked.what == AskedFor::kManner) return words.Contains("MANNER", first);
  // "Tired", "tired, amused": says how something is, and names nothing.
  const bool describes = words.Contains("ADJECTIVE", first) ||
                         (absl::EndsWith(first, "ly") && !words.Contains("NO_ADVERB", first));
  const bool alone = name.size() == 1 || !name[1].word || words.Contains("AND", name[1].lower);
  return !(describes && alone) || asked.what == AskedFor::kDescription;
}

// Whether the word has an ending that the subject of a sentence never has.
bool IsOblique(std::string_view word) {
  return russian::Ends(word, {"ами", "ями", "ах", "ях", "ому", "ему"}) ||
         (russian::Ends(word, {"ом", "ем"}) &&
          !WordTable::Of(Language::kRussian).Contains("NOT_OBLIQUE", word));
}

bool IsAdjective(std::string_view word) {
  return russian::Ends(word, {"ый", "ий", "ая", "яя", "ое", "ые"}) &&
         !WordTable::Of(Language::kRussian).Contains("NO_ADJECTIVE", word);
}

bool AnswersInRussian(const Asked& asked, Clause name) {
  const WordTable& words = WordTable::Of(Language::kRussian);
  const std::string& first = name[0].lower;
  if (asked.what == AskedFor::kWords) return true;
  if (first == "когда" || first == "если") {
    return asked.what == AskedFor::kTime || asked.what == AskedFor::kManner ||
           (asked.what == AskedFor::kThing && !asked.noun);
  }
  if (first == "где") return asked.what == AskedFor::kPlace;
  if (first == "как" && asked.what == AskedFor::kManner) return true;
  if (words.Match("NAME_CLAUSE", name, 0) > 0) return asked.what == AskedFor::kThing;
  const bool alone = name.size() == 1 || !name[1].word || Is(name, 1, "и");
  const bool adverb = russian::Ends(first, {"но", "ко"}) && !words.Contains("NO_ADVERB", first);
  if (asked.what == AskedFor::kManner) {
    return adverb || words.Contains("MANNER", first) || russian::IsPreposition(first);
  }
  if ((adverb || words.Contains("PREDICATIVE", first)) && asked.what != AskedFor::kDescription) {
    return false;
  }
  // «Над внуком — вот над чем вы смеялись»
  const bool person = words.Contains("HUMAN", first) ||
                      (name.size() == 2 && words.Contains("HUMAN", name[1].lower));
  if (person && asked.what == AskedFor::kThing && !asked.noun && !asked.preposition.empty()) {
    return false;
  }
  // «К зубному съездить»
  if (russian::Ends(name.back().lower, {"ть", "ться", "чь"}) && asked.what == AskedFor::kThing) {
    return true;
  }
  if (russian::IsPreposition(first) || words.Contains("ASKS_OF", first)) {
    if (first == asked.preposition || absl::StrCat(asked.preposition, "о") == first ||
        absl::StrCat(first, "о") == asked.preposition ||
        (first == "об" && asked.preposition == "о")) {
      return true;
    }
    return asked.what == AskedFor::kPlace ? words.Contains("PLACE_PREPOSITION", first)
                                          : asked.what == AskedFor::kTime;
  }
  if (asked.what == AskedFor::kPlace || asked.what == AskedFor::kTime) {
    return words.Contains("NAME_ADVERB", first) || (!asked.preposition.empty() && asked.noun);
  }
  if (IsAdjective(first) && alone && asked.what != AskedFor::kDescription) return false;
  const std::string_view told = asked.told;
  const bool subject = absl::StartsWith(told, "что ") || absl::StartsWith(told, "какой ") ||
                       absl::StartsWith(told, "какая ") || absl::StartsWith(told, "какое ") ||
                       absl::StartsWith(told, "какие ") || absl::StartsWith(told, "кто ");
  return !(subject && alone && IsOblique(first)) && !(subject && IsOblique(first));
}

// A clause that is open at its end wants a comma: «Тому, что они вернулись, — вот чему …».
bool EndsInClause(Clause name) {
  const WordTable& words = WordTable::Of(Language::kRussian);
  if (words.Match("NAME_CLAUSE", name, 0) > 0) {
    // «Как большинство» is none.
    return name[0].lower != "как" || std::any_of(name.begin(), name.end(), [](const Token& token) {
             return russian::IsFinite(token.lower);
           });
  }
  for (size_t i = 1; i + 1 < name.size(); ++i) {
    if (!Is(name, i, ",")) continue;
    if (words.Match("NAME_CLAUSE", name, i + 1) > 0 || words.Match("RELATIVE", name, i + 1) > 0 ||
        words.Match("RELATIVE", name, i + 2) > 0) {
      return true;
    }
  }
  return false;
}

bool LooksLikeVerb(std::string_view word) {
  return russian::Ends(word, {"лю", "жу", "шу", "чу", "щу", "аю", "яю", "усь", "юсь", "л", "ла"});
}

// «Свадьбу сестры»: nothing in it is the writer's, though "свадьбу" ends as a verb does.
bool IsNobodys(Language language, Clause name) {
  if (language != Language::kRussian || WriterIn(language, name) != Writer::kAbsent) return false;
  if (LooksLikeVerb(name[0].lower)) return false;
  return std::none_of(name.begin(), name.end(), [](const Token& token) {
    return russian::PastGenderOf(token.lower) != russian::Gender::kNone ||
           russian::Ends(token.lower, {"сам", "сама", "один", "одна"});
  });
}

// "My mother used to say: look after the pennies": of words that are asked for, those within marks.
void KeepWhatIsSaid(std::vector<Token>& name) {
  const auto quoted = [](const Token& token) { return token.quoted; };
  const auto begin = std::find_if(name.begin(), name.end(), quoted);
  const auto end = std::find_if_not(begin, name.end(), quoted);
  if (begin == end) return;
  name = {begin, end};
  while (name.size() > 1 && !name.back().word) name.pop_back();
}

// "For a place where …" to "for what": the question's own stands at its end. "The dishwasher, for
// singing" says more than what was asked.
bool DropPreposition(const Asked& asked, std::vector<Token>& name) {
  const std::string_view first = name[0].lower;
  const bool stranded = !asked.preposition.empty()
                            ? first == asked.preposition
                            : absl::EndsWith(asked.told, absl::StrCat(" ", first));
  if (stranded && name.size() > 1) name.erase(name.begin());
  for (size_t i = 1; i + 1 < name.size(); ++i) {
    if (asked.noun && name[i].lower == "," && name[i + 1].lower == asked.preposition) return false;
  }
  return true;
}

int Capitals(std::string_view word) {
  int capitals = 0;
  while (!word.empty()) capitals += IsCapital(text::TakeCharacter(word));
  return capitals;
}

}  // namespace

Name NameIn(Language language, const Sentence& sentence) {
  return Finder(language, sentence).Find();
}

Name NameOfList(Language language, absl::Span<const Sentence> sentences) {
  Name list;
  int items = 0;
  bool numbered = false;
  for (const Sentence& sentence : sentences) {
    // "1." of a list
    const bool number =
        sentence.tokens.size() == 1 && IsDigit(static_cast<char32_t>(sentence.tokens[0].text[0]));
    numbered |= number;
    if (number) continue;
    Sentence item_alone = sentence;
    // "1. Coffee 2. Sleep"
    if (numbered && item_alone.tokens.size() > 1 &&
        IsDigit(static_cast<char32_t>(item_alone.tokens.back().text[0]))) {
      item_alone.tokens.pop_back();
    }
    Name name = NameIn(language, item_alone);
    const bool item = !name.empty() && name.whole && WordsOf(name.tokens) <= kMostWordsOfItem &&
                      WordsOf(name.tokens) == static_cast<int>(name.tokens.size());
    if (!item) return {};
    ++items;
    if (!list.empty()) {
      Token comma;
      comma.text = comma.lower = ",";
      list.tokens.push_back(comma);
      Token& first = name.tokens[0];
      first.spaced = true;
      if (Capitals(first.text) == 1 && text::Characters(first.text) > 1) {
        first.text = Uncapitalised(first.text);
      }
    }
    list.as_written |= name.as_written;
    list.tokens.insert(list.tokens.end(), name.tokens.begin(), name.tokens.end());
  }
  if (items < kFewestItems || WordsOf(list.tokens) > kMostWords) return {};
  return list;
}

bool Answers(Language language, const Asked& asked, Clause name) {
  if (name.empty()) return false;
  return language == Language::kRussian ? AnswersInRussian(asked, name)
                                        : AnswersInEnglish(asked, name);
}

std::optional<Answering> AsAnswer(Language language, const Asked& asked, Name name) {
  if (name.empty()) return std::nullopt;
  const WordTable& words = WordTable::Of(language);
  Asked fitting = asked;
  if (!asked.told_otherwise.empty()) {
    const bool person =
        std::any_of(name.tokens.begin(), name.tokens.end(),
                    [&](const Token& token) { return words.Contains("HUMAN", token.lower); });
    const Token& last = name.tokens.back();
    const bool named = name.tokens.size() > 1 && Uncapitalised(last.text) != last.text;
    if (!person && !named) {
      fitting.told = asked.told_otherwise;
      fitting.what = AskedFor::kThing;
    }
  }
  if (asked.what == AskedFor::kWords) KeepWhatIsSaid(name.tokens);
  if (language == Language::kEnglish && !DropPreposition(asked, name.tokens)) return std::nullopt;
  if (!Answers(language, fitting, name.tokens)) return std::nullopt;
  Answering answering = {.text = "", .told = fitting.told};
  std::optional<std::vector<Token>> turned;
  if (asked.what != AskedFor::kWords && !name.as_written) {
    turned = InSecondPerson(language, name.tokens);
    if (!turned.has_value() && IsNobodys(language, name.tokens)) turned = name.tokens;
    // A long clause is better as it was written, where few other words have changed.
    if (language == Language::kRussian && WordsOf(name.tokens) > kMostWordsOfClause &&
        words.Match("NAME_CLAUSE", name.tokens, 0) > 0) {
      turned.reset();
    }
  }
  if (turned.has_value()) {
    answering.text = Capitalised(Render(*turned));
    answering.open = language == Language::kRussian && EndsInClause(name.tokens);
  } else {
    std::optional<std::string> quotation = Quotation(language, name.tokens, kMostCharacters);
    if (!quotation.has_value()) return std::nullopt;
    answering.text = *std::move(quotation);
    answering.quoted = true;
  }
  const auto spaces = std::count(answering.told.begin(), answering.told.end(), ' ');
  if (WordsOf(name.tokens) + spaces > kMostWordsOfBoth) return std::nullopt;
  return answering;
}

std::optional<std::string> WithTopic(Language language, const Name& name, std::string_view clause) {
  if (name.empty() || name.as_written) return std::nullopt;
  // «Когда родился сын. …» would be no sentence.
  if (WordTable::Of(language).Match("NAME_CLAUSE", name.tokens, 0) > 0) return std::nullopt;
  const auto topic = InSecondPerson(language, name.tokens);
  if (!topic.has_value()) return std::nullopt;
  return absl::StrCat(Capitalised(Render(*topic)), ". ", Capitalised(clause));
}

std::optional<std::string> Inside(Language language, const Asked& asked, std::string_view text) {
  const WordTable& words = WordTable::Of(language);
  const std::vector<Sentence> sentences = SplitSentences(text);
  if (sentences.empty()) return std::nullopt;
  const Clause tokens = sentences[0].tokens;
  const std::string& first = tokens[0].lower;
  const bool plain = words.Contains("NEVER_CAPITAL", first) ||
                     (language == Language::kEnglish && absl::EndsWith(first, "ing")) ||
                     (language == Language::kRussian && russian::Ends(first, {"ть", "ться", "чь"}));
  const bool others = std::any_of(tokens.begin() + 1, tokens.end(), [](const Token& token) {
    return token.word && Uncapitalised(token.text) != token.text;
  });
  if (plain) return Uncapitalised(text);
  if (Capitals(tokens[0].text) > 1) return std::string(text);
  if (asked.named || others) return std::nullopt;
  return Uncapitalised(text);
}

}  // namespace selfology::reflection

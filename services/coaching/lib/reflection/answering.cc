#include "services/coaching/lib/reflection/answering.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/quoting.h"
#include "services/coaching/lib/reflection/russian_words.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using language::Language;

constexpr int kMostCharacters = 130;
constexpr int kMostWordsOfClause = 12;
constexpr int kMostWordsOfBoth = 34;  // With what it answers.

bool Is(Clause clause, size_t at, std::string_view lower) {
  return at < clause.size() && clause[at].lower == lower;
}

// "Three, in no order": how many there are, and none of them.
bool IsCount(const WordTable& words, Clause name) {
  return words.Contains("COUNT", name[0].lower) && (name.size() == 1 || !name[1].word);
}

bool AnswersInEnglish(const Asked& asked, Clause name) {
  const WordTable& words = WordTable::Of(Language::kEnglish);
  const std::string& first = name[0].lower;
  // "Mum wanted me down" is not what somebody does or thinks.
  const size_t somebody = words.Contains("NEVER_CAPITAL", first) ? 1 : 0;
  if (absl::StartsWith(asked.told, "what you ") && somebody + 1 < name.size() &&
      words.Contains("HUMAN", name[somebody].lower) &&
      !absl::EndsWith(name[somebody].lower, "'s")) {
    const Token& next = name[somebody + 1];
    const bool more = words.Contains("AND", next.lower) ||
                      words.Contains("NAME_RELATIVE", next.lower) ||
                      words.Contains("NAME_PREPOSITION", next.lower) || next.lower == "of";
    if (next.word && !more) return false;
  }
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
  if (IsCount(words, name)) return false;
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

bool IsInfinitive(std::string_view word) {
  return russian::Ends(word, {"ть", "ться", "чь"}) && word != "есть";
}

// "С" and "со" are one.
bool IsSamePreposition(std::string_view one, std::string_view other) {
  return one == other || absl::StrCat(one, "о") == other || one == absl::StrCat(other, "о") ||
         (one == "об" && other == "о");
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
    return adverb || words.Contains("MANNER", first) || russian::IsPreposition(first) ||
           IsInfinitive(first);
  }
  if (asked.what != AskedFor::kAmount && IsCount(words, name)) return false;
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
  if (IsInfinitive(name.back().lower) && asked.what == AskedFor::kThing) {
    return true;
  }
  if (russian::IsPreposition(first) || words.Contains("ASKS_OF", first)) {
    if (IsSamePreposition(first, asked.preposition)) return true;
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
  return !(subject && IsOblique(first));
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

// Surely not somebody: what one does, or where.
bool IsNoPerson(Language language, Clause name) {
  const WordTable& words = WordTable::Of(language);
  const std::string& first = name[0].lower;
  if (words.Match("NAME_CLAUSE", name, 0) > 0) return true;
  return language == Language::kRussian
             ? IsInfinitive(first) || russian::IsPreposition(first)
             : absl::EndsWith(first, "ing") || words.Contains("NAME_PREPOSITION", first);
}

// "For a place where …" to "for what": the question's own stands at its end. "The dishwasher, for
// singing" says more than what was asked.
bool DropPreposition(const Asked& asked, std::vector<Token>& name) {
  const std::string first = name[0].lower;
  const bool stranded = !asked.preposition.empty()
                            ? first == asked.preposition
                            : absl::EndsWith(asked.told, absl::StrCat(" ", first));
  if (stranded && name.size() > 1) name.erase(name.begin());
  for (size_t i = 1; i < name.size(); ++i) {
    if (stranded && name[i].lower == first && !name[i - 1].lower.empty() &&
        (name[i - 1].lower == "," || name[i - 1].lower == "and")) {
      return false;
    }
  }
  for (size_t i = 1; i + 1 < name.size(); ++i) {
    if (asked.noun && name[i].lower == "," && name[i + 1].lower == asked.preposition) return false;
  }
  return true;
}

}  // namespace

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
      // "A drummer" may be who or what: nobody knows.
      if (!IsNoPerson(language, name.tokens)) return std::nullopt;
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

bool HasCaseOf(Language language, const Asked& asked, std::string_view text) {
  static constexpr std::string_view kNominative[] = {"что ",   "кто ",     "где ",   "когда ",
                                                     "как ",   "сколько ", "какой ", "какая ",
                                                     "какое ", "какие ",   "чей "};
  if (language != Language::kRussian) return true;
  const std::vector<Sentence> sentences = SplitSentences(text);
  if (sentences.empty()) return false;
  const std::string& first = sentences[0].tokens[0].lower;
  if (!asked.preposition.empty()) return IsSamePreposition(first, asked.preposition);
  // An infinitive or a clause has none.
  if (IsInfinitive(first) || WordTable::Of(language).Contains("NAME_CLAUSE", first)) return true;
  return std::any_of(std::begin(kNominative), std::end(kNominative),
                     [&](std::string_view asks) { return absl::StartsWith(asked.told, asks); });
}

std::optional<std::string> Inside(Language language, const Asked& asked, std::string_view text) {
  const WordTable& words = WordTable::Of(language);
  const std::vector<Sentence> sentences = SplitSentences(text);
  if (sentences.empty()) return std::nullopt;
  const Clause tokens = sentences[0].tokens;
  const std::string& first = tokens[0].lower;
  const bool plain = words.Contains("NEVER_CAPITAL", first) ||
                     (language == Language::kEnglish && absl::EndsWith(first, "ing")) ||
                     (language == Language::kRussian && IsInfinitive(first));
  const bool others = std::any_of(tokens.begin() + 1, tokens.end(), [](const Token& token) {
    return token.word && Uncapitalised(token.text) != token.text;
  });
  if (plain) return Uncapitalised(text);
  if (Capitals(tokens[0].text) > 1) return std::string(text);
  if (asked.named || others) return std::nullopt;
  return Uncapitalised(text);
}

}  // namespace selfology::reflection

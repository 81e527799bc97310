#include "services/coaching/lib/reflection/naming.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/russian_words.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using language::Language;

constexpr int kMostWordsOfName = 11;
constexpr int kMostWordsOfPart = 15;
constexpr int kMostCharacters = 220;

// What no name has, and no question that is said back.
constexpr std::string_view kNeverNamed[] = {
    "HEDGE",    "BLAME",    "HARSH",     "PRETENCE", "VIEW",   "VIEW_ANY",
    "REPORTED", "IRONY",    "META",      "INSULT",   "YOU",    "REGISTER",
    "PROFANE",  "SOMEBODY", "ELSEWHERE", "SECRET",   "WEIGHTY"};

bool Is(Clause clause, size_t at, std::string_view lower) {
  return at < clause.size() && clause[at].lower == lower;
}

// Whether it tells what was or is: «Верил, что …», "My father was tired".
bool IsSentence(Language language, Clause name) {
  if (language == Language::kRussian) {
    return russian::PastGenderOf(name.front().lower) != russian::Gender::kNone;
  }
  return WordTable::Of(language).Match("POINTS_BACK", name, 0) > 0 ||
         std::any_of(name.begin(), name.end(), [](const Token& token) {
           return token.lower == "was" || token.lower == "were" || token.lower == "is" ||
                  token.lower == "are" || token.lower == "had";
         });
}

// The sentence that asks, without what is asked of: "If you could, …", "What, if anything, …".
std::vector<Token> Asked(Language language, std::string_view question) {
  const WordTable& words = WordTable::Of(language);
  std::vector<Sentence> sentences = SplitSentences(question);
  while (!sentences.empty() && !sentences.back().question) sentences.pop_back();
  if (sentences.empty()) return {};
  std::vector<Token> tokens = std::move(sentences.back().tokens);
  const auto asks = [&](size_t i) {
    return words.Match("ASKS", tokens, i) > 0 ||
           (words.Match("ASKS_OF", tokens, i) > 0 && words.Match("ASKS", tokens, i + 1) > 0);
  };
  if (tokens.empty()) return {};
  if (!asks(0)) {
    size_t begin = 0;
    for (size_t i = 1; i < tokens.size() && begin == 0; ++i) {
      if (!tokens[i - 1].word && asks(i)) begin = i;
    }
    if (begin == 0) return {};
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>(begin));
  }
  // An aside between two commas.
  if (tokens.size() > 4 && tokens[1].lower == "," &&
      (tokens[2].lower == "if" || tokens[2].lower == "если")) {
    const auto end = std::find_if(tokens.begin() + 2, tokens.end(),
                                  [](const Token& token) { return token.lower == ","; });
    if (end == tokens.end()) return {};
    tokens.erase(tokens.begin() + 1, end + 1);
  }
  // What is said besides; what the verb needs stays.
  for (size_t i = 2; i < tokens.size(); ++i) {
    if (tokens[i].word) continue;
    if (tokens[i].lower == "," && words.Match("NEEDED", tokens, i + 1) > 0) continue;
    tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(i), tokens.end());
    break;
  }
  return tokens;
}

std::string Join(Clause tokens) { return Render(tokens); }

std::string Spaced(std::string_view before, const std::string& after) {
  return after.empty() ? std::string(before) : absl::StrCat(before, " ", after);
}

// Of a question with the order of words that only questions have: "do you like", "would you".
std::optional<std::string> Inverted(Clause asked, size_t begin, std::string_view preposition) {
  const WordTable& words = WordTable::Of(Language::kEnglish);
  for (size_t i = begin + 1; i + 2 < asked.size(); ++i) {
    if (asked[i + 1].lower != "you") continue;
    const std::string& auxiliary = asked[i].lower;
    if (!words.Contains("AUXILIARY", auxiliary)) return std::nullopt;
    std::string told = "you";
    if (auxiliary != "do") told = absl::StrCat("you ", auxiliary);
    told = Spaced(told, Join(asked.subspan(i + 2)));
    const std::string asks = asked[begin].lower;
    const std::string named = Join(asked.subspan(begin + 1, i - begin - 1));
    if (asks == "what" && named.empty()) {
      if (preposition == "by") return absl::StrCat("that is how ", told);
      told = absl::StrCat("that is what ", told);
    } else if (asks == "what" || asks == "which") {
      if (named.empty()) return std::nullopt;
      told = absl::StrCat("that is the ", named, " ", told);
    } else if (asks == "whose" || asks == "whom" || asks == "who") {
      told = absl::StrCat("that is ", Spaced(asks, named), " ", told);
    } else if ((asks == "where" || asks == "when") && named.empty()) {
      told = absl::StrCat("that is ", asks, " ", told);
    } else {
      return std::nullopt;
    }
    return preposition.empty() ? told : absl::StrCat(told, " ", preposition);
  }
  return std::nullopt;
}

std::optional<std::string> EnglishPart(Clause asked) {
  const WordTable& words = WordTable::Of(Language::kEnglish);
  std::string preposition;
  size_t begin = 0;
  if (words.Match("ASKS_OF", asked, 0) > 0) {
    preposition = asked[0].lower;
    begin = 1;
  }
  const bool inverted = std::any_of(asked.begin() + 1, asked.end(), [&](const Token& token) {
    return token.lower == "you" && words.Contains("AUXILIARY", (&token)[-1].lower);
  });
  if (inverted) return Inverted(asked, begin, preposition);
  if (!preposition.empty() || asked.size() < 3) return std::nullopt;
  if (asked[0].lower == "what" && (Is(asked, 1, "is") || Is(asked, 1, "was"))) {
    // "What is it like"
    if (std::any_of(asked.begin(), asked.end(), [](const Token& t) { return t.lower == "like"; })) {
      return std::nullopt;
    }
    return absl::StrCat("that ", Join(asked.subspan(1)));
  }
  size_t verb = 1;
  if (asked[0].lower == "which") {
    while (verb < asked.size() && !words.Contains("ASKED_VERB", asked[verb].lower)) ++verb;
    if (verb < 2 || verb >= asked.size()) return std::nullopt;
    // "Which wish did you give up"
    for (size_t i = 1; i < verb; ++i) {
      if (words.Contains("YOU", asked[i].lower) || words.Contains("ADVERB", asked[i].lower)) {
        return std::nullopt;
      }
    }
    return absl::StrCat("that is the ", Join(asked.subspan(1, verb - 1)), " that ",
                        Join(asked.subspan(verb)));
  }
  if (asked[0].lower != "what") return std::nullopt;
  while (verb < 3 && verb < asked.size() && !words.Contains("ASKED_VERB", asked[verb].lower)) {
    ++verb;
  }
  if (verb >= 3 || verb >= asked.size()) return std::nullopt;
  return absl::StrCat("that is what ", Join(asked.subspan(1)));
}

}  // namespace

Clause NameIn(Language language, const Sentence& sentence) {
  const WordTable& words = WordTable::Of(language);
  if (sentence.question) return {};
  Clause name = WithoutFillers(language, sentence.tokens);
  const int count = WordsOf(name);
  if (count == 0 || count > kMostWordsOfName) return {};
  for (const Token& token : name) {
    if (token.quoted || IsGibberish(token)) return {};
    if (!token.word && token.lower != "," && token.lower != "'") return {};
  }
  // "Nobody", "not my job": what is not so names nothing.
  for (size_t i = 0; i < name.size(); ++i) {
    const bool inside = i > 0 && (Is(name, i, "не") || Is(name, i, "not") || Is(name, i, "don't"));
    if (!inside && words.Contains("NEGATION", name[i].lower)) return {};
  }
  if (words.Match("NON_ANSWER", name, 0) == name.size()) return {};
  if (IsSentence(language, name)) return {};
  if (words.Has("META_SHORT", name) || words.Match("POINTS_BACK", name, 0) > 0 ||
      words.Match("STRANDED", name, 0) > words.Match("BEGINS_NAME", name, 0)) {
    return {};
  }
  for (const std::string_view set : kNeverNamed) {
    if (words.Has(set, name)) return {};
  }
  return WriterIn(language, name) == Writer::kSubject ? Clause() : name;
}

std::optional<std::string> AnsweredPart(Language language, std::string_view question) {
  const WordTable& words = WordTable::Of(language);
  if (IsInformal(language, question)) return std::nullopt;
  const std::vector<Token> asked = Asked(language, question);
  if (asked.size() < 3) return std::nullopt;
  if (words.Has("TOUCHY", asked) || words.Has("HEAVY", asked)) return std::nullopt;
  std::optional<std::string> part;
  if (language == Language::kRussian) {
    part = absl::StrCat("вот ", Uncapitalised(Join(asked)));
  } else {
    part = EnglishPart(asked);
  }
  if (part.has_value() && std::count(part->begin(), part->end(), ' ') >= kMostWordsOfPart) {
    return std::nullopt;
  }
  return part;
}

std::optional<std::string> AsAnswer(Language language, std::string_view question, Clause name) {
  const std::optional<std::string> part = AnsweredPart(language, question);
  if (name.empty() || !part.has_value()) return std::nullopt;
  const auto turned = InSecondPerson(language, name);
  if (!turned.has_value()) return std::nullopt;
  const std::string_view dash = language == Language::kRussian ? " — " : " – ";
  std::string text = absl::StrCat(Capitalised(Render(*turned)), dash, *part);
  if (text::Characters(text) > kMostCharacters) return std::nullopt;
  return text;
}

std::optional<std::string> WithTopic(Language language, Clause name, std::string_view clause) {
  const auto topic = InSecondPerson(language, name);
  if (name.empty() || !topic.has_value()) return std::nullopt;
  return absl::StrCat(Capitalised(Render(*topic)), ". ", Capitalised(clause));
}

}  // namespace selfology::reflection

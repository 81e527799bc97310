#include "services/coaching/lib/reflection/asked.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/types/span.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using language::Language;
using Words = absl::Span<const Token>;

constexpr size_t kFewestTokens = 3;
constexpr size_t kMostTokens = 18;  // A longer question is no part of anything.

class Reader {
 public:
  explicit Reader(Language language) : language_(language), words_(WordTable::Of(language)) {}

  // The words that ask, without what is said besides: "If you could, what …", "What, if anything, …".
  std::vector<Token> WhatIsAsked(std::string_view question) const {
    std::vector<Sentence> sentences = SplitSentences(question);
    while (!sentences.empty() && !sentences.back().question) sentences.pop_back();
    if (sentences.empty()) return {};
    std::vector<Token> tokens = std::move(sentences.back().tokens);
    if (!BeginAtAsking(tokens)) return {};
    DropAside(tokens);
    CutBesides(tokens);
    return tokens;
  }

 private:
  bool Asks(Words tokens, size_t i) const {
    return words_.Match("ASKS", tokens, i) > 0 ||
           (words_.Match("ASKS_OF", tokens, i) > 0 && words_.Match("ASKS", tokens, i + 1) > 0);
  }

  static bool IsComma(const Token& token) { return token.lower == ","; }

  bool BeginAtAsking(std::vector<Token>& tokens) const {
    if (tokens.empty()) return false;
    // "When you are hurting, what helps": the one behind the comma asks, where a statement comes first.
    const bool states = words_.Match("STATES", tokens, 0) > 0;
    if (Asks(tokens, 0) && !states) return true;
    for (size_t i = 1; i < tokens.size(); ++i) {
      if (tokens[i - 1].word || !Asks(tokens, i)) continue;
      tokens.erase(tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>(i));
      return true;
    }
    return Asks(tokens, 0);
  }

  bool IsNeeded(Words tokens, size_t at) const {
    return words_.Match("NEEDED", tokens, at) > 0 || words_.Match("RELATIVE", tokens, at) > 0 ||
           words_.Match("RELATIVE", tokens, at + 1) > 0;
  }

  // "Which song, book or film do you": the last of several.
  bool IsList(Words tokens, size_t comma) const {
    if (comma + 2 >= tokens.size() || !words_.Contains("OR", tokens[comma + 2].lower)) return false;
    const Words behind = tokens.subspan(comma);
    return language_ == Language::kRussian || words_.Has("AUXILIARY", behind) ||
           words_.Has("ASKED_VERB", behind);
  }

  // "Which task, at home or elsewhere, do you enjoy": between two commas.
  void DropAside(std::vector<Token>& tokens) const {
    const auto first = std::find_if(tokens.begin(), tokens.end(), IsComma);
    if (first == tokens.end()) return;
    const auto second = std::find_if(first + 1, tokens.end(), IsComma);
    if (second == tokens.end() || second + 1 == tokens.end()) return;
    const auto at = static_cast<size_t>(first - tokens.begin());
    const auto behind = static_cast<size_t>(second - tokens.begin());
    const bool aside = words_.Match("QUESTION_ASIDE", tokens, at + 1) > 0;
    if (tokens[behind + 1].lower == "ни") return;
    if (!aside && (IsNeeded(tokens, at + 1) || IsNeeded(tokens, behind + 1))) return;
    tokens.erase(first, second + 1);
  }

  // What is said besides, behind a comma; what the verb needs stays, and so does a list.
  void CutBesides(std::vector<Token>& tokens) const {
    bool within = false;  // A clause that the question needs.
    for (size_t i = 2; i < tokens.size(); ++i) {
      const Token& token = tokens[i];
      // «Где вы живёте и почему там»
      if (words_.Contains("JOINS", token.lower) && Asks(tokens, i + 1) && i > 2) {
        tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(i), tokens.end());
        return;
      }
      if (token.word || token.quoted || token.lower == "«" || token.lower == "»" ||
          token.lower == "\"") {
        continue;
      }
      const bool joins = i + 1 < tokens.size() && words_.Contains("JOINS", tokens[i + 1].lower);
      if (IsComma(token) && !words_.Match("QUESTION_ASIDE", tokens, i + 1)) {
        if (IsList(tokens, i)) continue;
        if (IsNeeded(tokens, i + 1)) {
          within = true;
          continue;
        }
        if (within && !joins) continue;  // Behind that clause the question goes on.
      }
      const bool open = token.lower == ":" && words_.Contains("OPEN_ENDED", tokens[i - 1].lower);
      tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(open ? 0 : i), tokens.end());
      return;
    }
  }

  const Language language_;
  const WordTable& words_;
};

}  // namespace

std::optional<Asked> AskedIn(Language language, std::string_view question) {
  const WordTable& words = WordTable::Of(language);
  if (IsInformal(language, question)) return std::nullopt;
  std::vector<Token> tokens = Reader(language).WhatIsAsked(question);
  if (tokens.size() < kFewestTokens || tokens.size() > kMostTokens) return std::nullopt;
  if (words.Has("TOUCHY", tokens) || words.Has("HEAVY", tokens)) return std::nullopt;
  return language == Language::kRussian ? AskedInRussian(std::move(tokens))
                                        : AskedInEnglish(std::move(tokens));
}

}  // namespace selfology::reflection

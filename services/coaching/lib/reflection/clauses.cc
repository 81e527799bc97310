#include "services/coaching/lib/reflection/clauses.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using language::Language;

constexpr int kFewestWords = 2;
constexpr int kMostWords = 28;
constexpr int kShortSentence = 5;  // Words; what says only that nothing comes to mind is short.
constexpr double kCutCosts = 0.7;

// "said", ":"
bool Is(const Token& token, std::string_view lower) { return token.lower == lower; }

bool IsQuote(const Token& token) {
  return Is(token, "«") || Is(token, "»") || Is(token, "“") || Is(token, "”") || Is(token, "\"") ||
         Is(token, "„");
}

class Finder {
 public:
  Finder(Language language, const Sentence& sentence)
      : words_(WordTable::Of(language)), language_(language), tokens_(sentence.tokens) {}

  void AddTo(std::vector<Candidate>& candidates) const {
    const Clause whole = WithoutFillers(language_, tokens_);
    if (!Speaks(whole) || OpensNothing(language_, whole)) return;
    Add(whole, 0, candidates);
    const std::vector<size_t> cuts = Cuts();
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      for (size_t j = i + 1; j < cuts.size(); ++j) {
        if (i == 0 && j + 1 == cuts.size()) continue;
        const Clause part = Between(cuts[i], cuts[j]);
        if (!StandsAlone(cuts[i], cuts[j], part)) continue;
        Add(part, kCutCosts, candidates);
      }
    }
  }

 private:
  bool Speaks(Clause clause) const {
    if (words_.Has("IRONY", tokens_) || words_.Has("PROFANE", tokens_) ||
        words_.Has("META", tokens_) || words_.Has("INSULT", tokens_)) {
      return false;
    }
    return !(WordsOf(clause) <= kShortSentence && words_.Has("META_SHORT", clause));
  }

  // Where the sentence may be cut: the first tokens of its parts, and its end.
  std::vector<size_t> Cuts() const {
    std::vector<size_t> cuts = {0};
    for (size_t i = 1; i + 1 < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.word || token.quoted) continue;
      const bool strong = Is(token, ";") || Is(token, "—") || Is(token, ":");
      const bool joined = Is(token, ",") && words_.Match("COORDINATING", tokens_, i + 1) > 0 &&
                          words_.Match("SUBJECT", tokens_, i + 2) > 0;
      const bool relative = Is(token, ",") && words_.Match("RELATIVE", tokens_, i + 1) > 0;
      if (strong || joined || relative) cuts.push_back(i);
    }
    cuts.push_back(tokens_.size());
    return cuts;
  }

  Clause Between(size_t from, size_t to) const {
    Clause part = Clause(tokens_).subspan(from, to - from);
    if (!part.empty() && !part.front().word) part.remove_prefix(1);
    return WithoutFillers(language_, part);
  }

  // Whether the part means the same without the rest.
  bool StandsAlone(size_t from, size_t to, Clause part) const {
    if (WordsOf(part) < 4) return false;
    const Clause before = Clause(tokens_).subspan(0, from);
    if (from > 0 && (words_.Has("SCOPE", before) || words_.Has("NEGATION", before))) return false;
    if (to < tokens_.size()) {
      if (Is(tokens_[to], ":") || words_.Has("OPEN", part)) return false;
      if (words_.Contains("ANNOUNCES", part.back().lower)) return false;
      // What comes after a dash may turn what was before it.
      if (Is(tokens_[to], "—")) return false;
    }
    if (from > 0 &&
        (words_.Match("POINTS_BACK", part, 0) > 0 || words_.Match("RELATIVE", part, 0) > 0)) {
      return false;
    }
    // A bracket or quotation that is cut in two.
    return std::count_if(part.begin(), part.end(), [](const Token& token) {
             return Is(token, "(");
           }) == std::count_if(part.begin(), part.end(), [](const Token& token) {
             return Is(token, ")");
           });
  }

  void Add(Clause clause, double costs, std::vector<Candidate>& candidates) const {
    const int words = WordsOf(clause);
    if (words < kFewestWords || words > kMostWords) return;
    // Somebody else's words, and none besides.
    if (std::all_of(clause.begin(), clause.end(),
                    [](const Token& token) { return token.quoted || !token.word; })) {
      return;
    }
    if (words_.Has("HARSH", clause)) return;
    Candidate candidate = {.clause = clause, .writer = WriterIn(language_, clause)};
    candidate.weight = Weight(clause, words, candidate.writer) - costs;
    candidates.push_back(candidate);
  }

  double Weight(Clause clause, int words, Writer writer) const {
    double weight = 0;
    if (writer == Writer::kSubject) weight += 2.5;
    if (writer == Writer::kMentioned) weight += 1.5;
    weight += words < 4 ? -1.5 : words < 6 ? 0 : words <= 18 ? 1 : words <= 23 ? 0.4 : -0.6;
    weight += 1.0 * words_.Has("CONTRAST", clause) + 0.8 * words_.Has("REPEAT", clause) +
              0.4 * words_.Has("REASON", clause);
    weight += 0.5 * std::min(words_.Count("STAKE", clause), 3);
    weight -= 0.4 * std::min(words_.Count("VAGUE", clause), 2);
    weight += 0.6 * (Numbers(clause) > 0) + 0.4 * std::min(Names(clause), 2);
    if (words_.Match("POINTS_BACK", clause, 0) > 0) weight -= 1.5;
    if (words_.Match("ENDS_BACK", clause, clause.size() - 1) > 0) weight -= 0.8;
    if (words_.Match("META_SHORT", clause, 0) > 0) weight -= 0.6;
    return weight;
  }

  static int Numbers(Clause clause) {
    return static_cast<int>(std::count_if(clause.begin(), clause.end(), [](const Token& token) {
      return token.word && token.text[0] >= '0' && token.text[0] <= '9';
    }));
  }

  // Words with a capital, but for the first and "I".
  static int Names(Clause clause) {
    int names = 0;
    for (size_t i = 1; i < clause.size(); ++i) {
      const Token& token = clause[i];
      names += token.word && Uncapitalised(token.text) != token.text && token.text[0] != 'I';
    }
    return names;
  }

  const WordTable& words_;
  const Language language_;
  const Clause tokens_;
};

}  // namespace

int WordsOf(Clause clause) {
  return static_cast<int>(
      std::count_if(clause.begin(), clause.end(), [](const Token& token) { return token.word; }));
}

Clause WithoutFillers(Language language, Clause clause) {
  const WordTable& words = WordTable::Of(language);
  for (bool trimmed = true; trimmed && !clause.empty();) {
    trimmed = false;
    if (!clause.front().word && !Is(clause.front(), "(") && !IsQuote(clause.front())) {
      clause.remove_prefix(1);
      trimmed = true;
      continue;
    }
    const size_t cried = words.Match("INTERJECTION", clause, 0);
    if (cried > 0 && cried < clause.size()) {
      clause.remove_prefix(cried);
      trimmed = true;
      continue;
    }
    const size_t count = words.Match("LEAD_IN", clause, 0);
    if (count == 0 || count >= clause.size()) break;
    const Token& next = clause[count];
    const bool aside = !next.word && !IsQuote(next) && !Is(next, "%");
    const bool joins =
        words.Match("COORDINATING", clause, 0) == 1 && words.Match("SUBJECT", clause, 1) > 0;
    const bool phrase = count > 1 && words.Match("SUBJECT", clause, count) > 0;
    if (!aside && !joins && !phrase) break;
    clause.remove_prefix(count);
    trimmed = true;
  }
  while (!clause.empty() && !clause.back().word && !IsQuote(clause.back()) &&
         !Is(clause.back(), ")") && !Is(clause.back(), "%")) {
    clause.remove_suffix(1);
  }
  for (size_t count = 1; count <= 4 && count + 1 < clause.size(); ++count) {
    const size_t at = clause.size() - count;
    if (Is(clause[at - 1], ",") && words.Match("LEAD_OFF", clause, at) == count) {
      return clause.subspan(0, at - 1);
    }
    if (at > 2 && words.Match("LEAD_OFF_BARE", clause, at) == count) return clause.subspan(0, at);
  }
  return clause;
}

bool OpensNothing(Language language, Clause clause) {
  const WordTable& words = WordTable::Of(language);
  if (words.Match("DUNNO", clause, 0) > 0) return true;
  const size_t count = words.Match("DUNNO_ALONE", clause, 0);
  return count > 0 && (count == clause.size() || !clause[count].word);
}

std::vector<Candidate> ClausesOf(Language language, absl::Span<const Sentence> sentences) {
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < sentences.size(); ++i) {
    const size_t before = candidates.size();
    if (!sentences[i].question) Finder(language, sentences[i]).AddTo(candidates);
    for (size_t k = before; k < candidates.size(); ++k) candidates[k].sentence = i;
  }
  // Of the same weight, the one that was said first.
  std::vector<size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return candidates[a].weight != candidates[b].weight
               ? candidates[a].weight > candidates[b].weight
               : a < b;
  });
  std::vector<Candidate> sorted;
  for (const size_t i : order) sorted.push_back(std::move(candidates[i]));
  return sorted;
}

}  // namespace selfology::reflection

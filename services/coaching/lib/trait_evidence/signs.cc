#include "services/coaching/lib/trait_evidence/signs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/coaching/lib/lexicon/words.h"
#include "services/coaching/lib/trait_evidence/scope.h"

namespace selfology::trait_evidence {
namespace {

using lexicon::SplitWords;
using lexicon::Word;
using trait::v1::TraitEvidence;

constexpr double kDenied = 0.7;  // "I don't plan" says less than "I never finish anything".
constexpr double kPlainReply = 0.8;
constexpr double kMostWeight = 1.5;
constexpr double kLeastWeight = 0.2;
constexpr size_t kShortClause = 3;  // Words that say too little alone: the sentence is quoted.
constexpr size_t kShortReply = 5;

struct Sign {
  double direction = 0;
  double weight = 0;
  Scope::Range words;
};

// Of one trait, by the clause that they begin in: the weightiest of each clause.
using Signs = std::map<std::pair<Trait, size_t>, Sign>;

void Keep(Signs& signs, Trait trait, size_t clause, const Sign& sign) {
  Sign& kept = signs[{trait, clause}];
  const auto rank = [](const Sign& s) { return std::pair(s.weight, s.words.end - s.words.begin); };
  if (rank(sign) > rank(kept)) kept = sign;
}

std::string_view QuoteOf(std::string_view text, const Scope& scope, const Scope::Range& sign) {
  Scope::Range range = {scope.ClauseOf(sign.begin).begin, scope.ClauseOf(sign.end - 1).end};
  if (range.end - range.begin <= kShortClause) range = scope.SentenceOf(sign.begin);
  const size_t begin = scope.words()[range.begin].begin;
  std::string_view quote = text.substr(begin, scope.words()[range.end - 1].end - begin);
  if (text::Characters(quote) <= kLongestQuote) return quote;
  // Around the words that are the sign.
  const size_t from = scope.words()[sign.begin].begin;
  return text::Trim(text::Prefix(text.substr(from, quote.size() - (from - begin)), kLongestQuote));
}

// 1: agrees, -1: denies, 0: neither, at the beginning of a short reply.
int PlainReply(absl::Span<const Word> words) {
  static const auto& yes = *new std::set<std::string_view>{
      "yes", "yeah", "yep",    "always", "love",  "often", "constantly", "absolutely", "definitely",
      "да",  "ага",  "всегда", "обожаю", "люблю", "часто", "постоянно",  "конечно",    "очень"};
  static const auto& no = *new std::set<std::string_view>{
      "nope", "hate", "ненавижу", "терпеть", "rarely", "нисколько", "ничуть"};
  if (words.empty() || words.size() > kShortReply) return 0;
  if (IsNegator(words[0].text) || no.contains(words[0].text)) return -1;
  return yes.contains(words[0].text) ? 1 : 0;
}

// "Do you like parties?" – "Never."
void FindPlainReply(const SignRules& rules, absl::Span<const Word> question, const Scope& scope,
                    Signs& signs) {
  const Scope::Range first = scope.SentenceOf(0);
  const int reply = PlainReply(scope.words().subspan(first.begin, first.end - first.begin));
  if (reply == 0) return;
  for (size_t at = 0; at < question.size(); ++at) {
    for (const int index : rules.StartingWith(question[at].text)) {
      const Rule& rule = rules.rule(index);
      if (!rule.question.empty() || rule.pattern.Match(question, at) == 0) continue;
      Keep(signs, rule.pole.trait, 0,
           {.direction = (rule.pole.high ? 1.0 : -1.0) * reply,
            .weight = kPlainReply * rule.weight,
            .words = first});
    }
  }
}

}  // namespace

std::vector<TraitEvidence> FindSigns(const SignRules& rules, std::string_view question,
                                     std::string_view answer) {
  const std::vector<Word> asked = SplitWords(question);
  const QuestionFocus focus = FocusOf(asked);
  const Scope scope(SplitWords(answer), answer, focus);
  const absl::Span<const Word> words = scope.words();
  Signs signs;
  if (words.empty()) return {};
  if (focus.yes_or_no) FindPlainReply(rules, asked, scope, signs);
  for (size_t at = 0; at < words.size(); ++at) {
    for (const int index : rules.StartingWith(words[at].text)) {
      const Rule& rule = rules.rule(index);
      const size_t matched = rule.pattern.Match(words, at);
      if (matched == 0) continue;
      const bool asks_so = !rule.question.empty();
      if (asks_so && !rule.question[0].Contains(asked)) continue;
      if (!asks_so && !scope.IsAboutWriter(at, matched)) continue;
      const bool denied = !rule.pattern.has_negator() && !asks_so && scope.IsDenied(at, matched);
      double weight = rule.weight * scope.Certainty(at);
      if (denied) weight *= kDenied;
      if (weight < kLeastWeight) continue;
      Keep(signs, rule.pole.trait, scope.ClauseOf(at).begin,
           {.direction = rule.pole.high == denied ? -1.0 : 1.0,
            .weight = std::min(kMostWeight, weight),
            .words = {at, at + matched}});
    }
  }
  std::vector<TraitEvidence> evidence;
  for (const auto& [key, sign] : signs) {
    TraitEvidence& one = evidence.emplace_back();
    one.set_trait_name(std::string(mini_ipip::NameOf(key.first)));
    one.set_kind(trait::v1::EVIDENCE_KIND_TEXT);
    one.set_direction(sign.direction);
    one.set_weight(sign.weight);
    one.set_quote(std::string(QuoteOf(answer, scope, sign.words)));
  }
  return evidence;
}

}  // namespace selfology::trait_evidence

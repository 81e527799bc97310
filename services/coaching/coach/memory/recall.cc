#include "services/coaching/coach/memory/recall.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/coaching/coach/coach_texts.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/stem.h"
#include "services/coaching/lib/safety/tokens.h"
#include "services/coaching/lib/stable_hash/stable_hash.h"

namespace selfology::coach {
namespace {

using safety::Token;

// BM25's constants, at their usual values.
constexpr double kSaturation = 1.2;
constexpr double kLengthWeight = 0.4;
// Of a word of the question that was answered, against one of the answer.
constexpr double kContextWeight = 0.35;
// Of a word that only means nearly the same.
constexpr double kRelatedWeight = 0.55;
constexpr double kGramsWeight = 0.35;
constexpr double kHalfScore = 1.6;
// As if a person had said so much besides: of two passages a word in one of them is not yet common.
constexpr double kBackground = 12;

const absl::flat_hash_set<std::string>& Frame() {
  static const auto& words = *new absl::flat_hash_set<std::string>(
      absl::StrSplit(kRecallFrameTxt, absl::ByAnyChar(" \n"), absl::SkipEmpty()));
  return words;
}

// The groups of related words that each stem is in.
const absl::flat_hash_map<std::string, std::vector<int>>& Related() {
  static const auto& groups = *[] {
    auto* by_stem = new absl::flat_hash_map<std::string, std::vector<int>>;
    int group = 0;
    for (const std::string_view line : absl::StrSplit(kRelatedWordsTxt, '\n', absl::SkipEmpty())) {
      if (line.front() == '#') continue;
      for (const std::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
        std::vector<int>& of = (*by_stem)[safety::Stem(word)];
        if (!absl::c_linear_search(of, group)) of.push_back(group);
      }
      ++group;
    }
    return by_stem;
  }();
  return groups;
}

std::string GroupTerm(int group) { return absl::StrCat("#", group); }

struct Terms {
  std::vector<std::string> stems;  // As often as they occur.
  std::vector<std::string> words;
};

Terms TermsOf(std::string_view text) {
  Terms terms;
  for (const Token& token : safety::SplitTokens(text)) {
    if (Frame().contains(token.text)) continue;
    terms.stems.push_back(safety::Stem(token.text));
    terms.words.push_back(token.text);
  }
  return terms;
}

// Three and four letters in a row, with the word's edges.
std::vector<uint64_t> GramsOf(const std::vector<std::string>& words) {
  std::vector<uint64_t> grams;
  for (const std::string& word : words) {
    const std::u32string letters = U"_" + safety::Utf32(word) + U"_";
    for (const size_t size : {size_t{3}, size_t{4}}) {
      for (size_t at = 0; at + size <= letters.size(); ++at) {
        grams.push_back(StableHash(safety::Utf8(letters.substr(at, size))));
      }
    }
  }
  return grams;
}

}  // namespace

void Recall::Add(int64_t id, std::string_view text, std::string_view context) {
  Passage& passage = passages_.emplace_back();
  passage.id = id;
  const auto add = [&](std::string_view part, double weight) {
    const Terms terms = TermsOf(part);
    std::set<std::string> groups;
    for (const std::string& stem : terms.stems) {
      passage.terms[stem] += weight;
      const auto related = Related().find(stem);
      if (related == Related().end()) continue;
      for (const int group : related->second) groups.insert(GroupTerm(group));
    }
    for (const std::string& group : groups) passage.terms[group] += weight;
    for (const uint64_t gram : GramsOf(terms.words)) passage.grams[gram] += weight;
    passage.length += weight * static_cast<double>(terms.stems.size());
  };
  add(text, 1);
  add(context, kContextWeight);
  for (const auto& [term, weight] : passage.terms) ++passages_with_[term];
  for (const auto& [gram, weight] : passage.grams) ++passages_with_gram_[gram];
  total_length_ += passage.length;
}

double Recall::Rarity(const std::string& term) const {
  const auto found = passages_with_.find(term);
  const double with = found == passages_with_.end() ? 0 : found->second;
  const double all = static_cast<double>(passages_.size()) + kBackground;
  return std::log(1 + (all - with + 0.5) / (with + 0.5));
}

std::vector<Recall::Hit> Recall::Find(std::string_view query, int most) const {
  const Terms asked = TermsOf(query);
  const std::set<std::string> stems(asked.stems.begin(), asked.stems.end());
  absl::flat_hash_map<uint64_t, double> grams;
  for (const uint64_t gram : GramsOf(asked.words)) ++grams[gram];
  const double all = static_cast<double>(passages_.size());
  const auto gram_rarity = [&](uint64_t gram) {
    const auto found = passages_with_gram_.find(gram);
    return std::log(1 + all / (1.0 + (found == passages_with_gram_.end() ? 0 : found->second)));
  };
  double asked_norm = 0;
  for (const auto& [gram, count] : grams) asked_norm += std::pow(count * gram_rarity(gram), 2);
  const double mean = passages_.empty() ? 1 : std::max(1.0, total_length_ / all);

  std::vector<Hit> hits;
  for (const Passage& passage : passages_) {
    const auto strength = [&](const std::string& term) {
      const auto found = passage.terms.find(term);
      if (found == passage.terms.end()) return 0.0;
      const double length = 1 - kLengthWeight + kLengthWeight * passage.length / mean;
      return Rarity(term) * found->second * (kSaturation + 1) /
             (found->second + kSaturation * length);
    };
    double words = 0;
    for (const std::string& stem : stems) {
      double best = strength(stem);
      if (const auto related = Related().find(stem); related != Related().end()) {
        for (const int group : related->second) {
          best = std::max(best, kRelatedWeight * strength(GroupTerm(group)));
        }
      }
      words += best;
    }
    double product = 0;
    double norm = 0;
    for (const auto& [gram, count] : passage.grams) {
      const double weight = count * gram_rarity(gram);
      norm += weight * weight;
      const auto in_query = grams.find(gram);
      if (in_query != grams.end()) product += weight * in_query->second * gram_rarity(gram);
    }
    const double cosine = product == 0 ? 0 : product / std::sqrt(norm * asked_norm);
    const double sum = words + kGramsWeight * 8 * cosine;
    if (sum <= 0) continue;
    hits.push_back({passage.id, sum / (sum + kHalfScore)});
  }
  // Later ones first among equals, which have the greater ids.
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.id > b.id;
  });
  if (hits.size() > static_cast<size_t>(most)) hits.resize(most);
  return hits;
}

}  // namespace selfology::coach

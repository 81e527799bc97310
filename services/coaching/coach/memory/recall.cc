#include "services/coaching/coach/memory/recall.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/coaching/coach/coach_texts.h"
#include "services/coaching/coach/memory/meaning.h"
#include "services/coaching/coach/memory/related.h"
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
// Of two words in one group, against the same word twice: two names of it, the name of one and the
// other in it, two that only belong to it.
constexpr double kBothNames = 0.75;
constexpr double kNameAsked = 0.6;
constexpr double kNameFound = 0.2;
constexpr double kBothMembers = 0.15;
// Of what a question word is answered with: it tells little.
constexpr double kAnswerWeight = 0.5;

struct Weights {
  double groups;
  double grams;          // Runs of letters,
  double grams_unknown;  // where a word of the question is in no table.
  double meaning;        // Of the whole.
  double nearest;        // Of the nearest word to each word of the question.
  double half_score;
};
// Chosen with memory/development; half_score so that no more is told wrongly than by words alone.
constexpr Weights kByMeaning = {.groups = 2.1,
                                .grams = 1.4,
                                .grams_unknown = 2.8,
                                .meaning = 8,
                                .nearest = 3,
                                .half_score = 12};
constexpr Weights kByWords = {
    .groups = 1, .grams = 2.8, .grams_unknown = 2.8, .meaning = 0, .nearest = 0, .half_score = 1.6};

// As if the person had said so much of the usual besides.
constexpr double kBackground = 60;

const absl::flat_hash_set<std::string>& Frame() {
  static const auto& words = *new absl::flat_hash_set<std::string>(
      absl::StrSplit(kRecallFrameTxt, absl::ByAnyChar(" \n"), absl::SkipEmpty()));
  return words;
}

struct Terms {
  std::vector<std::string> stems;  // As often as they occur.
  std::vector<std::string> words;
  std::vector<Recall::Roles> groups;  // Of the words, one by one, and of phrases.
  Recall::Roles answers;              // Groups of question words that the text may answer.
  Recall::Roles asks;                 // Groups of question words in the text.
};

Terms TermsOf(std::string_view text) {
  const std::vector<Token> tokens = safety::SplitTokens(text);
  std::vector<bool> is_frame;
  for (const Token& token : tokens) is_frame.push_back(Frame().contains(token.text));
  Terms terms;
  std::map<int, Recall::Roles> groups;
  for (const Related& related : RelatedIn(tokens)) {
    if (related.of_question) {
      (related.is_name ? terms.asks : terms.answers)[related.group] = true;
    } else if (related.length > 1 || !is_frame[related.word]) {
      groups[related.word][related.group] |= related.is_name;
    }
  }
  for (auto& [word, roles] : groups) terms.groups.push_back(std::move(roles));
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (is_frame[i]) continue;
    terms.stems.push_back(safety::Stem(tokens[i].text));
    terms.words.push_back(tokens[i].text);
  }
  return terms;
}

// How usual words and groups are in what anybody says: the share of messages that have them.
class Usual {
 public:
  Usual() {
    for (std::string_view line : absl::StrSplit(kRecallCommonTxt, '\n', absl::SkipEmpty())) {
      const size_t colon = line.find(':');
      int per_mille = 0;
      if (line.front() == '#' || !absl::SimpleAtoi(line.substr(0, colon), &per_mille)) continue;
      for (const std::string_view word :
           absl::StrSplit(line.substr(colon + 1), ' ', absl::SkipEmpty())) {
        const double share = per_mille / 1000.0;
        stems_[safety::Stem(word)] += share;
        std::set<int> groups;
        for (const Related& related : RelatedIn(safety::SplitTokens(word))) {
          groups.insert(related.group);
        }
        for (const int group : groups) groups_[group] += share;
      }
    }
  }
  double ShareOf(const std::string& stem) const { return Share(stems_, stem); }
  double ShareOf(int group) const { return Share(groups_, group); }

 private:
  template <typename Key>
  static double Share(const absl::flat_hash_map<Key, double>& shares, const Key& key) {
    const auto found = shares.find(key);
    return found == shares.end() ? 0 : std::min(found->second, 1.0);
  }
  absl::flat_hash_map<std::string, double> stems_;
  absl::flat_hash_map<int, double> groups_;
};

const Usual& TheUsual() {
  static const auto& usual = *new Usual;
  return usual;
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
    for (size_t i = 0; i < terms.stems.size(); ++i) {
      Term& term = passage.terms[terms.stems[i]];
      if (term.count == 0) term.form = terms.words[i];
      term.count += weight;
      passage.meaning.Add(terms.words[i], terms.stems[i], weight);
    }
    for (const Roles& roles : terms.groups) {
      for (const auto& [group, is_name] : roles) {
        double& strength = (is_name ? passage.names : passage.members)[group];
        strength = std::max(strength, weight);
      }
    }
    for (const uint64_t gram : GramsOf(terms.words)) passage.grams[gram] += weight;
    passage.length += weight * static_cast<double>(terms.stems.size());
    return terms;
  };
  passage.answers = add(text, 1).answers;
  add(context, kContextWeight);
  for (const auto& [stem, term] : passage.terms) ++passages_with_[stem];
  for (const auto& [gram, weight] : passage.grams) ++passages_with_gram_[gram];
  for (const auto& [group, weight] : passage.names) ++passages_with_group_[group];
  for (const auto& [group, weight] : passage.members) {
    if (!passage.names.contains(group)) ++passages_with_group_[group];
  }
  for (const auto& [group, is_name] : passage.answers) ++passages_with_answer_[group];
  total_length_ += passage.length;
}

template <typename Counts, typename Key>
double Recall::Rarity(const Counts& counts, const Key& key) const {
  const auto found = counts.find(key);
  const double with =
      (found == counts.end() ? 0 : found->second) + TheUsual().ShareOf(key) * kBackground;
  const double all = static_cast<double>(passages_.size()) + kBackground;
  return std::log(1 + (all - with + 0.5) / (with + 0.5));
}

double Recall::GroupStrength(const Passage& passage, const Roles& asked) const {
  double best = 0;
  for (const auto& [group, is_name] : asked) {
    const auto of = [&](const absl::flat_hash_map<int, double>& groups) {
      const auto found = groups.find(group);
      return found == groups.end() ? 0.0 : found->second;
    };
    const double strength = std::max((is_name ? kBothNames : kNameFound) * of(passage.names),
                                     (is_name ? kNameAsked : kBothMembers) * of(passage.members));
    if (strength > 0) best = std::max(best, strength * Rarity(passages_with_group_, group));
  }
  return best;
}

double Recall::GramSimilarity(const Passage& passage, const Grams& asked) const {
  const double all = static_cast<double>(passages_.size());
  const auto rarity = [&](uint64_t gram) {
    const auto found = passages_with_gram_.find(gram);
    return std::log(1 + all / (1.0 + (found == passages_with_gram_.end() ? 0 : found->second)));
  };
  double product = 0;
  double norm = 0;
  double asked_norm = 0;
  for (const auto& [gram, count] : asked) asked_norm += std::pow(count * rarity(gram), 2);
  for (const auto& [gram, count] : passage.grams) {
    const double weight = count * rarity(gram);
    norm += weight * weight;
    const auto in_query = asked.find(gram);
    if (in_query != asked.end()) product += weight * in_query->second * rarity(gram);
  }
  return product == 0 ? 0 : product / std::sqrt(norm * asked_norm);
}

std::vector<Recall::Hit> Recall::Find(std::string_view query, int most, By by) const {
  const Weights& weights = by == By::kMeaning ? kByMeaning : kByWords;
  const Terms asked = TermsOf(query);
  std::map<std::string, std::string> stems;  // With a form of each.
  Meaning meaning;
  bool all_known = true;
  for (size_t i = 0; i < asked.stems.size(); ++i) {
    if (!stems.emplace(asked.stems[i], asked.words[i]).second) continue;
    if (!meaning.Add(asked.words[i], asked.stems[i])) all_known = false;
  }
  const double grams_weight = all_known ? weights.grams : weights.grams_unknown;
  Grams grams;
  for (const uint64_t gram : GramsOf(asked.words)) ++grams[gram];
  const double mean =
      passages_.empty() ? 1 : std::max(1.0, total_length_ / static_cast<double>(passages_.size()));

  std::vector<Hit> hits;
  for (const Passage& passage : passages_) {
    double sum = 0;
    for (const auto& [stem, form] : stems) {
      const auto found = passage.terms.find(stem);
      if (found == passage.terms.end()) continue;
      const double length = 1 - kLengthWeight + kLengthWeight * passage.length / mean;
      const double count = found->second.count;
      sum += Rarity(passages_with_, stem) * SameWord(form, found->second.form) * count *
             (kSaturation + 1) / (count + kSaturation * length);
    }
    for (const Roles& roles : asked.groups) sum += weights.groups * GroupStrength(passage, roles);
    sum += grams_weight * GramSimilarity(passage, grams);
    if (by == By::kMeaning) {
      sum += weights.meaning * meaning.SimilarityTo(passage.meaning) +
             weights.nearest * meaning.NearestIn(passage.meaning);
    }
    // Only among what has something in common with the question.
    if (sum <= 0) continue;
    for (const auto& [group, is_name] : asked.asks) {
      if (passage.answers.contains(group)) {
        sum += kAnswerWeight * Rarity(passages_with_answer_, group);
      }
    }
    hits.push_back({passage.id, sum / (sum + weights.half_score)});
  }
  // Later ones first among equals, which have the greater ids.
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.id > b.id;
  });
  if (hits.size() > static_cast<size_t>(most)) hits.resize(most);
  return hits;
}

}  // namespace selfology::coach

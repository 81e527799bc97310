#include "services/coaching/lib/safety/rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "google/protobuf/text_format.h"

namespace selfology::safety {

// Where each concept begins in a message.
class Places {
 public:
  explicit Places(const Reading& reading) : reading_(reading), told_(reading.starts) {
    for (const Phrase& phrase : reading.phrases) told_[phrase.begin].set(phrase.concept_id);
    for (int i = 0; i < reading.size(); ++i) {
      if (told_[i].none()) continue;
      for (int id = 0; id < kMostConcepts; ++id) {
        if (told_[i].test(id)) by_concept_[id].push_back(i);
      }
    }
  }

  const Reading& reading() const { return reading_; }
  bool Begins(const Concepts& concepts, int at) const { return (told_[at] & concepts).any(); }
  // What the words from `begin` to `end` tell, as far as there are such words.
  Concepts Near(int begin, int end) const {
    Concepts concepts;
    end = std::min(end, reading_.size());
    for (int i = std::max(begin, 0); i < end; ++i) concepts |= told_[i];
    return concepts;
  }
  const std::vector<int>& Of(int concept_id) const { return by_concept_[concept_id]; }

 private:
  const Reading& reading_;
  std::vector<Concepts> told_;
  std::array<std::vector<int>, kMostConcepts> by_concept_;
};

namespace {

constexpr int kUsualGap = 2;
constexpr int kSentenceCost = 2;  // A sentence's end counts as this many words in between.
constexpr int kNear = 3;
constexpr int kDoubtNear = 4;
constexpr int kLongestSentence = 40;  // Words to either side.
constexpr size_t kMostInAnyOrder = 4;

// Where the sentence begins that the word is in; of one that does not end, a part.
int SentenceBegin(const Reading& reading, int at) {
  const int least = std::max(at - kLongestSentence, 0);
  while (at > least && !reading.tokens[at - 1].ends_sentence) --at;
  return at;
}

int SentenceEnd(const Reading& reading, int end) {
  const int most = std::min(end + kLongestSentence, reading.size());
  while (end < most && !reading.tokens[end - 1].ends_sentence) ++end;
  return end;
}

bool Overlap(const Hit& a, const Hit& b) { return a.begin < b.end && b.begin < a.end; }

// Tries the terms of one pattern from left to right.
template <typename Term>
class Matcher {
 public:
  Matcher(const std::vector<Term>& terms, const Places& places)
      : terms_(terms), places_(places), reading_(places.reading()) {}

  template <typename Accept>
  void Run(const Accept& accept) {
    for (const int id : terms_.front().ids) {
      for (const int begin : places_.Of(id)) {
        if (From(0, begin, begin, accept)) return;
      }
    }
  }

 private:
  bool Fits(const Term& term, int at) const {
    if (!places_.Begins(term.any, at)) return false;
    if (term.starts_sentence && at > 0 && !reading_.tokens[at - 1].ends_sentence) return false;
    switch (term.polarity) {
      case Term::Polarity::kEither:
        return true;
      case Term::Polarity::kAffirmed:
        return !reading_.negated[at];
      case Term::Polarity::kNegated:
        return reading_.negated[at];
    }
    return false;
  }

  // `at` is where the term may begin at the earliest.
  template <typename Accept>
  bool From(size_t index, int at, int first, const Accept& accept) {
    if (index == terms_.size()) return accept(first, at);
    if (++steps_ > kMostSteps) return false;
    const Term& term = terms_[index];
    int left = index == 0 ? 0 : term.gap;
    for (int begin = at; begin < reading_.size() && left >= 0; ++begin, --left) {
      if (index > 0 && begin > 0 && reading_.tokens[begin - 1].ends_sentence) {
        left -= kSentenceCost;
        if (left < 0) break;
      }
      if (Fits(term, begin) && GoOn(index, begin, first, accept)) return true;
    }
    return false;
  }

  template <typename Accept>
  bool GoOn(size_t index, int begin, int first, const Accept& accept) {
    const Term& term = terms_[index];
    const auto from = [&](int end) {
      return (!term.ends_message || end == reading_.size()) && From(index + 1, end, first, accept);
    };
    if ((reading_.starts[begin] & term.any).any() && from(begin + 1)) return true;
    auto phrase =
        std::lower_bound(reading_.phrases.begin(), reading_.phrases.end(), begin,
                         [](const Phrase& one, int position) { return one.begin < position; });
    for (; phrase != reading_.phrases.end() && phrase->begin == begin; ++phrase) {
      if (term.any.test(phrase->concept_id) && from(phrase->end)) return true;
    }
    return false;
  }

  // Of one pattern and message: text made to take long is given up on.
  static constexpr int kMostSteps = 20000;

  const std::vector<Term>& terms_;
  const Places& places_;
  const Reading& reading_;
  int steps_ = 0;
};

}  // namespace

absl::StatusOr<RuleSet> RuleSet::Parse(absl::Span<const std::string_view> texts,
                                       const Vocabulary& vocabulary) {
  RuleSet set;
  for (const std::string_view text : texts) {
    Rules rules;
    if (!google::protobuf::TextFormat::ParseFromString(std::string(text), &rules)) {
      return absl::InvalidArgumentError("malformed rules");
    }
    for (const Rule& rule : rules.rule()) set.rules_.push_back(rule);
  }
  for (size_t i = 0; i < set.rules_.size(); ++i) {
    const Rule& rule = set.rules_[i];
    Conditions conditions;
    ASSIGN_OR_RETURN(conditions.unless, set.ParseConcepts(rule.unless(), vocabulary, ' '));
    ASSIGN_OR_RETURN(conditions.unless_near,
                     set.ParseConcepts(rule.unless_near(), vocabulary, ' '));
    ASSIGN_OR_RETURN(conditions.doubt_near, set.ParseConcepts(rule.doubt_near(), vocabulary, ' '));
    ASSIGN_OR_RETURN(conditions.with, set.ParseConcepts(rule.with(), vocabulary, ' '));
    ASSIGN_OR_RETURN(conditions.without, set.ParseConcepts(rule.without(), vocabulary, ' '));
    set.conditions_.push_back(conditions);
    if (rule.match().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(rule.name(), " matches nothing"));
    }
    for (const std::string& match : rule.match()) {
      RETURN_IF_ERROR(set.AddPatterns(i, match, vocabulary));
    }
  }
  return set;
}

absl::StatusOr<Concepts> RuleSet::ParseConcepts(std::string_view text, const Vocabulary& vocabulary,
                                                char separator) {
  Concepts concepts;
  for (const std::string_view name : absl::StrSplit(text, separator, absl::SkipEmpty())) {
    const auto id = vocabulary.Find(name);
    if (!id.has_value()) return absl::InvalidArgumentError(absl::StrCat("no concept ", name));
    concepts.set(*id);
  }
  used_ |= concepts;
  return concepts;
}

absl::StatusOr<RuleSet::Term> RuleSet::ParseTerm(std::string_view text,
                                                 const Vocabulary& vocabulary) {
  Term term;
  if (text.starts_with('+') || text.starts_with('-')) {
    term.polarity = text[0] == '+' ? Term::Polarity::kAffirmed : Term::Polarity::kNegated;
    text.remove_prefix(1);
  }
  if (text.ends_with('?')) {
    term.optional = true;
    text.remove_suffix(1);
  }
  ASSIGN_OR_RETURN(term.any, ParseConcepts(text, vocabulary, '|'));
  if (term.any.none()) return absl::InvalidArgumentError("a term without concepts");
  for (int id = 0; id < vocabulary.size(); ++id) {
    if (term.any.test(id)) term.ids.push_back(id);
  }
  return term;
}

absl::Status RuleSet::AddPatterns(size_t rule, std::string_view text,
                                  const Vocabulary& vocabulary) {
  const int usual = rules_[rule].gap() > 0 ? rules_[rule].gap() : kUsualGap;
  const auto wrong = [&](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(rules_[rule].name(), ": ", what));
  };
  std::vector<Term> terms;
  int gap = usual;
  bool starts_sentence = false;
  for (std::string_view part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (part == "^") {
      starts_sentence = true;
    } else if (part == "$") {
      if (terms.empty()) return wrong("nothing before the end");
      terms.back().ends_message = true;
    } else if (part.starts_with('[')) {
      if (!absl::SimpleAtoi(part.substr(1, part.size() - 2), &gap)) return wrong(part);
    } else {
      absl::StatusOr<Term> term = ParseTerm(part, vocabulary);
      if (!term.ok()) return wrong(term.status().message());
      term->gap = std::exchange(gap, usual);
      term->starts_sentence = std::exchange(starts_sentence, false);
      terms.push_back(*std::move(term));
    }
  }
  if (terms.empty()) return wrong("no terms");
  if (!rules_[rule].any_order()) {
    AddWithout(rule, terms, 0);
    return absl::OkStatus();
  }
  if (terms.size() > kMostInAnyOrder) return wrong("too many terms for any order");
  std::vector<size_t> order(terms.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  do {
    std::vector<Term> ordered;
    for (const size_t i : order) ordered.push_back(terms[i]);
    patterns_.push_back({.rule = rule, .terms = std::move(ordered)});
  } while (std::next_permutation(order.begin(), order.end()));
  return absl::OkStatus();
}

void RuleSet::AddWithout(size_t rule, const std::vector<Term>& terms, size_t from) {
  for (size_t i = from; i < terms.size(); ++i) {
    if (!terms[i].optional) continue;
    std::vector<Term> fewer = terms;
    if (i + 1 < terms.size()) {
      fewer[i + 1].gap = std::max(terms[i].gap, terms[i + 1].gap);
      fewer[i + 1].starts_sentence |= terms[i].starts_sentence;
    }
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (!fewer.empty()) AddWithout(rule, fewer, i);
  }
  patterns_.push_back({.rule = rule, .terms = terms});
}

bool RuleSet::Allowed(const Conditions& conditions, const Rule& rule, const Places& places,
                      Hit& hit) const {
  const Reading& reading = places.reading();
  hit.person = reading.person[rule.who() == "WRITER" ? hit.begin : hit.end - 1];
  if (rule.who() == "SELF" && hit.person != Person::kSelf && hit.person != Person::kNobody) {
    return false;
  }
  if (rule.who() == "OTHER" && hit.person != Person::kOther) return false;
  if (rule.who() == "DOER") {
    const auto words = reading.person.begin() + hit.begin;
    const bool self = std::find(words, reading.person.begin() + hit.end, Person::kSelf) !=
                          reading.person.begin() + hit.end ||
                      *words == Person::kNobody ||
                      (hit.begin > 0 && reading.person[hit.begin - 1] == Person::kSelf);
    if (!self) return false;
  }
  if (conditions.unless.any() &&
      (places.Near(SentenceBegin(reading, hit.begin), SentenceEnd(reading, hit.end)) &
       conditions.unless)
          .any()) {
    return false;
  }
  if (conditions.unless_near.any() &&
      (places.Near(hit.begin - kNear, hit.end + kNear) & conditions.unless_near).any()) {
    return false;
  }
  hit.doubtful =
      conditions.doubt_near.any() &&
      (places.Near(hit.begin - kDoubtNear, hit.end + kDoubtNear) & conditions.doubt_near).any();
  return true;
}

std::vector<Hit> RuleSet::Match(const Reading& reading) const {
  const Places places(reading);
  std::vector<Hit> hits;
  for (const Pattern& pattern : patterns_) {
    const Rule& rule = rules_[pattern.rule];
    const Conditions& conditions = conditions_[pattern.rule];
    const bool found = !hits.empty() && hits.back().rule == &rule;
    if (found && !hits.back().doubtful) continue;
    if (conditions.with.any() && (conditions.with & reading.present).none()) continue;
    if ((conditions.without & reading.present).any()) continue;
    if (std::any_of(pattern.terms.begin(), pattern.terms.end(),
                    [&](const Term& term) { return (term.any & reading.present).none(); })) {
      continue;
    }
    Matcher<Term>(pattern.terms, places).Run([&](int begin, int end) {
      Hit hit{.rule = &rule, .begin = begin, .end = end, .person = Person::kNobody};
      if (!Allowed(conditions, rule, places, hit)) return false;
      if (hits.empty() || hits.back().rule != &rule) {
        hits.push_back(hit);
      } else if (!hit.doubtful) {
        hits.back() = hit;
      }
      return !hit.doubtful;
    });
  }
  std::vector<Hit> uncovered;
  for (const Hit& hit : hits) {
    const bool covered =
        !hit.rule->covers() && std::any_of(hits.begin(), hits.end(), [&](const Hit& other) {
          return other.rule->covers() && Overlap(hit, other);
        });
    if (!covered) uncovered.push_back(hit);
  }
  return uncovered;
}

}  // namespace selfology::safety

// Patterns over concepts, and where a message fits them.
//
//   ASSIGN_OR_RETURN(const RuleSet rules, RuleSet::Parse({text}, vocabulary));
//   for (const Hit& hit : rules.Match(vocabulary.Read(message))) ...
//
// safety.proto says how a rule is written. Errors: INVALID_ARGUMENT for rules that are malformed or
// name a concept that has no words. Threads: immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/coaching/lib/safety/safety.pb.h"
#include "services/coaching/lib/safety/vocabulary.h"

namespace selfology::safety {

// One rule that fits, and the words that it fits.
struct Hit {
  const Rule* rule;
  int begin;
  int end;
  Person person;          // Whom its last word is said of.
  bool doubtful = false;  // Its doubt_near stands there.
};

class Places;

class RuleSet {
 public:
  static absl::StatusOr<RuleSet> Parse(absl::Span<const std::string_view> texts,
                                       const Vocabulary& vocabulary);

  // At most one hit of each rule, in the order of the rules; covered ones are left out.
  std::vector<Hit> Match(const Reading& reading) const;

  absl::Span<const Rule> rules() const { return rules_; }
  // Concepts that some rule names.
  const Concepts& used() const { return used_; }

 private:
  struct Term {
    Concepts any;
    std::vector<int> ids;  // The same.
    enum class Polarity { kEither, kAffirmed, kNegated } polarity = Polarity::kEither;
    bool optional = false;
    bool starts_sentence = false;
    bool ends_message = false;
    int gap = 0;  // Words that may come before it.
  };
  struct Pattern {
    size_t rule;
    std::vector<Term> terms;
  };
  struct Conditions {
    Concepts unless, unless_near, doubt_near, with, without;
  };

  absl::StatusOr<Term> ParseTerm(std::string_view text, const Vocabulary& vocabulary);
  absl::StatusOr<Concepts> ParseConcepts(std::string_view text, const Vocabulary& vocabulary,
                                         char separator);
  absl::Status AddPatterns(size_t rule, std::string_view text, const Vocabulary& vocabulary);
  // The pattern, and those that come of it by leaving out optional terms, from `from` on.
  void AddWithout(size_t rule, const std::vector<Term>& terms, size_t from);
  bool Allowed(const Conditions& conditions, const Rule& rule, const Places& places,
               Hit& hit) const;

  std::vector<Rule> rules_;
  std::vector<Conditions> conditions_;
  std::vector<Pattern> patterns_;
  Concepts used_;
};

}  // namespace selfology::safety

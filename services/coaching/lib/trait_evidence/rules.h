// Rules that find signs of traits in what a person writes; their text is english_signs.txt and
// russian_signs.txt.
//
//   ASSIGN_OR_RETURN(SignRules rules, SignRules::BuiltIn());
//
// A file has sections, one for each pole of each trait; a line has patterns, separated by " ; ":
//
//   [C+]
//   check*|recheck* ~ twice|again ; before i leave ~ check*
//   0.5 spreadsheet*
//   ? what ~ scares|worries you => ^ nothing|nobody
//
// A pattern is a row of words. "a|b": either; "stem*": all that begins so; "give_up|quit": words in
// a row as one of the choices; "~": up to three words of any kind; "^" and "$": the sentence begins or ends here. Words are in lower case, "ё" as "е". A
// number before a pattern is what it counts, before the first one what all of the line do; 1 unless
// it is said. "?": only if the question
// fits the first pattern, and then whoever the sentence is about.
//
// Errors: INTERNAL, naming the line. Threads: values; const members are thread-safe.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/coaching/lib/lexicon/words.h"
#include "services/coaching/lib/mini_ipip/mini_ipip.h"

namespace selfology::trait_evidence {

using mini_ipip::Trait;

// One end of a trait.
struct Pole {
  Trait trait = Trait::kOpenness;
  bool high = false;
  friend bool operator==(const Pole&, const Pole&) = default;
};

class Pattern {
 public:
  static absl::StatusOr<Pattern> Parse(std::string_view text);

  // How many of `words` fit, from `at` on; 0 when they do not fit.
  size_t Match(absl::Span<const lexicon::Word> words, size_t at) const;
  bool Contains(absl::Span<const lexicon::Word> words) const;

  // The words that it may begin with.
  std::vector<std::string> FirstWords() const;
  // Says itself that something is not so.
  bool has_negator() const { return has_negator_; }

 private:
  enum class Kind { kWords, kGap, kBegin, kEnd };
  struct Alternative {
    std::vector<std::string> words;  // In a row.
    bool is_stem = false;            // The last one.
  };
  struct Element {
    Kind kind = Kind::kWords;
    std::vector<Alternative> alternatives = {};
  };

  static bool Fits(const Alternative& alternative, absl::Span<const lexicon::Word> words,
                   size_t at);
  bool MatchFrom(absl::Span<const lexicon::Word> words, size_t first, size_t at, size_t element,
                 size_t& end) const;

  std::vector<Element> elements_;
  bool has_negator_ = false;
};

struct Rule {
  Pole pole;
  double weight = 1;
  Pattern pattern;
  std::vector<Pattern> question = {};  // At most one: what the question must have.
};

class SignRules {
 public:
  static absl::StatusOr<SignRules> BuiltIn();
  static absl::StatusOr<SignRules> Parse(absl::Span<const std::string_view> files);

  // Those whose first word may be this one.
  absl::Span<const int> StartingWith(std::string_view word) const;
  const Rule& rule(int index) const { return rules_[index]; }
  size_t size() const { return rules_.size(); }

 private:
  absl::Status ParseLine(std::string_view line, Pole pole);

  std::vector<Rule> rules_;
  absl::flat_hash_map<std::string, std::vector<int>> by_letter_;
};

// "not", "никогда".
bool IsNegator(std::string_view word);

}  // namespace selfology::trait_evidence

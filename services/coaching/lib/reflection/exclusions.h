// What excludes a clause of an answer from being said back, whatever it weighs.
//
//   const Exclusions exclusions(Language::kEnglish, sentences);
//   exclusions.Of(candidate)  // "I sat with her for an hour": kDangling, nobody knows who she is
//   exclusions.OfNamed(...)   // of "My aunt. I sat with her for an hour": kNone
//
// A clause is said back only if it is the writer's own, complete, needs nothing from outside of it,
// and nothing else in the answer takes it back, outweighs it or puts it in doubt. When in doubt, it
// is excluded: a plain thank-you is never wrong. Threads: immutable.
#pragma once

#include <cstddef>

#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/tokens.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {

enum class Exclusion {
  kNone,
  kLength,      // Too short to say anything, or a run-on.
  kEcho,        // It is the whole answer, which only a change of person makes a reply.
  kWithdrawn,   // What comes next takes it back, contrasts or completes it.
  kPretence,    // Only said to be so, or so once.
  kOtherView,   // What somebody else says of the writer.
  kTooLight,    // Something heavy stands elsewhere in the answer.
  kBackground,  // The setting, or what was not so.
  kBlame,       // Blame of oneself, embarrassment.
  kHedge,       // A hedge, a concession or a filler.
  kRegister,    // Rude, familiar, dialect or misspelt.
  kAddress,     // To whoever asks, or of people at large.
  kDangling,    // Refers to what is outside of it.
  kIncomplete,  // A fragment.
};

class Exclusions {
 public:
  // The sentences must outlive it.
  Exclusions(language::Language language, absl::Span<const Sentence> sentences);

  Exclusion Of(const Candidate& candidate) const;
  // Of a whole sentence that is said together with the name before it.
  Exclusion OfNamed(const Candidate& candidate) const;

  // Of what is quoted: the writer's own words may point at what stands before them, hedge, or be
  // familiar.
  Exclusion OfQuoted(const Candidate& candidate) const;

  // Whether the next sentence says that it is not so.
  bool IsRetracted(size_t sentence) const;
  // Whether what follows the sentence takes it back, contrasts or completes it.
  bool IsTakenBack(size_t sentence) const;
  // Whether something in the answer weighs.
  bool weighty() const { return weighty_; }
  // Whether the clause has a word such as "this" or "it" that only what stands before it explains.
  bool PointsElsewhere(Clause clause) const;
  // How many sentences are more than "yes" or "well".
  int sentences_that_say() const { return sentences_that_say_; }

 private:
  bool IsDenied(size_t sentence) const;
  bool IsRetorted(size_t sentence) const;
  bool IsWithdrawn(const Candidate& candidate) const;
  Exclusion OfWords(const Candidate& candidate) const;
  bool IsOtherView(Clause clause) const;
  bool IsBackground(Clause clause) const;
  bool IsMisspelt(Clause clause) const;
  bool IsRelative(Clause clause, size_t at) const;
  bool Dangles(Clause clause) const;
  bool IsIncomplete(Clause clause) const;
  bool IsEcho(Clause clause) const;
  bool IsOnlySubordinate(Clause clause) const;
  int FewestWords(const Candidate& candidate, bool cut) const;
  bool IsFirstPerson(Clause clause, size_t at) const;

  const language::Language language_;
  const WordTable& words_;
  const absl::Span<const Sentence> sentences_;
  int words_of_all_ = 0;
  int sentences_that_say_ = 0;
  bool weighty_ = false;
};

}  // namespace selfology::reflection

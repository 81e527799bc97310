// Whom the words of a text are about, and how far they hold: what a sign is weighed by.
//
//   const Scope scope(SplitWords(answer), answer, QuestionOf(SplitWords(question)));
//   scope.IsAboutWriter(at, words), scope.IsDenied(at, words), scope.Certainty(at)
//
// `at` is the place of the first word of something said, `words` how many it has. Threads: values.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "services/coaching/lib/lexicon/words.h"

namespace selfology::trait_evidence {

// What a question asks about.
struct QuestionFocus {
  bool somebody_else = false;   // "Who taught you to …?"
  bool how_others_see = false;  // "How would your friends describe you?"
  bool yes_or_no = false;       // "Do you …?"
};
QuestionFocus FocusOf(absl::Span<const lexicon::Word> question);

class Scope {
 public:
  Scope(std::vector<lexicon::Word> words, std::string_view text, QuestionFocus focus);

  absl::Span<const lexicon::Word> words() const { return words_; }

  // First word and the one after the last.
  struct Range {
    size_t begin = 0;
    size_t end = 0;
  };
  Range ClauseOf(size_t at) const;
  Range SentenceOf(size_t at) const;

  bool IsAboutWriter(size_t at, size_t words) const;
  bool IsDenied(size_t at, size_t words) const;
  // 0: does not count (quoted, wished, ironic); 1: as any statement; more: a habit.
  double Certainty(size_t at) const;

 private:
  enum class Owner { kUnsaid, kWriter, kOther };
  Owner OwnerBefore(size_t at, size_t from) const;
  bool IsName(size_t at) const;

  std::vector<lexicon::Word> words_;
  std::vector<bool> quoted_;
  std::vector<bool> capital_;
  QuestionFocus focus_;
};

}  // namespace selfology::trait_evidence

// What of an answer is said back, and how.
//
//   Choose(answer, SplitSentences(answer.text), /*turns=*/true)
//   // of "Dry stone walls. My grandfather showed me how.": kTurned, "Dry stone walls. Your
//   // grandfather showed you how"
//
// First what answers the question by its name, then what is said of the writer in the second person,
// then a quotation. Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "services/coaching/lib/reflection/asked.h"
#include "services/coaching/lib/reflection/reflection.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

struct Choice {
  double weight = 0;
  Kind kind = Kind::kThanks;
  std::string text = {};
  bool with_topic = false;  // Of kTurned: what it is about is said with it.
  bool weighty = false;     // Of kQuoted.
  // Of kNamed: what it answers, and whether the text is a quotation or ends in a clause that wants
  // a comma behind it.
  Asked asked = {};
  bool quoted = false;
  bool open = false;
};

// kThanks if nothing may be said back. Where `turns` is false, quotations only.
Choice Choose(const Answered& answer, const std::vector<Sentence>& sentences, bool turns);

}  // namespace selfology::reflection

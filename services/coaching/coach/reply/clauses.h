// The part of a message that a reply takes up.
//
//   const Utterance message("It was a long day. I check every invoice three times, and nobody sees it");
//   const WordRange clause = MainClause(message);  // "I check every invoice three times"
//
// A range has at most a dozen words, without the "and" or "but" before it. Threads: pure functions.
#pragma once

#include "services/coaching/coach/understanding/pattern.h"

namespace selfology::coach {

// The one that says most; empty when the message has no words.
WordRange MainClause(const Utterance& message);

// The one that a word stands in.
WordRange ClauseAround(const Utterance& message, int word);

// Whether it says something of somebody, so that "Who else knows that ..." can be asked of it.
bool IsStatement(const Utterance& message, WordRange clause);

// Words that carry meaning.
int ContentWords(const Utterance& message, WordRange words);
bool IsContentWord(std::string_view word);

}  // namespace selfology::coach

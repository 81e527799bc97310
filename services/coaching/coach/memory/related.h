// Which words mean nearly the same, for recall: tables/recall_english.txt, recall_russian.txt.
//
//   RelatedIn(safety::SplitTokens("my dog died"))   // as a member of the group of pets, a name of ...
//
// A group has names ("pet", "animal") and members ("dog", "cat"). Words are found in all their forms,
// phrases of several words in a row. Question words have groups, too ("why": "because"). Threads: pure
// functions.
#pragma once

#include <string>
#include <vector>

#include "services/coaching/lib/safety/tokens.h"

namespace selfology::coach {

struct Related {
  int group = 0;
  bool is_name = false;
  bool of_question = false;  // The group is what a question word is answered with.
  int word = 0;              // Where it stands among the tokens; of a phrase, its first word.
  int length = 1;            // In words.
};

std::vector<Related> RelatedIn(const std::vector<safety::Token>& tokens);

}  // namespace selfology::coach

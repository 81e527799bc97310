// The words and rules of this folder's tables.
//
//   const Reading reading = Tables::BuiltIn().vocabulary.Read(message);
//
// Threads: immutable.
#pragma once

#include "absl/status/statusor.h"
#include "services/coaching/lib/safety/rules.h"
#include "services/coaching/lib/safety/vocabulary.h"

namespace selfology::safety {

// What Assess, ReadFollowUp and CheckReply work with; built once, at the first use. Errors:
// INVALID_ARGUMENT for tables that are malformed, which a test rules out.
struct Tables {
  Vocabulary vocabulary;
  RuleSet danger;
  RuleSet follow_up;
  RuleSet reply;

  static absl::StatusOr<Tables> Parse();
  static const Tables& BuiltIn();
};

}  // namespace selfology::safety

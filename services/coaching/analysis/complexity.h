// Which model a deep analysis deserves: by what the answer holds and by how deep the question
// reached.
//
// Requirement: R000-10: about 15 % of requests to the simple, 75 % to the
// standard and 10 % to the premium model. The thresholds are set so that a population of answers as
// complexity_test.cc makes it comes out like that. Threads: pure functions.
#pragma once

#include "selfology/ai/v1/ai.pb.h"
#include "selfology/question/v1/question.pb.h"
#include "services/coaching/lib/lexicon/reading.h"

namespace selfology::analysis {

ai::v1::Tier DeepTier(const lexicon::Reading& answer, question::v1::DepthLevel depth);

}  // namespace selfology::analysis

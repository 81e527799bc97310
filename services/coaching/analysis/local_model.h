// The analysis room's local model: analyses and summaries by word lists, in the form that the
// prompts ask of a language model, and vectors (local_embedding.h).
//
//   mesh.Serve(MakeLocalModel(lexicon));
//
// Serves TASK_INSTANT_ANALYSIS and TASK_DEEP_ANALYSIS, as JSON of the contract's InstantAnalysis
// and DeepAnalysis, and TASK_SUMMARY (services/services.bzl).
#pragma once

#include <memory>

#include "common/rpc/endpoints.h"
#include "services/coaching/lib/lexicon/lexicon.h"

namespace selfology::analysis {

std::shared_ptr<rpc::Endpoints> MakeLocalModel(std::shared_ptr<const lexicon::Lexicon> lexicon);

}  // namespace selfology::analysis

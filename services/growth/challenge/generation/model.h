// Challenges by a model: what it is asked, and what its reply says. Nothing that it claims is
// believed: the gates judge its drafts as they judge all (draft.h), and its difficulty is learned.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "selfology/ai/v1/ai.pb.h"
#include "services/growth/challenge/generation/draft.h"
#include "services/growth/challenge/generation/templates.h"

namespace selfology::challenge {

ai::v1::CompletionInput AskForDrafts(const Materials& materials, v1::ChallengeKind kind,
                                     std::string_view language, int count);

// The drafts in a reply, of any bytes; those that make no sense are left out.
std::vector<Draft> ReadDrafts(std::string_view reply);

}  // namespace selfology::challenge

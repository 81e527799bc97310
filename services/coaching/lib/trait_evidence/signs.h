// Signs of the Big Five in an answer: what the person says that they do, like and are, each with
// the clause that says it.
//
//   const std::vector<trait::v1::TraitEvidence> signs =
//       FindSigns(rules, "What does a good evening look like?", "I'd rather stay home with a book.");
//   // extraversion, direction -1, "I'd rather stay home with a book"
//
// A sign counts only if the clause is about the writer: "New girl was crying" tells nothing of them.
// A denial turns it round ("I don't plan", «Тревоги нет»); what others are quoted with, wishes,
// what is long past and irony do not count, and a mood of today counts less than a habit. Questions
// count: to "What scares you?" a plain "Nothing" is a sign, and what follows a question about
// somebody else is about them unless it says "I". A clause is one sign of a trait at most.
//
// Filled in are trait_name, kind, direction (-1 or 1), weight (1: a clear sign; up to 1.5), and
// quote, which occurs in the answer as it is. Takes about 1 ms for a long answer. Threads: pure
// functions.
#pragma once

#include <string_view>
#include <vector>

#include "selfology/trait/v1/trait.pb.h"
#include "services/coaching/lib/trait_evidence/rules.h"

namespace selfology::trait_evidence {

// Characters of a quote at most.
inline constexpr int kLongestQuote = 200;

std::vector<trait::v1::TraitEvidence> FindSigns(const SignRules& rules, std::string_view question,
                                                std::string_view answer);

}  // namespace selfology::trait_evidence

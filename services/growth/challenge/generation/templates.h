// The local generator: challenges from a person's tasks and insights by templates, English and
// Russian. What is right in a quiz is computed from the data, so it is never wrong.
//
//   std::vector<Draft> drafts = Propose(materials, "en", now, random, 40);
//
// It proposes many; the gates and the wanted difficulty choose (draft.h). Threads: pure functions but
// for `random`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "services/growth/challenge/generation/draft.h"

namespace selfology::challenge {

struct TaskOf {
  int64_t id = 0;
  std::string title = {};
  bool open = true;
  absl::Time created_at;
  absl::Time due_at = absl::InfiniteFuture();     // InfiniteFuture: whenever.
  absl::Time closed_at = absl::InfiniteFuture();  // InfiniteFuture: not yet.
};

struct InsightOf {
  int64_t id = 0;
  std::string text = {};
  absl::Time told_at;
};

struct Materials {
  std::vector<TaskOf> tasks = {};
  std::vector<InsightOf> insights = {};
};

// Up to `count` proposals, each of a template that the materials allow. A language that is neither
// "en" nor "ru" is English. kind UNSPECIFIED: both.
std::vector<Draft> Propose(const Materials& materials, v1::ChallengeKind kind,
                           std::string_view language, absl::BitGenRef random, int count);

}  // namespace selfology::challenge

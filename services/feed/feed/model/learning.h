// From what a person did to their model.
//
//   for (const Lesson& lesson : lessons) Apply(lesson, taste);
//   // or the same at once, to the bit:
//   const Taste taste = Rebuild(lessons);
//
// Threads: pure functions. Requirement: R003-5.
#pragma once

#include <cstdint>
#include <vector>

#include "selfology/feed/v1/feed.pb.h"
#include "services/feed/feed/model/features.h"
#include "services/feed/feed/model/taste.h"

namespace selfology::feed {

// Something that a person did with a post, and the post as it was then.
struct Lesson {
  v1::InteractionType type = v1::INTERACTION_TYPE_UNSPECIFIED;
  Features features = {};
};

// Whether it is a judgement, of which a post has one: like, dislike, skip.
bool IsRating(v1::InteractionType type);
// Whether the model learns from it: the judgements, and save.
bool Teaches(v1::InteractionType type);

void Apply(const Lesson& lesson, Taste& taste);
Taste Rebuild(const std::vector<Lesson>& lessons);

// A training needs so many ratings: what one channel gives (R003-3 asks for 7 posts of each).
inline constexpr int64_t kNeededRatings = 7;

}  // namespace selfology::feed

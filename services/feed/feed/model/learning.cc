#include "services/feed/feed/model/learning.h"

namespace selfology::feed {

bool IsRating(v1::InteractionType type) {
  return type == v1::INTERACTION_TYPE_LIKE || type == v1::INTERACTION_TYPE_DISLIKE ||
         type == v1::INTERACTION_TYPE_SKIP;
}

bool Teaches(v1::InteractionType type) {
  return IsRating(type) || type == v1::INTERACTION_TYPE_SAVE;
}

void Apply(const Lesson& lesson, Taste& taste) {
  switch (lesson.type) {
    case v1::INTERACTION_TYPE_LIKE:
      taste.Learn(lesson.features, {.likes = true});
      return;
    case v1::INTERACTION_TYPE_DISLIKE:
      taste.Learn(lesson.features, {.likes = false});
      return;
    case v1::INTERACTION_TYPE_SKIP:
      // Many are skipped for other reasons than taste.
      taste.Learn(lesson.features, {.likes = false, .noise = 2});
      return;
    case v1::INTERACTION_TYPE_SAVE:
      taste.Learn(lesson.features, {.likes = true, .noise = 0.7});
      return;
    default:
      return;
  }
}

Taste Rebuild(const std::vector<Lesson>& lessons) {
  Taste taste;
  for (const Lesson& lesson : lessons) Apply(lesson, taste);
  return taste;
}

}  // namespace selfology::feed

#include "services/feed/feed/learning_terms.h"

#include <algorithm>
#include <vector>

#include "common/status/status_macros.h"
#include "services/feed/feed/model/learning.h"
#include "services/feed/feed/store/interaction_store.h"
#include "services/feed/feed/store/people_store.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {

using postgres::Transaction;

absl::StatusOr<store::Model> RebuildModel(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const std::vector<Lesson> lessons, store::ListLessons(tx, user_id));
  if (lessons.empty()) {
    store::DeleteModel(tx, user_id);
    return store::Model();
  }
  store::Model model = {.state = Rebuild(lessons).Encode()};
  model.rated_count = std::count_if(lessons.begin(), lessons.end(),
                                    [](const Lesson& lesson) { return IsRating(lesson.type); });
  store::SaveModel(tx, user_id, model);
  return model;
}

absl::Status KeepTerms(Transaction& tx, const store::Saved& saved) {
  if (saved.learning_began) return store::LearnWords(tx, saved.channel.id);
  if (!saved.learning_ended) return absl::OkStatus();
  // Persons first, by their numbers, as everybody locks them before their interactions.
  ASSIGN_OR_RETURN(const std::vector<int64_t> persons, store::LockPersonsOf(tx, saved.channel.id));
  RETURN_IF_ERROR(store::ForgetWords(tx, saved.channel.id));
  for (const int64_t user_id : persons) RETURN_IF_ERROR(RebuildModel(tx, user_id).status());
  return absl::OkStatus();
}

}  // namespace selfology::feed

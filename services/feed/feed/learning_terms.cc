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
  // A popular channel has many readers, and none of them may wait for all others.
  store::BeginForgetting(tx, saved.channel.id);
  return store::ForgetWords(tx, saved.channel.id);
}

absl::Status ForgetWordsOf(Transaction& tx, int64_t channel_id, const store::Forgetter& one) {
  // The person first, as everybody locks them before their interactions.
  ASSIGN_OR_RETURN(const auto person, store::LockKnown(tx, one.user_id));
  store::HasForgotten(tx, channel_id, one);
  if (!person.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool knew, store::ForgetWordsOf(tx, channel_id, one.user_id));
  return knew ? RebuildModel(tx, one.user_id).status() : absl::OkStatus();
}

}  // namespace selfology::feed

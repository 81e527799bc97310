#include "services/coaching/profile/profile_changes.h"

#include <utility>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/profile.pb.h"
#include "services/coaching/profile/layers.h"
#include "services/coaching/profile/profile_store.h"

namespace selfology::profile {
namespace {

template <typename Event>
Event Tell(const Changed& changed, const Cause& cause) {
  Event event;
  event.set_user_id(changed.profile.user_id());
  *event.mutable_profile() = changed.profile;
  event.set_trigger(cause.trigger);
  event.set_answer_id(cause.answer_id);
  return event;
}

}  // namespace

absl::StatusOr<Changed> ChangeProfile(
    postgres::Transaction& tx, int64_t user_id, absl::Time now, const Cause& cause,
    const std::function<absl::StatusOr<v1::Profile>(const v1::Profile& before, bool exists)>&
        change) {
  ASSIGN_OR_RETURN(const std::optional<v1::Profile> stored, store::Read(tx, user_id));
  const v1::Profile before = stored.value_or(v1::Profile());
  Changed changed;
  ASSIGN_OR_RETURN(changed.profile, change(before, stored.has_value()));
  changed.fields = ChangedFields(before, changed.profile);
  if (stored.has_value() && changed.fields.empty()) return changed;

  // As the database keeps it, so that what is published equals what is read.
  now = timestamps::WholeMicroseconds(now);
  changed.profile.set_user_id(user_id);
  changed.profile.set_version(before.version() + 1);
  *changed.profile.mutable_updated_at() = timestamps::ToProto(now);
  if (!stored.has_value()) *changed.profile.mutable_created_at() = timestamps::ToProto(now);
  RETURN_IF_ERROR(store::Save(tx, changed.profile));
  if (!stored.has_value()) {
    RETURN_IF_ERROR(events::Publish(tx, Tell<events::v1::ProfileCreated>(changed, cause)));
    return changed;
  }
  auto updated = Tell<events::v1::ProfileUpdated>(changed, cause);
  updated.mutable_changed_fields()->Assign(changed.fields.begin(), changed.fields.end());
  RETURN_IF_ERROR(events::Publish(tx, updated));
  return changed;
}

void Watchers::Wake(int64_t user_id) {
  absl::MutexLock lock(&mutex_);
  if (const auto found = waiting_.find(user_id); found != waiting_.end()) ++found->second.wakes;
}

void Watchers::Await(int64_t user_id, absl::Duration most) {
  absl::MutexLock lock(&mutex_);
  Waiting& entry = waiting_[user_id];
  ++entry.watchers;
  const int64_t seen = entry.wakes;
  const auto woken = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return waiting_[user_id].wakes != seen;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&woken), most);
  if (--waiting_[user_id].watchers == 0) waiting_.erase(user_id);
}

}  // namespace selfology::profile

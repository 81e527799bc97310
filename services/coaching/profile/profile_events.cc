#include "services/coaching/profile/profile_events.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/coaching/profile/layers.h"
#include "services/coaching/profile/profile_changes.h"
#include "services/coaching/profile/profile_store.h"

namespace selfology::profile {

absl::Status ProfileEvents::LearnTraits(const events::v1::TraitExtracted& event,
                                        events::Handling& handling) const {
  postgres::Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  RETURN_IF_ERROR(
      ChangeProfile(tx, event.user_id(), handling.now(),
                    {.trigger = event.trigger(), .answer_id = event.answer_id()},
                    [&](const v1::Profile& before, bool) { return Learn(before, event); }));
  tx.AfterCommit([changed = changed_, user_id = event.user_id()] { changed(user_id); });
  return absl::OkStatus();
}

absl::Status ProfileEvents::ForgetCreated(const events::v1::ProfileCreated& event,
                                          events::Handling& handling) const {
  return cache_.Invalidate(handling.call(), absl::StrCat(event.user_id()));
}

absl::Status ProfileEvents::ForgetUpdated(const events::v1::ProfileUpdated& event,
                                          events::Handling& handling) const {
  return cache_.Invalidate(handling.call(), absl::StrCat(event.user_id()));
}

}  // namespace selfology::profile

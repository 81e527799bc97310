#include "services/feed/feed/persons.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/feed.pb.h"
#include "services/feed/feed/people/status_machine.h"
#include "services/feed/feed/store/channel_store.h"

namespace selfology::feed {
namespace {

using postgres::Transaction;

absl::Status PublishStatus(Transaction& tx, int64_t user_id, v1::UserStatus from,
                           v1::UserStatus to) {
  events::v1::FeedStatusChanged event;
  event.set_user_id(user_id);
  event.set_from_status(from);
  event.set_to_status(to);
  return events::Publish(tx, event);
}

}  // namespace

absl::StatusOr<store::Person> Enter(Transaction& tx, int64_t user_id, absl::Time now,
                                    bool* is_new) {
  ASSIGN_OR_RETURN(store::Locked locked, store::LockPerson(tx, user_id, now));
  if (is_new != nullptr) *is_new = locked.is_new;
  if (locked.is_new) {
    store::FollowDefaults(tx, user_id, now);
    store::AddLog(tx, user_id, "status.new", "", now);
    RETURN_IF_ERROR(PublishStatus(tx, user_id, v1::USER_STATUS_UNSPECIFIED, v1::USER_STATUS_NEW));
  }
  return std::move(locked.person);
}

absl::Status MoveTo(Transaction& tx, store::Person& person, v1::UserStatus status, absl::Time now) {
  const v1::UserStatus before = person.status();
  person.status_word = enums::Word(status);
  store::SetStatus(tx, person.user_id, status);
  store::AddLog(tx, person.user_id, absl::StrCat("status.", enums::LowerWord(status)), "", now);
  return PublishStatus(tx, person.user_id, before, status);
}

absl::Status Bring(Transaction& tx, store::Person& person, v1::UserStatus goal, absl::Time now) {
  for (const v1::UserStatus status : Towards(person.status(), goal)) {
    RETURN_IF_ERROR(MoveTo(tx, person, status, now));
  }
  return absl::OkStatus();
}

absl::Status WasSeen(Transaction& tx, store::Person& person, absl::Time now) {
  store::SetSeen(tx, person.user_id, now);
  const absl::StatusOr<v1::UserStatus> back = After(person.status(), Step::kReturn);
  return back.ok() ? MoveTo(tx, person, *back, now) : absl::OkStatus();
}

absl::Status OpenedFeed(Transaction& tx, store::Person& person, absl::Time now) {
  RETURN_IF_ERROR(WasSeen(tx, person, now));
  const absl::StatusOr<v1::UserStatus> active = After(person.status(), Step::kViewFeed);
  return active.ok() ? MoveTo(tx, person, *active, now) : absl::OkStatus();
}

}  // namespace selfology::feed

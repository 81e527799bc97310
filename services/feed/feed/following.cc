#include "services/feed/feed/following.h"

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/feed.pb.h"
#include "services/feed/feed/persons.h"

namespace selfology::feed {

using postgres::Transaction;

absl::StatusOr<Followed> Follow(Transaction& tx, store::Person& person,
                                const store::ChannelRow& channel, const FollowWish& wish,
                                absl::Time now) {
  ASSIGN_OR_RETURN(const auto before, store::FindFollowing(tx, person.user_id, channel.id));
  Followed followed = {.following = before.value_or(store::Following{.followed_at = now}),
                       .is_new = !before.has_value()};
  store::Following& following = followed.following;
  following.is_for_training = wish.is_for_training.value_or(following.is_for_training);
  following.is_muted = wish.is_muted.value_or(following.is_muted);
  if (followed.is_new) {
    ASSIGN_OR_RETURN(const int64_t count, store::CountFollowed(tx, person.user_id));
    if (count >= kMostChannels) {
      return status::InvalidField("channel_id", "a person follows at most 100 channels");
    }
    ASSIGN_OR_RETURN(following.is_bonus,
                     store::WasProposed(tx, person.user_id, channel.id, now - kProposalLasts));
    RETURN_IF_ERROR(Bring(tx, person, v1::USER_STATUS_ONBOARDING, now));
  }
  store::SaveFollowing(tx, person.user_id, channel.id, following);
  if (!followed.is_new) return followed;
  store::AddLog(tx, person.user_id, "channel.followed", absl::StrCat(channel.id), now);
  events::v1::FeedChannelFollowed event;
  event.set_user_id(person.user_id);
  event.set_channel_id(channel.id);
  event.set_channel_username(channel.username);
  event.set_channel_title(channel.title);
  event.set_is_for_training(following.is_for_training);
  event.set_is_bonus(following.is_bonus);
  event.set_reader_channel_id(channel.reader_id);
  RETURN_IF_ERROR(events::Publish(tx, event));
  return followed;
}

absl::Status Unfollow(Transaction& tx, const store::Person& person,
                      const store::ChannelRow& channel, bool reader_knows, absl::Time now) {
  ASSIGN_OR_RETURN(const bool followed, store::DeleteFollowing(tx, person.user_id, channel.id));
  if (!followed) return absl::OkStatus();
  store::AddLog(tx, person.user_id, "channel.unfollowed", absl::StrCat(channel.id), now);
  events::v1::FeedChannelUnfollowed event;
  event.set_user_id(person.user_id);
  event.set_channel_id(channel.id);
  event.set_reader_channel_id(reader_knows ? 0 : channel.reader_id);
  return events::Publish(tx, event);
}

}  // namespace selfology::feed

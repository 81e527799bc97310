#include "services/feed/feed/feed_events.h"

#include "common/status/status_macros.h"
#include "services/feed/feed/channel_facts.h"
#include "services/feed/feed/following.h"
#include "services/feed/feed/learning_terms.h"
#include "services/feed/feed/persons.h"
#include "services/feed/feed/store/channel_store.h"
#include "services/feed/feed/store/people_store.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {
namespace {

namespace reader = channel_reader::v1;
using postgres::Transaction;

absl::StatusOr<store::ChannelRow> Save(Transaction& tx, const reader::Channel& channel) {
  ASSIGN_OR_RETURN(const store::Saved saved, store::SaveChannel(tx, FactsOf(channel)));
  RETURN_IF_ERROR(KeepTerms(tx, saved));
  return saved.channel;
}

absl::Status KeepPost(Transaction& tx, const reader::Channel& channel, const reader::Post& post) {
  ASSIGN_OR_RETURN(const store::ChannelRow row, Save(tx, channel));
  if (post.is_service_message()) return absl::OkStatus();
  return store::SavePost(tx, FactsOf(post, row.id, row.may_learn)).status();
}

}  // namespace

absl::Status KeepPost(const events::v1::ChannelPostPublished& event, events::Handling& handling) {
  return KeepPost(handling.tx(), event.channel(), event.post());
}

absl::Status KeepEditedPost(const events::v1::ChannelPostEdited& event,
                            events::Handling& handling) {
  return KeepPost(handling.tx(), event.channel(), event.post());
}

absl::Status DropPost(const events::v1::ChannelPostDeleted& event, events::Handling& handling) {
  ASSIGN_OR_RETURN(const auto channel, store::FindReaderChannel(handling.tx(), event.channel_id()));
  if (channel.has_value()) {
    store::DeletePost(handling.tx(), channel->id, event.post_number(), handling.now());
  }
  return absl::OkStatus();
}

absl::Status KeepChannel(const events::v1::ChannelChanged& event, events::Handling& handling) {
  return Save(handling.tx(), event.channel()).status();
}

absl::Status FollowToo(const events::v1::ChannelFollowed& event, events::Handling& handling) {
  ASSIGN_OR_RETURN(store::Person person, Enter(handling.tx(), event.user_id(), handling.now()));
  ASSIGN_OR_RETURN(const store::ChannelRow channel, Save(handling.tx(), event.channel()));
  const absl::Status followed = Follow(handling.tx(), person, channel, {}, handling.now()).status();
  // They have as many as there may be: the feed leaves this one out.
  return absl::IsInvalidArgument(followed) ? absl::OkStatus() : followed;
}

absl::Status UnfollowToo(const events::v1::ChannelUnfollowed& event, events::Handling& handling) {
  ASSIGN_OR_RETURN(const auto channel, store::FindReaderChannel(handling.tx(), event.channel_id()));
  if (!channel.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto person, store::LockKnown(handling.tx(), event.user_id()));
  if (!person.has_value()) return absl::OkStatus();
  return Unfollow(handling.tx(), *person, *channel, /*reader_knows=*/true, handling.now());
}

absl::Status ReaderTeller::TellFollowed(const events::v1::FeedChannelFollowed& event,
                                        events::Handling& handling) {
  if (event.channel_username().empty()) return absl::OkStatus();
  const auto facts = reader_->Follow(handling.call(), event.user_id(), event.channel_username());
  if (!facts.ok()) return handling.Needs(facts.status());
  if (!facts->has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const store::Saved saved, store::SaveChannel(handling.tx(), **facts));
  return KeepTerms(handling.tx(), saved);
}

absl::Status ReaderTeller::TellUnfollowed(const events::v1::FeedChannelUnfollowed& event,
                                          events::Handling& handling) {
  if (event.reader_channel_id() == 0) return absl::OkStatus();
  const absl::Status told =
      reader_->Unfollow(handling.call(), event.user_id(), event.reader_channel_id());
  return told.ok() ? absl::OkStatus() : handling.Needs(told);
}

}  // namespace selfology::feed

#include "services/feed/channel_reader/pushed.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/channel_reader.pb.h"
#include "services/feed/channel_reader/address.h"
#include "services/feed/channel_reader/intake.h"
#include "services/feed/channel_reader/store/post_store.h"
#include "services/feed/channel_reader/store/scope_store.h"

namespace selfology::channel_reader {
namespace {

using postgres::Transaction;
using store::StoredChannel;
using store::StoredPost;
using telegram::v1::ChannelMembership;
using telegram::v1::ChannelPost;
using telegram::v1::ChannelUpdate;

constexpr int kMaxReactions = 20;

// The channel, locked; a new one if there is none and it matters.
absl::StatusOr<std::optional<StoredChannel>> ChannelOf(Transaction& tx, const ChannelUpdate& update,
                                                       bool make, absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<StoredChannel> stored,
                   store::FindChannelByTelegramId(tx, update.chat_id()));
  if (!stored.has_value() && !update.username().empty()) {
    ASSIGN_OR_RETURN(stored,
                     store::FindChannelByKey(tx, TelegramKey(update.username(), update.chat_id())));
  }
  int64_t channel_id = stored.has_value() ? stored->channel.channel_id() : 0;
  if (channel_id == 0) {
    if (!make) return std::nullopt;
    Address address;
    address.source = v1::SOURCE_KIND_TELEGRAM_BOT;
    address.handle = update.username();
    address.key = TelegramKey(update.username(), update.chat_id());
    ASSIGN_OR_RETURN(channel_id, store::EnsureChannel(tx, address, now));
  }
  return store::LockChannel(tx, channel_id);
}

void TakeFacts(const ChannelUpdate& update, v1::Channel& channel) {
  v1::Post cleaned;
  cleaned.set_author(update.title());
  Settle(cleaned, absl::UnixEpoch());
  if (!cleaned.author().empty()) channel.set_title(cleaned.author());
  channel.set_telegram_id(update.chat_id());
  if (!update.username().empty()) {
    channel.set_handle(update.username());
    channel.set_link(absl::StrCat("https://t.me/", update.username()));
  }
}

// From now on its posts come by the bot.
void ReadByBot(absl::Time now, v1::Channel& channel) {
  channel.set_source(v1::SOURCE_KIND_TELEGRAM_BOT);
  channel.set_state(v1::CHANNEL_STATE_READABLE);
  channel.set_reason(v1::UNREADABLE_REASON_UNSPECIFIED);
  channel.clear_next_read_at();
  channel.clear_period();
  *channel.mutable_read_at() = timestamps::ToProto(now);
}

void SetScope(Transaction& tx, StoredChannel& stored, bool has_owner, const v1::UseScope& scope,
              int64_t given_by, absl::Time now) {
  stored.rules.has_owner = has_owner;
  stored.rules.of_owner = scope;
  *stored.channel.mutable_scope() = EffectiveScope(stored.rules);
  v1::Consent consent;
  consent.set_channel_id(stored.channel.channel_id());
  consent.set_source(stored.channel.source());
  consent.set_basis(v1::CONSENT_BASIS_OWNER);
  *consent.mutable_scope() = scope;
  consent.set_given_by_user_id(given_by);
  store::AddConsent(tx, consent, now);
}

absl::Status TakeMembership(Transaction& tx, const ChannelUpdate& update, int64_t number,
                            absl::Time now, StoredChannel& stored) {
  if (number <= stored.update_number) return absl::OkStatus();
  stored.update_number = number;
  const ChannelMembership& membership = update.membership();
  v1::Channel& channel = stored.channel;
  const bool was_there = channel.source() == v1::SOURCE_KIND_TELEGRAM_BOT &&
                         channel.reason() != v1::UNREADABLE_REASON_BOT_REMOVED &&
                         channel.state() != v1::CHANNEL_STATE_WAITING;
  const bool is_there = membership.role() == telegram::v1::CHANNEL_ROLE_ADMINISTRATOR ||
                        membership.role() == telegram::v1::CHANNEL_ROLE_MEMBER;
  const int64_t person = membership.changed_by_user_id();
  if (is_there) {
    ReadByBot(now, channel);
    if (!stored.rules.has_owner) {
      v1::UseScope scope;
      scope.set_show(true);
      scope.set_keep(true);
      SetScope(tx, stored, /*has_owner=*/true, scope, person, now);
    }
    if (person > 0) channel.set_owner_user_id(person);
  } else {
    SetScope(tx, stored, /*has_owner=*/false, v1::UseScope(), person, now);
    channel.set_owner_user_id(0);
    if (!channel.handle().empty()) {
      // Public: there is still its preview.
      channel.set_source(v1::SOURCE_KIND_TELEGRAM_PREVIEW);
      channel.set_state(v1::CHANNEL_STATE_WAITING);
      if (channel.followers() > 0) *channel.mutable_next_read_at() = timestamps::ToProto(now);
    } else {
      channel.set_state(v1::CHANNEL_STATE_UNREADABLE);
      channel.set_reason(v1::UNREADABLE_REASON_BOT_REMOVED);
    }
  }
  if (was_there == is_there || person <= 0) return absl::OkStatus();
  events::v1::ChannelOwnerChanged event;
  event.set_user_id(person);
  event.set_channel_id(channel.channel_id());
  *event.mutable_channel() = channel;
  event.set_bot_is_there(is_there);
  return events::Publish(tx, event);
}

v1::MediaKind KindOf(const telegram::v1::Media& media) {
  switch (media.kind()) {
    case telegram::v1::CONTENT_KIND_PHOTO:
      return v1::MEDIA_KIND_PHOTO;
    case telegram::v1::CONTENT_KIND_VOICE:
      return media.mime_type().starts_with("video") ? v1::MEDIA_KIND_VIDEO_NOTE
                                                    : v1::MEDIA_KIND_VOICE;
    case telegram::v1::CONTENT_KIND_STICKER:
      return v1::MEDIA_KIND_STICKER;
    case telegram::v1::CONTENT_KIND_DOCUMENT:
      if (media.mime_type().starts_with("video")) return v1::MEDIA_KIND_VIDEO;
      if (media.mime_type().starts_with("audio")) return v1::MEDIA_KIND_AUDIO;
      return v1::MEDIA_KIND_DOCUMENT;
    default:
      return v1::MEDIA_KIND_UNSUPPORTED;
  }
}

FoundPost FoundOf(const ChannelUpdate& update, const ChannelPost& pushed) {
  FoundPost found;
  v1::Post& post = found.post;
  post.set_post_number(pushed.message_id());
  post.set_source_key(pushed.album().empty() ? absl::StrCat("message:", pushed.message_id())
                                             : absl::StrCat("album:", pushed.album()));
  if (!update.username().empty()) {
    post.set_link(absl::StrCat("https://t.me/", update.username(), "/", pushed.message_id()));
  }
  post.set_text(pushed.text());
  *post.mutable_posted_at() = pushed.posted_at();
  if (pushed.has_edited_at()) *post.mutable_edited_at() = pushed.edited_at();
  post.set_author(pushed.author_signature());
  post.set_reply_to_number(std::max<int64_t>(pushed.reply_to_message_id(), 0));
  for (const telegram::v1::Media& file : pushed.media()) {
    v1::PostMedia& media = *post.add_media();
    media.set_kind(KindOf(file));
    media.set_media_id(file.media_id());
    media.set_file_name(file.file_name());
    media.set_size(file.size());
    media.set_width(file.width());
    media.set_height(file.height());
    if (file.has_duration()) *media.mutable_duration() = file.duration();
  }
  if (!pushed.album().empty()) post.add_album_numbers(pushed.message_id());
  return found;
}

// Adds one part of an album to those that came before; nothing twice.
void MergeAlbum(const v1::Post& before, v1::Post& post) {
  const int64_t part = post.post_number();
  const v1::Post now = post;
  post = before;
  post.clear_edited_at();
  if (now.has_edited_at()) *post.mutable_edited_at() = now.edited_at();
  // The caption is under one of the parts.
  if (!now.text().empty()) post.set_text(now.text());
  const auto& parts = before.album_numbers();
  if (std::find(parts.begin(), parts.end(), part) != parts.end()) return;
  post.set_post_number(std::min(before.post_number(), part));
  post.add_album_numbers(part);
  std::sort(post.mutable_album_numbers()->begin(), post.mutable_album_numbers()->end());
  for (const v1::PostMedia& media : now.media()) *post.add_media() = media;
}

absl::Status TakePushedPost(Transaction& tx, const ChannelUpdate& update, const ChannelPost& pushed,
                            int64_t number, absl::Time now, StoredChannel& stored) {
  if (pushed.message_id() <= 0) return absl::OkStatus();
  FoundPost found = FoundOf(update, pushed);
  const std::string key = found.post.source_key();
  ASSIGN_OR_RETURN(
      const std::vector<StoredPost> known,
      store::FindPosts(tx, stored.channel.channel_id(), {key}, {found.post.post_number()}));
  // An album is known by its key; any other post by its number, also one read by the preview.
  const StoredPost* before = nullptr;
  for (const StoredPost& post : known) {
    if (post.post.source_key() == key || before == nullptr) before = &post;
  }
  if (before != nullptr) {
    const bool is_part = !pushed.album().empty() && before->post.source_key() == key;
    const bool is_other_part = is_part && before->post.post_number() != pushed.message_id();
    if (!is_other_part && number <= before->update_number) return absl::OkStatus();
    if (is_part) MergeAlbum(before->post, found.post);
    // Its number names it, though parts of an album may come in another order.
    found.post.set_post_number(before->post.post_number());
    if (found.post.source_key().empty()) found.post.set_source_key(before->post.source_key());
  }
  Settle(found.post, now);
  found.update_number = number;
  v1::Channel& channel = stored.channel;
  channel.set_newest_number(std::max(channel.newest_number(), pushed.message_id()));
  return TakePost(tx, stored, std::move(found), before, now).status();
}

absl::Status TakeReactions(Transaction& tx, const ChannelUpdate& update,
                           const StoredChannel& stored) {
  const telegram::v1::ReactionCounts& counts = update.reaction_counts();
  ASSIGN_OR_RETURN(std::vector<StoredPost> known,
                   store::FindPosts(tx, stored.channel.channel_id(), {}, {counts.message_id()}));
  if (known.empty()) return absl::OkStatus();
  StoredPost& post = known[0];
  post.post.clear_reactions();
  for (const telegram::v1::ReactionCount& count : counts.counts()) {
    if (post.post.reactions_size() >= kMaxReactions) break;
    v1::PostReaction& reaction = *post.post.add_reactions();
    reaction.set_emoji(count.emoji());
    reaction.set_count(count.count());
  }
  store::SavePost(tx, post);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<StoredChannel>> TakeUpdate(Transaction& tx,
                                                        const ChannelUpdate& update, int64_t number,
                                                        absl::Time now) {
  const bool makes =
      update.has_post() ||
      (update.has_membership() && update.membership().role() != telegram::v1::CHANNEL_ROLE_NONE);
  ASSIGN_OR_RETURN(std::optional<StoredChannel> stored, ChannelOf(tx, update, makes, now));
  if (!stored.has_value()) return std::nullopt;
  const v1::Channel before = stored->channel;
  TakeFacts(update, stored->channel);
  if (update.has_membership()) {
    RETURN_IF_ERROR(TakeMembership(tx, update, number, now, *stored));
  } else {
    // Only whom the bot is with pushes.
    ReadByBot(now, stored->channel);
    if (update.has_reaction_counts()) {
      RETURN_IF_ERROR(TakeReactions(tx, update, *stored));
    } else {
      const ChannelPost& pushed = update.has_post() ? update.post() : update.edited_post();
      RETURN_IF_ERROR(TakePushedPost(tx, update, pushed, number, now, *stored));
    }
  }
  store::SaveChannel(tx, *stored);
  RETURN_IF_ERROR(PublishChange(tx, before, stored->channel));
  return stored;
}

}  // namespace selfology::channel_reader

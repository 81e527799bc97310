#include "services/feed/channel_reader/intake.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/channel_reader.pb.h"
#include "services/feed/channel_reader/drift.h"
#include "services/feed/channel_reader/pace.h"
#include "services/feed/channel_reader/store/scope_store.h"

namespace selfology::channel_reader {
namespace {

using postgres::Transaction;
using store::StoredChannel;
using store::StoredPost;

// Of a reading the newest so many are judged: what is read often does not drown what is read seldom.
constexpr size_t kJudgedOfReading = 5;
// A post that so many readings in a row missed is gone.
constexpr int kMissesOfGone = 2;
constexpr int kMaxAbout = 1000;  // Characters.
constexpr absl::Duration kShortestRetry = absl::Seconds(5);

template <typename Event>
Event About(const StoredChannel& stored, const v1::Post& post) {
  Event event;
  event.set_channel_id(stored.channel.channel_id());
  *event.mutable_post() = post;
  Withhold(stored.channel.scope(), *event.mutable_post());
  *event.mutable_channel() = stored.channel;
  return event;
}

// Keeps what others see of a channel as the source shows it now.
void TakeFacts(const SourceReading& reading, StoredChannel& stored) {
  v1::Channel& channel = stored.channel;
  v1::Post cleaned;  // Cleans and shortens texts as those of posts are.
  cleaned.set_text(reading.about);
  cleaned.set_author(reading.title);
  cleaned.set_source_key(reading.handle);
  Settle(cleaned, absl::UnixEpoch());
  if (!cleaned.author().empty()) channel.set_title(cleaned.author());
  channel.set_about(std::string(text::Prefix(cleaned.text(), kMaxAbout)));
  if (!reading.picture_url.empty()) channel.set_picture_url(reading.picture_url);
  if (!reading.link.empty()) channel.set_link(reading.link);
  if (reading.subscribers > 0) channel.set_subscribers(reading.subscribers);
  if (reading.telegram_id != 0) channel.set_telegram_id(reading.telegram_id);
  if (!cleaned.source_key().empty() && cleaned.source_key().size() <= 255) {
    channel.set_handle(cleaned.source_key());
  }
  if (!reading.feed_url.empty()) stored.feed_url = reading.feed_url;
  stored.etag = reading.etag;
  stored.last_modified = reading.last_modified;
}

void SetNextRead(std::optional<absl::Time> when, v1::Channel& channel) {
  channel.clear_next_read_at();
  if (when.has_value() && channel.followers() > 0 && IsPolled(channel.source())) {
    *channel.mutable_next_read_at() = timestamps::ToProto(*when);
  }
}

void TakeFailure(const SourceReading& reading, absl::Time now, absl::BitGenRef random,
                 StoredChannel& stored) {
  v1::Channel& channel = stored.channel;
  if (reading.reason == v1::UNREADABLE_REASON_TOO_OFTEN) {
    // Nothing is known about the channel itself: it waits for its turn.
    const absl::Duration pause =
        std::max(reading.retry_after.value_or(kShortestRetry), kShortestRetry);
    SetNextRead(now + std::min(pause, absl::Hours(24)), channel);
    return;
  }
  ++stored.failures;
  channel.set_reason(reading.reason);
  channel.set_state(MayPass(reading.reason) ? v1::CHANNEL_STATE_FAILING
                                            : v1::CHANNEL_STATE_UNREADABLE);
  SetNextRead(now + NextPause(reading.reason, stored.failures, reading.retry_after, random),
              channel);
}

// Whether the reading looks like another markup than ours.
bool LooksStrange(const SourceReading& reading, const StoredChannel& stored) {
  if (reading.posts.empty()) {
    return stored.read_up_to > 0 && stored.channel.source() == v1::SOURCE_KIND_TELEGRAM_PREVIEW;
  }
  const auto strange = static_cast<size_t>(
      std::count_if(reading.posts.begin(), reading.posts.end(),
                    [](const FoundPost& found) { return !found.missing.empty(); }));
  return reading.posts.size() >= 5 && strange * 2 > reading.posts.size();
}

absl::StatusOr<bool> JudgeReading(Transaction& tx, v1::SourceKind source,
                                  const SourceReading& reading) {
  if (reading.posts.empty()) return false;
  const size_t from = reading.posts.size() - std::min(reading.posts.size(), kJudgedOfReading);
  for (size_t i = from; i < reading.posts.size(); ++i) {
    store::AddJudgement(tx, source, reading.posts[i].missing);
  }
  store::TrimJudgements(tx, source, kJudgedPosts);
  ASSIGN_OR_RETURN(const store::Kind kind, store::ReadKind(tx, source));
  ASSIGN_OR_RETURN(const auto judged, store::ReadJudgements(tx, source, kJudgedPosts));
  const Drift drift = JudgeDrift(judged, kind.drifting);
  if (drift.drifting == kind.drifting) return false;
  ASSIGN_OR_RETURN(const bool turned, store::SetDrifting(tx, source, drift.drifting));
  if (!turned || !drift.drifting) return false;
  events::v1::ChannelSourceDrifted event;
  event.set_source_kind(enums::LowerWord(source));
  v1::SourceHealth& health = *event.mutable_health();
  health.set_source(source);
  health.set_enabled(kind.enabled);
  *health.mutable_scope() = kind.scope;
  health.set_complete_share(drift.complete_share);
  health.set_judged_posts(drift.posts);
  health.set_drifting(true);
  health.mutable_missing_fields()->Assign(drift.missing.begin(), drift.missing.end());
  RETURN_IF_ERROR(events::Publish(tx, event));
  return true;
}

absl::Status TakeDeletions(Transaction& tx, const StoredChannel& stored,
                           const SourceReading& reading, const std::set<int64_t>& shown,
                           absl::Time now, Brought& brought) {
  const bool by_number = reading.complete_to > 0 && reading.complete_from > 0;
  if (!by_number && !reading.complete_since.has_value()) return absl::OkStatus();
  const absl::Time since = reading.complete_since.has_value() && !by_number
                               ? *reading.complete_since + absl::Microseconds(1)
                               : absl::InfiniteFuture();
  ASSIGN_OR_RETURN(
      std::vector<StoredPost> present,
      store::ListPresent(tx, stored.channel.channel_id(), by_number ? reading.complete_from : 1,
                         by_number ? reading.complete_to : 0, since));
  // In the channel's order.
  std::reverse(present.begin(), present.end());
  for (StoredPost& post : present) {
    const int64_t number = post.post.post_number();
    if (shown.contains(number)) continue;
    if (++post.missed < kMissesOfGone) {
      store::SetMissed(tx, stored.channel.channel_id(), number, post.missed);
      continue;
    }
    post.deleted = true;
    post.forgotten = true;
    ForgetContent(post.post);
    *post.post.mutable_deleted_at() = timestamps::ToProto(now);
    store::SavePost(tx, post);
    events::v1::ChannelPostDeleted event;
    event.set_channel_id(stored.channel.channel_id());
    event.set_post_number(number);
    *event.mutable_deleted_at() = post.post.deleted_at();
    RETURN_IF_ERROR(events::Publish(tx, event));
    ++brought.deleted;
  }
  return absl::OkStatus();
}

// Posts, each with what is known of it, in the channel's order.
absl::Status TakePosts(Transaction& tx, StoredChannel& stored, SourceReading& reading,
                       absl::Time now, Brought& brought) {
  v1::Channel& channel = stored.channel;
  std::vector<std::string> keys;
  std::vector<int64_t> numbers;
  for (FoundPost& found : reading.posts) {
    Settle(found.post, now);
    keys.push_back(found.post.source_key());
    numbers.push_back(found.post.post_number());
  }
  ASSIGN_OR_RETURN(const std::vector<StoredPost> known,
                   store::FindPosts(tx, channel.channel_id(), keys, numbers));
  std::map<std::string, const StoredPost*> by_key;
  std::map<int64_t, const StoredPost*> by_number;
  for (const StoredPost& post : known) {
    by_key[post.post.source_key()] = &post;
    by_number[post.post.post_number()] = &post;
  }
  std::set<int64_t> shown;
  for (FoundPost& found : reading.posts) {
    const StoredPost* before = nullptr;
    if (found.post.post_number() > 0) {
      const auto it = by_number.find(found.post.post_number());
      if (it != by_number.end()) before = it->second;
    } else {
      const auto it = by_key.find(found.post.source_key());
      if (it != by_key.end()) before = it->second;
      found.post.set_post_number(before != nullptr ? before->post.post_number()
                                                   : channel.newest_number() + 1);
    }
    const int64_t number = found.post.post_number();
    if (!shown.insert(number).second) continue;
    channel.set_newest_number(std::max(channel.newest_number(), number));
    ASSIGN_OR_RETURN(const PostChange change, TakePost(tx, stored, std::move(found), before, now));
    brought.stored += change == PostChange::kPublished ? 1 : 0;
    brought.edited += change == PostChange::kEdited ? 1 : 0;
  }
  if (!reading.has_gap) stored.read_up_to = channel.newest_number();
  return TakeDeletions(tx, stored, reading, shown, now, brought);
}

}  // namespace

bool IsPolled(v1::SourceKind source) { return source != v1::SOURCE_KIND_TELEGRAM_BOT; }

absl::Status PublishChange(Transaction& tx, const v1::Channel& before, const v1::Channel& after) {
  const bool scope_changed =
      before.scope().SerializeAsString() != after.scope().SerializeAsString();
  const bool changed = scope_changed || before.title() != after.title() ||
                       before.handle() != after.handle() || before.source() != after.source() ||
                       before.telegram_id() != after.telegram_id() ||
                       before.picture_url() != after.picture_url() ||
                       before.state() != after.state() || before.reason() != after.reason();
  if (!changed) return absl::OkStatus();
  events::v1::ChannelChanged event;
  event.set_channel_id(after.channel_id());
  *event.mutable_channel() = after;
  event.set_scope_changed(scope_changed);
  return events::Publish(tx, event);
}

absl::StatusOr<PostChange> TakePost(Transaction& tx, const StoredChannel& stored, FoundPost found,
                                    const StoredPost* known, absl::Time now) {
  StoredPost post;
  post.post = std::move(found.post);
  post.post.set_channel_id(stored.channel.channel_id());
  post.fingerprint = Fingerprint(post.post);
  post.update_number = found.update_number;
  const google::protobuf::Timestamp noticed = timestamps::ToProto(now);
  if (known == nullptr) {
    post.post.set_revision(1);
    *post.post.mutable_seen_at() = noticed;
    if (found.is_edited && !post.post.has_edited_at()) *post.post.mutable_edited_at() = noticed;
    store::SavePost(tx, post);
    RETURN_IF_ERROR(
        events::Publish(tx, About<events::v1::ChannelPostPublished>(stored, post.post)));
    return PostChange::kPublished;
  }
  const bool is_edit = post.fingerprint != known->fingerprint;
  // Text that was forgotten because nobody followed the channel; not because of its age.
  const bool comes_back = known->forgotten && !known->deleted && stored.channel.scope().show() &&
                          (stored.channel.scope().keep() ||
                           timestamps::FromProto(known->post.seen_at()) > now - kTextMemory);
  post.update_number = std::max(found.update_number, known->update_number);
  post.post.set_revision(known->post.revision() + (is_edit ? 1 : 0));
  *post.post.mutable_seen_at() = known->post.seen_at();
  // Where the source gives no time, now is the best guess, and it may correct itself later.
  *post.post.mutable_posted_at() = known->post.posted_at();
  if (is_edit && !post.post.has_edited_at()) *post.post.mutable_edited_at() = noticed;
  if (!is_edit && !post.post.has_edited_at() && known->post.has_edited_at()) {
    *post.post.mutable_edited_at() = known->post.edited_at();
  }
  if (is_edit || known->deleted || comes_back) {
    store::SavePost(tx, post);
    RETURN_IF_ERROR(events::Publish(tx, About<events::v1::ChannelPostEdited>(stored, post.post)));
    return PostChange::kEdited;
  }
  if (known->forgotten) {
    ForgetContent(post.post);
    post.forgotten = true;
  }
  // Views and reactions; addresses of media, which expire.
  if (known->missed > 0 || post.post.SerializeAsString() != known->post.SerializeAsString()) {
    store::SavePost(tx, post);
  }
  return PostChange::kNone;
}

absl::StatusOr<Brought> TakeReading(Transaction& tx, StoredChannel& stored, SourceReading reading,
                                    absl::Time now, absl::BitGenRef random) {
  v1::Channel& channel = stored.channel;
  const v1::Channel before = channel;
  Brought brought;
  if (reading.readable() && !reading.unchanged) {
    ASSIGN_OR_RETURN(brought.drift_began, JudgeReading(tx, channel.source(), reading));
    if (LooksStrange(reading, stored)) reading.reason = v1::UNREADABLE_REASON_MARKUP_CHANGED;
  }
  brought.reason = reading.reason;
  if (!reading.readable()) {
    TakeFailure(reading, now, random, stored);
  } else {
    if (!reading.unchanged) TakeFacts(reading, stored);
    stored.failures = 0;
    channel.set_state(v1::CHANNEL_STATE_READABLE);
    channel.set_reason(v1::UNREADABLE_REASON_UNSPECIFIED);
    *channel.mutable_read_at() = timestamps::ToProto(now);
    RETURN_IF_ERROR(TakePosts(tx, stored, reading, now, brought));
    ASSIGN_OR_RETURN(std::vector<absl::Time> times,
                     store::LatestTimes(tx, channel.channel_id(), 12));
    const absl::Duration period =
        NextPeriod(absl::Seconds(channel.period().seconds()), std::move(times), now);
    channel.mutable_period()->set_seconds(absl::ToInt64Seconds(period));
    SetNextRead(now + period, channel);
  }
  store::SaveChannel(tx, stored);
  RETURN_IF_ERROR(PublishChange(tx, before, channel));
  return brought;
}

}  // namespace selfology::channel_reader

#include "services/feed/channel_reader/channel_reader_service.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/channel_reader.pb.h"
#include "services/feed/channel_reader/advice.h"
#include "services/feed/channel_reader/pushed.h"

namespace selfology::channel_reader {
namespace {

using postgres::Transaction;
using store::StoredChannel;

constexpr paging::Limits kFollowedPage = {.default_size = 100, .max_size = 100};
constexpr paging::Limits kPostsPage = {.default_size = 20, .max_size = 100};
constexpr int kMaxAddress = 2048;       // Characters.
constexpr int64_t kMostFollowed = 100;  // Channels a person.
constexpr int kDefaultLimit = 20;
constexpr int kMaxLimit = 100;

void CheckAddress(std::string_view words, std::string_view field, status::FieldViolations& bad) {
  if (text::Trim(words).empty() || text::Characters(words) > kMaxAddress) {
    bad.Add(field, "must be 1 to 2048 characters");
  }
}

void CheckChannelId(int64_t channel_id, status::FieldViolations& bad) {
  if (channel_id < 1) bad.Add("channel_id", "must be 1 or more");
}

// The channel as callers see it.
v1::Channel Shown(const StoredChannel& stored, std::string_view language) {
  v1::Channel channel = stored.channel;
  channel.set_advice(AdviceOf(channel.reason(), language::LanguageOf(language)));
  return channel;
}

absl::Status NoSuchChannel() { return absl::NotFoundError("there is no such channel"); }

}  // namespace

ChannelReaderService::ChannelReaderService(postgres::Database& database,
                                           std::shared_ptr<Reader> reader, Clock clock)
    : database_(database), reader_(std::move(reader)), clock_(std::move(clock)) {}

absl::StatusOr<StoredChannel> ChannelReaderService::Find(const Call& call, int64_t channel_id) {
  ASSIGN_OR_RETURN(
      std::optional<StoredChannel> stored,
      database_.Read(call, [&](Transaction& tx) { return store::FindChannel(tx, channel_id); },
                     {.newest = true}));
  if (!stored.has_value()) return NoSuchChannel();
  return *std::move(stored);
}

absl::StatusOr<int64_t> ChannelReaderService::Ensure(const Call& call, const Address& address) {
  return database_.Write(
      call, [&](Transaction& tx) { return store::EnsureChannel(tx, address, clock_()); });
}

absl::StatusOr<v1::ScrapeResponse> ChannelReaderService::Scrape(const Call& call,
                                                                const v1::ScrapeRequest& request) {
  status::FieldViolations bad;
  CheckAddress(request.channel_username(), "channel_username", bad);
  if (request.limit() < 0 || request.limit() > kMaxLimit) bad.Add("limit", "must be 1 to 100");
  RETURN_IF_ERROR(bad.ToStatus());
  const language::Language language = language::LanguageOf(request.language());
  const int limit = request.limit() == 0 ? kDefaultLimit : request.limit();
  v1::ScrapeResponse response;
  const std::optional<Address> address = ReadAddress(request.channel_username());
  if (!address.has_value() || address->is_private) {
    response.set_message(address.has_value() ? AdviceOf(v1::UNREADABLE_REASON_PRIVATE, language)
                                             : UnknownAddressAdvice(language));
    return response;
  }
  ASSIGN_OR_RETURN(const int64_t channel_id, Ensure(call, *address));
  ASSIGN_OR_RETURN(const Brought brought, reader_->ReadNow(call, channel_id, limit));
  ASSIGN_OR_RETURN(const StoredChannel stored, Find(call, channel_id));
  ASSIGN_OR_RETURN(std::vector<v1::Post> posts,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return store::ListPosts(tx, channel_id,
                                                            std::numeric_limits<int64_t>::max(),
                                                            /*deleted_too=*/false, limit);
                                  },
                                  {.newest = true}));
  response.set_success(brought.reason == v1::UNREADABLE_REASON_UNSPECIFIED);
  response.set_message(response.success()
                           ? BroughtWords(brought.stored, brought.edited, brought.deleted, language)
                           : AdviceOf(brought.reason, language));
  *response.mutable_channel() = Shown(stored, request.language());
  response.set_stored(brought.stored);
  response.set_edited(brought.edited);
  response.set_deleted(brought.deleted);
  for (v1::Post& post : posts) {
    Withhold(stored.channel.scope(), post);
    *response.add_posts() = std::move(post);
  }
  return response;
}

absl::StatusOr<v1::JoinResponse> ChannelReaderService::Join(const Call& call,
                                                            const v1::JoinRequest& request) {
  status::FieldViolations bad;
  CheckAddress(request.channel_username(), "channel_username", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const language::Language language = language::LanguageOf(request.language());
  v1::JoinResponse response;
  const std::optional<Address> address = ReadAddress(request.channel_username());
  if (!address.has_value()) {
    response.set_message(UnknownAddressAdvice(language));
    return response;
  }
  const std::string handle =
      address->is_private ? std::string(text::Trim(request.channel_username())) : address->handle;
  const absl::Status joined = reader_->Join(call, v1::SOURCE_KIND_TELEGRAM_SESSION, handle);
  if (!joined.ok() && joined.code() != absl::StatusCode::kFailedPrecondition) return joined;
  response.set_success(joined.ok());
  response.set_message(joined.ok() ? Joined(language) : NothingToJoin(language));
  return response;
}

absl::StatusOr<v1::FollowChannelResponse> ChannelReaderService::FollowChannel(
    const Call& call, const v1::FollowChannelRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckAddress(request.channel_address(), "channel_address", bad);
  const std::optional<Address> address = ReadAddress(request.channel_address());
  if (bad.empty() && !address.has_value()) {
    bad.Add("channel_address", "must name a channel, a feed or an account");
  }
  if (bad.empty() && address->is_private) {
    bad.Add("channel_address", "must name a public channel: an invitation cannot be read");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = clock_();
  const Call reading = call.WithTimeout(call.Remaining() - absl::Milliseconds(500));
  v1::FollowChannelResponse response;
  bool claimed = false;
  ASSIGN_OR_RETURN(
      const StoredChannel followed,
      database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<StoredChannel> {
        ASSIGN_OR_RETURN(const int64_t count, store::CountFollowed(tx, request.user_id()));
        ASSIGN_OR_RETURN(const int64_t channel_id, store::EnsureChannel(tx, *address, now));
        ASSIGN_OR_RETURN(std::optional<StoredChannel> stored, store::LockChannel(tx, channel_id));
        if (!stored.has_value()) return NoSuchChannel();
        ASSIGN_OR_RETURN(const bool is_new, store::Follow(tx, request.user_id(), channel_id, now));
        response.set_is_new(is_new);
        if (!is_new) return *std::move(stored);
        if (count >= kMostFollowed) {
          return absl::FailedPreconditionError("the person follows 100 channels already");
        }
        v1::Channel& channel = stored->channel;
        channel.set_followers(channel.followers() + 1);
        if (IsPolled(channel.source()) && !channel.has_next_read_at()) {
          *channel.mutable_next_read_at() = timestamps::ToProto(now);
          if (channel.state() == v1::CHANNEL_STATE_IDLE) {
            channel.set_state(v1::CHANNEL_STATE_WAITING);
          }
          store::SaveChannel(tx, *stored);
        }
        claimed = false;
        if (!request.do_not_wait() && channel.state() == v1::CHANNEL_STATE_WAITING) {
          ASSIGN_OR_RETURN(claimed, Reader::Claim(tx, reading, channel_id, now));
        }
        events::v1::ChannelFollowed event;
        event.set_user_id(request.user_id());
        event.set_channel_id(channel_id);
        *event.mutable_channel() = channel;
        RETURN_IF_ERROR(events::Publish(tx, event));
        return *std::move(stored);
      }));
  const int64_t channel_id = followed.channel.channel_id();
  if (!claimed) {
    *response.mutable_channel() = Shown(followed, request.language());
    return response;
  }
  // Whatever comes of it: the person follows the channel.
  const absl::StatusOr<Brought> brought = reader_->ReadClaimed(reading, channel_id, kDefaultLimit);
  if (!brought.ok()) {
    observe::Warning("channel not read at once", {{"status", brought.status()}});
  }
  ASSIGN_OR_RETURN(const StoredChannel stored, Find(call, channel_id));
  *response.mutable_channel() = Shown(stored, request.language());
  return response;
}

absl::StatusOr<v1::UnfollowChannelResponse> ChannelReaderService::UnfollowChannel(
    const Call& call, const v1::UnfollowChannelRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckChannelId(request.channel_id(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UnfollowChannelResponse> {
    v1::UnfollowChannelResponse response;
    ASSIGN_OR_RETURN(std::optional<StoredChannel> stored,
                     store::LockChannel(tx, request.channel_id()));
    if (!stored.has_value()) return response;
    ASSIGN_OR_RETURN(const bool was_followed,
                     store::Unfollow(tx, request.user_id(), request.channel_id()));
    response.set_was_followed(was_followed);
    if (!was_followed) return response;
    events::v1::ChannelUnfollowed event;
    event.set_user_id(request.user_id());
    event.set_channel_id(request.channel_id());
    RETURN_IF_ERROR(events::Publish(tx, event));
    v1::Channel& channel = stored->channel;
    // What LockChannel counted may be older than the lock.
    ASSIGN_OR_RETURN(const bool is_followed, store::IsFollowed(tx, request.channel_id()));
    if (!is_followed && IsPolled(channel.source())) {
      channel.clear_next_read_at();
      channel.set_state(v1::CHANNEL_STATE_IDLE);
      store::SaveChannel(tx, *stored);
    }
    return response;
  });
}

absl::StatusOr<v1::ListFollowedChannelsResponse> ChannelReaderService::ListFollowedChannels(
    const Call& call, const v1::ListFollowedChannelsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kFollowedPage));
  ASSIGN_OR_RETURN(std::vector<store::Followed> followed,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListFollowed(tx, request.user_id(), page.after, page.limit());
                   }));
  v1::ListFollowedChannelsResponse response;
  response.set_next_page_token(page.Cut(followed, &store::Followed::position));
  for (const store::Followed& one : followed) {
    *response.add_channels() = Shown(one.stored, request.language());
  }
  return response;
}

absl::StatusOr<v1::GetChannelResponse> ChannelReaderService::GetChannel(
    const Call& call, const v1::GetChannelRequest& request) {
  const std::optional<Address> address = ReadAddress(request.channel_address());
  if (request.channel_id() < 1 && (!address.has_value() || address->is_private)) {
    return status::InvalidField("channel_id", "must be given, or channel_address name a channel");
  }
  ASSIGN_OR_RETURN(const std::optional<StoredChannel> stored,
                   database_.Read(call, [&](Transaction& tx) {
                     return request.channel_id() > 0 ? store::FindChannel(tx, request.channel_id())
                                                     : store::FindChannelByKey(tx, address->key);
                   }));
  if (!stored.has_value()) return NoSuchChannel();
  v1::GetChannelResponse response;
  *response.mutable_channel() = Shown(*stored, request.language());
  return response;
}

absl::StatusOr<v1::ListPostsResponse> ChannelReaderService::ListPosts(
    const Call& call, const v1::ListPostsRequest& request) {
  status::FieldViolations bad;
  CheckChannelId(request.channel_id(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPostsPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(const StoredChannel stored, Find(call, request.channel_id()));
  ASSIGN_OR_RETURN(std::vector<v1::Post> posts, database_.Read(call, [&](Transaction& tx) {
    return store::ListPosts(tx, request.channel_id(), before, request.include_deleted(),
                            page.limit());
  }));
  v1::ListPostsResponse response;
  response.set_next_page_token(page.Cut(posts, &v1::Post::post_number));
  for (v1::Post& post : posts) {
    Withhold(stored.channel.scope(), post);
    *response.add_posts() = std::move(post);
  }
  return response;
}

absl::StatusOr<v1::TakeChannelUpdateResponse> ChannelReaderService::TakeChannelUpdate(
    const Call& call, const v1::TakeChannelUpdateRequest& request) {
  status::FieldViolations bad;
  if (request.update_key().empty() || request.update_key().size() > 64) {
    bad.Add("update_key", "must be 1 to 64 characters");
  }
  if (request.update_number() < 1) bad.Add("update_number", "must be 1 or more");
  if (request.update().chat_id() >= 0) bad.Add("update.chat_id", "must be below 0");
  if (request.update().what_case() == telegram::v1::ChannelUpdate::WHAT_NOT_SET) {
    bad.Add("update", "must say what happened");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::optional<StoredChannel> stored,
                   database_.Write(call, [&](Transaction& tx) {
                     return TakeUpdate(tx, request.update(), request.update_number(), clock_());
                   }));
  v1::TakeChannelUpdateResponse response;
  if (stored.has_value()) *response.mutable_channel() = Shown(*stored, "");
  return response;
}

}  // namespace selfology::channel_reader

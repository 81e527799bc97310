#include "services/feed/channel_reader/sources/social_sources.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/http/message.h"
#include "common/http/url.h"
#include "services/feed/channel_reader/reading/bluesky.h"
#include "services/feed/channel_reader/reading/mastodon.h"

namespace selfology::channel_reader {
namespace {

// The APIs' largest pages.
constexpr int kBlueskyPage = 100;
constexpr int kMastodonPage = 40;

Ask JsonAsk(std::string url, bool is_ours, std::string target) {
  return {.url = std::move(url),
          .is_ours = is_ours,
          .redirects = is_ours ? 0 : 3,
          .accept = std::string(http::kJson),
          .target = std::move(target)};
}

SourceReading NotUnderstood() {
  SourceReading reading;
  reading.reason = v1::UNREADABLE_REASON_NO_FEED;
  return reading;
}

}  // namespace

absl::StatusOr<SourceReading> BlueskySource::Read(const Call& call, const Wanted& wanted) {
  const http::Parameters actor = {{"actor", wanted.handle}};
  SourceReading reading;
  absl::StatusOr<Fetched> fetched = fetcher_.Get(
      call,
      JsonAsk(absl::StrCat(base_, "/xrpc/app.bsky.actor.getProfile?", http::EncodeQuery(actor)),
              /*is_ours=*/true, "bluesky profile"));
  if (!fetched.ok()) return ReadingOfError(call, fetched.status());
  if (fetched->status != 200) {
    reading.reason = BlueskyReason(fetched->status, fetched->body);
    return reading;
  }
  if (!ParseBlueskyProfile(fetched->body, reading).ok()) return NotUnderstood();
  const int limit = std::clamp(wanted.limit, 20, kBlueskyPage);
  fetched =
      fetcher_.Get(call, JsonAsk(absl::StrCat(base_, "/xrpc/app.bsky.feed.getAuthorFeed?",
                                              http::EncodeQuery({{"actor", wanted.handle},
                                                                 {"filter", "posts_no_replies"},
                                                                 {"limit", absl::StrCat(limit)}})),
                                 /*is_ours=*/true, "bluesky posts"));
  if (!fetched.ok()) return ReadingOfError(call, fetched.status());
  if (fetched->status != 200) {
    reading.reason = BlueskyReason(fetched->status, fetched->body);
    return reading;
  }
  if (!ParseBlueskyFeed(fetched->body, reading).ok()) return NotUnderstood();
  return reading;
}

absl::StatusOr<SourceReading> MastodonSource::Read(const Call& call, const Wanted& wanted) {
  const size_t at = wanted.handle.find('@');
  if (at == std::string::npos) return NotUnderstood();
  const std::string name = wanted.handle.substr(0, at);
  const std::string base =
      base_.empty() ? absl::StrCat("https://", wanted.handle.substr(at + 1)) : base_;
  const bool is_ours = !base_.empty();
  SourceReading reading;
  absl::StatusOr<Fetched> fetched = fetcher_.Get(
      call,
      JsonAsk(absl::StrCat(base, "/api/v1/accounts/lookup?", http::EncodeQuery({{"acct", name}})),
              is_ours, "mastodon account"));
  if (!fetched.ok()) return ReadingOfError(call, fetched.status());
  if (fetched->status != 200) return ReadingOfStatus(fetched->status);
  const absl::StatusOr<std::string> id = ParseMastodonAccount(fetched->body, reading);
  if (!id.ok()) return NotUnderstood();
  reading.handle = wanted.handle;
  const int limit = std::clamp(wanted.limit, 20, kMastodonPage);
  fetched = fetcher_.Get(
      call, JsonAsk(absl::StrCat(base, "/api/v1/accounts/", http::Encode(*id), "/statuses?",
                                 http::EncodeQuery({{"exclude_replies", "true"},
                                                    {"limit", absl::StrCat(limit)}})),
                    is_ours, "mastodon posts"));
  if (!fetched.ok()) return ReadingOfError(call, fetched.status());
  if (fetched->status != 200) return ReadingOfStatus(fetched->status);
  if (!ParseMastodonStatuses(fetched->body, reading).ok()) return NotUnderstood();
  return reading;
}

}  // namespace selfology::channel_reader

// Bluesky's public API: the profile and posts of an account.
//
//   ParseBlueskyProfile(body, reading);     // of app.bsky.actor.getProfile
//   ParseBlueskyFeed(body, reading);        // of app.bsky.feed.getAuthorFeed
//   BlueskyReason(400, body)                // why there is nothing
//
// Errors: INVALID_ARGUMENT: not what the API answers.
// Threads: pure functions. Source: the lexicons app.bsky.* of atproto.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/feed/channel_reader/reading/found.h"

namespace selfology::channel_reader {

absl::Status ParseBlueskyProfile(std::string_view json, Reading& reading);
// Adds posts, the oldest first. Replies to others are passed over.
absl::Status ParseBlueskyFeed(std::string_view json, Reading& reading);
v1::UnreadableReason BlueskyReason(int http_status, std::string_view json);

}  // namespace selfology::channel_reader

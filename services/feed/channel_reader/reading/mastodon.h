// Mastodon's public API: an account and its posts, boosts included.
//
//   ParseMastodonAccount(body, reading)     // of /api/v1/accounts/lookup; gives the account's id
//   ParseMastodonStatuses(body, reading)    // of /api/v1/accounts/{id}/statuses
//
// Errors: INVALID_ARGUMENT: not what the API answers.
// Threads: pure functions. Source: docs.joinmastodon.org/entities.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/feed/channel_reader/reading/found.h"

namespace selfology::channel_reader {

absl::StatusOr<std::string> ParseMastodonAccount(std::string_view json, Reading& reading);
// Adds posts, the oldest first. Of what its writer hides behind a warning, only the warning.
absl::Status ParseMastodonStatuses(std::string_view json, Reading& reading);

}  // namespace selfology::channel_reader

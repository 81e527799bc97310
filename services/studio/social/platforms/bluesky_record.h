// What of a post goes to an AT protocol server.
//
//   const std::string key = RecordKey(publication.created_at, publication.id);   // "3l..."
//   nlohmann::json record = PostRecord(text, created_at);
//
// Threads: pure functions. Sources: https://atproto.com/specs/tid,
// https://docs.bsky.app/docs/advanced-guides/post-richtext (read 2026-11-30).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace selfology::social {

// A TID: 13 characters that sort as time does. The same publication has the same.
std::string RecordKey(absl::Time created_at, int64_t publication_id);

// Gives the record these words, with their links as facets.
void SetWords(std::string_view text, nlohmann::json& record);
// app.bsky.feed.post.
nlohmann::json PostRecord(std::string_view text, absl::Time created_at);

}  // namespace selfology::social

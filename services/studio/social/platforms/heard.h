// What others wrote to an account, out of what its platform answers.
//
//   std::optional<Heard> heard = HeardAtMastodon(notification, login.remote_id, "mastodon.example");
//   heard->text;    // "@me well said"
//   heard->place;   // where an answer belongs: Outgoing.parent_id
//
// Threads: pure functions. Sources (read 2026-12-01):
// https://docs.joinmastodon.org/entities/Notification,
// https://docs.bsky.app/docs/api/app-bsky-notification-list-notifications,
// https://developers.facebook.com/docs/graph-api/reference/object/comments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "selfology/social/v1/comment.pb.h"

namespace selfology::social {

struct Heard {
  std::string remote_id = {};
  v1::CommentKind kind = v1::COMMENT_KIND_MENTION;
  std::string author = {};
  std::string text = {};
  std::string url = {};
  // The account's own post that it is below, as remote_id of it; empty: none.
  std::string about = {};
  std::string place = {};     // Outgoing.parent_id of an answer.
  std::string root = {};      // Outgoing.root_id of an answer.
  std::string audience = {};  // Outgoing.audience of an answer.
  absl::Time written_at = absl::InfinitePast();
};

// nullopt: it is no mention, or the account's own. host: of the server, for authors who have none.
std::optional<Heard> HeardAtMastodon(const nlohmann::json& notification, std::string_view own_id,
                                     std::string_view host);
// nullopt: it is neither a reply nor a mention, or the account's own.
std::optional<Heard> HeardAtBluesky(const nlohmann::json& notification, std::string_view own_did);
// Of the page's posts with their comments, and of posts that tag the page.
std::vector<Heard> HeardAtFacebook(const nlohmann::json& feed, const nlohmann::json& tagged,
                                   std::string_view own_id);

// What names a record of the AT protocol as the parent of another: its address and its digest.
//
//   ReadReference("at://did:plc:a/app.bsky.feed.post/3l cid");   // {uri, cid}
struct Reference {
  std::string uri = {};
  std::string cid = {};
};
// nullopt: it is a record key of one's own.
std::optional<Reference> ReadReference(std::string_view place);

}  // namespace selfology::social

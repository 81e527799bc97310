#include "services/studio/social/platforms/heard.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/plain_html.h"
#include "services/studio/social/platforms/read_back.h"

namespace selfology::social {
namespace {

using Json = nlohmann::json;

// An array within; empty where there is none.
Json ListAt(const Json& object, const char* name) {
  if (object.is_object()) {
    const auto at = object.find(name);
    if (at != object.end() && at->is_array()) return *at;
  }
  return Json::array();
}

std::string PlaceOf(const Json& reference) {
  const std::string uri = TextAt(reference, "uri"), cid = TextAt(reference, "cid");
  return uri.empty() || cid.empty() ? "" : absl::StrCat(uri, " ", cid);
}

// The key of a post of the person; empty: it is not theirs.
std::string OwnKey(std::string_view uri, std::string_view did) {
  const std::string folder = absl::StrCat("at://", did, "/app.bsky.feed.post/");
  return uri.starts_with(folder) ? std::string(uri.substr(folder.size())) : "";
}

std::optional<Heard> OfFacebook(const Json& said, std::string_view own_id) {
  const Json from = ObjectAt(said, "from");
  Heard heard{.remote_id = TextAt(said, "id"),
              // Who did not let the page see their name has none.
              .author = TextAt(from, "name"),
              .text = TextAt(said, "message"),
              .url = TextAt(said, "permalink_url"),
              .written_at = ReadTime(TextAt(said, "created_time"))};
  if (heard.remote_id.empty() || TextAt(from, "id") == own_id) return std::nullopt;
  heard.place = heard.remote_id;
  return heard;
}

}  // namespace

std::optional<Heard> HeardAtMastodon(const Json& notification, std::string_view own_id,
                                     std::string_view host) {
  const Json status = ObjectAt(notification, "status");
  const Json account = ObjectAt(notification, "account");
  Heard heard{.remote_id = TextAt(status, "id"),
              .author = absl::StrCat("@", TextAt(account, "acct")),
              .text = PlainOfHtml(TextAt(status, "content")),
              .url = TextAt(status, "url"),
              .place = TextAt(status, "id"),
              .written_at = ReadTime(TextAt(status, "created_at"))};
  if (TextAt(notification, "type") != "mention" || heard.remote_id.empty() ||
      TextAt(account, "id") == own_id) {
    return std::nullopt;
  }
  if (!absl::StrContains(heard.author.substr(1), '@')) absl::StrAppend(&heard.author, "@", host);
  if (TextAt(status, "in_reply_to_account_id") == own_id) {
    heard.kind = v1::COMMENT_KIND_COMMENT;
    heard.about = TextAt(status, "in_reply_to_id");
  }
  const std::string visibility = TextAt(status, "visibility");
  if (visibility != "public") heard.audience = visibility;
  return heard;
}

std::optional<Heard> HeardAtBluesky(const Json& notification, std::string_view own_did) {
  const std::string reason = TextAt(notification, "reason");
  const bool is_reply = reason == "reply";
  if (!is_reply && reason != "mention" && reason != "quote") return std::nullopt;
  const Json record = ObjectAt(notification, "record");
  const Json author = ObjectAt(notification, "author");
  Heard heard{.remote_id = TextAt(notification, "uri"),
              .author = absl::StrCat("@", TextAt(author, "handle")),
              .text = TextAt(record, "text"),
              .place = PlaceOf(notification),
              .root = PlaceOf(ObjectAt(ObjectAt(record, "reply"), "root")),
              .written_at = ReadTime(TextAt(notification, "indexedAt"))};
  const std::string did = TextAt(author, "did");
  if (heard.place.empty() || did == own_did) return std::nullopt;
  const std::string key = OwnKey(heard.remote_id, did);
  if (!key.empty()) heard.url = absl::StrCat("https://bsky.app/profile/", did, "/post/", key);
  if (heard.root.empty()) heard.root = heard.place;
  if (is_reply) {
    heard.kind = v1::COMMENT_KIND_COMMENT;
    for (const char* name : {"parent", "root"}) {
      if (!heard.about.empty()) break;
      heard.about = OwnKey(TextAt(ObjectAt(ObjectAt(record, "reply"), name), "uri"), own_did);
    }
  }
  return heard;
}

std::vector<Heard> HeardAtFacebook(const Json& feed, const Json& tagged, std::string_view own_id) {
  std::vector<Heard> all;
  for (const Json& post : ListAt(feed, "data")) {
    for (const Json& comment : ListAt(ObjectAt(post, "comments"), "data")) {
      std::optional<Heard> heard = OfFacebook(comment, own_id);
      if (!heard.has_value()) continue;
      heard->kind = v1::COMMENT_KIND_COMMENT;
      heard->about = TextAt(post, "id");
      // Answers to answers stand below the first comment.
      const std::string parent = TextAt(ObjectAt(comment, "parent"), "id");
      if (!parent.empty()) heard->place = parent;
      all.push_back(*std::move(heard));
    }
  }
  for (const Json& post : ListAt(tagged, "data")) {
    std::optional<Heard> heard = OfFacebook(post, own_id);
    if (heard.has_value()) all.push_back(*std::move(heard));
  }
  return all;
}

std::optional<Reference> ReadReference(std::string_view place) {
  const size_t space = place.find(' ');
  if (!place.starts_with("at://") || space == std::string_view::npos) return std::nullopt;
  return Reference{std::string(place.substr(0, space)), std::string(place.substr(space + 1))};
}

}  // namespace selfology::social

#include "services/feed/channel_reader/reading/mastodon.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/text/html.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/channel_reader/reading/html_tree.h"
#include "services/feed/channel_reader/reading/json_fields.h"
#include "services/feed/channel_reader/reading/numbers.h"

namespace selfology::channel_reader {
namespace {

constexpr int kMaxMedia = 10;

// Ids are decimal, or of another server's making: what goes into a path must be plain.
bool IsPlainId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

std::string NameOf(const Json& account) {
  const std::string name = TextAt(account, "display_name");
  return name.empty() ? TextAt(account, "acct") : name;
}

v1::MediaKind KindOf(const std::string& type) {
  if (type == "image") return v1::MEDIA_KIND_PHOTO;
  if (type == "video") return v1::MEDIA_KIND_VIDEO;
  if (type == "gifv") return v1::MEDIA_KIND_ANIMATION;
  if (type == "audio") return v1::MEDIA_KIND_AUDIO;
  return v1::MEDIA_KIND_DOCUMENT;
}

void ReadAttachments(const Json& status, v1::Post& post) {
  for (const Json& attachment : ListAt(status, "media_attachments")) {
    if (post.media_size() >= kMaxMedia) break;
    v1::PostMedia& media = *post.add_media();
    media.set_kind(KindOf(TextAt(attachment, "type")));
    media.set_url(AbsoluteUrl(TextAt(attachment, "url"), ""));
    media.set_preview_url(AbsoluteUrl(TextAt(attachment, "preview_url"), ""));
    media.set_alternative_text(std::string(text::Prefix(TextAt(attachment, "description"), 1000)));
    const Json& original = ObjectAt(ObjectAt(attachment, "meta"), "original");
    media.set_width(static_cast<int>(std::min<int64_t>(CountAt(original, "width"), 20'000)));
    media.set_height(static_cast<int>(std::min<int64_t>(CountAt(original, "height"), 20'000)));
    if (const double seconds = NumberAt(original, "duration"); seconds > 0 && seconds < 1e7) {
      media.mutable_duration()->set_seconds(static_cast<int64_t>(seconds));
    }
  }
  if (post.media_size() > 0) post.set_media_kind(post.media(0).kind());
}

// What a status says, its own or a boosted one's.
void ReadContent(const Json& status, v1::Post& post) {
  if (const std::string warning = TextAt(status, "spoiler_text"); !warning.empty()) {
    post.set_text(warning);
    post.set_text_html(text::EscapeHtml(warning));
    return;
  }
  if (const auto tree = HtmlTree::Parse(TextAt(status, "content")); tree.ok()) {
    RichText rich = RichTextOf(tree->root(), "");
    post.set_text(std::move(rich.text));
    post.set_text_html(std::move(rich.html));
    for (std::string& link : rich.links) post.add_links(std::move(link));
  }
  ReadAttachments(status, post);
  if (const Json& card = ObjectAt(status, "card"); card.is_object()) {
    v1::LinkPreview& link = *post.mutable_link_preview();
    link.set_url(AbsoluteUrl(TextAt(card, "url"), ""));
    link.set_site(TextAt(card, "provider_name"));
    link.set_title(TextAt(card, "title"));
    link.set_description(TextAt(card, "description"));
    link.set_picture_url(AbsoluteUrl(TextAt(card, "image"), ""));
  }
}

std::optional<FoundPost> ReadStatus(const Json& status) {
  const Json& boosted = ObjectAt(status, "reblog");
  const Json& said = boosted.is_object() ? boosted : status;
  FoundPost found;
  v1::Post& post = found.post;
  std::string key = TextAt(status, "uri");
  if (key.empty()) key = TextAt(status, "id");
  if (key.empty() || key.size() > 512) return std::nullopt;
  post.set_source_key(std::move(key));
  post.set_link(AbsoluteUrl(TextAt(said, "url"), ""));
  ReadContent(said, post);
  if (boosted.is_object()) {
    const Json& author = ObjectAt(boosted, "account");
    post.mutable_forwarded_from()->set_title(NameOf(author));
    post.mutable_forwarded_from()->set_link(AbsoluteUrl(TextAt(author, "url"), ""));
  }
  if (const auto time = ReadTime(TextAt(status, "created_at")); time.has_value()) {
    *post.mutable_posted_at() = timestamps::ToProto(*time);
  } else {
    found.missing.emplace_back("posted_at");
  }
  if (const auto time = ReadTime(TextAt(said, "edited_at")); time.has_value()) {
    *post.mutable_edited_at() = timestamps::ToProto(*time);
    found.is_edited = true;
  }
  if (const int64_t likes = CountAt(said, "favourites_count"); likes > 0) {
    v1::PostReaction& reaction = *post.add_reactions();
    reaction.set_emoji("like");
    reaction.set_count(likes);
  }
  if (post.text().empty() && post.media_size() == 0) found.missing.emplace_back("text_or_media");
  if (post.link().empty()) found.missing.emplace_back("link");
  return found;
}

}  // namespace

absl::StatusOr<std::string> ParseMastodonAccount(std::string_view json, Reading& reading) {
  const Json account = ReadJson(json);
  std::string id = TextAt(account, "id");
  if (!IsPlainId(id)) return absl::InvalidArgumentError("it is no account");
  reading.title = NameOf(account);
  if (const auto note = HtmlTree::Parse(TextAt(account, "note")); note.ok()) {
    reading.about = TextOf(note->root());
  }
  reading.picture_url = AbsoluteUrl(TextAt(account, "avatar"), "");
  reading.subscribers = CountAt(account, "followers_count");
  reading.link = AbsoluteUrl(TextAt(account, "url"), "");
  return id;
}

absl::Status ParseMastodonStatuses(std::string_view json, Reading& reading) {
  const Json answer = ReadJson(json);
  if (!answer.is_array()) return absl::InvalidArgumentError("it is no list of posts");
  std::set<std::string> seen;
  std::vector<FoundPost> posts;
  std::optional<absl::Time> oldest;
  for (const Json& status : answer) {
    std::optional<FoundPost> found = ReadStatus(status);
    if (!found.has_value() || !seen.insert(found->post.source_key()).second) continue;
    if (found->post.has_posted_at()) {
      const absl::Time at = timestamps::FromProto(found->post.posted_at());
      oldest = std::min(oldest.value_or(at), at);
    }
    posts.push_back(*std::move(found));
  }
  SortByTime(posts);
  reading.posts.insert(reading.posts.end(), std::make_move_iterator(posts.begin()),
                       std::make_move_iterator(posts.end()));
  reading.complete_since = oldest;
  return absl::OkStatus();
}

}  // namespace selfology::channel_reader

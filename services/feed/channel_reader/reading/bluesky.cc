#include "services/feed/channel_reader/reading/bluesky.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/text/html.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/channel_reader/reading/html_tree.h"
#include "services/feed/channel_reader/reading/json_fields.h"
#include "services/feed/channel_reader/reading/numbers.h"

namespace selfology::channel_reader {
namespace {

constexpr int kMaxMedia = 10;
constexpr size_t kMaxLinks = 20;

void AddLink(const std::string& url, v1::Post& post) {
  const bool is_known =
      std::find(post.links().begin(), post.links().end(), url) != post.links().end();
  if (!url.empty() && !is_known && static_cast<size_t>(post.links_size()) < kMaxLinks) {
    post.add_links(url);
  }
}

std::string Escaped(std::string_view words) {
  return absl::StrReplaceAll(text::EscapeHtml(words), {{"\n", "<br>"}});
}

// Facets are ranges of bytes of the text; those that overlap, or cut a character, are passed over.
void ReadText(const Json& record, v1::Post& post) {
  const std::string words = TextAt(record, "text");
  post.set_text(words);
  struct Facet {
    size_t start;
    size_t end;
    std::string url;
  };
  std::vector<Facet> facets;
  for (const Json& facet : ListAt(record, "facets")) {
    const Json& index = ObjectAt(facet, "index");
    const auto start = static_cast<size_t>(CountAt(index, "byteStart"));
    const auto end = static_cast<size_t>(CountAt(index, "byteEnd"));
    for (const Json& feature : ListAt(facet, "features")) {
      const std::string url = AbsoluteUrl(TextAt(feature, "uri"), "");
      if (!url.empty() && start < end && end <= words.size()) facets.push_back({start, end, url});
    }
  }
  std::sort(facets.begin(), facets.end(), [](const Facet& a, const Facet& b) {
    return a.start != b.start ? a.start < b.start : a.end < b.end;
  });
  const auto cuts = [&](size_t at) {
    return at < words.size() && (static_cast<unsigned char>(words[at]) & 0xC0) == 0x80;
  };
  std::string html;
  size_t at = 0;
  for (const Facet& facet : facets) {
    if (facet.start < at || cuts(facet.start) || cuts(facet.end)) continue;
    const std::string_view all = words;
    absl::StrAppend(&html, Escaped(all.substr(at, facet.start - at)), "<a href=\"",
                    text::EscapeHtml(facet.url), "\">",
                    Escaped(all.substr(facet.start, facet.end - facet.start)), "</a>");
    at = facet.end;
    AddLink(facet.url, post);
  }
  absl::StrAppend(&html, Escaped(std::string_view(words).substr(at)));
  post.set_text_html(std::move(html));
}

void SetPixels(const Json& view, v1::PostMedia& media) {
  const Json& ratio = ObjectAt(view, "aspectRatio");
  media.set_width(static_cast<int>(std::min<int64_t>(CountAt(ratio, "width"), 20'000)));
  media.set_height(static_cast<int>(std::min<int64_t>(CountAt(ratio, "height"), 20'000)));
}

void ReadEmbed(const Json& embed, v1::Post& post) {
  const std::string type = TextAt(embed, "$type");
  if (absl::StartsWith(type, "app.bsky.embed.recordWithMedia")) {
    ReadEmbed(ObjectAt(embed, "media"), post);
    return;
  }
  for (const Json& image : ListAt(embed, "images")) {
    if (post.media_size() >= kMaxMedia) break;
    v1::PostMedia& media = *post.add_media();
    media.set_kind(v1::MEDIA_KIND_PHOTO);
    media.set_url(AbsoluteUrl(TextAt(image, "fullsize"), ""));
    media.set_preview_url(AbsoluteUrl(TextAt(image, "thumb"), ""));
    media.set_alternative_text(std::string(text::Prefix(TextAt(image, "alt"), 1000)));
    SetPixels(image, media);
  }
  if (absl::StartsWith(type, "app.bsky.embed.video")) {
    v1::PostMedia& media = *post.add_media();
    media.set_kind(v1::MEDIA_KIND_VIDEO);
    media.set_url(AbsoluteUrl(TextAt(embed, "playlist"), ""));
    media.set_preview_url(AbsoluteUrl(TextAt(embed, "thumbnail"), ""));
    SetPixels(embed, media);
  }
  if (const Json& external = ObjectAt(embed, "external"); external.is_object()) {
    v1::LinkPreview& link = *post.mutable_link_preview();
    link.set_url(AbsoluteUrl(TextAt(external, "uri"), ""));
    link.set_title(TextAt(external, "title"));
    link.set_description(TextAt(external, "description"));
    link.set_picture_url(AbsoluteUrl(TextAt(external, "thumb"), ""));
    AddLink(link.url(), post);
  }
}

// "at://did:plc:…/app.bsky.feed.post/3k…" -> its last part.
std::string RecordKey(const std::string& uri) {
  const size_t slash = uri.rfind('/');
  return slash == std::string::npos ? "" : uri.substr(slash + 1);
}

std::optional<FoundPost> ReadItem(const Json& item) {
  const Json& view = ObjectAt(item, "post");
  const Json& author = ObjectAt(view, "author");
  const Json& record = ObjectAt(view, "record");
  const Json& reason = ObjectAt(item, "reason");
  const bool is_repost = absl::EndsWith(TextAt(reason, "$type"), "#reasonRepost");
  const std::string uri = TextAt(view, "uri");
  if (uri.empty() || uri.size() > 500) return std::nullopt;
  if (!is_repost && ObjectAt(record, "reply").is_object()) return std::nullopt;
  FoundPost found;
  v1::Post& post = found.post;
  // A repost is a post of its own: it has its own time, and goes by itself.
  post.set_source_key(is_repost ? absl::StrCat("repost:", uri) : uri);
  const std::string handle = TextAt(author, "handle");
  post.set_link(absl::StrCat("https://bsky.app/profile/", handle, "/post/", RecordKey(uri)));
  ReadText(record, post);
  ReadEmbed(ObjectAt(view, "embed"), post);
  if (post.media_size() > 0) post.set_media_kind(post.media(0).kind());
  if (is_repost) {
    const std::string name = TextAt(author, "displayName");
    post.mutable_forwarded_from()->set_title(name.empty() ? handle : name);
    post.mutable_forwarded_from()->set_link(absl::StrCat("https://bsky.app/profile/", handle));
  }
  const auto time = ReadTime(is_repost ? TextAt(reason, "indexedAt") : TextAt(record, "createdAt"));
  const auto indexed = ReadTime(TextAt(view, "indexedAt"));
  // Writers may claim any time; the server knows when it came.
  if (time.has_value() || indexed.has_value()) {
    const absl::Time posted = !time.has_value()                   ? *indexed
                              : indexed.has_value() && !is_repost ? std::min(*time, *indexed)
                                                                  : *time;
    *post.mutable_posted_at() = timestamps::ToProto(posted);
  } else {
    found.missing.emplace_back("posted_at");
  }
  if (const int64_t likes = CountAt(view, "likeCount"); likes > 0) {
    v1::PostReaction& reaction = *post.add_reactions();
    reaction.set_emoji("like");
    reaction.set_count(likes);
  }
  if (post.text().empty() && post.media_size() == 0 && !post.has_link_preview() &&
      !ObjectAt(view, "embed").is_object()) {
    found.missing.emplace_back("text_or_media");
  }
  if (handle.empty()) found.missing.emplace_back("handle");
  return found;
}

}  // namespace

absl::Status ParseBlueskyProfile(std::string_view json, Reading& reading) {
  const Json profile = ReadJson(json);
  const std::string handle = TextAt(profile, "handle");
  if (handle.empty()) return absl::InvalidArgumentError("it is no profile");
  reading.handle = handle;
  reading.title = TextAt(profile, "displayName");
  if (reading.title.empty()) reading.title = handle;
  reading.about = TextAt(profile, "description");
  reading.picture_url = AbsoluteUrl(TextAt(profile, "avatar"), "");
  reading.subscribers = CountAt(profile, "followersCount");
  reading.link = absl::StrCat("https://bsky.app/profile/", handle);
  return absl::OkStatus();
}

absl::Status ParseBlueskyFeed(std::string_view json, Reading& reading) {
  const Json answer = ReadJson(json);
  if (!answer.is_object() || !answer.contains("feed")) {
    return absl::InvalidArgumentError("it is no list of posts");
  }
  std::set<std::string> seen;
  std::vector<FoundPost> posts;
  std::optional<absl::Time> oldest;
  for (const Json& item : ListAt(answer, "feed")) {
    std::optional<FoundPost> found = ReadItem(item);
    if (!found.has_value() || !seen.insert(found->post.source_key()).second) continue;
    const std::string pinned = TextAt(ObjectAt(item, "reason"), "$type");
    if (found->post.has_posted_at() && !absl::EndsWith(pinned, "#reasonPin")) {
      const absl::Time at = timestamps::FromProto(found->post.posted_at());
      oldest = std::min(oldest.value_or(at), at);
    }
    posts.push_back(*std::move(found));
  }
  SortByTime(posts);
  reading.posts.insert(reading.posts.end(), std::make_move_iterator(posts.begin()),
                       std::make_move_iterator(posts.end()));
  // Without a cursor it is all there is; an account that suddenly has nothing is not believed.
  const bool is_all = TextAt(answer, "cursor").empty() && oldest.has_value();
  reading.complete_since = is_all ? absl::InfinitePast() : oldest;
  return absl::OkStatus();
}

v1::UnreadableReason BlueskyReason(int http_status, std::string_view json) {
  const Json answer = ReadJson(json);
  const std::string error = TextAt(answer, "error");
  if (http_status == 429) return v1::UNREADABLE_REASON_TOO_OFTEN;
  if (error == "AccountTakedown" || error == "AccountDeactivated" || http_status == 401) {
    return v1::UNREADABLE_REASON_PRIVATE;
  }
  if (http_status == 400 || http_status == 404) return v1::UNREADABLE_REASON_NO_SUCH_CHANNEL;
  return v1::UNREADABLE_REASON_UNREACHABLE;
}

}  // namespace selfology::channel_reader

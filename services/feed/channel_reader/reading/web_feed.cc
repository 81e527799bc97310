#include "services/feed/channel_reader/reading/web_feed.h"

#include <algorithm>
#include <pugixml.hpp>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/channel_reader/reading/html_tree.h"
#include "services/feed/channel_reader/reading/numbers.h"

namespace selfology::channel_reader {
namespace {

constexpr int kMaxKey = 512;
constexpr int kMaxTitle = 256;
constexpr int kMaxAbout = 1000;
constexpr int kMaxMedia = 10;

std::string_view NameOf(const pugi::xml_node& node) { return node.name(); }

// "title" for "atom:title" and "title", but not for the names of other vocabularies.
bool Is(const pugi::xml_node& node, std::string_view name) {
  std::string_view full = NameOf(node);
  for (const std::string_view prefix : {"atom:", "rss:", "a10:"}) {
    TakePrefix(full, prefix);
  }
  return full == name;
}

pugi::xml_node Child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& child : node.children()) {
    if (Is(child, name)) return child;
  }
  return {};
}

// Text and CDATA may stand beside each other, and white space beside both.
std::string WordsOf(const pugi::xml_node& node) {
  std::string words;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      words += child.value();
    }
  }
  return words;
}

// The first of these children that says something.
std::string TextIn(const pugi::xml_node& node, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string words = WordsOf(Child(node, name));
    const std::string_view trimmed = text::Trim(words);
    if (!trimmed.empty()) return std::string(trimmed);
  }
  return "";
}

// XML has no text of XHTML: it is written out again.
struct Markup : pugi::xml_writer {
  void write(const void* data, size_t size) override {
    html.append(static_cast<const char*>(data), size);
  }
  std::string html;
};

std::string HtmlIn(const pugi::xml_node& node) {
  if (absl::EqualsIgnoreCase(node.attribute("type").value(), "xhtml")) {
    Markup markup;
    for (const pugi::xml_node& child : node.children()) {
      child.print(markup, "", pugi::format_raw);
    }
    return markup.html;
  }
  return WordsOf(node);
}

// "" is fine: not everybody writes text.
RichText Rich(const std::string& html, std::string_view base, v1::Post& post) {
  const absl::StatusOr<HtmlTree> tree = HtmlTree::Parse(html);
  if (!tree.ok()) return {};
  Walk(tree->root(), [&](const GumboNode* node) {
    if (TagOf(node) == "img" && post.media_size() < kMaxMedia) {
      const std::string url = AbsoluteUrl(Attribute(node, "src"), base);
      // Pixels that count readers.
      const bool is_tiny = Attribute(node, "width") == "1" || Attribute(node, "height") == "1";
      const bool is_known = std::any_of(post.media().begin(), post.media().end(),
                                        [&](const auto& media) { return media.url() == url; });
      if (!url.empty() && !is_tiny && !is_known) {
        v1::PostMedia& media = *post.add_media();
        media.set_kind(v1::MEDIA_KIND_PHOTO);
        media.set_url(url);
        media.set_alternative_text(std::string(text::Prefix(Attribute(node, "alt"), kMaxAbout)));
      }
    }
    return true;
  });
  return RichTextOf(tree->root(), base);
}

// Titles and summaries may hold markup or not: both are read as HTML.
std::string Plain(const std::string& words) {
  if (words.find_first_of("<&") == std::string::npos) return words;
  const absl::StatusOr<HtmlTree> tree = HtmlTree::Parse(words);
  return tree.ok() ? TextOf(tree->root()) : words;
}

std::string LinkOf(const pugi::xml_node& entry, std::string_view base) {
  std::string first;
  for (const pugi::xml_node& child : entry.children()) {
    if (!Is(child, "link")) continue;
    const std::string_view rel = child.attribute("rel").value();
    std::string href = child.attribute("href").value();
    if (href.empty()) href = WordsOf(child);
    const std::string url = AbsoluteUrl(href, base);
    if (url.empty()) continue;
    if (rel.empty() || rel == "alternate") return url;
    if (first.empty() && rel != "self" && rel != "enclosure" && rel != "edit") first = url;
  }
  return first;
}

v1::MediaKind KindOfType(std::string_view type) {
  if (absl::StartsWith(type, "image")) return v1::MEDIA_KIND_PHOTO;
  if (absl::StartsWith(type, "video")) return v1::MEDIA_KIND_VIDEO;
  if (absl::StartsWith(type, "audio")) return v1::MEDIA_KIND_AUDIO;
  return type.empty() ? v1::MEDIA_KIND_UNSPECIFIED : v1::MEDIA_KIND_DOCUMENT;
}

void AddAttachment(const pugi::xml_node& node, std::string_view base, v1::Post& post) {
  const char* const where = node.attribute("url") ? "url" : "href";
  const std::string url = AbsoluteUrl(node.attribute(where).value(), base);
  std::string_view type = node.attribute("type").value();
  if (type.empty()) type = node.attribute("medium").value();
  const v1::MediaKind kind = KindOfType(type);
  if (url.empty() || post.media_size() >= kMaxMedia) return;
  if (kind == v1::MEDIA_KIND_UNSPECIFIED && NameOf(node) != "media:thumbnail") return;
  for (const v1::PostMedia& media : post.media()) {
    if (media.url() == url) return;
  }
  v1::PostMedia& media = *post.add_media();
  media.set_kind(kind == v1::MEDIA_KIND_UNSPECIFIED ? v1::MEDIA_KIND_PHOTO : kind);
  media.set_url(url);
  media.set_size(std::max<int64_t>(0, node.attribute("length").as_llong()));
  const auto pixels = [&](const char* name) {
    return std::clamp(node.attribute(name).as_int(), 0, 20'000);
  };
  media.set_width(pixels("width"));
  media.set_height(pixels("height"));
}

void ReadAttachments(const pugi::xml_node& entry, std::string_view base, v1::Post& post) {
  for (const pugi::xml_node& child : entry.children()) {
    const std::string_view name = NameOf(child);
    if (name == "enclosure" || name == "media:content" ||
        (Is(child, "link") && std::string_view(child.attribute("rel").value()) == "enclosure")) {
      AddAttachment(child, base, post);
    } else if (name == "media:group") {
      ReadAttachments(child, base, post);
    }
  }
  // A picture of a picture is of use only where there is nothing better.
  for (const pugi::xml_node& child : entry.children()) {
    if (NameOf(child) == "media:thumbnail" && post.media_size() == 0) {
      AddAttachment(child, base, post);
    }
  }
}

std::optional<FoundPost> ReadEntry(const pugi::xml_node& entry, std::string_view base) {
  FoundPost found;
  v1::Post& post = found.post;
  post.set_link(LinkOf(entry, base));
  std::string key = TextIn(entry, {"guid", "id"});
  if (key.empty()) key = entry.attribute("rdf:about").value();
  if (key.empty()) key = post.link();
  if (key.empty() || !text::IsStorable(key)) return std::nullopt;
  // What is longer than any address is as good with its beginning.
  post.set_source_key(std::string(text::Prefix(key, kMaxKey)));
  if (post.link().empty()) post.set_link(AbsoluteUrl(key, ""));

  ReadAttachments(entry, base, post);
  const std::string title = Plain(TextIn(entry, {"title"}));
  pugi::xml_node content;
  for (const std::string_view name : {"content:encoded", "content", "description", "summary"}) {
    content = Child(entry, name);
    if (content && !text::Trim(HtmlIn(content)).empty()) break;
  }
  RichText rich = Rich(HtmlIn(content), post.link().empty() ? base : post.link(), post);
  // Some repeat the title in the text.
  if (!title.empty() && !absl::StartsWith(rich.text, title)) {
    rich.html = absl::StrCat("<b>", text::EscapeHtml(title), "</b>",
                             rich.text.empty() ? "" : "<br><br>", rich.html);
    rich.text = rich.text.empty() ? title : absl::StrCat(title, "\n\n", rich.text);
  }
  post.set_text(std::move(rich.text));
  post.set_text_html(std::move(rich.html));
  for (std::string& link : rich.links) post.add_links(std::move(link));
  if (post.media_size() > 0) post.set_media_kind(post.media(0).kind());

  const auto published =
      ReadTime(TextIn(entry, {"pubDate", "published", "dc:date", "issued", "updated"}));
  if (published.has_value()) *post.mutable_posted_at() = timestamps::ToProto(*published);
  const pugi::xml_node author = Child(entry, "author");
  std::string name = TextIn(author, {"name"});
  if (name.empty()) name = TextIn(entry, {"dc:creator"});
  if (name.empty()) {
    const std::string words = WordsOf(author);
    name = std::string(text::Trim(words));
  }
  post.set_author(std::string(text::Prefix(name, kMaxTitle)));

  if (post.text().empty() && post.media_size() == 0) found.missing.emplace_back("text_or_media");
  if (post.link().empty()) found.missing.emplace_back("link");
  return found;
}

}  // namespace

absl::StatusOr<Reading> ParseWebFeed(std::string_view xml, std::string_view url) {
  if (xml.size() > kMaxFeedBytes) return absl::InvalidArgumentError("the feed is too large");
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata);
  pugi::xml_node root = document.document_element();
  if (!parsed || !root) return absl::InvalidArgumentError("it is no XML");
  const bool is_atom = Is(root, "feed");
  const pugi::xml_node channel = is_atom ? root : Child(root, "channel");
  if (!channel) return absl::InvalidArgumentError("it is no feed");
  // In RSS 1.0 items stand beside the channel.
  const pugi::xml_node list = Child(channel, "item") || is_atom ? channel : root;

  Reading reading;
  reading.title = std::string(text::Prefix(Plain(TextIn(channel, {"title"})), kMaxTitle));
  reading.about =
      std::string(text::Prefix(Plain(TextIn(channel, {"description", "subtitle"})), kMaxAbout));
  reading.link = LinkOf(channel, url);
  for (const pugi::xml_node& holder : {channel, root}) {
    if (!reading.picture_url.empty()) break;
    reading.picture_url = AbsoluteUrl(TextIn(Child(holder, "image"), {"url"}), url);
  }
  if (reading.picture_url.empty()) {
    reading.picture_url = AbsoluteUrl(TextIn(channel, {"logo", "icon"}), url);
  }
  std::set<std::string> seen;
  for (const pugi::xml_node& entry : list.children()) {
    if (!Is(entry, is_atom ? "entry" : "item")) continue;
    std::optional<FoundPost> found = ReadEntry(entry, url);
    if (!found.has_value() || !seen.insert(found->post.source_key()).second) continue;
    reading.posts.push_back(*std::move(found));
    if (reading.posts.size() >= static_cast<size_t>(kMaxFeedEntries)) break;
  }
  // Feeds begin with the newest, mostly; those without a time keep their place.
  std::reverse(reading.posts.begin(), reading.posts.end());
  const bool all_timed = std::all_of(reading.posts.begin(), reading.posts.end(),
                                     [](const auto& found) { return found.post.has_posted_at(); });
  if (all_timed) SortByTime(reading.posts);
  return reading;
}

std::string FindFeedLink(std::string_view html, std::string_view url) {
  const absl::StatusOr<HtmlTree> tree = HtmlTree::Parse(html);
  if (!tree.ok()) return "";
  std::string link;
  Walk(tree->root(), [&](const GumboNode* node) {
    const std::string_view type = Attribute(node, "type");
    if (link.empty() && TagOf(node) == "link" &&
        absl::StrContains(absl::AsciiStrToLower(Attribute(node, "rel")), "alternate") &&
        (absl::StartsWithIgnoreCase(type, "application/rss+xml") ||
         absl::StartsWithIgnoreCase(type, "application/atom+xml"))) {
      link = AbsoluteUrl(Attribute(node, "href"), url);
    }
    return link.empty();
  });
  return link;
}

}  // namespace selfology::channel_reader

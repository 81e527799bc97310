#include "services/feed/feed/rss.h"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/feed/digest.h"

namespace selfology::feed {
namespace {

constexpr size_t kTitle = 100;

std::string Storable(std::string_view text) {
  std::string clean;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 || c == '\n' || c == '\t') clean += c;
  }
  return clean;
}

void AddText(pugi::xml_node& parent, const char* name, std::string_view text) {
  parent.append_child(name).text().set(Storable(text).c_str());
}

std::string Escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\n':
        html += "<br>";
        break;
      default:
        html += c;
    }
  }
  return html;
}

// What readers show: they take a description for HTML.
std::string HtmlOf(const v1::Post& post) {
  std::string html = Escaped(post.text());
  for (const std::string& url : post.media_urls()) {
    if (!absl::StartsWith(url, "https://") && !absl::StartsWith(url, "http://")) continue;
    absl::StrAppend(&html, "<p><img src=\"", Escaped(url), "\" alt=\"\"></p>");
  }
  return html;
}

std::string TitleOf(const v1::Post& post) {
  const std::string_view text = text::Trim(post.text());
  const std::string line = Cut(text.substr(0, text.find('\n')), kTitle);
  return line.empty() ? post.channel_title() : line;
}

}  // namespace

std::string Rfc822(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time, absl::UTCTimeZone());
}

std::string RssOf(std::vector<v1::Post> posts, const RssChannel& channel) {
  std::sort(posts.begin(), posts.end(), [](const v1::Post& a, const v1::Post& b) {
    const absl::Time one = timestamps::FromProto(a.posted_at());
    const absl::Time other = timestamps::FromProto(b.posted_at());
    return one != other ? one > other : a.id() > b.id();
  });
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node rss = document.append_child("rss");
  rss.append_attribute("version") = "2.0";
  pugi::xml_node node = rss.append_child("channel");
  AddText(node, "title", channel.title);
  // Required by the format; the feed has no page of its own outside of Telegram.
  AddText(node, "link", "https://t.me/");
  AddText(node, "description", channel.description);
  if (!channel.language.empty()) AddText(node, "language", channel.language);
  AddText(node, "lastBuildDate", Rfc822(channel.built_at));
  AddText(node, "ttl", "30");
  for (const v1::Post& post : posts) {
    pugi::xml_node item = node.append_child("item");
    AddText(item, "title", TitleOf(post));
    if (!post.url().empty()) AddText(item, "link", post.url());
    AddText(item, "description", HtmlOf(post));
    AddText(item, "category", post.channel_title());
    pugi::xml_node guid = item.append_child("guid");
    guid.append_attribute("isPermaLink") = post.url().empty() ? "false" : "true";
    guid.text().set(post.url().empty() ? absl::StrCat("selfology:post:", post.id()).c_str()
                                       : Storable(post.url()).c_str());
    AddText(item, "pubDate", Rfc822(timestamps::FromProto(post.posted_at())));
  }
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace selfology::feed

#include "services/feed/channel_reader/reading/html_tree.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/text/html.h"
#include "common/text/text.h"

namespace selfology::channel_reader {
namespace {

constexpr size_t kMaxLinks = 20;

const GumboVector& ChildrenOf(const GumboNode* node) {
  static const GumboVector none = {};
  if (node->type == GUMBO_NODE_DOCUMENT) return node->v.document.children;
  return IsElement(node) ? node->v.element.children : none;
}

bool IsText(const GumboNode* node) {
  return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
         node->type == GUMBO_NODE_CDATA;
}

bool IsBlock(std::string_view tag) {
  return tag == "div" || tag == "p" || tag == "blockquote" || tag == "pre" || tag == "li" ||
         tag == "ul" || tag == "ol" || tag == "tr" || tag == "h1" || tag == "h2" || tag == "h3" ||
         tag == "h4";
}

bool IsHidden(std::string_view tag) {
  return tag == "script" || tag == "style" || tag == "template" || tag == "noscript" ||
         tag == "head" || tag == "iframe";
}

// The tag that Telegram's HTML and ours writes for one of a page's; empty: none.
std::string_view KeptTag(std::string_view tag) {
  if (tag == "b" || tag == "strong") return "b";
  if (tag == "i" || tag == "em") return "i";
  if (tag == "u" || tag == "ins") return "u";
  if (tag == "s" || tag == "del" || tag == "strike") return "s";
  if (tag == "code" || tag == "pre" || tag == "blockquote") return tag;
  return "";
}

// Telegram draws emoji as pictures: <i class="emoji"><b>😀</b></i> is neither italic nor bold.
bool IsEmoji(const GumboNode* node) { return HasClass(node, "emoji"); }

class Writer {
 public:
  Writer(std::string_view base, bool rich) : base_(base), rich_(rich) {}

  void Write(const GumboNode* node, bool preformatted, bool in_emoji, int depth) {
    // Nobody writes so; what is deeper goes lost.
    if (depth > 200) return;
    if (IsText(node)) {
      Put(node->v.text.text, preformatted);
      return;
    }
    if (!IsElement(node) && node->type != GUMBO_NODE_DOCUMENT) return;
    const std::string_view tag = TagOf(node);
    if (IsHidden(tag)) return;
    if (tag == "br") {
      Break();
      return;
    }
    const bool is_block = IsBlock(tag);
    if (is_block && !text_.empty() && text_.back() != '\n') Break();
    const bool is_emoji = in_emoji || IsEmoji(node);
    const std::string_view kept = is_emoji ? "" : KeptTag(tag);
    std::string close;
    if (tag == "a") {
      close = OpenLink(node);
    } else if (!kept.empty()) {
      FlushSpace();
      html_ += absl::StrCat("<", kept, ">");
      close = absl::StrCat("</", kept, ">");
    }
    const GumboVector& children = ChildrenOf(node);
    for (unsigned int i = 0; i < children.length; ++i) {
      Write(static_cast<const GumboNode*>(children.data[i]), preformatted || tag == "pre", is_emoji,
            depth + 1);
    }
    html_ += close;
    if (is_block) needs_break_ = true;
  }

  RichText Take() && {
    RichText rich;
    rich.text = std::string(text::Trim(text_));
    std::string_view html = html_;
    while (html.starts_with("<br>")) html.remove_prefix(4);
    while (html.ends_with("<br>")) html.remove_suffix(4);
    if (rich_) rich.html = std::string(html);
    rich.links = std::move(links_);
    return rich;
  }

 private:
  std::string OpenLink(const GumboNode* node) {
    std::string href(Attribute(node, "href"));
    // Since April 2024 links that ask before they open have their "&" escaped twice.
    if (!Attribute(node, "onclick").empty()) href = absl::StrReplaceAll(href, {{"&amp;", "&"}});
    const std::string url = AbsoluteUrl(href, base_);
    if (url.empty() || absl::StartsWith(href, "?")) return "";
    FlushSpace();
    html_ += absl::StrCat("<a href=\"", text::EscapeHtml(url), "\">");
    if (links_.size() < kMaxLinks && !absl::StartsWith(url, "tg:") &&
        std::find(links_.begin(), links_.end(), url) == links_.end()) {
      links_.push_back(url);
    }
    return "</a>";
  }

  void Put(std::string_view words, bool preformatted) {
    if (preformatted) {
      for (size_t at = 0; at < words.size();) {
        const size_t end = std::min(words.find('\n', at), words.size());
        Append(words.substr(at, end - at));
        if (end < words.size()) Break();
        at = end + 1;
      }
      return;
    }
    size_t at = 0;
    while (at < words.size()) {
      if (absl::ascii_isspace(static_cast<unsigned char>(words[at]))) {
        space_ = true;
        ++at;
        continue;
      }
      size_t end = at;
      while (end < words.size() && !absl::ascii_isspace(static_cast<unsigned char>(words[end]))) {
        ++end;
      }
      FlushSpace();
      Append(words.substr(at, end - at));
      at = end;
    }
  }
  void FlushSpace() {
    if (needs_break_) {
      if (!text_.empty() && text_.back() != '\n') Break();
      needs_break_ = false;
    }
    if (space_ && !text_.empty() && text_.back() != '\n') Append(" ");
    space_ = false;
  }
  void Append(std::string_view words) {
    if (words.empty()) return;
    if (needs_break_) {
      if (!text_.empty() && text_.back() != '\n') Break();
      needs_break_ = false;
    }
    absl::StrAppend(&text_, words);
    if (rich_) absl::StrAppend(&html_, text::EscapeHtml(words));
  }
  void Break() {
    space_ = false;
    needs_break_ = false;
    text_ += '\n';
    if (rich_) html_ += "<br>";
  }

  const std::string_view base_;
  const bool rich_;
  std::string text_;
  std::string html_;
  std::vector<std::string> links_;
  bool space_ = false;        // White space that is written if a word follows.
  bool needs_break_ = false;  // Likewise a new line.
};

}  // namespace

absl::StatusOr<HtmlTree> HtmlTree::Parse(std::string_view html) {
  if (html.size() > kMaxPageBytes) return absl::InvalidArgumentError("the page is too large");
  int tags = 0;
  for (size_t i = 0; i + 1 < html.size(); ++i) {
    if (html[i] == '<' && html[i + 1] != '/' && ++tags > kMaxTags) {
      return absl::InvalidArgumentError("the page has too many tags");
    }
  }
  GumboOptions options = kGumboDefaultOptions;
  options.max_errors = 0;
  GumboOutput* const output = gumbo_parse_with_options(&options, html.data(), html.size());
  if (output == nullptr) return absl::InternalError("the page was not parsed");
  return HtmlTree(output);
}

void Walk(const GumboNode* node, const std::function<bool(const GumboNode*)>& enter) {
  std::vector<const GumboNode*> waiting = {node};
  while (!waiting.empty()) {
    const GumboNode* const next = waiting.back();
    waiting.pop_back();
    if (next != node && !enter(next)) continue;
    const GumboVector& children = ChildrenOf(next);
    for (unsigned int i = children.length; i > 0; --i) {
      waiting.push_back(static_cast<const GumboNode*>(children.data[i - 1]));
    }
  }
}

bool IsElement(const GumboNode* node) {
  return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

std::string_view TagOf(const GumboNode* node) {
  if (!IsElement(node)) return "";
  // Empty for the tags that HTML does not know, such as Telegram's own.
  return gumbo_normalized_tagname(node->v.element.tag);
}

std::string_view Attribute(const GumboNode* node, const char* name) {
  if (!IsElement(node)) return "";
  const GumboAttribute* const found = gumbo_get_attribute(&node->v.element.attributes, name);
  return found == nullptr ? "" : std::string_view(found->value);
}

bool HasClass(const GumboNode* node, std::string_view name) {
  const std::string_view classes = Attribute(node, "class");
  if (classes.size() < name.size()) return false;
  for (const std::string_view one : absl::StrSplit(classes, absl::ByAnyChar(" \t\r\n\f"))) {
    if (one == name) return true;
  }
  return false;
}

std::vector<const GumboNode*> FindAll(const GumboNode* node, std::string_view class_name,
                                      const Skip& skip) {
  std::vector<const GumboNode*> found;
  Walk(node, [&](const GumboNode* next) {
    if (skip && skip(next)) return false;
    if (!HasClass(next, class_name)) return true;
    found.push_back(next);
    return false;
  });
  return found;
}

const GumboNode* FindFirst(const GumboNode* node, std::string_view class_name, const Skip& skip) {
  const GumboNode* found = nullptr;
  Walk(node, [&](const GumboNode* next) {
    if (found != nullptr || (skip && skip(next))) return false;
    if (HasClass(next, class_name)) found = next;
    return found == nullptr;
  });
  return found;
}

const GumboNode* FindTag(const GumboNode* node, std::string_view tag) {
  const GumboNode* found = nullptr;
  Walk(node, [&](const GumboNode* next) {
    if (found == nullptr && TagOf(next) == tag) found = next;
    return found == nullptr;
  });
  return found;
}

std::string MetaContent(const GumboNode* root, std::string_view property) {
  std::string content;
  Walk(root, [&](const GumboNode* next) {
    if (content.empty() && TagOf(next) == "meta" &&
        (Attribute(next, "property") == property || Attribute(next, "name") == property)) {
      content = std::string(Attribute(next, "content"));
    }
    return content.empty();
  });
  return content;
}

std::string BackgroundImage(const GumboNode* node) {
  std::string_view style = Attribute(node, "style");
  const size_t at = style.find("background-image:");
  if (at == std::string_view::npos) return "";
  style.remove_prefix(at);
  const size_t open = style.find("url(");
  const size_t close = style.find(')', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return "";
  std::string_view url = absl::StripAsciiWhitespace(style.substr(open + 4, close - open - 4));
  if (url.size() >= 2 && (url[0] == '\'' || url[0] == '"') && url.back() == url[0]) {
    url = url.substr(1, url.size() - 2);
  }
  return AbsoluteUrl(url, "https://t.me");
}

std::string TextOf(const GumboNode* node) {
  Writer writer("", /*rich=*/false);
  writer.Write(node, /*preformatted=*/false, /*in_emoji=*/false, 0);
  return std::move(writer).Take().text;
}

RichText RichTextOf(const GumboNode* node, std::string_view base) {
  Writer writer(base, /*rich=*/true);
  writer.Write(node, /*preformatted=*/false, /*in_emoji=*/false, 0);
  return std::move(writer).Take();
}

std::string AbsoluteUrl(std::string_view url, std::string_view base) {
  url = absl::StripAsciiWhitespace(url);
  if (url.empty() || url.size() > 2048) return "";
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '<' || c == '>') return "";
  }
  for (const std::string_view scheme : {"https://", "http://", "tg://"}) {
    if (absl::StartsWithIgnoreCase(url, scheme)) return std::string(url);
  }
  if (absl::StartsWith(url, "//")) return absl::StrCat("https:", url);
  if (base.empty()) return "";
  const size_t authority = base.find("//");
  const size_t path = base.find('/', authority == std::string_view::npos ? 0 : authority + 2);
  if (absl::StartsWith(url, "/")) return absl::StrCat(base.substr(0, path), url);
  if (absl::StartsWith(url, "#") ||
      url.substr(0, url.find_first_of("/?#")).find(':') != std::string_view::npos) {
    return "";  // Another scheme: javascript:, mailto:, data:.
  }
  if (absl::StartsWith(url, "?")) {
    return absl::StrCat(base.substr(0, std::min(base.find_first_of("?#"), base.size())), url);
  }
  if (path == std::string_view::npos) return absl::StrCat(base, "/", url);
  const std::string_view without = base.substr(0, std::min(base.find_first_of("?#"), base.size()));
  return absl::StrCat(without.substr(0, without.rfind('/') + 1), url);
}

}  // namespace selfology::channel_reader

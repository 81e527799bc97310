#include "services/studio/social/platforms/channel_page.h"

#include <gumbo.h>

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace selfology::social {
namespace {

std::string_view Attribute(const GumboNode& node, const char* name) {
  if (node.type != GUMBO_NODE_ELEMENT) return "";
  const GumboAttribute* found = gumbo_get_attribute(&node.v.element.attributes, name);
  return found == nullptr ? "" : found->value;
}

bool HasClass(const GumboNode& node, std::string_view wanted) {
  for (const absl::string_view name : absl::StrSplit(Attribute(node, "class"), ' ')) {
    if (name == absl::string_view(wanted.data(), wanted.size())) return true;
  }
  return false;
}

// Calls visit for each node, parents first; where it gives false the children are left out.
template <typename Visit>
void Walk(const GumboNode& root, Visit visit) {
  std::vector<const GumboNode*> waiting = {&root};
  while (!waiting.empty()) {
    const GumboNode* node = waiting.back();
    waiting.pop_back();
    if (!visit(*node) || node->type != GUMBO_NODE_ELEMENT) continue;
    const GumboVector& children = node->v.element.children;
    for (unsigned i = children.length; i > 0; --i) {
      waiting.push_back(static_cast<const GumboNode*>(children.data[i - 1]));
    }
  }
}

std::string TextOf(const GumboNode& root) {
  std::string text;
  Walk(root, [&](const GumboNode& node) {
    if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE) {
      text += node.v.text.text;
    } else if (node.type == GUMBO_NODE_ELEMENT && node.v.element.tag == GUMBO_TAG_BR) {
      text += '\n';
    }
    return true;
  });
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace

std::vector<ChannelMessage> ReadChannelPage(std::string_view html) {
  const std::unique_ptr<GumboOutput, void (*)(GumboOutput*)> page(
      gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size()),
      [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); });
  std::vector<ChannelMessage> messages;
  if (page == nullptr) return messages;
  Walk(*page->root, [&](const GumboNode& node) {
    const std::string_view post = Attribute(node, "data-post");
    if (post.empty()) return true;
    ChannelMessage message{.id = std::string(post.substr(post.rfind('/') + 1))};
    Walk(node, [&](const GumboNode& part) {
      if (HasClass(part, "tgme_widget_message_text") && message.text.empty()) {
        message.text = TextOf(part);
        return false;
      }
      if (const std::string_view time = Attribute(part, "datetime"); !time.empty()) {
        std::string error;
        absl::ParseTime(absl::RFC3339_full, time, &message.at, &error);
      }
      return true;
    });
    if (!message.id.empty()) messages.push_back(std::move(message));
    return false;
  });
  return messages;
}

bool SameWords(std::string_view a, std::string_view b) {
  const auto words = [](std::string_view text) {
    return absl::StrJoin(absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty()), " ");
  };
  return words(a) == words(b);
}

}  // namespace selfology::social

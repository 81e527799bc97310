#include "services/studio/social/platforms/plain_html.h"

#include <gumbo.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace selfology::social {

std::string PlainOfHtml(std::string_view html) {
  const std::unique_ptr<GumboOutput, void (*)(GumboOutput*)> page(
      gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size()),
      [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); });
  std::string text;
  if (page == nullptr) return text;
  // What comes next; a null node is the end of a paragraph.
  std::vector<const GumboNode*> waiting = {page->root};
  while (!waiting.empty()) {
    const GumboNode* const node = waiting.back();
    waiting.pop_back();
    if (node == nullptr) {
      text += "\n\n";
      continue;
    }
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE) {
      text += node->v.text.text;
      continue;
    }
    if (node->type != GUMBO_NODE_ELEMENT) continue;
    const GumboTag tag = node->v.element.tag;
    if (tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE) continue;
    if (tag == GUMBO_TAG_BR) text += '\n';
    if (tag == GUMBO_TAG_P) waiting.push_back(nullptr);
    const GumboVector& children = node->v.element.children;
    for (unsigned i = children.length; i > 0; --i) {
      waiting.push_back(static_cast<const GumboNode*>(children.data[i - 1]));
    }
  }
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace selfology::social

// HTML from outside as a tree, by gumbo, with limits that keep a hostile page cheap.
//
//   ASSIGN_OR_RETURN(const HtmlTree tree, HtmlTree::Parse(page));
//   for (const GumboNode* wrap : FindAll(tree.root(), "tgme_widget_message")) ...
//   TextOf(node);                              // "a\nb" for a<br>b
//   Attribute(node, "data-post");              // "" when it has none
//
// Errors: INVALID_ARGUMENT: more than kMaxPageBytes, or than kMaxTags tags (gumbo and those who walk
// its tree go as deep as tags nest).
// Threads: a tree belongs to one thread at a time; the functions are pure.
#pragma once

#include <gumbo.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::channel_reader {

inline constexpr size_t kMaxPageBytes = size_t{2} << 20;
inline constexpr int kMaxTags = 10'000;

class HtmlTree {
 public:
  static absl::StatusOr<HtmlTree> Parse(std::string_view html);
  // Never null.
  const GumboNode* root() const { return output_->root; }

 private:
  struct Destroy {
    void operator()(GumboOutput* output) const {
      gumbo_destroy_output(&kGumboDefaultOptions, output);
    }
  };
  explicit HtmlTree(GumboOutput* output) : output_(output) {}

  std::unique_ptr<GumboOutput, Destroy> output_;
};

bool IsElement(const GumboNode* node);
// The tag's name in lower case; empty for what is no element.
std::string_view TagOf(const GumboNode* node);
std::string_view Attribute(const GumboNode* node, const char* name);
// Whether it is one of the element's classes, wherever they stand.
bool HasClass(const GumboNode* node, std::string_view name);

// Calls enter(node) for what is below `node`, in the order of the page; it says whether to look into
// that node. Not recursive: pages nest as deep as they like.
void Walk(const GumboNode* node, const std::function<bool(const GumboNode*)>& enter);

// Elements of that class below `node`, in the order of the page; does not look into those that it
// found, nor where `skip` says so.
using Skip = std::function<bool(const GumboNode*)>;
std::vector<const GumboNode*> FindAll(const GumboNode* node, std::string_view class_name,
                                      const Skip& skip = nullptr);
// The first of them; null: there is none.
const GumboNode* FindFirst(const GumboNode* node, std::string_view class_name,
                           const Skip& skip = nullptr);
// The first element of that tag.
const GumboNode* FindTag(const GumboNode* node, std::string_view tag);
// The content of <meta property="…"> or <meta name="…">; empty: there is none.
std::string MetaContent(const GumboNode* root, std::string_view property);
// The address in style="background-image:url('…')"; empty: there is none.
std::string BackgroundImage(const GumboNode* node);

// The words below `node`, lines where <br> and blocks break them, without white space at the ends.
std::string TextOf(const GumboNode* node);

struct RichText {
  std::string text;                // As TextOf.
  std::string html;                // Of b, i, u, s, code, pre, blockquote, a and br only.
  std::vector<std::string> links;  // http and https, each once, in their order.
};
// `base`: what relative links are relative to, "https://t.me".
RichText RichTextOf(const GumboNode* node, std::string_view base);

// An address as a page may give it: made absolute, "" unless http, https or tg.
std::string AbsoluteUrl(std::string_view url, std::string_view base);

}  // namespace selfology::channel_reader

#include "services/feed/channel_reader/reading/preview_page.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "services/feed/channel_reader/reading/html_tree.h"
#include "services/feed/channel_reader/reading/numbers.h"
#include "services/feed/channel_reader/reading/preview_post.h"

namespace selfology::channel_reader {
namespace {

constexpr int kMaxAbout = 1000;  // Characters.
constexpr int kMaxTitle = 256;

// Whether the page came to its end: a connection that broke may look like a short page, and its last
// post like an edited one.
bool IsWhole(std::string_view html) {
  const std::string tail =
      absl::AsciiStrToLower(html.substr(html.size() - std::min<size_t>(html.size(), 2048)));
  return absl::StrContains(tail, "</html>");
}

std::string Short(std::string text, int characters) {
  return std::string(text::Prefix(text, characters));
}

void ReadChannel(const GumboNode* root, PreviewPage& page) {
  if (const GumboNode* info = FindFirst(root, "tgme_channel_info"); info != nullptr) {
    page.is_channel = true;
    if (const auto* title = FindFirst(info, "tgme_channel_info_header_title")) {
      page.title = TextOf(title);
    }
    if (const auto* name = FindFirst(info, "tgme_channel_info_header_username")) {
      page.handle = TextOf(name);
    }
    if (const auto* about = FindFirst(info, "tgme_channel_info_description")) {
      page.about = TextOf(about);
    }
    if (const auto* photo = FindFirst(info, "tgme_page_photo_image")) {
      if (const auto* img = FindTag(photo, "img")) {
        page.picture_url = AbsoluteUrl(Attribute(img, "src"), "https://t.me");
      }
    }
    for (const GumboNode* counter : FindAll(info, "tgme_channel_info_counter")) {
      const GumboNode* const value = FindFirst(counter, "counter_value");
      const GumboNode* const type = FindFirst(counter, "counter_type");
      if (value != nullptr && type != nullptr && absl::StartsWith(TextOf(type), "subscriber")) {
        page.subscribers = ReadCount(TextOf(value));
      }
    }
  }
  if (FindFirst(root, "tgme_channel_history") != nullptr) page.is_channel = true;
  if (!page.is_channel) return;
  if (page.handle.empty()) {
    if (const GumboNode* main = FindFirst(root, "tgme_main"); main != nullptr) {
      page.handle = std::string(absl::StripPrefix(Attribute(main, "data-url"), "/"));
    }
  }
  page.handle = std::string(absl::StripPrefix(page.handle, "@"));
  if (page.title.empty()) page.title = MetaContent(root, "og:title");
  if (page.about.empty()) page.about = MetaContent(root, "og:description");
  if (page.picture_url.empty()) {
    page.picture_url = AbsoluteUrl(MetaContent(root, "og:image"), "https://t.me");
  }
  page.title = Short(std::move(page.title), kMaxTitle);
  page.about = Short(std::move(page.about), kMaxAbout);
}

}  // namespace

absl::StatusOr<PreviewPage> ParsePreviewPage(std::string_view html) {
  ASSIGN_OR_RETURN(const HtmlTree tree, HtmlTree::Parse(html));
  PreviewPage page;
  ReadChannel(tree.root(), page);
  if (!page.is_channel) return page;
  if (!IsWhole(html)) return absl::InvalidArgumentError("the page was cut off");
  std::set<int64_t> seen;
  for (const GumboNode* message : FindAll(tree.root(), "tgme_widget_message")) {
    std::optional<FoundPost> found = ReadPreviewPost(message);
    if (!found.has_value() || !seen.insert(found->post.post_number()).second) continue;
    if (page.telegram_id == 0) page.telegram_id = ReadTelegramId(Attribute(message, "data-view"));
    if (page.handle.empty()) {
      const std::string& key = found->post.source_key();
      page.handle = key.substr(0, key.find('/'));
    }
    page.posts.push_back(*std::move(found));
  }
  std::sort(page.posts.begin(), page.posts.end(), [](const FoundPost& a, const FoundPost& b) {
    return a.post.post_number() < b.post.post_number();
  });
  for (const FoundPost& found : page.posts) {
    if (page.lowest == 0) page.lowest = found.post.post_number();
    page.highest = std::max(page.highest, found.post.post_number());
    for (const int64_t number : found.post.album_numbers()) {
      page.highest = std::max(page.highest, number);
    }
  }
  for (const GumboNode* more : FindAll(tree.root(), "js-messages_more")) {
    int64_t before = 0;
    if (absl::SimpleAtoi(Attribute(more, "data-before"), &before) && before > 0) {
      page.before = before;
    }
  }
  return page;
}

absl::StatusOr<NamePage> ParseNamePage(std::string_view html) {
  ASSIGN_OR_RETURN(const HtmlTree tree, HtmlTree::Parse(html));
  const GumboNode* const title = FindFirst(tree.root(), "tgme_page_title");
  if (title == nullptr) {
    // A name that nobody has is offered as a person to write to.
    const bool is_telegram = FindFirst(tree.root(), "tgme_page") != nullptr;
    return is_telegram ? NamePage::kNothing : NamePage::kUnknown;
  }
  const GumboNode* const extra = FindFirst(tree.root(), "tgme_page_extra");
  const std::string words = extra == nullptr ? "" : absl::AsciiStrToLower(TextOf(extra));
  if (absl::StrContains(words, "subscriber")) return NamePage::kChannel;
  if (absl::StrContains(words, "member")) return NamePage::kGroup;
  return NamePage::kPerson;
}

}  // namespace selfology::channel_reader

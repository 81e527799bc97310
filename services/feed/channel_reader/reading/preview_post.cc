#include "services/feed/channel_reader/reading/preview_post.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/channel_reader/reading/numbers.h"

namespace selfology::channel_reader {
namespace {

constexpr std::string_view kBase = "https://t.me";
constexpr int kMaxMedia = 10;
constexpr int kMaxReactions = 20;

// What belongs to another post or page, though it has texts and pictures of the same classes.
bool IsForeign(const GumboNode* node) {
  return HasClass(node, "tgme_widget_message_reply") ||
         HasClass(node, "tgme_widget_message_link_preview") ||
         HasClass(node, "tgme_widget_message_user") ||
         HasClass(node, "tgme_widget_message_inline_keyboard");
}

const GumboNode* Own(const GumboNode* message, std::string_view class_name) {
  return FindFirst(message, class_name, IsForeign);
}

void SetDuration(const GumboNode* node, v1::PostMedia& media) {
  if (node == nullptr) return;
  if (const auto duration = ReadDuration(TextOf(node)); duration.has_value()) {
    media.mutable_duration()->set_seconds(absl::ToInt64Seconds(*duration));
  }
}

// The number in style="…name:123px…"; 0: none.
int PixelsIn(std::string_view style, std::string_view name) {
  const size_t at = style.find(absl::StrCat(name, ":"));
  if (at == std::string_view::npos || (at > 0 && style[at - 1] == '-')) return 0;
  std::string_view rest = style.substr(at + name.size() + 1);
  const size_t end = rest.find("px");
  double pixels = 0;
  if (end == std::string_view::npos || !absl::SimpleAtod(rest.substr(0, end), &pixels)) return 0;
  return pixels >= 1 && pixels <= 20'000 ? static_cast<int>(pixels) : 0;
}

void SetPixels(const GumboNode* wrap, const GumboNode* ratio, v1::PostMedia& media) {
  const int width = PixelsIn(Attribute(wrap, "style"), "width");
  if (width == 0 || ratio == nullptr) return;
  std::string_view style = Attribute(ratio, "style");
  const size_t at = style.find("padding-top:");
  if (at == std::string_view::npos) return;
  style.remove_prefix(at + 12);
  double percent = 0;
  if (!absl::SimpleAtod(style.substr(0, style.find('%')), &percent)) return;
  const double height = std::round(width * percent / 100);
  if (!(height >= 1 && height <= 20'000)) return;
  media.set_width(width);
  media.set_height(static_cast<int>(height));
}

v1::PostMedia Photo(const GumboNode* node) {
  v1::PostMedia media;
  media.set_kind(v1::MEDIA_KIND_PHOTO);
  media.set_url(BackgroundImage(node));
  SetPixels(node, FindFirst(node, "tgme_widget_message_photo"), media);
  return media;
}

v1::PostMedia Film(const GumboNode* node) {
  v1::PostMedia media;
  media.set_kind(v1::MEDIA_KIND_VIDEO);
  if (const auto* video = FindTag(node, "video"); video != nullptr) {
    media.set_url(AbsoluteUrl(Attribute(video, "src"), kBase));
  }
  if (const auto* thumb = FindFirst(node, "tgme_widget_message_video_thumb"); thumb != nullptr) {
    media.set_preview_url(BackgroundImage(thumb));
  }
  const GumboNode* const duration = FindFirst(node, "message_video_duration");
  SetDuration(duration, media);
  if (duration == nullptr && FindFirst(node, "js-message_gif") != nullptr) {
    media.set_kind(v1::MEDIA_KIND_ANIMATION);
  }
  const GumboNode* const wrap = FindFirst(node, "tgme_widget_message_video_wrap");
  if (wrap != nullptr) SetPixels(wrap, wrap, media);
  return media;
}

v1::PostMedia RoundFilm(const GumboNode* node) {
  v1::PostMedia media;
  media.set_kind(v1::MEDIA_KIND_VIDEO_NOTE);
  if (const auto* video = FindTag(node, "video"); video != nullptr) {
    media.set_url(AbsoluteUrl(Attribute(video, "src"), kBase));
  }
  if (const auto* thumb = FindFirst(node, "tgme_widget_message_roundvideo_thumb")) {
    media.set_preview_url(BackgroundImage(thumb));
  }
  SetDuration(FindFirst(node, "tgme_widget_message_roundvideo_duration"), media);
  return media;
}

v1::PostMedia Voice(const GumboNode* node) {
  v1::PostMedia media;
  media.set_kind(v1::MEDIA_KIND_VOICE);
  if (const auto* audio = FindTag(node, "audio"); audio != nullptr) {
    media.set_url(AbsoluteUrl(Attribute(audio, "src"), kBase));
  }
  SetDuration(FindFirst(node, "tgme_widget_message_voice_duration"), media);
  return media;
}

v1::PostMedia Document(const GumboNode* node) {
  v1::PostMedia media;
  media.set_kind(v1::MEDIA_KIND_DOCUMENT);
  if (const auto* icon = FindFirst(node, "tgme_widget_message_document_icon");
      icon != nullptr && HasClass(icon, "audio")) {
    media.set_kind(v1::MEDIA_KIND_AUDIO);
  }
  if (const auto* title = FindFirst(node, "tgme_widget_message_document_title")) {
    media.set_file_name(TextOf(title));
  }
  if (const auto* extra = FindFirst(node, "tgme_widget_message_document_extra")) {
    media.set_size(ReadSize(TextOf(extra)));
  }
  return media;
}

// In the order of the page, which for an album is that of its parts.
void ReadMedia(const GumboNode* message, v1::Post& post) {
  const auto add = [&](v1::PostMedia media) {
    if (post.media_size() < kMaxMedia) *post.add_media() = std::move(media);
  };
  // One walk over all kinds: what is found is not looked into.
  struct Kind {
    std::string_view class_name;
    v1::PostMedia (*read)(const GumboNode*);
  };
  static constexpr Kind kKinds[] = {
      {"tgme_widget_message_photo_wrap", &Photo},
      {"tgme_widget_message_video_player", &Film},
      {"tgme_widget_message_roundvideo_player", &RoundFilm},
      {"tgme_widget_message_voice_player", &Voice},
      {"tgme_widget_message_document", &Document},
  };
  const auto kind_of = [](const GumboNode* node) -> const Kind* {
    for (const Kind& kind : kKinds) {
      if (HasClass(node, kind.class_name)) return &kind;
    }
    return nullptr;
  };
  Walk(message, [&](const GumboNode* node) {
    if (IsForeign(node)) return false;
    // The picture of a file stands beside its text, in an element around both.
    if (HasClass(node, "tgme_widget_message_document_wrap") &&
        FindFirst(node, "tgme_widget_message_document") != nullptr &&
        FindFirst(node, "tgme_widget_message_document_wrap") == nullptr) {
      add(Document(node));
      return false;
    }
    if (const Kind* kind = kind_of(node); kind != nullptr) {
      add(kind->read(node));
      return false;
    }
    return true;
  });
  const auto alone = [&](std::string_view class_name, v1::MediaKind kind) -> v1::PostMedia* {
    const GumboNode* const node = Own(message, class_name);
    if (node == nullptr || post.media_size() >= kMaxMedia) return nullptr;
    v1::PostMedia& media = *post.add_media();
    media.set_kind(kind);
    media.set_url(BackgroundImage(node));
    return &media;
  };
  alone("tgme_widget_message_sticker", v1::MEDIA_KIND_STICKER);
  alone("tgme_widget_message_location", v1::MEDIA_KIND_LOCATION);
  if (v1::PostMedia* poll = alone("tgme_widget_message_poll", v1::MEDIA_KIND_POLL)) {
    poll->clear_url();
  }
  if (post.media_size() == 0) {
    alone("message_media_not_supported", v1::MEDIA_KIND_UNSUPPORTED);
  }
  if (post.media_size() > 0) post.set_media_kind(post.media(0).kind());
}

void ReadText(const GumboNode* message, v1::Post& post) {
  const auto skip = [](const GumboNode* node) {
    return IsForeign(node) || HasClass(node, "js-message_reply_text");
  };
  if (const GumboNode* node = FindFirst(message, "js-message_text", skip); node != nullptr) {
    RichText rich = RichTextOf(node, kBase);
    post.set_text(std::move(rich.text));
    post.set_text_html(std::move(rich.html));
    for (std::string& link : rich.links) post.add_links(std::move(link));
  }
  const GumboNode* const question = Own(message, "tgme_widget_message_poll_question");
  if (question == nullptr) return;
  std::string words = TextOf(question);
  for (const GumboNode* option : FindAll(message, "tgme_widget_message_poll_option_text")) {
    absl::StrAppend(&words, "\n– ", TextOf(option));
  }
  post.set_text(post.text().empty() ? words : absl::StrCat(post.text(), "\n", words));
  post.clear_text_html();
}

void ReadReactions(const GumboNode* message, v1::Post& post) {
  for (const GumboNode* node : FindAll(message, "tgme_reaction")) {
    if (post.reactions_size() >= kMaxReactions) return;
    v1::PostReaction reaction;
    std::string emoji;
    Walk(node, [&](const GumboNode* part) {
      if (emoji.empty() && HasClass(part, "emoji")) emoji = TextOf(part);
      const std::string_view id = Attribute(part, "emoji-id");
      if (!id.empty()) emoji = absl::StrCat("custom:", id.substr(0, 32));
      return id.empty();
    });
    if (HasClass(node, "tgme_reaction_paid")) emoji = "paid";
    if (emoji.empty()) continue;
    std::string words = TextOf(node);
    const size_t digit = words.find_first_of("0123456789");
    reaction.set_count(digit == std::string::npos ? 0 : ReadCount(words.substr(digit)));
    reaction.set_emoji(std::move(emoji));
    *post.add_reactions() = std::move(reaction);
  }
}

// The number at the end of ".../NAME/123?single"; 0: another kind of address.
int64_t NumberIn(std::string_view url) {
  url = url.substr(0, url.find('?'));
  const size_t slash = url.rfind('/');
  int64_t number = 0;
  if (slash == std::string_view::npos || !absl::SimpleAtoi(url.substr(slash + 1), &number))
    return 0;
  return std::max<int64_t>(number, 0);
}

void ReadSurroundings(const GumboNode* message, std::string_view channel, v1::Post& post) {
  if (const auto* reply = FindFirst(message, "tgme_widget_message_reply"); reply != nullptr) {
    const std::string_view href = Attribute(reply, "href");
    if (absl::StrContains(absl::AsciiStrToLower(href),
                          absl::StrCat("/", absl::AsciiStrToLower(channel), "/"))) {
      post.set_reply_to_number(NumberIn(href));
    }
  }
  if (const auto* from = Own(message, "tgme_widget_message_forwarded_from"); from != nullptr) {
    const GumboNode* const name = FindFirst(from, "tgme_widget_message_forwarded_from_name");
    post.mutable_forwarded_from()->set_title(TextOf(name == nullptr ? from : name));
    if (name != nullptr) {
      post.mutable_forwarded_from()->set_link(AbsoluteUrl(Attribute(name, "href"), kBase));
    }
  }
  if (const auto* preview = FindFirst(message, "tgme_widget_message_link_preview")) {
    v1::LinkPreview& link = *post.mutable_link_preview();
    link.set_url(AbsoluteUrl(Attribute(preview, "href"), kBase));
    const auto text = [&](std::string_view class_name) {
      const GumboNode* const node = FindFirst(preview, class_name);
      return node == nullptr ? "" : TextOf(node);
    };
    link.set_site(text("link_preview_site_name"));
    link.set_title(text("link_preview_title"));
    link.set_description(text("link_preview_description"));
    for (const std::string_view name : {"link_preview_image", "link_preview_right_image"}) {
      if (const GumboNode* image = FindFirst(preview, name); image != nullptr) {
        link.set_picture_url(BackgroundImage(image));
      }
    }
  }
  if (const auto* grouped = Own(message, "tgme_widget_message_grouped"); grouped != nullptr) {
    std::vector<int64_t> numbers;
    Walk(grouped, [&](const GumboNode* node) {
      const std::string_view href = Attribute(node, "href");
      if (absl::StrContains(href, "?single")) {
        if (const int64_t number = NumberIn(href); number > 0) numbers.push_back(number);
      }
      return true;
    });
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    if (numbers.size() > 10) numbers.resize(10);
    if (numbers.size() > 1) post.mutable_album_numbers()->Assign(numbers.begin(), numbers.end());
  }
}

void ReadFooter(const GumboNode* message, FoundPost& found) {
  v1::Post& post = found.post;
  if (const auto* views = Own(message, "tgme_widget_message_views"); views != nullptr) {
    post.set_views(ReadCount(TextOf(views)));
  } else if (!post.is_service_message()) {
    found.missing.emplace_back("views");
  }
  if (const auto* author = Own(message, "tgme_widget_message_from_author"); author != nullptr) {
    post.set_author(TextOf(author));
  }
  const GumboNode* const date = Own(message, "tgme_widget_message_date");
  const GumboNode* const time = date == nullptr ? nullptr : FindTag(date, "time");
  const auto posted_at = time == nullptr ? std::nullopt : ReadTime(Attribute(time, "datetime"));
  if (posted_at.has_value()) {
    *post.mutable_posted_at() = timestamps::ToProto(*posted_at);
  } else {
    found.missing.emplace_back("posted_at");
  }
  if (const auto* meta = Own(message, "tgme_widget_message_meta"); meta != nullptr) {
    std::string words = TextOf(meta);
    if (!post.author().empty()) {
      std::string_view rest = words;
      TakePrefix(rest, post.author());
      words = std::string(rest);
    }
    found.is_edited = absl::StrContains(words, "edited");
  }
}

}  // namespace

std::optional<FoundPost> ReadPreviewPost(const GumboNode* message) {
  const std::string_view key = Attribute(message, "data-post");
  const size_t slash = key.rfind('/');
  int64_t number = 0;
  if (slash == std::string_view::npos || key.size() > 128 ||
      !absl::SimpleAtoi(key.substr(slash + 1), &number) || number <= 0) {
    return std::nullopt;
  }
  FoundPost found;
  v1::Post& post = found.post;
  post.set_post_number(number);
  post.set_source_key(std::string(key));
  post.set_link(absl::StrCat(kBase, "/", key));
  post.set_is_service_message(HasClass(message, "service_message"));
  ReadText(message, post);
  ReadMedia(message, post);
  ReadSurroundings(message, key.substr(0, slash), post);
  ReadReactions(message, post);
  ReadFooter(message, found);
  if (post.text().empty() && post.media_size() == 0) found.missing.emplace_back("text_or_media");
  for (const v1::PostMedia& media : post.media()) {
    if (media.kind() == v1::MEDIA_KIND_PHOTO && media.url().empty()) {
      found.missing.emplace_back("photo_url");
      break;
    }
  }
  if (!post.is_service_message() && Own(message, "tgme_widget_message_owner_name") == nullptr) {
    found.missing.emplace_back("owner_name");
  }
  return found;
}

}  // namespace selfology::channel_reader

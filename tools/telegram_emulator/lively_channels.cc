#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/picture/canvas.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/lively_world.h"
#include "tools/telegram_emulator/public_channels.h"

namespace selfology::telegram_emulator {
namespace {

constexpr int kWidth = 800;
constexpr int kHeight = 450;
// So many of a channel's posts come after the start.
constexpr int kFuturePosts = 2;

uint32_t HashOf(std::string_view words) {
  uint32_t hash = 2'166'136'261U;  // FNV-1a.
  for (const char c : words) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash;
}

std::string Picture(const std::string& base, std::string_view words) {
  return absl::StrCat(base, "/file/preview/", http::Encode(words), ".png");
}

telegram_channels::PublicMedia Media(std::string kind, std::string url, int seconds = 0) {
  return {.kind = std::move(kind),
          .url = std::move(url),
          .width = kWidth,
          .height = kHeight,
          .seconds = seconds};
}

std::vector<telegram_channels::PublicMedia> MediaOf(const Json& post, const std::string& base) {
  const int seconds = static_cast<int>(IntOr(post, "seconds"));
  if (const std::string words = StringOr(post, "photo"); !words.empty()) {
    return {Media("photo", Picture(base, words))};
  }
  for (const char* kind : {"video", "large_video"}) {
    if (const std::string words = StringOr(post, kind); !words.empty()) {
      return {Media(kind, Picture(base, words), seconds)};
    }
  }
  if (BoolOr(post, "voice"))
    return {Media("voice", absl::StrCat(base, "/file/preview/voice.ogg"), seconds)};
  if (BoolOr(post, "round"))
    return {Media("round", absl::StrCat(base, "/file/preview/round.mp4"), seconds)};
  if (const std::string words = StringOr(post, "location"); !words.empty()) {
    return {Media("location", Picture(base, words))};
  }
  for (const char* kind : {"document", "audio"}) {
    if (const std::string name = StringOr(post, kind); !name.empty()) {
      return {{.kind = kind, .file_name = name, .file_size = StringOr(post, "size")}};
    }
  }
  std::vector<telegram_channels::PublicMedia> album;
  if (const Json* words = Field(post, "album"); words != nullptr && words->is_array()) {
    for (const Json& one : *words) {
      if (one.is_string()) album.push_back(Media("photo", Picture(base, one.get<std::string>())));
    }
  }
  return album;
}

std::string At(const Json& list, size_t index) {
  return list.is_array() && index < list.size() && list[index].is_string()
             ? list[index].get<std::string>()
             : "";
}

PublicPost PostOf(const Json& json, const std::string& base) {
  PublicPost post;
  post.text = StringOr(json, "text");
  post.html = StringOr(json, "html");
  post.media = MediaOf(json, base);
  post.edited = BoolOr(json, "edited");
  post.reply_to = IntOr(json, "reply_to");
  post.poll = StringOr(json, "poll");
  if (!post.poll.empty()) post.text.clear();
  if (const Json* options = Field(json, "options"); options != nullptr && options->is_array()) {
    for (size_t i = 0; i < options->size(); ++i) post.options.push_back(At(*options, i));
  }
  if (const Json* reactions = Field(json, "reactions");
      reactions != nullptr && reactions->is_array()) {
    for (const Json& one : *reactions) {
      if (one.is_array() && one.size() == 2 && one[1].is_number_integer()) {
        post.reactions.emplace_back(At(one, 0), one[1].get<int64_t>());
      }
    }
  }
  if (const Json* forwarded = Field(json, "forwarded")) {
    post.forwarded_from = At(*forwarded, 0);
    post.forwarded_link = At(*forwarded, 1);
  }
  if (const Json* preview = Field(json, "preview")) {
    post.preview_url = At(*preview, 0);
    post.preview_site = At(*preview, 1);
    post.preview_title = At(*preview, 2);
    post.preview_text = At(*preview, 3);
    post.text = absl::StrCat(post.text, "\n", post.preview_url);
  }
  return post;
}

}  // namespace

std::vector<PublicChannel> LivelyChannels(absl::Time now, const std::string& base) {
  std::vector<PublicChannel> channels;
  const absl::StatusOr<Json> world = ParseJson(kChannelsJson);
  if (!world.ok() || !world->is_array()) return channels;
  int64_t number = 0;
  for (const Json& json : *world) {
    PublicChannel channel;
    channel.username = StringOr(json, "username");
    channel.title = StringOr(json, "title");
    channel.about = StringOr(json, "about");
    channel.kind = StringOr(json, "kind", "channel");
    channel.subscribers = IntOr(json, "subscribers", 1);
    channel.picture_url = Picture(base, channel.title);
    channel.telegram_id = -1'001'000'000'000 - ++number;
    const absl::Duration every = absl::Minutes(std::max<int64_t>(IntOr(json, "every_min", 300), 1));
    const Json* const posts = Field(json, "posts");
    const int count = posts == nullptr ? 0 : static_cast<int>(posts->size());
    channel.Add({.at = now - every * (count + 1), .text = "Channel created", .service = true});
    for (int i = 0; i < count; ++i) {
      PublicPost post = PostOf((*posts)[i], base);
      // The service message is number 1.
      if (post.reply_to > 0) ++post.reply_to;
      const int left = count - kFuturePosts - i;
      // What is still to come comes soon, so that somebody who looks sees it.
      post.at = left > 0 ? now - every * left + absl::Minutes(7 * number)
                         : now + absl::Minutes(3 * number) + absl::Minutes(40 * -left);
      post.views = channel.subscribers * (30 + (HashOf(post.text) % 40)) / 100 + 1;
      // Now and then something was removed: its number is missing.
      if (i % 5 == 4) post.id = channel.posts.back().last_id() + 2;
      channel.Add(std::move(post));
    }
    channels.push_back(std::move(channel));
  }
  return channels;
}

absl::StatusOr<std::string> DrawPicture(std::string_view words) {
  const uint32_t hash = HashOf(words);
  const auto part = [&](int shift) { return 0.35 + 0.45 * ((hash >> shift) & 0xFF) / 255.0; };
  const picture::Color ground{part(0), part(8), part(16)};
  ASSIGN_OR_RETURN(picture::Canvas canvas, picture::Canvas::Make(kWidth, kHeight));
  canvas.Polygon({{0, 0}, {kWidth, 0}, {kWidth, kHeight}, {0, kHeight}}, ground, ground, 0);
  for (int i = 0; i < 6; ++i) {
    const uint32_t spot = HashOf(absl::StrCat(words, i));
    canvas.Disc({static_cast<double>(spot % kWidth), static_cast<double>((spot >> 10) % kHeight)},
                40.0 + spot % 90, {1, 1, 1, 0.12});
  }
  double y = kHeight / 2.0;
  for (const std::string& line : canvas.Wrap(words, 64, kWidth - 80, 2, /*bold=*/true)) {
    canvas.Text(kWidth / 2.0, y, 64, line,
                {.align = picture::Align::kCenter, .color = picture::kPaper, .bold = true});
    y += 80;
  }
  return canvas.Png();
}

}  // namespace selfology::telegram_emulator

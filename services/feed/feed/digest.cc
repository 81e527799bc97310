#include "services/feed/feed/digest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/text/text.h"

namespace selfology::feed {
namespace {

constexpr size_t kLine = 200;

}  // namespace

std::vector<v1::Post> ByChannel(const std::vector<v1::Post>& posts) {
  std::vector<int64_t> channels;
  for (const v1::Post& post : posts) {
    if (std::find(channels.begin(), channels.end(), post.channel_id()) == channels.end()) {
      channels.push_back(post.channel_id());
    }
  }
  std::vector<v1::Post> ordered;
  for (const int64_t channel : channels) {
    for (const v1::Post& post : posts) {
      if (post.channel_id() == channel) ordered.push_back(post);
    }
  }
  return ordered;
}

std::string Cut(std::string_view text, size_t characters) {
  size_t at = 0;
  size_t count = 0;
  while (at < text.size()) {
    size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    if (count + 1 == characters && next < text.size()) {
      return absl::StrCat(text::Trim(text.substr(0, at)), "…");
    }
    at = next;
    ++count;
  }
  return std::string(text);
}

std::string DigestText(const std::vector<v1::Post>& posts, std::string_view language) {
  const bool is_russian = language.substr(0, 2) == "ru";
  if (posts.empty()) {
    return is_russian ? "За последние сутки в ваших каналах ничего нового."
                      : "Nothing new in your channels in the last day.";
  }
  std::string digest = is_russian ? "Лучшее за сутки" : "The best of the last day";
  int64_t channel = 0;
  for (const v1::Post& post : posts) {
    if (post.channel_id() != channel) absl::StrAppend(&digest, "\n\n", post.channel_title());
    channel = post.channel_id();
    std::string line = absl::StrReplaceAll(text::Trim(post.text()), {{"\n", " "}});
    if (line.empty()) line = is_russian ? "(без текста)" : "(no text)";
    absl::StrAppend(&digest, "\n• ", Cut(line, kLine));
    if (!post.url().empty()) absl::StrAppend(&digest, "\n  ", post.url());
  }
  return digest;
}

}  // namespace selfology::feed

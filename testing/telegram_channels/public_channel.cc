#include "testing/telegram_channels/public_channel.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace selfology::telegram_channels {

int64_t PublicChannel::Add(PublicPost post) {
  if (post.id == 0) post.id = posts.empty() ? 1 : posts.back().last_id() + 1;
  const int64_t id = post.id;
  const auto after = std::upper_bound(posts.begin(), posts.end(), id,
                                      [](int64_t a, const PublicPost& b) { return a < b.id; });
  posts.insert(after, std::move(post));
  return id;
}

PublicPost* PublicChannel::Find(int64_t id) {
  for (PublicPost& post : posts) {
    if (id >= post.id && id <= post.last_id()) return &post;
  }
  return nullptr;
}

bool PublicChannel::Remove(int64_t id) {
  return std::erase_if(posts, [id](const PublicPost& post) { return post.id == id; }) > 0;
}

std::vector<const PublicPost*> PublicChannel::Page(int64_t before, int64_t after,
                                                   std::string_view words) const {
  const std::string wanted = absl::AsciiStrToLower(words);
  std::vector<const PublicPost*> found;
  for (const PublicPost& post : posts) {
    if (before > 0 && post.id >= before) continue;
    if (after > 0 && post.id <= after) continue;
    if (!wanted.empty() && !absl::StrContains(absl::AsciiStrToLower(post.text), wanted)) continue;
    found.push_back(&post);
  }
  const auto size = static_cast<size_t>(std::max(page_size, 1));
  if (found.size() <= size) return found;
  if (after > 0 && before == 0) {
    found.resize(size);
  } else {
    found.erase(found.begin(), found.end() - static_cast<ptrdiff_t>(size));
  }
  return found;
}

}  // namespace selfology::telegram_channels

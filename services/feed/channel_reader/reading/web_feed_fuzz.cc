// Whatever stands at a feed's address: entries that can be stored and published, each once, or an error.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/text/text.h"
#include "services/feed/channel_reader/post.h"
#include "services/feed/channel_reader/reading/charset.h"
#include "services/feed/channel_reader/reading/web_feed.h"
#include "testing/fuzz.h"

namespace selfology::channel_reader {
namespace {

void Try(std::string_view bytes) {
  constexpr std::string_view kUrl = "https://example.org/feed";
  const std::string body = ToUtf8(bytes, DeclaredCharset(bytes, ""));
  (void)FindFeedLink(body, kUrl);
  const absl::StatusOr<Reading> reading = ParseWebFeed(body, kUrl);
  if (!reading.ok()) return;
  MUST(reading->posts.size() <= static_cast<size_t>(kMaxFeedEntries));
  std::set<std::string> keys;
  for (const FoundPost& found : reading->posts) {
    MUST(!found.post.source_key().empty() && keys.insert(found.post.source_key()).second);
    v1::Post post = found.post;
    Settle(post, absl::UnixEpoch());
    MUST(post.ByteSizeLong() <= kMaxPost);
    MUST(text::IsStorable(post.text()) && text::Characters(post.text()) <= kMaxText);
    MUST(post.link().empty() || post.link().starts_with("http") || post.link().starts_with("tg:"));
  }
}

}  // namespace
}  // namespace selfology::channel_reader

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::channel_reader::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}

// Whatever a server of Bluesky or Mastodon answers: posts that can be stored and published, or an error.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/text/text.h"
#include "services/feed/channel_reader/address.h"
#include "services/feed/channel_reader/post.h"
#include "services/feed/channel_reader/reading/bluesky.h"
#include "services/feed/channel_reader/reading/mastodon.h"
#include "testing/fuzz.h"

namespace selfology::channel_reader {
namespace {

void Check(const Reading& reading) {
  for (const FoundPost& found : reading.posts) {
    MUST(!found.post.source_key().empty());
    v1::Post post = found.post;
    Settle(post, absl::UnixEpoch());
    MUST(post.ByteSizeLong() <= kMaxPost);
    MUST(text::IsStorable(post.text()) && text::Characters(post.text()) <= kMaxText);
  }
}

void Try(std::string_view bytes) {
  Reading bluesky;
  (void)ParseBlueskyProfile(bytes, bluesky);
  (void)ParseBlueskyFeed(bytes, bluesky);
  (void)BlueskyReason(400, bytes);
  Check(bluesky);
  Reading mastodon;
  if (const auto id = ParseMastodonAccount(bytes, mastodon); id.ok()) {
    MUST(id->find('/') == std::string::npos && !id->empty());
  }
  (void)ParseMastodonStatuses(bytes, mastodon);
  Check(mastodon);
  // With the scheme that is added an address may become too long.
  const bool is_short = bytes.size() < 2000;
  if (const auto address = ReadAddress(bytes);
      is_short && address.has_value() && !address->is_private) {
    MUST(!address->key.empty() && !address->handle.empty());
    // What is shown of an address leads to the same channel.
    const auto again = ReadAddress(address->source == v1::SOURCE_KIND_BLUESKY ||
                                           address->source == v1::SOURCE_KIND_MASTODON
                                       ? "@" + address->handle
                                       : address->handle);
    MUST(again.has_value() && again->key == address->key);
  }
}

}  // namespace
}  // namespace selfology::channel_reader

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::channel_reader::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}

// Whatever stands at a preview page's address: posts that can be stored and published, each once and in
// order, or an error.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/text/text.h"
#include "services/feed/channel_reader/post.h"
#include "services/feed/channel_reader/reading/preview_page.h"
#include "testing/fuzz.h"

namespace selfology::channel_reader {
namespace {

void Try(std::string_view html) {
  (void)ParseNamePage(html);
  const absl::StatusOr<PreviewPage> page = ParsePreviewPage(html);
  if (!page.ok()) return;
  int64_t last = 0;
  for (const FoundPost& found : page->posts) {
    MUST(found.post.post_number() > last);
    last = found.post.post_number();
    v1::Post post = found.post;
    Settle(post, absl::UnixEpoch());
    MUST(post.ByteSizeLong() <= kMaxPost);
    MUST(text::IsStorable(post.text()) && text::Characters(post.text()) <= kMaxText);
    for (const v1::PostMedia& media : post.media()) {
      MUST(media.url().empty() || media.url().starts_with("http"));
    }
    // Settling once is enough.
    v1::Post again = post;
    Settle(again, absl::UnixEpoch());
    MUST(Fingerprint(again) == Fingerprint(post));
  }
}

}  // namespace
}  // namespace selfology::channel_reader

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::channel_reader::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}

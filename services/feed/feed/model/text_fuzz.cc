#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/feed/feed/digest.h"
#include "services/feed/feed/model/features.h"
#include "services/feed/feed/model/near_duplicates.h"
#include "services/feed/feed/model/taste.h"
#include "services/feed/feed/model/words.h"
#include "services/feed/feed/people/channel_name.h"
#include "services/feed/feed/rss.h"
#include "testing/fuzz.h"

// Whatever a channel writes and a person types can be described, learned from, fingerprinted, cut and shown.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::feed;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Features features = Describe({.channel_id = 1, .text = text, .may_learn_text = true});
  const auto read = DecodeFeatures(EncodeFeatures(features));
  MUST(read.ok() && *read == features);
  Taste taste;
  taste.Learn(features, {.likes = true});
  MUST(taste.Judge(features).probability > 0.5);
  Fingerprint(text);
  if (const std::string name = NameOfChannel(text); !name.empty()) {
    MUST(KeyOfChannel(name) == KeyOfChannel(KeyOfChannel(name)));
  }
  MUST(Cut(text, 10).size() <= text.size() + 3);
  selfology::feed::v1::Post post;
  post.set_text(text);
  RssOf({post}, {.title = "x", .built_at = absl::UnixEpoch()});
  return 0;
}

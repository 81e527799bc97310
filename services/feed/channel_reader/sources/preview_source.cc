#include "services/feed/channel_reader/sources/preview_source.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/feed/channel_reader/reading/preview_page.h"

namespace selfology::channel_reader {
namespace {

// 100 posts are 5 to 7 pages. Whoever was away for longer begins anew with these.
constexpr int kMostPages = 10;

void TakeChannel(const PreviewPage& page, SourceReading& reading) {
  reading.telegram_id = page.telegram_id;
  reading.handle = page.handle;
  reading.title = page.title;
  reading.about = page.about;
  reading.picture_url = page.picture_url;
  reading.subscribers = page.subscribers;
  reading.link = absl::StrCat("https://t.me/", page.handle);
}

}  // namespace

absl::StatusOr<Fetched> PreviewSource::Get(const Call& call, const std::string& path) {
  return fetcher_.Get(call, {.url = absl::StrCat(base_, path),
                             .host = "telegram",
                             .is_ours = true,
                             .target = "telegram preview"});
}

absl::StatusOr<SourceReading> PreviewSource::Explain(const Call& call, const std::string& handle) {
  absl::StatusOr<Fetched> fetched = Get(call, absl::StrCat("/", http::Encode(handle)));
  if (!fetched.ok()) return ReadingOfError(call, fetched.status());
  SourceReading reading;
  if (fetched->status != 200) {
    reading.reason = fetched->status == 404 ? v1::UNREADABLE_REASON_NO_SUCH_CHANNEL
                                            : v1::UNREADABLE_REASON_UNREACHABLE;
    return reading;
  }
  const absl::StatusOr<NamePage> page = ParseNamePage(fetched->body);
  reading.reason = v1::UNREADABLE_REASON_MARKUP_CHANGED;
  if (!page.ok()) return reading;
  switch (*page) {
    case NamePage::kNothing:
      reading.reason = v1::UNREADABLE_REASON_NO_SUCH_CHANNEL;
      break;
    case NamePage::kChannel:
      reading.reason = v1::UNREADABLE_REASON_NO_PREVIEW;
      break;
    case NamePage::kGroup:
    case NamePage::kPerson:
      reading.reason = v1::UNREADABLE_REASON_NO_CHANNEL;
      break;
    case NamePage::kUnknown:
      break;
  }
  return reading;
}

absl::StatusOr<SourceReading> PreviewSource::Read(const Call& call, const Wanted& wanted) {
  SourceReading reading;
  std::set<int64_t> seen;
  std::vector<FoundPost> posts;
  int64_t before = 0;  // Exclusive; 0: the newest page.
  for (int pages = 0; pages < kMostPages; ++pages) {
    const std::string path = absl::StrCat("/s/", http::Encode(wanted.handle),
                                          before > 0 ? absl::StrCat("?before=", before) : "");
    absl::StatusOr<Fetched> fetched = Get(call, path);
    // Pages that came count even if a later one did not: what they brought has no gap above
    // `before`.
    const bool is_first = pages == 0;
    reading.has_gap = !is_first && before > wanted.newest_number + 1 && wanted.newest_number > 0;
    if (!fetched.ok()) {
      if (is_first) return ReadingOfError(call, fetched.status());
      break;
    }
    if (is_first && fetched->status >= 300 && fetched->status < 400) {
      return Explain(call, wanted.handle);
    }
    if (fetched->status != 200) {
      if (is_first) return ReadingOfStatus(fetched->status);
      break;
    }
    absl::StatusOr<PreviewPage> page = ParsePreviewPage(fetched->body);
    if (!page.ok()) {  // Cut off, or far too large.
      if (!is_first) break;
      reading.reason = v1::UNREADABLE_REASON_UNREACHABLE;
      return reading;
    }
    if (!page->is_channel) {
      if (is_first) return Explain(call, wanted.handle);
      break;
    }
    if (is_first) {
      TakeChannel(*page, reading);
      reading.complete_to = std::numeric_limits<int64_t>::max();
    }
    size_t fresh = 0;
    for (FoundPost& found : page->posts) {
      if (!seen.insert(found.post.post_number()).second) continue;
      ++fresh;
      posts.push_back(std::move(found));
    }
    if (fresh == 0) {
      // The end, if the page is empty; one that repeats posts leads nowhere.
      if (!is_first && page->posts.empty()) {
        reading.complete_from = 1;
        reading.has_gap = false;
      }
      break;
    }
    reading.has_gap = false;
    reading.complete_from = page->lowest;
    before = page->lowest;
    const bool reached = wanted.newest_number == 0 || before <= wanted.newest_number;
    if ((reached && posts.size() >= static_cast<size_t>(wanted.limit)) || before <= 1) break;
  }
  // A page without any post proves nothing about those that are known.
  if (posts.empty()) reading.complete_from = reading.complete_to = 0;
  std::sort(posts.begin(), posts.end(), [](const FoundPost& a, const FoundPost& b) {
    return a.post.post_number() < b.post.post_number();
  });
  reading.posts = std::move(posts);
  return reading;
}

}  // namespace selfology::channel_reader

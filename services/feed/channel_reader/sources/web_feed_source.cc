#include "services/feed/channel_reader/sources/web_feed_source.h"

#include <string>
#include <utility>

#include "common/status/status_macros.h"
#include "services/feed/channel_reader/reading/charset.h"
#include "services/feed/channel_reader/reading/web_feed.h"

namespace selfology::channel_reader {
namespace {

constexpr int kRedirects = 5;

bool IsUtf16(std::string_view body) {
  return body.starts_with("\xFF\xFE") || body.starts_with("\xFE\xFF");
}

}  // namespace

absl::StatusOr<SourceReading> WebFeedSource::Read(const Call& call, const Wanted& wanted) {
  std::string url = wanted.feed_url.empty() ? wanted.handle : wanted.feed_url;
  SourceReading reading;
  // A page, and the feed that it names.
  for (const bool may_be_page : {wanted.feed_url.empty(), false}) {
    absl::StatusOr<Fetched> fetched = fetcher_.Get(
        call, {.url = url,
               .redirects = kRedirects,
               .accept = "application/rss+xml, application/atom+xml, application/xml;q=0.9, "
                         "text/xml;q=0.9, text/html;q=0.5",
               .etag = wanted.etag,
               .last_modified = wanted.last_modified,
               .max_bytes = kMaxFeedBytes,
               .target = "web feed"});
    if (!fetched.ok()) return ReadingOfError(call, fetched.status());
    if (fetched->status == 304) {
      reading.unchanged = true;
      reading.etag = wanted.etag;
      reading.last_modified = wanted.last_modified;
      return reading;
    }
    if (fetched->status < 200 || fetched->status >= 300) return ReadingOfStatus(fetched->status);
    const std::string type(fetched->headers.Get("Content-Type").value_or(""));
    // UTF-16 says so by itself.
    const std::string utf8 = IsUtf16(fetched->body)
                                 ? fetched->body
                                 : ToUtf8(fetched->body, DeclaredCharset(fetched->body, type));
    absl::StatusOr<Reading> feed = ParseWebFeed(utf8, fetched->url);
    if (feed.ok()) {
      static_cast<Reading&>(reading) = *std::move(feed);
      reading.etag = std::string(fetched->headers.Get("ETag").value_or(""));
      reading.last_modified = std::string(fetched->headers.Get("Last-Modified").value_or(""));
      if (reading.etag.size() > 256) reading.etag.clear();
      if (reading.last_modified.size() > 64) reading.last_modified.clear();
      if (url != wanted.handle) reading.feed_url = url;
      return reading;
    }
    const std::string link = may_be_page ? FindFeedLink(utf8, fetched->url) : "";
    if (link.empty() || link == url) break;
    url = link;
  }
  reading.reason = v1::UNREADABLE_REASON_NO_FEED;
  return reading;
}

}  // namespace selfology::channel_reader

// Public Telegram channels by their preview pages.
//
// It pages back from the newest posts until it meets what is known, or has as many as are wanted; a
// page is asked for by the smallest number seen, since the page's own link is missing at times, and
// never twice. Threads: thread-safe.
#pragma once

#include <string>
#include <utility>

#include "services/feed/channel_reader/sources/fetcher.h"
#include "services/feed/channel_reader/sources/source.h"

namespace selfology::channel_reader {

class PreviewSource final : public Source {
 public:
  // `base`: "https://t.me", without a slash at the end. The fetcher outlives it.
  PreviewSource(Fetcher& fetcher, std::string base) : fetcher_(fetcher), base_(std::move(base)) {}

  absl::StatusOr<SourceReading> Read(const Call& call, const Wanted& wanted) override;

 private:
  // Why a name has no preview.
  absl::StatusOr<SourceReading> Explain(const Call& call, const std::string& handle);
  absl::StatusOr<Fetched> Get(const Call& call, const std::string& path);

  Fetcher& fetcher_;
  const std::string base_;
};

}  // namespace selfology::channel_reader

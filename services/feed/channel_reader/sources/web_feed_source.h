// RSS and Atom feeds, and pages that name one. Threads: thread-safe.
#pragma once

#include "services/feed/channel_reader/sources/fetcher.h"
#include "services/feed/channel_reader/sources/source.h"

namespace selfology::channel_reader {

class WebFeedSource final : public Source {
 public:
  // The fetcher outlives it.
  explicit WebFeedSource(Fetcher& fetcher) : fetcher_(fetcher) {}

  absl::StatusOr<SourceReading> Read(const Call& call, const Wanted& wanted) override;

 private:
  Fetcher& fetcher_;
};

}  // namespace selfology::channel_reader

// Accounts of Bluesky and Mastodon, by the public APIs of their servers. Threads: thread-safe.
#pragma once

#include <string>
#include <utility>

#include "services/feed/channel_reader/sources/fetcher.h"
#include "services/feed/channel_reader/sources/source.h"

namespace selfology::channel_reader {

class BlueskySource final : public Source {
 public:
  // `base`: "https://public.api.bsky.app". The fetcher outlives it.
  BlueskySource(Fetcher& fetcher, std::string base) : fetcher_(fetcher), base_(std::move(base)) {}

  absl::StatusOr<SourceReading> Read(const Call& call, const Wanted& wanted) override;

 private:
  Fetcher& fetcher_;
  const std::string base_;
};

class MastodonSource final : public Source {
 public:
  // `base`: instead of https://SERVER; empty: that. The fetcher outlives it.
  MastodonSource(Fetcher& fetcher, std::string base) : fetcher_(fetcher), base_(std::move(base)) {}

  absl::StatusOr<SourceReading> Read(const Call& call, const Wanted& wanted) override;

 private:
  Fetcher& fetcher_;
  const std::string base_;
};

}  // namespace selfology::channel_reader

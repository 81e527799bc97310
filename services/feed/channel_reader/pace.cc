#include "services/feed/channel_reader/pace.h"

#include <algorithm>

#include "absl/random/distributions.h"

namespace selfology::channel_reader {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
// Of so many posts the time between them is taken.
constexpr size_t kPosts = 12;

}  // namespace

absl::Duration NextPeriod(absl::Duration before, std::vector<absl::Time> posted, absl::Time now) {
  if (before <= absl::ZeroDuration()) before = kFirstPeriod;
  std::erase_if(posted, [&](absl::Time time) { return time > now; });
  std::sort(posted.begin(), posted.end(), std::greater<>());
  if (posted.size() > kPosts) posted.resize(kPosts);
  absl::Duration wanted = kLongestPeriod;
  if (!posted.empty()) {
    // The time since the last post counts as a pause, too, so that a channel that falls silent is
    // soon read less.
    const absl::Duration all = now - posted.back();
    wanted = all / static_cast<double>(posted.size()) / 2;
    wanted = std::max(wanted, (now - posted.front()) / 8);
  }
  wanted = std::clamp(wanted, kShortestPeriod, kLongestPeriod);
  // Slowly, so that a single post does not turn it around.
  return std::clamp(wanted, before / 2, before * 2);
}

bool MayPass(v1::UnreadableReason reason) {
  return reason == v1::UNREADABLE_REASON_TOO_OFTEN || reason == v1::UNREADABLE_REASON_UNREACHABLE ||
         reason == v1::UNREADABLE_REASON_MARKUP_CHANGED;
}

absl::Duration NextPause(v1::UnreadableReason reason, int failures,
                         std::optional<absl::Duration> retry_after, absl::BitGenRef random) {
  const bool may_pass = MayPass(reason);
  absl::Duration pause = may_pass ? kShortestPeriod : kLongestPeriod;
  const absl::Duration longest = may_pass ? kLongestPeriod : kDay;
  for (int i = 1; i < std::min(failures, 16); ++i) pause *= 2;
  pause = std::min(pause, longest);
  if (retry_after.has_value()) pause = std::max(pause, std::min(*retry_after, kDay));
  return pause * absl::Uniform(random, 1.0, 1.1);
}

}  // namespace selfology::channel_reader

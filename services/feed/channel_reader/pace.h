// How often a channel is read: as often as it posts, and less when reading fails.
//
//   NextPeriod(period, new_posts, pace)                    // after a reading that succeeded
//   NextPause(reason, failures, retry_after, random)       // after one that failed
//
// A channel that posts is read in half the time it takes to post, as observed; one that is silent is
// read ever less. Both stay within 2 to 60 minutes, so that one request a second reads 120 channels
// that post all the time, and 3,600 that do not.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "selfology/channel_reader/v1/channel_reader.pb.h"

namespace selfology::channel_reader {

inline constexpr absl::Duration kShortestPeriod = absl::Minutes(2);
inline constexpr absl::Duration kLongestPeriod = absl::Minutes(60);
inline constexpr absl::Duration kFirstPeriod = absl::Minutes(10);

// `posted`: when the channel's latest posts were posted, in any order; a dozen say enough. `before`:
// the period so far; zero: there was none. `now`: of the reading.
absl::Duration NextPeriod(absl::Duration before, std::vector<absl::Time> posted, absl::Time now);

// Whether a reason may pass by itself; else somebody has to do something.
bool MayPass(v1::UnreadableReason reason);

// How long to wait after the n-th failure in a row (n from 1): 2 minutes doubling up to an hour for
// what may pass, an hour doubling up to a day for what may not; never below what the other side
// asked for, of at most a day. Spread by up to a tenth upwards.
absl::Duration NextPause(v1::UnreadableReason reason, int failures,
                         std::optional<absl::Duration> retry_after, absl::BitGenRef random);

}  // namespace selfology::channel_reader

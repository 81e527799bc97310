// Which posts to rate for training: so many of each channel, as different from each other as there are,
// so that few ratings tell much about a taste.
//
//   std::vector<size_t> chosen = ChooseTrainingPosts(posts, 7, rated);   // indexes, in the order to show
//
// Greedy: the most liked post of the first channel, then in turn of each channel the one that is farthest
// from all that were chosen (by words, media and length). No two say the same. What the person has rated
// counts as chosen before, so that who asks anew after each rating goes on where they were; the channel with
// the fewest is next.
//
// Threads: pure functions. Requirement: R003-3.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/feed/feed/model/ranking.h"

namespace selfology::feed {

// Older posts are not for training.
inline constexpr absl::Duration kTrainingAge = absl::Hours(365 * 24);
// Of one person; more are not for training.
inline constexpr int kMostTrainingChannels = 20;

// `per_channel` counts what is chosen now. `rated` may be empty.
std::vector<size_t> ChooseTrainingPosts(absl::Span<const Candidate> posts, size_t per_channel,
                                        absl::Span<const Candidate> rated = {});

}  // namespace selfology::feed

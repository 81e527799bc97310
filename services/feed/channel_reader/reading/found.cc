#include "services/feed/channel_reader/reading/found.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/timestamps/timestamp.h"

namespace selfology::channel_reader {

void SortByTime(std::vector<FoundPost>& posts) {
  std::vector<size_t> order(posts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::vector<absl::Time> times;
  for (const FoundPost& found : posts) {
    times.push_back(timestamps::FromProto(found.post.posted_at()));
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::make_pair(times[a], a) < std::make_pair(times[b], b);
  });
  std::vector<FoundPost> sorted;
  sorted.reserve(posts.size());
  for (const size_t i : order) sorted.push_back(std::move(posts[i]));
  posts = std::move(sorted);
}

}  // namespace selfology::channel_reader

#include "services/feed/channel_reader/drift.h"

#include <algorithm>
#include <map>
#include <utility>

namespace selfology::channel_reader {

Drift JudgeDrift(const std::vector<std::vector<std::string>>& posts, bool was_drifting) {
  Drift drift;
  drift.posts = static_cast<int>(posts.size());
  std::map<std::string, int> counts;
  int complete = 0;
  for (const std::vector<std::string>& missing : posts) {
    if (missing.empty()) ++complete;
    for (const std::string& field : missing) ++counts[field];
  }
  if (!posts.empty()) drift.complete_share = static_cast<double>(complete) / drift.posts;
  const double limit = was_drifting ? kRecoversAt : kDriftsBelow;
  drift.drifting = drift.posts < kFewestPosts ? was_drifting : drift.complete_share < limit;
  std::vector<std::pair<int, std::string>> by_count;
  for (const auto& [field, count] : counts) by_count.emplace_back(-count, field);
  std::sort(by_count.begin(), by_count.end());
  for (size_t i = 0; i < by_count.size() && i < 5; ++i) drift.missing.push_back(by_count[i].second);
  return drift;
}

}  // namespace selfology::channel_reader

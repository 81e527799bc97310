#include "services/feed/feed/feature_cache.h"

#include "common/status/status_macros.h"

namespace selfology::feed {

FeatureCache::Shared FeatureCache::Find(int64_t post_id, int64_t revision) {
  const absl::MutexLock lock(&mutex_);
  const auto found = by_id_.find(post_id);
  if (found == by_id_.end() || found->second->revision != revision) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->features;
}

void FeatureCache::Keep(Entry entry) {
  const absl::MutexLock lock(&mutex_);
  const int64_t post_id = entry.post_id;
  if (const auto found = by_id_.find(post_id); found != by_id_.end()) {
    entries_.erase(found->second);
    by_id_.erase(found);
  }
  entries_.push_front(std::move(entry));
  by_id_[post_id] = entries_.begin();
  if (entries_.size() > capacity_) {
    by_id_.erase(entries_.back().post_id);
    entries_.pop_back();
  }
}

absl::StatusOr<std::vector<Candidate>> FeatureCache::Fill(
    postgres::Transaction& tx, const std::vector<store::CandidateRow>& rows) {
  std::unordered_map<int64_t, Shared> known;
  std::vector<int64_t> missing;
  for (const store::CandidateRow& row : rows) {
    if (Shared features = Find(row.id, row.revision)) {
      known[row.id] = std::move(features);
    } else {
      missing.push_back(row.id);
    }
  }
  if (!missing.empty()) {
    ASSIGN_OR_RETURN(const std::vector<store::FeatureRow> read, store::ReadFeatures(tx, missing));
    for (const store::FeatureRow& row : read) {
      ASSIGN_OR_RETURN(Features decoded, DecodeFeatures(row.bytes));
      const auto features = std::make_shared<const Features>(std::move(decoded));
      known[row.id] = features;
      Keep({row.id, row.revision, features});
    }
  }
  std::vector<Candidate> candidates;
  candidates.reserve(rows.size());
  for (const store::CandidateRow& row : rows) {
    const auto found = known.find(row.id);
    if (found == known.end()) continue;
    candidates.push_back({.post_id = row.id,
                          .story_id = row.story_id,
                          .channel_id = row.channel_id,
                          .posted_at = row.posted_at,
                          .popularity = {.likes = row.likes,
                                         .dislikes = row.dislikes,
                                         .skips = row.skips,
                                         .saves = row.saves},
                          .features = found->second});
  }
  return candidates;
}

}  // namespace selfology::feed

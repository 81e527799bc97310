#include "services/feed/feed/feature_cache.h"

#include <unordered_map>
#include <utility>

#include "common/status/status_macros.h"
#include "services/feed/feed/store/interaction_store.h"

namespace selfology::feed {

absl::StatusOr<std::vector<SharedAudience>> FeatureCache::Audiences(
    postgres::Transaction& tx, absl::Span<const store::LikedPost> posts) {
  std::vector<SharedAudience> audiences(posts.size());
  std::vector<int64_t> missing;
  for (size_t i = 0; i < posts.size(); ++i) {
    if (posts[i].likers == 0) continue;
    audiences[i] = audiences_.Find(posts[i].post_id, posts[i].likers);
    if (!audiences[i]) missing.push_back(posts[i].post_id);
  }
  if (missing.empty()) return audiences;
  ASSIGN_OR_RETURN(const std::vector<store::Liker> likers,
                   store::ListLikers(tx, missing, static_cast<int64_t>(kMostLikers)));
  std::unordered_map<int64_t, Audience> read;
  for (const store::Liker& liker : likers) {
    Audience& audience = read[liker.post_id];
    // Whoever likes and keeps it is there twice.
    if (audience.empty() || audience.back() != liker.user_id) audience.push_back(liker.user_id);
  }
  for (size_t i = 0; i < posts.size(); ++i) {
    if (posts[i].likers == 0 || audiences[i]) continue;
    const auto found = read.find(posts[i].post_id);
    if (found == read.end()) continue;
    audiences[i] = std::make_shared<const Audience>(found->second);
    audiences_.Keep(posts[i].post_id, posts[i].likers, audiences[i]);
  }
  return audiences;
}

absl::StatusOr<std::vector<Candidate>> FeatureCache::Fill(
    postgres::Transaction& tx, const std::vector<store::CandidateRow>& rows) {
  std::unordered_map<int64_t, std::shared_ptr<const Features>> known;
  std::vector<int64_t> missing;
  std::vector<store::LikedPost> liked;
  liked.reserve(rows.size());
  for (const store::CandidateRow& row : rows) {
    liked.push_back({row.id, row.likers});
    if (auto features = features_.Find(row.id, row.revision)) {
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
      features_.Keep(row.id, row.revision, features);
    }
  }
  ASSIGN_OR_RETURN(std::vector<SharedAudience> audiences, Audiences(tx, liked));
  std::vector<Candidate> candidates;
  candidates.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const store::CandidateRow& row = rows[i];
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
                          .features = found->second,
                          .audience = std::move(audiences[i])});
  }
  return candidates;
}

}  // namespace selfology::feed

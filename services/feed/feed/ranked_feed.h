// A person's posts in their order, read and ranked in one transaction.
//
//   ASSIGN_OR_RETURN(Ranked ranked, feed.Rank(tx, person, {.since = now - absl::Hours(720)}, now));
//   ASSIGN_OR_RETURN(std::vector<v1::Post> posts, feed.Show(tx, ranked, ranked.Best(10), now));
//
// Errors: the transaction's. Threads: a RankedFeed may be used from any.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/feed/feed/feature_cache.h"
#include "services/feed/feed/model/company.h"
#include "services/feed/feed/model/page.h"
#include "services/feed/feed/model/ranking.h"
#include "services/feed/feed/model/taste.h"
#include "services/feed/feed/store/people_store.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {

inline constexpr absl::Duration kCandidateAge = absl::Hours(30 * 24);
inline constexpr int kMaxCandidates = 1000;

// A person's model and the posts that it ranked.
struct Ranked {
  int64_t user_id = 0;
  Taste taste = {};
  int64_t rated_count = 0;
  Company company = {};
  std::vector<Candidate> candidates = {};
  std::vector<Scored> order = {};  // Best first; stories once.

  Ranking RankingAt(absl::Time now) const { return {taste, {now, rated_count, &company}}; }
  std::vector<Shown> Best(size_t count) const;
};

class RankedFeed {
 public:
  explicit RankedFeed(size_t cached_posts) : cache_(cached_posts) {}

  // `filter.user_id` and muted words are the person's.
  absl::StatusOr<Ranked> Rank(postgres::Transaction& tx, const store::Person& person,
                              store::CandidateFilter filter, absl::Time now);

  // Those of the candidates as the person sees them, with relevance and reasons.
  absl::StatusOr<std::vector<v1::Post>> Show(postgres::Transaction& tx, const Ranked& ranked,
                                             const std::vector<Shown>& shown, absl::Time now);

  FeatureCache& cache() { return cache_; }

 private:
  FeatureCache cache_;
};

// The words of the text that fall into the buckets, as they are written there, in the order of the buckets.
std::vector<std::string> WordsIn(const std::string& text, const std::vector<uint16_t>& buckets);

// As the contract says it.
v1::Reason ToProto(const Part& part, const std::string& text);

}  // namespace selfology::feed

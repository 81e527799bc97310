// What ranking needs of posts in memory, so that ranking a thousand reads a few numbers of each from the
// database: their features, and who likes them.
//
//   ASSIGN_OR_RETURN(std::vector<Candidate> candidates, cache.Fill(tx, rows));
//   ASSIGN_OR_RETURN(std::vector<SharedAudience> likes, cache.Audiences(tx, latest));
//
// Features are known by the post's revision, who likes it by a number that follows from all of their likes;
// the rows tell both: what is given is always what the transaction sees. Errors: the transaction's. Threads: may be used
// from any.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/postgres/transaction.h"
#include "services/feed/feed/model/ranking.h"
#include "services/feed/feed/recently_used.h"
#include "services/feed/feed/store/interaction_store.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {

class FeatureCache {
 public:
  // At most so many posts; about half a kilobyte each, and two more where hundreds like them. The least recently used
  // are dropped.
  explicit FeatureCache(size_t capacity) : features_(capacity), audiences_(capacity) {}

  // In the order of the rows; posts that are gone meanwhile are left out.
  absl::StatusOr<std::vector<Candidate>> Fill(postgres::Transaction& tx,
                                              const std::vector<store::CandidateRow>& rows);

  // In the order of the posts; nullptr: nobody likes it.
  absl::StatusOr<std::vector<SharedAudience>> Audiences(postgres::Transaction& tx,
                                                        absl::Span<const store::LikedPost> posts);

 private:
  RecentlyUsed<Features> features_;
  RecentlyUsed<Audience> audiences_;
};

}  // namespace selfology::feed

// SQL about posts; see migrations/. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/postgres/transaction.h"
#include "selfology/feed/v1/feed.pb.h"
#include "services/feed/feed/model/ranking.h"

namespace selfology::feed::store {

// A post as it is kept, without what is counted.
struct PostFacts {
  int64_t channel_id = 0;
  int64_t number = 0;
  std::string text = {};
  v1::MediaType media = v1::MEDIA_TYPE_UNSPECIFIED;
  std::vector<std::string> media_urls = {};
  std::string url = {};
  absl::Time posted_at;
  int64_t views = 0;
  bool may_learn = false;  // The channel's, when it is kept.
};

struct SavedPost {
  int64_t id = 0;
  bool is_new = false;
  bool changed = false;  // Text or media.
};
// Finds the story that the post belongs to, too.
absl::StatusOr<SavedPost> SavePost(postgres::Transaction& tx, const PostFacts& post);
// Its text and media go, its number stays, so that an older event does not bring it back.
void DeletePost(postgres::Transaction& tx, int64_t channel_id, int64_t number, absl::Time now);

// Takes the words out of what is kept of a channel's posts for learning; interactions keep theirs.
absl::Status ForgetWords(postgres::Transaction& tx, int64_t channel_id);
// Puts them in, for what is learned from now on.
absl::Status LearnWords(postgres::Transaction& tx, int64_t channel_id);

// What ranking needs to know of a post.
struct CandidateRow {
  int64_t id;
  int64_t story_id;
  int64_t channel_id;
  absl::Time posted_at;
  int64_t revision;
  int64_t likes;
  int64_t dislikes;
  int64_t skips;
  int64_t saves;
  int64_t
      likers;  // What those who like it are known by; 0: nobody, or its channel's terms do not let others learn of it.
};

struct CandidateFilter {
  int64_t user_id = 0;
  absl::Time since;
  std::vector<std::string> muted_stems = {};
  // What was shown is left out: of this session, or if that is empty since `shown_since`.
  std::string session = {};
  absl::Time shown_since = absl::InfiniteFuture();
  // Only of these; empty: of the person's channels that are not muted.
  std::vector<int64_t> channel_ids = {};
  bool with_rated = false;
  int64_t limit = 1000;
};
// Newest first.
absl::StatusOr<std::vector<CandidateRow>> ListCandidates(postgres::Transaction& tx,
                                                         const CandidateFilter& filter);
absl::StatusOr<std::optional<CandidateRow>> FindCandidate(postgres::Transaction& tx,
                                                          int64_t post_id);

struct FeatureRow {
  int64_t id;
  int64_t revision;
  std::string bytes;
};
absl::StatusOr<std::vector<FeatureRow>> ReadFeatures(postgres::Transaction& tx,
                                                     const std::vector<int64_t>& post_ids);

// The posts in the order of the ids, as the person sees them, but for score and reasons; those that are
// not there are left out.
absl::StatusOr<std::vector<v1::Post>> ReadPosts(postgres::Transaction& tx, int64_t user_id,
                                                const std::vector<int64_t>& post_ids,
                                                absl::Time now);

// Whether any post of the channel is known, be it deleted or not.
absl::StatusOr<bool> HasPosts(postgres::Transaction& tx, int64_t channel_id);

// When the newest post of the person's channels was posted.
absl::StatusOr<std::optional<absl::Time>> NewestOf(postgres::Transaction& tx, int64_t user_id);

// Texts of posts that their channels' terms let us keep for so long only.
absl::StatusOr<int64_t> ForgetTexts(postgres::Transaction& tx, absl::Time posted_before);

}  // namespace selfology::feed::store

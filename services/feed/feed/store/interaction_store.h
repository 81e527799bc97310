// SQL about what persons did with posts, their models, and what they were shown; see migrations/.
// Functions that return nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/feed/v1/feed.pb.h"
#include "services/feed/feed/model/learning.h"
#include "services/feed/feed/model/ranking.h"

namespace selfology::feed::store {

struct PostKey {
  int64_t id = 0;
  int64_t story_id = 0;
  int64_t channel_id = 0;
  std::string features = {};
};
// Nullopt: no such post, or it may not be shown.
absl::StatusOr<std::optional<PostKey>> FindPost(postgres::Transaction& tx, int64_t post_id);

struct Done {
  int64_t id = 0;
  v1::InteractionType type = v1::INTERACTION_TYPE_UNSPECIFIED;
  absl::Time happened_at;
};
// What the person did with the post and did not take back, the first first.
absl::StatusOr<std::vector<Done>> ListDone(postgres::Transaction& tx, int64_t user_id,
                                           int64_t post_id);

// Counts it, too. Gives its number.
absl::StatusOr<int64_t> AddInteraction(postgres::Transaction& tx, int64_t user_id,
                                       const PostKey& post, v1::InteractionType type,
                                       absl::Time happened_at);
// Counts it no more, either.
void UndoInteraction(postgres::Transaction& tx, int64_t post_id, const Done& interaction);

// Valid ones that a model learns from, in the order of their recording.
absl::StatusOr<std::vector<Lesson>> ListLessons(postgres::Transaction& tx, int64_t user_id);

// Channels from whose words persons learned, and may not any more. Each person is dealt with on their own, by number;
// `HasForgotten` says how far that is.
void BeginForgetting(postgres::Transaction& tx, int64_t channel_id);
absl::StatusOr<std::vector<int64_t>> ListForgetting(postgres::Transaction& tx);
// The next persons who learned from the channel's posts, or may at this moment, and who was dealt with before each.
struct Forgetter {
  int64_t after;
  int64_t user_id;
};
absl::StatusOr<std::vector<Forgetter>> ListToForget(postgres::Transaction& tx, int64_t channel_id,
                                                    int64_t limit);
// Nothing if it began anew meanwhile.
void HasForgotten(postgres::Transaction& tx, int64_t channel_id, const Forgetter& person);
// Unless there are more persons.
void EndForgetting(postgres::Transaction& tx, int64_t channel_id);
// Takes the words out of a person's interactions with the channel's posts; whether there were any.
absl::StatusOr<bool> ForgetWordsOf(postgres::Transaction& tx, int64_t channel_id, int64_t user_id);

// The posts that the person judged last, as they were then: number, story, channel and features.
absl::StatusOr<std::vector<Candidate>> ListRated(postgres::Transaction& tx, int64_t user_id,
                                                 int64_t limit);

// What the person liked or saved last, the last first, of channels whose terms let others learn from it; and what its likers
// are known by (FeatureCache::Audiences).
struct LikedPost {
  int64_t post_id;
  int64_t likers;
};
absl::StatusOr<std::vector<LikedPost>> ListLatestLikes(postgres::Transaction& tx, int64_t user_id,
                                                       int64_t limit);
// Of each post those who liked or saved it last; by post and person, a person at most twice.
struct Liker {
  int64_t post_id;
  int64_t user_id;
};
absl::StatusOr<std::vector<Liker>> ListLikers(postgres::Transaction& tx,
                                              const std::vector<int64_t>& post_ids, int64_t limit);

struct Model {
  std::string state = {};  // Taste::Encode; empty: it knows nothing.
  int64_t rated_count = 0;
};
absl::StatusOr<Model> ReadModel(postgres::Transaction& tx, int64_t user_id);
void SaveModel(postgres::Transaction& tx, int64_t user_id, const Model& model);
void DeleteModel(postgres::Transaction& tx, int64_t user_id);

// In the order of recording, above `after`.
absl::StatusOr<std::vector<v1::Interaction>> ListInteractions(postgres::Transaction& tx,
                                                              int64_t user_id, int64_t after,
                                                              int64_t limit);
// Posts that the person keeps: the last saved first, by the interaction, below `before`.
struct SavedId {
  int64_t interaction_id;
  int64_t post_id;
};
absl::StatusOr<std::vector<SavedId>> ListSaved(postgres::Transaction& tx, int64_t user_id,
                                               int64_t before, int64_t limit);

// Posts that the person liked, the last first.
absl::StatusOr<std::vector<int64_t>> ListLiked(postgres::Transaction& tx, int64_t user_id,
                                               int64_t limit);

struct ShownPost {
  int64_t post_id = 0;
  int64_t story_id = 0;
  int place = 0;
  double propensity = 1;
  double score = 0;
};
void AddShown(postgres::Transaction& tx, int64_t user_id, std::string_view session,
              const std::vector<ShownPost>& posts, absl::Time now);

// Of the person's days in their zone, and of their channels.
absl::StatusOr<std::vector<v1::DayStatistics>> CountByDay(postgres::Transaction& tx,
                                                          int64_t user_id, absl::Time since,
                                                          std::string_view time_zone);
absl::StatusOr<std::vector<v1::ChannelStatistics>> CountByChannel(postgres::Transaction& tx,
                                                                  int64_t user_id,
                                                                  absl::Time since);
// Of the first and of the last `window` ratings, the share of likes; 0 where there are none.
struct LikeShares {
  double first = 0;
  double last = 0;
  int64_t saved = 0;
};
absl::StatusOr<LikeShares> ReadLikeShares(postgres::Transaction& tx, int64_t user_id,
                                          int64_t window);

}  // namespace selfology::feed::store

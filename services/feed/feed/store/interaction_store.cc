#include "services/feed/feed/store/interaction_store.h"

#include <memory>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::feed::store {
namespace {

using postgres::Transaction;

struct Counts {
  int64_t likes = 0;
  int64_t dislikes = 0;
  int64_t skips = 0;
  int64_t views = 0;
  int64_t saves = 0;
};

Counts CountsOf(v1::InteractionType type) {
  return {.likes = type == v1::INTERACTION_TYPE_LIKE ? 1 : 0,
          .dislikes = type == v1::INTERACTION_TYPE_DISLIKE ? 1 : 0,
          .skips = type == v1::INTERACTION_TYPE_SKIP ? 1 : 0,
          .views = type == v1::INTERACTION_TYPE_VIEW ? 1 : 0,
          .saves = type == v1::INTERACTION_TYPE_SAVE ? 1 : 0};
}

// What makes a person one of those who like the post: 1 and 5 in the statements.
bool IsLike(v1::InteractionType type) {
  return type == v1::INTERACTION_TYPE_LIKE || type == v1::INTERACTION_TYPE_SAVE;
}

}  // namespace

absl::StatusOr<std::optional<PostKey>> FindPost(Transaction& tx, int64_t post_id) {
  struct Row {
    int64_t id;
    int64_t story_id;
    int64_t channel_id;
    postgres::Bytes features;
  };
  ASSIGN_OR_RETURN(std::optional<Row> row,
                   tx.QueryOne<Row>("SELECT p.id, p.story_id, p.channel_id, p.features"
                                    " FROM feed_posts p JOIN feed_channels c"
                                    " ON c.id = p.channel_id WHERE p.id = $1 AND c.may_show"
                                    " AND p.deleted_at IS NULL",
                                    post_id));
  if (!row.has_value()) return std::nullopt;
  return PostKey{row->id, row->story_id, row->channel_id, std::move(row->features.value)};
}

absl::StatusOr<std::vector<Done>> ListDone(Transaction& tx, int64_t user_id, int64_t post_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t, int64_t, absl::Time>(
                       "SELECT id, type, happened_at FROM feed_interactions WHERE user_id = $1"
                       " AND post_id = $2 AND NOT undone ORDER BY id",
                       user_id, post_id));
  std::vector<Done> done;
  for (const auto& [id, type, at] : rows) {
    done.push_back({id, static_cast<v1::InteractionType>(type), at});
  }
  return done;
}

absl::StatusOr<int64_t> AddInteraction(Transaction& tx, int64_t user_id, const PostKey& post,
                                       v1::InteractionType type, absl::Time happened_at) {
  const Counts one = CountsOf(type);
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>(
                       "INSERT INTO feed_interactions (user_id, post_id, story_id, channel_id,"
                       " type, features, happened_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                       " RETURNING id",
                       user_id, post.id, post.story_id, post.channel_id, static_cast<int32_t>(type),
                       postgres::BytesView{post.features}, happened_at));
  const int64_t id = std::get<0>(*row);
  tx.Queue(
      "INSERT INTO feed_counts AS c (post_id, likes, dislikes, skips, views, saves, likers)"
      " VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN feed_like_hash($8) ELSE 0 END)"
      " ON CONFLICT (post_id) DO UPDATE SET"
      " likes = c.likes + $2, dislikes = c.dislikes + $3, skips = c.skips + $4,"
      " views = c.views + $5, saves = c.saves + $6, likers = c.likers # EXCLUDED.likers",
      post.id, one.likes, one.dislikes, one.skips, one.views, one.saves, IsLike(type), id);
  return id;
}

void UndoInteraction(Transaction& tx, int64_t post_id, const Done& interaction) {
  const Counts one = CountsOf(interaction.type);
  tx.Queue("UPDATE feed_interactions SET undone = true WHERE id = $1", interaction.id);
  tx.Queue(
      "UPDATE feed_counts SET likes = likes - $2, dislikes = dislikes - $3,"
      " skips = skips - $4, views = views - $5, saves = saves - $6,"
      " likers = likers # CASE WHEN $7 THEN feed_like_hash($8) ELSE 0 END WHERE post_id = $1",
      post_id, one.likes, one.dislikes, one.skips, one.views, one.saves, IsLike(interaction.type),
      interaction.id);
  tx.Queue(
      "DELETE FROM feed_counts WHERE post_id = $1 AND likes = 0 AND dislikes = 0"
      " AND skips = 0 AND views = 0 AND saves = 0",
      post_id);
}

absl::StatusOr<std::vector<Lesson>> ListLessons(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t, postgres::Bytes>(
                       "SELECT type, features FROM feed_interactions WHERE user_id = $1"
                       " AND NOT undone AND type IN (1, 2, 3, 5) ORDER BY id",
                       user_id));
  std::vector<Lesson> lessons;
  for (const auto& [type, bytes] : rows) {
    ASSIGN_OR_RETURN(Features features, DecodeFeatures(bytes.value));
    lessons.push_back({static_cast<v1::InteractionType>(type), std::move(features)});
  }
  return lessons;
}

void BeginForgetting(Transaction& tx, int64_t channel_id) {
  tx.Queue(
      "INSERT INTO feed_forgetting (channel_id) VALUES ($1)"
      " ON CONFLICT (channel_id) DO UPDATE SET after_user_id = 0",
      channel_id);
}

absl::StatusOr<std::vector<int64_t>> ListForgetting(Transaction& tx) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT channel_id FROM feed_forgetting ORDER BY channel_id"));
  std::vector<int64_t> channels;
  for (const auto& [channel_id] : rows) channels.push_back(channel_id);
  return channels;
}

absl::StatusOr<std::vector<Forgetter>> ListToForget(Transaction& tx, int64_t channel_id,
                                                    int64_t limit) {
  // Each index gives its first ones in order: a channel may have a million readers.
  ASSIGN_OR_RETURN(
      std::vector<Forgetter> persons,
      tx.Query<Forgetter>(
          "SELECT f.after_user_id, r.user_id FROM feed_forgetting f CROSS JOIN LATERAL ("
          "(SELECT DISTINCT i.user_id FROM feed_interactions i WHERE i.channel_id = f.channel_id"
          " AND i.user_id > f.after_user_id ORDER BY i.user_id LIMIT $2) UNION"
          " (SELECT u.user_id FROM feed_user_channels u WHERE u.channel_id = f.channel_id"
          " AND u.user_id > f.after_user_id ORDER BY u.user_id LIMIT $2)) r"
          " WHERE f.channel_id = $1 ORDER BY r.user_id LIMIT $2",
          channel_id, limit));
  for (size_t i = 1; i < persons.size(); ++i) persons[i].after = persons[i - 1].user_id;
  return persons;
}

void HasForgotten(Transaction& tx, int64_t channel_id, const Forgetter& person) {
  tx.Queue(
      "UPDATE feed_forgetting SET after_user_id = $2 WHERE channel_id = $1 AND after_user_id = $3",
      channel_id, person.user_id, person.after);
}

void EndForgetting(Transaction& tx, int64_t channel_id) {
  tx.Queue(
      "DELETE FROM feed_forgetting f WHERE f.channel_id = $1"
      " AND NOT EXISTS (SELECT FROM feed_interactions i WHERE i.channel_id = f.channel_id"
      " AND i.user_id > f.after_user_id)"
      " AND NOT EXISTS (SELECT FROM feed_user_channels u WHERE u.channel_id = f.channel_id"
      " AND u.user_id > f.after_user_id)",
      channel_id);
}

absl::StatusOr<bool> ForgetWordsOf(Transaction& tx, int64_t channel_id, int64_t user_id) {
  struct Row {
    int64_t id;
    postgres::Bytes features;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT id, features FROM feed_interactions"
                                 " WHERE channel_id = $1 AND user_id = $2 ORDER BY id FOR UPDATE",
                                 channel_id, user_id));
  bool knew = false;
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(const Features features, DecodeFeatures(row.features.value));
    const std::string bytes = EncodeFeatures(WithoutWords(features));
    if (bytes == row.features.value) continue;
    knew = true;
    tx.Queue("UPDATE feed_interactions SET features = $2 WHERE id = $1", row.id,
             postgres::BytesView{bytes});
  }
  return knew;
}

absl::StatusOr<std::vector<Candidate>> ListRated(Transaction& tx, int64_t user_id, int64_t limit) {
  struct Row {
    int64_t post_id;
    int64_t story_id;
    int64_t channel_id;
    postgres::Bytes features;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT post_id, story_id, channel_id, features"
                                 " FROM feed_interactions WHERE user_id = $1 AND NOT undone"
                                 " AND type IN (1, 2, 3) ORDER BY id DESC LIMIT $2",
                                 user_id, limit));
  std::vector<Candidate> rated;
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(Features features, DecodeFeatures(row.features.value));
    rated.push_back({.post_id = row.post_id,
                     .story_id = row.story_id,
                     .channel_id = row.channel_id,
                     .features = std::make_shared<const Features>(std::move(features))});
  }
  return rated;
}

absl::StatusOr<std::vector<LikedPost>> ListLatestLikes(Transaction& tx, int64_t user_id,
                                                       int64_t limit) {
  return tx.Query<LikedPost>(
      "SELECT i.post_id, coalesce(n.likers, 0) FROM feed_interactions i JOIN feed_channels c"
      " ON c.id = i.channel_id LEFT JOIN feed_counts n ON n.post_id = i.post_id"
      " WHERE i.user_id = $1 AND NOT i.undone AND i.type IN (1, 5) AND c.may_learn"
      " ORDER BY i.id DESC LIMIT $2",
      user_id, limit);
}

absl::StatusOr<std::vector<Liker>> ListLikers(Transaction& tx, const std::vector<int64_t>& post_ids,
                                              int64_t limit) {
  return tx.Query<Liker>(
      "SELECT p.id, l.user_id FROM unnest($1::bigint[]) AS p (id) CROSS JOIN LATERAL"
      " (SELECT i.user_id FROM feed_interactions i WHERE i.post_id = p.id AND NOT i.undone"
      " AND i.type IN (1, 5) ORDER BY i.id DESC LIMIT $2) l ORDER BY p.id, l.user_id",
      post_ids, limit);
}

absl::StatusOr<Model> ReadModel(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<postgres::Bytes, int64_t>(
                       "SELECT state, rated_count FROM feed_models WHERE user_id = $1", user_id));
  if (!row.has_value()) return Model();
  auto& [state, rated] = *row;
  return Model{std::move(state.value), rated};
}

void SaveModel(Transaction& tx, int64_t user_id, const Model& model) {
  tx.Queue(
      "INSERT INTO feed_models (user_id, state, rated_count) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id) DO UPDATE SET state = $2, rated_count = $3",
      user_id, postgres::BytesView{model.state}, model.rated_count);
}

void DeleteModel(Transaction& tx, int64_t user_id) {
  tx.Queue("DELETE FROM feed_models WHERE user_id = $1", user_id);
}

absl::StatusOr<std::vector<v1::Interaction>> ListInteractions(Transaction& tx, int64_t user_id,
                                                              int64_t after, int64_t limit) {
  struct Row {
    int64_t id;
    int64_t post_id;
    int64_t type;
    absl::Time happened_at;
    bool undone;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT id, post_id, type, happened_at, undone"
                                 " FROM feed_interactions WHERE user_id = $1 AND id > $2"
                                 " ORDER BY id LIMIT $3",
                                 user_id, after, limit));
  std::vector<v1::Interaction> interactions;
  for (const Row& row : rows) {
    v1::Interaction& interaction = interactions.emplace_back();
    interaction.set_id(row.id);
    interaction.set_user_id(user_id);
    interaction.set_post_id(row.post_id);
    interaction.set_interaction_type(static_cast<v1::InteractionType>(row.type));
    *interaction.mutable_created_at() = timestamps::ToProto(row.happened_at);
    interaction.set_is_undone(row.undone);
  }
  return interactions;
}

absl::StatusOr<std::vector<SavedId>> ListSaved(Transaction& tx, int64_t user_id, int64_t before,
                                               int64_t limit) {
  return tx.Query<SavedId>(
      "SELECT id, post_id FROM feed_interactions WHERE user_id = $1 AND NOT undone AND type = 5"
      " AND id < $2 ORDER BY id DESC LIMIT $3",
      user_id, before, limit);
}

absl::StatusOr<std::vector<int64_t>> ListLiked(Transaction& tx, int64_t user_id, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT post_id FROM feed_interactions WHERE user_id = $1"
                                     " AND NOT undone AND type = 1 ORDER BY id DESC LIMIT $2",
                                     user_id, limit));
  std::vector<int64_t> posts;
  for (const auto& [post_id] : rows) posts.push_back(post_id);
  return posts;
}

void AddShown(Transaction& tx, int64_t user_id, std::string_view session,
              const std::vector<ShownPost>& posts, absl::Time now) {
  for (const ShownPost& post : posts) {
    tx.Queue(
        "INSERT INTO feed_shown (user_id, post_id, story_id, session, place, propensity,"
        " score, shown_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        user_id, post.post_id, post.story_id, session, post.place, post.propensity, post.score,
        now);
  }
}

absl::StatusOr<std::vector<v1::DayStatistics>> CountByDay(Transaction& tx, int64_t user_id,
                                                          absl::Time since,
                                                          std::string_view time_zone) {
  struct Row {
    absl::CivilDay day;
    int64_t likes;
    int64_t dislikes;
    int64_t skips;
    int64_t views;
    int64_t saves;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>("SELECT (happened_at AT TIME ZONE $3)::date AS day,"
                    " count(*) FILTER (WHERE type = 1), count(*) FILTER (WHERE type = 2),"
                    " count(*) FILTER (WHERE type = 3), count(*) FILTER (WHERE type = 4),"
                    " count(*) FILTER (WHERE type = 5) FROM feed_interactions WHERE user_id = $1"
                    " AND NOT undone AND happened_at > $2 GROUP BY day ORDER BY day",
                    user_id, since, time_zone));
  std::vector<v1::DayStatistics> days;
  for (const Row& row : rows) {
    v1::DayStatistics& day = days.emplace_back();
    day.set_day(absl::FormatCivilTime(row.day));
    day.set_likes(static_cast<int32_t>(row.likes));
    day.set_dislikes(static_cast<int32_t>(row.dislikes));
    day.set_skips(static_cast<int32_t>(row.skips));
    day.set_views(static_cast<int32_t>(row.views));
    day.set_saves(static_cast<int32_t>(row.saves));
  }
  return days;
}

absl::StatusOr<std::vector<v1::ChannelStatistics>> CountByChannel(Transaction& tx, int64_t user_id,
                                                                  absl::Time since) {
  struct Row {
    int64_t channel_id;
    std::string title;
    int64_t likes;
    int64_t dislikes;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>("SELECT i.channel_id, coalesce(nullif(c.title, ''), c.username, ''),"
                    " count(*) FILTER (WHERE type IN (1, 5)) AS likes,"
                    " count(*) FILTER (WHERE type IN (2, 3)) FROM feed_interactions i"
                    " LEFT JOIN feed_channels c ON c.id = i.channel_id WHERE i.user_id = $1"
                    " AND NOT i.undone AND i.happened_at > $2 AND i.type <> 4"
                    " GROUP BY 1, 2 ORDER BY likes DESC, 1 LIMIT 20",
                    user_id, since));
  std::vector<v1::ChannelStatistics> channels;
  for (const Row& row : rows) {
    v1::ChannelStatistics& channel = channels.emplace_back();
    channel.set_channel_id(row.channel_id);
    channel.set_channel_title(row.title);
    channel.set_likes(static_cast<int32_t>(row.likes));
    channel.set_dislikes(static_cast<int32_t>(row.dislikes));
  }
  return channels;
}

absl::StatusOr<LikeShares> ReadLikeShares(Transaction& tx, int64_t user_id, int64_t window) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<double, double, int64_t>(
          "SELECT coalesce((SELECT avg((type = 1)::int)::float8 FROM (SELECT type FROM"
          " feed_interactions WHERE user_id = $1 AND NOT undone AND type IN (1, 2, 3)"
          " ORDER BY id LIMIT $2) f), 0), coalesce((SELECT avg((type = 1)::int)::float8 FROM"
          " (SELECT type FROM feed_interactions WHERE user_id = $1 AND NOT undone"
          " AND type IN (1, 2, 3) ORDER BY id DESC LIMIT $2) l), 0),"
          " (SELECT count(*) FROM feed_interactions WHERE user_id = $1 AND NOT undone"
          " AND type = 5)",
          user_id, window));
  const auto& [first, last, saved] = *row;
  return LikeShares{first, last, saved};
}

}  // namespace selfology::feed::store

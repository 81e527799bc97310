#include "services/feed/feed/store/post_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/feed/model/features.h"
#include "services/feed/feed/model/near_duplicates.h"
#include "services/feed/feed/model/words.h"

namespace selfology::feed::store {
namespace {

using postgres::Transaction;

// Posts that say the same come within days of each other.
constexpr absl::Duration kSameStory = absl::Hours(3 * 24);

std::string FeaturesOf(const PostFacts& post) {
  return EncodeFeatures(Describe({.channel_id = post.channel_id,
                                  .text = post.text,
                                  .media = post.media,
                                  .posted_at = post.posted_at,
                                  .may_learn_text = post.may_learn}));
}

std::vector<std::string> StemsOf(std::string_view text) {
  std::set<std::string> stems;
  for (Word& word : WordReader().Read(text)) stems.insert(std::move(word.stem));
  return {stems.begin(), stems.end()};
}

struct Known {
  int64_t id;
  std::string text;
  int64_t media;
  int64_t story_id;
  bool deleted;
};

struct Similar {
  int64_t id;
  int64_t story_id;
  int64_t fingerprint;
};

// The story of the oldest post that says the same.
std::optional<int64_t> StoryAmong(const std::vector<Similar>& posts, uint64_t fingerprint) {
  for (const Similar& post : posts) {
    if (SaysTheSame(fingerprint, static_cast<uint64_t>(post.fingerprint))) return post.story_id;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<SavedPost> SavePost(Transaction& tx, const PostFacts& post) {
  const std::optional<uint64_t> print = Fingerprint(post.text);
  std::vector<int64_t> bands;
  if (print.has_value()) {
    const auto all = Bands(*print);
    bands.assign(all.begin(), all.end());
  }
  auto known = tx.Ask<Known>(
      "SELECT id, text, media, story_id, deleted_at IS NOT NULL FROM feed_posts"
      " WHERE channel_id = $1 AND number = $2 FOR UPDATE",
      post.channel_id, post.number);
  auto similar = tx.Ask<Similar>(
      "SELECT id, story_id, fingerprint FROM feed_posts WHERE bands && $1 AND deleted_at IS NULL"
      " AND posted_at BETWEEN $2 AND $3 AND NOT (channel_id = $4 AND number = $5)"
      " ORDER BY id LIMIT 200",
      bands, post.posted_at - kSameStory, post.posted_at + kSameStory, post.channel_id,
      post.number);
  ASSIGN_OR_RETURN(const std::optional<Known> found, known.One());
  ASSIGN_OR_RETURN(const std::vector<Similar> others, similar.All());
  const std::optional<int64_t> story =
      print.has_value() ? StoryAmong(others, *print) : std::nullopt;
  const auto fingerprint =
      print.has_value() ? std::optional<int64_t>(static_cast<int64_t>(*print)) : std::nullopt;
  const std::string features = FeaturesOf(post);
  if (!found.has_value()) {
    ASSIGN_OR_RETURN(
        const auto row,
        tx.QueryOne<int64_t>(
            "WITH next AS (SELECT nextval(pg_get_serial_sequence('feed_posts', 'id')) AS id)"
            " INSERT INTO feed_posts (id, channel_id, number, text, media, media_urls, url,"
            " posted_at, views, features, stems, fingerprint, bands, story_id)"
            " OVERRIDING SYSTEM VALUE SELECT next.id, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
            " $11, $12, coalesce($13, next.id) FROM next"
            " ON CONFLICT (channel_id, number) DO UPDATE SET number = EXCLUDED.number"
            " RETURNING id",
            post.channel_id, post.number, post.text, static_cast<int32_t>(post.media),
            post.media_urls, post.url, post.posted_at, post.views, postgres::BytesView{features},
            StemsOf(post.text), fingerprint, bands, story));
    return SavedPost{.id = std::get<0>(*row), .is_new = true};
  }
  SavedPost saved = {.id = found->id};
  if (found->deleted) return saved;
  saved.changed = found->text != post.text || found->media != static_cast<int64_t>(post.media);
  if (!saved.changed) {
    tx.Queue("UPDATE feed_posts SET views = greatest(views, $2), media_urls = $3 WHERE id = $1",
             saved.id, post.views, post.media_urls);
    return saved;
  }
  tx.Queue(
      "UPDATE feed_posts SET text = $2, media = $3, media_urls = $4, url = $5,"
      " views = greatest(views, $6), features = $7, stems = $8, fingerprint = $9, bands = $10,"
      " story_id = $11, revision = revision + 1 WHERE id = $1",
      saved.id, post.text, static_cast<int32_t>(post.media), post.media_urls, post.url, post.views,
      postgres::BytesView{features}, StemsOf(post.text), fingerprint, bands,
      story.value_or(saved.id));
  return saved;
}

void DeletePost(Transaction& tx, int64_t channel_id, int64_t number, absl::Time now) {
  tx.Queue(
      "UPDATE feed_posts SET text = '', media_urls = '{}', stems = '{}', bands = '{}',"
      " fingerprint = NULL, deleted_at = $3"
      " WHERE channel_id = $1 AND number = $2 AND deleted_at IS NULL",
      channel_id, number, now);
}

absl::Status ForgetWords(Transaction& tx, int64_t channel_id) {
  struct Row {
    int64_t id;
    postgres::Bytes features;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>("SELECT id, features FROM feed_posts WHERE channel_id = $1 FOR UPDATE",
                    channel_id));
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(const Features features, DecodeFeatures(row.features.value));
    const std::string bytes = EncodeFeatures(WithoutWords(features));
    if (bytes == row.features.value) continue;
    tx.Queue("UPDATE feed_posts SET features = $2, revision = revision + 1 WHERE id = $1", row.id,
             postgres::BytesView{bytes});
  }
  return absl::OkStatus();
}

absl::Status LearnWords(Transaction& tx, int64_t channel_id) {
  struct Row {
    int64_t id;
    std::string text;
    int64_t media;
    absl::Time posted_at;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>("SELECT id, text, media, posted_at FROM feed_posts WHERE channel_id = $1"
                    " AND deleted_at IS NULL FOR UPDATE",
                    channel_id));
  for (const Row& row : rows) {
    const std::string bytes =
        EncodeFeatures(Describe({.channel_id = channel_id,
                                 .text = row.text,
                                 .media = static_cast<v1::MediaType>(row.media),
                                 .posted_at = row.posted_at,
                                 .may_learn_text = true}));
    tx.Queue("UPDATE feed_posts SET features = $2, revision = revision + 1 WHERE id = $1", row.id,
             postgres::BytesView{bytes});
  }
  return absl::OkStatus();
}

namespace {

#define FEED_CANDIDATE                                                                     \
  "SELECT p.id, p.story_id, p.channel_id, p.posted_at, p.revision, coalesce(n.likes, 0), " \
  "coalesce(n.dislikes, 0), coalesce(n.skips, 0), coalesce(n.saves, 0), "                  \
  "CASE WHEN c.may_learn THEN coalesce(n.likers, 0) ELSE 0 END FROM feed_posts p "         \
  "JOIN feed_channels c ON c.id = p.channel_id "                                           \
  "LEFT JOIN feed_counts n ON n.post_id = p.id "

}  // namespace

absl::StatusOr<std::vector<CandidateRow>> ListCandidates(Transaction& tx,
                                                         const CandidateFilter& filter) {
  return tx.Query<CandidateRow>(
      FEED_CANDIDATE
      "WHERE p.deleted_at IS NULL AND c.may_show AND p.posted_at > $2"
      // An array, so that the index on channels and times is used either way.
      " AND p.channel_id = ANY (CASE WHEN cardinality($6::bigint[]) > 0 THEN $6::bigint[] ELSE"
      " ARRAY (SELECT u.channel_id FROM feed_user_channels u WHERE u.user_id = $1"
      " AND NOT u.is_muted) END)"
      " AND NOT p.stems && $3"
      " AND ($7 OR NOT EXISTS (SELECT FROM feed_interactions i WHERE i.user_id = $1"
      " AND NOT i.undone AND i.type IN (1, 2, 3, 5) AND i.story_id = p.story_id))"
      " AND NOT EXISTS (SELECT FROM feed_shown s WHERE s.user_id = $1 AND s.story_id = p.story_id"
      " AND CASE WHEN $4 <> '' THEN s.session = $4 ELSE s.shown_at > $5 END)"
      " ORDER BY p.posted_at DESC, p.id DESC LIMIT $8",
      filter.user_id, filter.since, filter.muted_stems, filter.session, filter.shown_since,
      filter.channel_ids, filter.with_rated, filter.limit);
}

absl::StatusOr<std::optional<CandidateRow>> FindCandidate(Transaction& tx, int64_t post_id) {
  return tx.QueryOne<CandidateRow>(FEED_CANDIDATE "WHERE p.id = $1 AND p.deleted_at IS NULL",
                                   post_id);
}

absl::StatusOr<std::vector<FeatureRow>> ReadFeatures(Transaction& tx,
                                                     const std::vector<int64_t>& post_ids) {
  struct Row {
    int64_t id;
    int64_t revision;
    postgres::Bytes features;
  };
  ASSIGN_OR_RETURN(
      std::vector<Row> rows,
      tx.Query<Row>("SELECT id, revision, features FROM feed_posts WHERE id = ANY ($1)", post_ids));
  std::vector<FeatureRow> features;
  for (Row& row : rows) {
    features.push_back({row.id, row.revision, std::move(row.features.value)});
  }
  return features;
}

absl::StatusOr<std::vector<v1::Post>> ReadPosts(Transaction& tx, int64_t user_id,
                                                const std::vector<int64_t>& post_ids,
                                                absl::Time now) {
  if (post_ids.empty()) return std::vector<v1::Post>();
  struct Row {
    int64_t id;
    int64_t channel_id;
    std::string username;
    std::string title;
    int64_t number;
    std::string text;
    int64_t media;
    std::vector<std::string> media_urls;
    std::string url;
    absl::Time posted_at;
    int64_t own;
    bool saved;
    int64_t duplicates;
    int64_t likes;
  };
  ASSIGN_OR_RETURN(
      std::vector<Row> rows,
      tx.Query<Row>(
          "SELECT p.id, p.channel_id, c.username, c.title, p.number, p.text, p.media,"
          " p.media_urls, p.url, p.posted_at,"
          " coalesce((SELECT i.type FROM feed_interactions i WHERE i.user_id = $1"
          " AND i.post_id = p.id AND NOT i.undone AND i.type IN (1, 2, 3)), 0),"
          " EXISTS (SELECT FROM feed_interactions i WHERE i.user_id = $1 AND i.post_id = p.id"
          " AND NOT i.undone AND i.type = 5),"
          " (SELECT count(*) FROM feed_posts o WHERE o.story_id = p.story_id AND o.id <> p.id"
          " AND o.deleted_at IS NULL),"
          " coalesce(n.likes, 0) FROM feed_posts p JOIN feed_channels c ON c.id = p.channel_id"
          " LEFT JOIN feed_counts n ON n.post_id = p.id"
          " WHERE p.id = ANY ($2) AND p.deleted_at IS NULL AND c.may_show",
          user_id, post_ids));
  std::map<int64_t, v1::Post> by_id;
  for (Row& row : rows) {
    v1::Post& post = by_id[row.id];
    post.set_id(row.id);
    post.set_channel_id(row.channel_id);
    post.set_channel_username(row.username);
    post.set_channel_title(row.title.empty() ? row.username : row.title);
    post.set_telegram_message_id(row.number);
    post.set_text(std::move(row.text));
    post.set_media_type(static_cast<v1::MediaType>(row.media));
    for (std::string& url : row.media_urls) post.add_media_urls(std::move(url));
    post.set_url(row.url);
    *post.mutable_posted_at() = timestamps::ToProto(row.posted_at);
    post.set_age_seconds(std::max(int64_t{0}, absl::ToInt64Seconds(now - row.posted_at)));
    post.set_own_interaction(static_cast<v1::InteractionType>(row.own));
    post.set_is_saved(row.saved);
    post.set_duplicate_count(static_cast<int32_t>(row.duplicates));
    post.set_like_count(static_cast<int32_t>(row.likes));
  }
  std::vector<v1::Post> posts;
  for (const int64_t id : post_ids) {
    if (const auto found = by_id.find(id); found != by_id.end()) {
      posts.push_back(std::move(found->second));
    }
  }
  return posts;
}

absl::StatusOr<bool> HasPosts(Transaction& tx, int64_t channel_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<bool>("SELECT EXISTS (SELECT FROM feed_posts WHERE channel_id = $1)",
                                     channel_id));
  return std::get<0>(*row);
}

absl::StatusOr<std::optional<absl::Time>> NewestOf(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<std::optional<absl::Time>>(
          "SELECT max((SELECT p.posted_at FROM feed_posts p WHERE p.channel_id = u.channel_id"
          " AND p.deleted_at IS NULL ORDER BY p.posted_at DESC LIMIT 1))"
          " FROM feed_user_channels u WHERE u.user_id = $1 AND NOT u.is_muted",
          user_id));
  return std::get<0>(*row);
}

absl::StatusOr<int64_t> ForgetTexts(Transaction& tx, absl::Time posted_before) {
  return tx.Execute(
      "UPDATE feed_posts p SET text = '', media_urls = '{}', stems = '{}' FROM feed_channels c"
      " WHERE c.id = p.channel_id AND NOT c.may_keep AND p.posted_at < $1 AND p.text <> ''",
      posted_before);
}

}  // namespace selfology::feed::store

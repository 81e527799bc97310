#include "services/feed/channel_reader/store/post_store.h"

#include <utility>

#include "common/postgres/types.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/channel_reader/post.h"

namespace selfology::channel_reader::store {
namespace {

using postgres::Transaction;

struct PostRow {
  postgres::Bytes post;
  postgres::Bytes fingerprint;
  int64_t missed;
  bool deleted;
  bool forgotten;
  int64_t update_number;
};

absl::StatusOr<StoredPost> FromRow(PostRow row) {
  StoredPost stored;
  if (!stored.post.ParseFromString(row.post.value)) {
    return absl::InternalError("a stored post does not parse");
  }
  stored.fingerprint = std::move(row.fingerprint.value);
  stored.missed = static_cast<int>(row.missed);
  stored.deleted = row.deleted;
  stored.forgotten = row.forgotten;
  stored.update_number = row.update_number;
  return stored;
}

absl::StatusOr<std::vector<StoredPost>> FromRows(std::vector<PostRow> rows) {
  std::vector<StoredPost> posts;
  for (PostRow& row : rows) {
    ASSIGN_OR_RETURN(StoredPost stored, FromRow(std::move(row)));
    posts.push_back(std::move(stored));
  }
  return posts;
}

}  // namespace

absl::StatusOr<std::vector<StoredPost>> FindPosts(Transaction& tx, int64_t channel_id,
                                                  const std::vector<std::string>& keys,
                                                  const std::vector<int64_t>& numbers) {
  ASSIGN_OR_RETURN(std::vector<PostRow> rows,
                   tx.Query<PostRow>("SELECT post, fingerprint, missed, deleted, forgotten,"
                                     " update_number FROM channel_reader_posts"
                                     " WHERE channel_id = $1"
                                     "  AND (source_key = ANY($2) OR post_number = ANY($3))",
                                     channel_id, keys, numbers));
  return FromRows(std::move(rows));
}

absl::StatusOr<std::vector<StoredPost>> ListPresent(Transaction& tx, int64_t channel_id,
                                                    int64_t from_number, int64_t to_number,
                                                    absl::Time since) {
  ASSIGN_OR_RETURN(std::vector<PostRow> rows,
                   tx.Query<PostRow>("SELECT post, fingerprint, missed, deleted, forgotten,"
                                     " update_number FROM channel_reader_posts"
                                     " WHERE channel_id = $1 AND NOT deleted"
                                     "  AND (post_number BETWEEN $2 AND $3 OR posted_at >= $4)"
                                     " ORDER BY post_number DESC LIMIT 1000",
                                     channel_id, from_number, to_number, since));
  return FromRows(std::move(rows));
}

void SavePost(Transaction& tx, const StoredPost& stored) {
  const v1::Post& post = stored.post;
  tx.Queue(
      "INSERT INTO channel_reader_posts (channel_id, post_number, source_key, posted_at, seen_at,"
      " fingerprint, missed, deleted, update_number, post, forgotten)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
      " ON CONFLICT (channel_id, post_number) DO UPDATE SET source_key = $3, posted_at = $4,"
      " fingerprint = $6, missed = $7, deleted = $8, forgotten = $11, update_number = $9, post = "
      "$10",
      post.channel_id(), post.post_number(), post.source_key(),
      timestamps::FromProto(post.posted_at()), timestamps::FromProto(post.seen_at()),
      postgres::BytesView{stored.fingerprint}, static_cast<int32_t>(stored.missed), stored.deleted,
      stored.update_number, postgres::Bytes{post.SerializeAsString()}, stored.forgotten);
}

void SetMissed(Transaction& tx, int64_t channel_id, int64_t post_number, int missed) {
  tx.Queue("UPDATE channel_reader_posts SET missed = $3 WHERE channel_id = $1 AND post_number = $2",
           channel_id, post_number, static_cast<int32_t>(missed));
}

absl::StatusOr<std::vector<v1::Post>> ListPosts(Transaction& tx, int64_t channel_id,
                                                int64_t before_number, bool deleted_too,
                                                int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<postgres::Bytes>("SELECT post FROM channel_reader_posts"
                                             " WHERE channel_id = $1 AND post_number < $2"
                                             "  AND (NOT deleted OR $3)"
                                             " ORDER BY post_number DESC LIMIT $4",
                                             channel_id, before_number, deleted_too, limit));
  std::vector<v1::Post> posts;
  for (const auto& row : rows) {
    v1::Post post;
    if (!post.ParseFromString(std::get<0>(row).value)) {
      return absl::InternalError("a stored post does not parse");
    }
    posts.push_back(std::move(post));
  }
  return posts;
}

absl::StatusOr<std::vector<absl::Time>> LatestTimes(Transaction& tx, int64_t channel_id,
                                                    int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<absl::Time>("SELECT posted_at FROM channel_reader_posts"
                                        " WHERE channel_id = $1 ORDER BY post_number DESC LIMIT $2",
                                        channel_id, limit));
  std::vector<absl::Time> times;
  for (const auto& row : rows) times.push_back(std::get<0>(row));
  return times;
}

absl::StatusOr<int64_t> ForgetContents(Transaction& tx, absl::Time before, int64_t limit) {
  struct Row {
    int64_t channel_id;
    int64_t post_number;
    postgres::Bytes post;
  };
  // What the owner allows counts in place of what the kind does, as in EffectiveScope; kinds without
  // a row keep only what their terms allow (DefaultScope).
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      // Of each channel that forgets, the index's oldest: those that may be kept are not looked at.
      tx.Query<Row>("SELECT p.channel_id, p.post_number, p.post FROM (SELECT c.channel_id,"
                    "  CASE WHEN c.state = $3 OR NOT CASE WHEN c.has_owner_scope THEN c.owner_show"
                    "    ELSE coalesce(s.may_show, true) END THEN 'infinity'::timestamptz"
                    "   WHEN NOT CASE WHEN c.has_owner_scope THEN c.owner_keep"
                    "    ELSE coalesce(s.may_keep, c.source IN (4, 5, 6)) END THEN $1 END AS before"
                    "  FROM channel_reader_channels c"
                    "  LEFT JOIN channel_reader_sources s ON s.source = c.source) c"
                    " CROSS JOIN LATERAL (SELECT * FROM channel_reader_posts p"
                    "  WHERE p.channel_id = c.channel_id AND NOT p.forgotten"
                    "  AND p.seen_at < c.before ORDER BY p.seen_at LIMIT $2"
                    "  FOR UPDATE SKIP LOCKED) p"
                    " WHERE c.before IS NOT NULL LIMIT $2",
                    before, limit, static_cast<int32_t>(v1::CHANNEL_STATE_IDLE)));
  for (const Row& row : rows) {
    v1::Post post;
    if (!post.ParseFromString(row.post.value)) {
      return absl::InternalError("a stored post does not parse");
    }
    ForgetContent(post);
    tx.Queue(
        "UPDATE channel_reader_posts SET post = $3, forgotten = true"
        " WHERE channel_id = $1 AND post_number = $2",
        row.channel_id, row.post_number, postgres::Bytes{post.SerializeAsString()});
  }
  return static_cast<int64_t>(rows.size());
}

void AddJudgement(Transaction& tx, v1::SourceKind source, const std::vector<std::string>& missing) {
  tx.Queue("INSERT INTO channel_reader_judgements (source, missing) VALUES ($1, $2)",
           static_cast<int32_t>(source), missing);
}

void TrimJudgements(Transaction& tx, v1::SourceKind source, int64_t kept) {
  tx.Queue(
      "DELETE FROM channel_reader_judgements WHERE source = $1 AND judgement_id <="
      " (SELECT judgement_id FROM channel_reader_judgements WHERE source = $1"
      "  ORDER BY judgement_id DESC OFFSET $2 LIMIT 1)",
      static_cast<int32_t>(source), kept);
}

absl::StatusOr<std::vector<std::vector<std::string>>> ReadJudgements(Transaction& tx,
                                                                     v1::SourceKind source,
                                                                     int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<std::vector<std::string>>(
                       "SELECT missing FROM channel_reader_judgements WHERE source = $1"
                       " ORDER BY judgement_id DESC LIMIT $2",
                       static_cast<int32_t>(source), limit));
  std::vector<std::vector<std::string>> missing;
  for (const auto& row : rows) missing.push_back(std::get<0>(row));
  return missing;
}

}  // namespace selfology::channel_reader::store

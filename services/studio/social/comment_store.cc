#include "services/studio/social/comment_store.h"

#include "common/timestamps/timestamp.h"

namespace selfology::social::store {
namespace {

#define COMMENT_COLUMNS                                                                    \
  "id, user_id, account_id, platform, remote_id, kind, author, text, url, publication_id," \
  " post_id, place, root, audience, written_at, received_at"

}  // namespace

v1::Comment ToProto(const CommentRow& row) {
  v1::Comment comment;
  comment.set_comment_id(row.id);
  comment.set_user_id(row.user_id);
  comment.set_account_id(row.account_id);
  comment.set_platform(static_cast<v1::Platform>(row.platform));
  comment.set_kind(static_cast<v1::CommentKind>(row.kind));
  comment.set_author(row.author);
  comment.set_text(row.text);
  comment.set_url(row.url);
  comment.set_publication_id(row.publication_id);
  comment.set_post_id(row.post_id);
  *comment.mutable_written_at() = timestamps::ToProto(row.written_at);
  *comment.mutable_received_at() = timestamps::ToProto(row.received_at);
  return comment;
}

absl::StatusOr<std::optional<CommentRow>> AddComment(postgres::Transaction& tx,
                                                     const CommentRow& comment,
                                                     std::string_view about) {
  return tx.QueryOne<CommentRow>(
      "INSERT INTO social_comments (user_id, account_id, platform, remote_id, kind, author, text,"
      " url, publication_id, post_id, place, root, audience, written_at, received_at)"
      " SELECT $1, $2, $3, $4, $5, $6, $7, $8, coalesce(p.id, 0), coalesce(p.post_id, 0), $9, $10,"
      " $11, $12, $13 FROM (SELECT) one LEFT JOIN LATERAL"
      " (SELECT id, post_id FROM social_publications WHERE account_id = $2 AND remote_id = $14"
      " AND $14 <> '' ORDER BY id LIMIT 1) p ON true"
      " ON CONFLICT (account_id, remote_id) DO NOTHING RETURNING " COMMENT_COLUMNS,
      comment.user_id, comment.account_id, static_cast<int32_t>(comment.platform),
      comment.remote_id, static_cast<int32_t>(comment.kind), comment.author, comment.text,
      comment.url, comment.place, comment.root, comment.audience, comment.written_at,
      comment.received_at, about);
}

absl::StatusOr<std::optional<CommentRow>> FindComment(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t comment_id) {
  return tx.QueryOne<CommentRow>("SELECT " COMMENT_COLUMNS
                                 " FROM social_comments WHERE user_id = $1 AND id = $2",
                                 user_id, comment_id);
}

absl::StatusOr<std::vector<CommentRow>> ListComments(postgres::Transaction& tx, int64_t user_id,
                                                     int64_t account_id, bool unanswered,
                                                     int64_t before, int64_t limit) {
  return tx.Query<CommentRow>(
      "SELECT " COMMENT_COLUMNS
      " FROM social_comments c WHERE user_id = $1 AND id < $4 AND ($2 = 0 OR account_id = $2)"
      " AND NOT ($3 AND EXISTS (SELECT FROM social_publications a WHERE a.comment_id = c.id"
      " AND a.comment_id <> 0 AND a.state IN ('pending', 'unknown', 'published')))"
      " ORDER BY id DESC LIMIT $5",
      user_id, account_id, unanswered, before, limit);
}

}  // namespace selfology::social::store

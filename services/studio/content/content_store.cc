#include "services/studio/content/content_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/studio/content/post_rules.h"

namespace selfology::content::store {
namespace {

constexpr int64_t kRevisions = 50;  // Of a post, that are kept.

// The column `versions` has all that a post says besides its text.
postgres::Bytes PackVersions(const v1::Post& post) {
  v1::Post only;
  *only.mutable_versions() = post.versions();
  *only.mutable_thread() = post.thread();
  only.set_first_comment(post.first_comment());
  *only.mutable_media() = post.media();
  return {only.SerializeAsString()};
}

// `what`: a Post, or a Revision.
template <typename What>
void UnpackVersions(const postgres::Bytes& packed, What& what) {
  v1::Post only;
  only.ParseFromString(packed.value);
  *what.mutable_versions() = only.versions();
  *what.mutable_thread() = only.thread();
  what.set_first_comment(only.first_comment());
  *what.mutable_media() = only.media();
}

}  // namespace

v1::Post ToProto(const PostRow& row) {
  v1::Post post;
  post.set_post_id(row.id);
  post.set_user_id(row.user_id);
  post.set_title(row.title);
  post.set_text(row.text);
  UnpackVersions(row.versions, post);
  for (const int64_t account : row.account_ids) post.add_account_ids(account);
  for (const std::string& tag : row.tags) post.add_tags(tag);
  post.set_needs_approval(row.needs_approval);
  post.set_state(StateOf(row.state));
  post.set_review_note(row.review_note);
  post.set_revision(static_cast<int32_t>(row.revision));
  if (row.publish_at.has_value()) {
    *post.mutable_publish_at() = timestamps::ToProto(*row.publish_at);
  }
  *post.mutable_created_at() = timestamps::ToProto(row.created_at);
  *post.mutable_updated_at() = timestamps::ToProto(row.updated_at);
  post.set_team_id(row.team_id);
  post.set_edited_by_user_id(row.edited_by);
  post.set_reviewed_by_user_id(row.reviewed_by);
  return post;
}

PostRow FromProto(const v1::Post& post, const std::vector<int64_t>& platforms) {
  return {.user_id = post.user_id(),
          .title = post.title(),
          .text = post.text(),
          .versions = PackVersions(post),
          .account_ids = {post.account_ids().begin(), post.account_ids().end()},
          .platforms = platforms,
          .tags = {post.tags().begin(), post.tags().end()},
          .needs_approval = post.needs_approval(),
          .team_id = post.team_id()};
}

absl::StatusOr<PostRow> AddPost(postgres::Transaction& tx, const PostRow& row) {
  ASSIGN_OR_RETURN(
      const std::optional<PostRow> added,
      tx.QueryOne<PostRow>(
          "INSERT INTO content_posts AS p (user_id, title, text, versions, account_ids, platforms,"
          " tags, needs_approval, state, publish_at, created_at, updated_at, team_id, edited_by)"
          " VALUES ($1, $2, $3, $4, $5, $6::bigint[]::integer[], $7, $8, $9, $10, $11, $11, $12,"
          " $13) RETURNING " POST_COLUMNS,
          row.user_id, row.title, row.text, row.versions, row.account_ids, row.platforms, row.tags,
          row.needs_approval, row.state, row.publish_at, row.created_at, row.team_id,
          row.edited_by));
  AddRevision(tx, *added);
  return *added;
}

absl::StatusOr<std::optional<PostRow>> FindPost(postgres::Transaction& tx,
                                                const identity::Owner& owner, int64_t post_id,
                                                bool lock) {
  return tx.QueryOne<PostRow>(
      lock ? "SELECT " POST_COLUMNS " FROM content_posts p WHERE " OWNED_BY_1_AND_2
             " AND id = $3 FOR UPDATE"
           : "SELECT " POST_COLUMNS " FROM content_posts p WHERE " OWNED_BY_1_AND_2 " AND id = $3",
      owner.user_id, owner.team_id, post_id);
}

absl::StatusOr<std::optional<PostRow>> LockBegun(postgres::Transaction& tx, int64_t user_id,
                                                 int64_t post_id) {
  return tx.QueryOne<PostRow>("SELECT " POST_COLUMNS
                              " FROM content_posts p WHERE user_id = $1 AND id = $2 FOR UPDATE",
                              user_id, post_id);
}

// A list reads one index, so a team's is a statement of its own.
absl::StatusOr<std::vector<PostRow>> ListPosts(postgres::Transaction& tx,
                                               const identity::Owner& owner, std::string_view state,
                                               std::string_view tag, int64_t before,
                                               int64_t limit) {
#define LIST_POSTS(owner)                                                    \
  "SELECT " POST_COLUMNS " FROM content_posts p WHERE " owner                \
  " AND id < $4 AND ($2 = '' OR state = $2) AND ($3 = '' OR $3 = ANY(tags))" \
  " ORDER BY id DESC LIMIT $5"
  const bool of_team = owner.team_id != 0;
  return tx.Query<PostRow>(
      of_team ? LIST_POSTS("team_id = $1") : LIST_POSTS("user_id = $1 AND team_id = 0"),
      of_team ? owner.team_id : owner.user_id, state, tag, before, limit);
#undef LIST_POSTS
}

absl::StatusOr<std::vector<PostRow>> ListBetween(postgres::Transaction& tx,
                                                 const identity::Owner& owner, absl::Time from,
                                                 absl::Time until, int64_t limit) {
#define LIST_BETWEEN(owner)                                   \
  "SELECT " POST_COLUMNS " FROM content_posts p WHERE " owner \
  " AND publish_at >= $2 AND publish_at < $3 ORDER BY publish_at, id LIMIT $4"
  const bool of_team = owner.team_id != 0;
  return tx.Query<PostRow>(
      of_team ? LIST_BETWEEN("team_id = $1") : LIST_BETWEEN("user_id = $1 AND team_id = 0"),
      of_team ? owner.team_id : owner.user_id, from, until, limit);
#undef LIST_BETWEEN
}

void SaveBody(postgres::Transaction& tx, const PostRow& row) {
  tx.Queue(
      "UPDATE content_posts SET title = $2, text = $3, versions = $4, account_ids = $5,"
      " platforms = $6::bigint[]::integer[], tags = $7, needs_approval = $8, state = $9,"
      " publish_at = $10, revision = $11, updated_at = $12, edited_by = $13 WHERE id = $1",
      row.id, row.title, row.text, row.versions, row.account_ids, row.platforms, row.tags,
      row.needs_approval, row.state, row.publish_at, static_cast<int32_t>(row.revision),
      row.updated_at, row.edited_by);
  AddRevision(tx, row);
}

void SaveState(postgres::Transaction& tx, const PostRow& row) {
  tx.Queue(
      "UPDATE content_posts SET state = $2, publish_at = $3, review_note = $4, updated_at = $5,"
      " reviewed_by = $6 WHERE id = $1",
      row.id, row.state, row.publish_at, row.review_note, row.updated_at, row.reviewed_by);
}

void AddRevision(postgres::Transaction& tx, const PostRow& row) {
  tx.Queue(
      "INSERT INTO content_revisions (post_id, revision, title, text, versions, saved_at)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      row.id, static_cast<int32_t>(row.revision), row.title, row.text, row.versions,
      row.updated_at);
  tx.Queue("DELETE FROM content_revisions WHERE post_id = $1 AND revision <= $2", row.id,
           static_cast<int32_t>(row.revision - kRevisions));
}

absl::StatusOr<std::vector<v1::Revision>> ListRevisions(postgres::Transaction& tx,
                                                        int64_t post_id) {
  struct Row {
    int64_t revision;
    std::string title;
    std::string text;
    postgres::Bytes versions;
    absl::Time saved_at;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT revision, title, text, versions, saved_at FROM"
                                 " content_revisions WHERE post_id = $1 ORDER BY revision DESC"
                                 " LIMIT $2",
                                 post_id, kRevisions));
  std::vector<v1::Revision> revisions;
  for (const Row& row : rows) {
    v1::Revision& revision = revisions.emplace_back();
    revision.set_revision(static_cast<int32_t>(row.revision));
    revision.set_title(row.title);
    revision.set_text(row.text);
    UnpackVersions(row.versions, revision);
    *revision.mutable_saved_at() = timestamps::ToProto(row.saved_at);
  }
  return revisions;
}

absl::StatusOr<bool> DeletePost(postgres::Transaction& tx, const identity::Owner& owner,
                                int64_t post_id) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("DELETE FROM content_posts WHERE " OWNED_BY_1_AND_2 " AND id = $3",
                              owner.user_id, owner.team_id, post_id));
  return rows == 1;
}

absl::StatusOr<v1::ReviewRules> ReadReviewRules(postgres::Transaction& tx, int64_t team_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<bool>(
                       "SELECT others_only FROM content_review_rules WHERE team_id = $1", team_id));
  v1::ReviewRules rules;
  if (row.has_value()) rules.set_others_only(std::get<0>(*row));
  return rules;
}

void SaveReviewRules(postgres::Transaction& tx, int64_t team_id, const v1::ReviewRules& rules) {
  tx.Queue(
      "INSERT INTO content_review_rules (team_id, others_only) VALUES ($1, $2)"
      " ON CONFLICT (team_id) DO UPDATE SET others_only = EXCLUDED.others_only",
      team_id, rules.others_only());
}

void DisbandTeam(postgres::Transaction& tx, int64_t team_id, absl::Time now) {
  tx.Queue(
      "UPDATE content_posts SET team_id = 0, updated_at = $2,"
      " publish_at = CASE WHEN state = 'scheduled' THEN NULL ELSE publish_at END,"
      " state = CASE WHEN state IN ('in_review', 'approved', 'scheduled') THEN 'draft'"
      " ELSE state END WHERE team_id = $1",
      team_id, now);
  tx.Queue("DELETE FROM content_review_rules WHERE team_id = $1", team_id);
}

absl::StatusOr<std::vector<PostRow>> LockDue(postgres::Transaction& tx, absl::Time now,
                                             int64_t limit) {
  return tx.Query<PostRow>("SELECT " POST_COLUMNS
                           " FROM content_posts p WHERE state = 'scheduled' AND publish_at <= $1"
                           " ORDER BY publish_at LIMIT $2 FOR UPDATE SKIP LOCKED",
                           now, limit);
}

absl::StatusOr<std::vector<absl::Time>> ListPlanned(postgres::Transaction& tx, int64_t user_id,
                                                    int64_t but_post, absl::Time after) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<absl::Time>("SELECT publish_at FROM content_posts WHERE user_id = $1"
                                        " AND team_id = 0 AND id <> $2 AND state = 'scheduled'"
                                        " AND publish_at > $3",
                                        user_id, but_post, after));
  std::vector<absl::Time> times;
  for (const auto& [time] : rows) times.push_back(time);
  return times;
}

void AddResult(postgres::Transaction& tx, int64_t post_id, int64_t account_id, int64_t platform) {
  tx.Queue(
      "INSERT INTO content_results (post_id, account_id, platform, state)"
      " VALUES ($1, $2, $3, 'waiting') ON CONFLICT (post_id, account_id) DO UPDATE SET"
      " state = 'waiting', reason = ''",
      post_id, account_id, static_cast<int32_t>(platform));
}

absl::StatusOr<std::vector<ResultRow>> ListResults(postgres::Transaction& tx,
                                                   const std::vector<int64_t>& posts) {
  if (posts.empty()) return std::vector<ResultRow>();
  return tx.Query<ResultRow>(
      "SELECT post_id, account_id, platform, publication_id, state, url, reason, likes, reposts,"
      " replies, views, measured_at FROM content_results WHERE post_id = ANY($1)"
      " ORDER BY post_id, account_id",
      posts);
}

void AddResults(const std::vector<ResultRow>& results, v1::Post& post) {
  for (const ResultRow& row : results) {
    if (row.post_id != post.post_id()) continue;
    v1::Result& result = *post.add_results();
    result.set_account_id(row.account_id);
    result.set_platform(static_cast<social::v1::Platform>(row.platform));
    result.set_publication_id(row.publication_id);
    result.set_published(row.state == "published");
    result.set_url(row.url);
    result.set_reason(row.reason);
    if (row.measured_at.has_value()) {
      social::v1::Metrics& metrics = *result.mutable_metrics();
      metrics.set_likes(row.likes);
      metrics.set_reposts(row.reposts);
      metrics.set_replies(row.replies);
      metrics.set_views(row.views);
      *metrics.mutable_measured_at() = timestamps::ToProto(*row.measured_at);
    }
  }
}

void SettleResult(postgres::Transaction& tx, const ResultRow& row) {
  tx.Queue(
      "UPDATE content_results SET publication_id = $3, state = $4, url = $5, reason = $6"
      " WHERE post_id = $1 AND account_id = $2",
      row.post_id, row.account_id, row.publication_id, row.state, row.url, row.reason);
}

void SaveReason(postgres::Transaction& tx, const ResultRow& row) {
  tx.Queue("UPDATE content_results SET reason = $3 WHERE post_id = $1 AND account_id = $2",
           row.post_id, row.account_id, row.reason);
}

void SaveNumbers(postgres::Transaction& tx, const ResultRow& row) {
  tx.Queue(
      "UPDATE content_results SET likes = $3, reposts = $4, replies = $5, views = $6,"
      " measured_at = $7 WHERE post_id = $1 AND account_id = $2",
      row.post_id, row.account_id, row.likes, row.reposts, row.replies, row.views, row.measured_at);
}

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  int64_t rows = 0;
  tx.Queue("UPDATE content_posts SET edited_by = 0 WHERE edited_by = $1 AND user_id <> $1",
           user_id);
  tx.Queue("UPDATE content_posts SET reviewed_by = 0 WHERE reviewed_by = $1", user_id);
  // Results and revisions go with their posts.
  for (const std::string_view table :
       {std::string_view("content_posts"), std::string_view("content_slots"),
        std::string_view("content_drafts"), kTemplates, kHashtagSets}) {
    ASSIGN_OR_RETURN(
        const int64_t gone,
        tx.Execute(absl::StrCat("DELETE FROM ", table, " WHERE user_id = $1"), user_id));
    rows += gone;
  }
  return rows;
}

}  // namespace selfology::content::store

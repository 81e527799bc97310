#include "services/studio/social/social_store.h"

#include <tuple>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/studio/social/timing.h"

namespace selfology::social::store {
namespace {

#define PUBLICATION_COLUMNS                                                                    \
  "id, user_id, account_id, platform, post_id, text, state, reason, url, remote_id, attempts," \
  " created_at, publish_at, published_at, lease, likes, reposts, replies, views, measured_at," \
  " readings, thread_id, after_id, part, media, renditions, edited_at, team_id, comment_id"

v1::PublicationState StateOf(std::string_view state) {
  if (state == kPending) return v1::PUBLICATION_STATE_PENDING;
  if (state == kUnknown) return v1::PUBLICATION_STATE_UNKNOWN;
  if (state == kPublished) return v1::PUBLICATION_STATE_PUBLISHED;
  if (state == kRefused) return v1::PUBLICATION_STATE_REFUSED;
  return v1::PUBLICATION_STATE_REMOVED;
}

}  // namespace

v1::Account ToProto(const AccountRow& row) {
  v1::Account account;
  account.set_account_id(row.id);
  account.set_user_id(row.user_id);
  account.set_platform(static_cast<v1::Platform>(row.platform));
  account.set_name(row.name);
  account.set_server(row.server);
  account.set_target(row.target);
  account.set_state(row.refused ? v1::ACCOUNT_STATE_REFUSED : v1::ACCOUNT_STATE_CONNECTED);
  account.set_reason(row.reason);
  *account.mutable_connected_at() = timestamps::ToProto(row.connected_at);
  account.set_max_text(static_cast<int32_t>(row.max_text));
  account.set_team_id(row.team_id);
  if (row.expires_at.has_value()) {
    *account.mutable_expires_at() = timestamps::ToProto(*row.expires_at);
  }
  account.set_renews(row.refresh.has_value());
  if (row.checked_at.has_value()) {
    *account.mutable_checked_at() = timestamps::ToProto(*row.checked_at);
  }
  return account;
}

postgres::Bytes PackMedia(const google::protobuf::RepeatedPtrField<v1::Media>& media) {
  v1::Publication only;
  *only.mutable_media() = media;
  return {only.SerializeAsString()};
}

google::protobuf::RepeatedPtrField<v1::Media> MediaOf(const PublicationRow& row) {
  v1::Publication only;
  only.ParseFromString(row.media.value);
  return only.media();
}

v1::Publication ToProto(const PublicationRow& row) {
  v1::Publication publication;
  publication.set_publication_id(row.id);
  publication.set_user_id(row.user_id);
  publication.set_account_id(row.account_id);
  publication.set_platform(static_cast<v1::Platform>(row.platform));
  publication.set_post_id(row.post_id);
  publication.set_text(row.text);
  publication.set_state(StateOf(row.state));
  publication.set_reason(row.reason);
  publication.set_url(row.url);
  publication.set_remote_id(row.remote_id);
  publication.set_attempts(static_cast<int32_t>(row.attempts));
  *publication.mutable_publish_at() = timestamps::ToProto(row.publish_at);
  if (row.published_at.has_value()) {
    *publication.mutable_published_at() = timestamps::ToProto(*row.published_at);
  }
  if (row.measured_at.has_value()) {
    v1::Metrics& metrics = *publication.mutable_metrics();
    metrics.set_likes(row.likes);
    metrics.set_reposts(row.reposts);
    metrics.set_replies(row.replies);
    metrics.set_views(row.views);
    *metrics.mutable_measured_at() = timestamps::ToProto(*row.measured_at);
  }
  publication.set_part(static_cast<int32_t>(row.part));
  publication.set_thread_id(row.thread_id);
  *publication.mutable_media() = MediaOf(row);
  for (const std::string& words : row.renditions) publication.add_renditions(words);
  if (row.edited_at.has_value()) {
    *publication.mutable_edited_at() = timestamps::ToProto(*row.edited_at);
  }
  publication.set_team_id(row.team_id);
  publication.set_comment_id(row.comment_id);
  return publication;
}

v1::Attempt ToProto(const AttemptRow& row) {
  v1::Attempt attempt;
  attempt.set_attempt_id(row.id);
  attempt.set_outcome(static_cast<v1::AttemptOutcome>(row.outcome));
  attempt.set_evidence(row.evidence);
  *attempt.mutable_started_at() = timestamps::ToProto(row.started_at);
  if (row.settled_at.has_value()) {
    *attempt.mutable_settled_at() = timestamps::ToProto(*row.settled_at);
  }
  return attempt;
}

absl::StatusOr<int64_t> SaveAccount(postgres::Transaction& tx, const AccountRow& account) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "INSERT INTO social_accounts (user_id, platform, server, login, target, remote_id, name,"
          " sealed, max_text, connected_at, refresh, expires_at, token_at, check_at, hear_at,"
          " team_id)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $10, $13, $10, $14)"
          " ON CONFLICT (user_id, platform, server, remote_id, target) DO UPDATE SET"
          " login = EXCLUDED.login, name = EXCLUDED.name, sealed = EXCLUDED.sealed,"
          " max_text = EXCLUDED.max_text, refused = false, reason = '',"
          " team_id = EXCLUDED.team_id,"
          " refresh = EXCLUDED.refresh, expires_at = EXCLUDED.expires_at,"
          " token_at = EXCLUDED.token_at, check_at = EXCLUDED.check_at, hear_at = EXCLUDED.hear_at,"
          " checked_at = NULL, generation = social_accounts.generation + 1"
          " RETURNING id",
          account.user_id, static_cast<int32_t>(account.platform), account.server, account.login,
          account.target, account.remote_id, account.name, account.sealed,
          static_cast<int32_t>(account.max_text), account.connected_at, account.refresh,
          account.expires_at,
          CheckAt(account.connected_at, account.expires_at, account.refresh.has_value()),
          account.team_id));
  return std::get<0>(*row);
}

absl::StatusOr<std::vector<AccountRow>> ListAccounts(postgres::Transaction& tx,
                                                     const identity::Owner& owner) {
  return tx.Query<AccountRow>("SELECT " ACCOUNT_COLUMNS
                              " FROM social_accounts"
                              " WHERE " OWNED_BY_1_AND_2 " ORDER BY id LIMIT 100",
                              owner.user_id, owner.team_id);
}

absl::StatusOr<std::optional<AccountRow>> FindAccount(postgres::Transaction& tx,
                                                      const identity::Owner& owner,
                                                      int64_t account_id) {
  return tx.QueryOne<AccountRow>("SELECT " ACCOUNT_COLUMNS
                                 " FROM social_accounts"
                                 " WHERE " OWNED_BY_1_AND_2 " AND id = $3",
                                 owner.user_id, owner.team_id, account_id);
}

absl::StatusOr<bool> DeleteAccount(postgres::Transaction& tx, int64_t account_id) {
  tx.Queue("DELETE FROM social_comments WHERE account_id = $1", account_id);
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("DELETE FROM social_accounts WHERE id = $1", account_id));
  return rows == 1;
}

void WakeAccount(postgres::Transaction& tx, int64_t account_id, absl::Time now) {
  tx.Queue(
      "UPDATE social_publications p SET next_at = greatest($2, publish_at)"
      " WHERE account_id = $1 AND state IN ('pending', 'unknown') AND NOT EXISTS"
      " (SELECT FROM social_attempts a WHERE a.publication_id = p.id AND a.outcome = 0)"
      " AND (after_id = 0 OR EXISTS (SELECT FROM social_publications b WHERE b.id = p.after_id"
      " AND b.state = 'published'))",
      account_id, now);
}

absl::StatusOr<std::optional<PublicationRow>> AddPublication(postgres::Transaction& tx,
                                                             const PublicationRow& publication,
                                                             std::string_view key) {
  return tx.QueryOne<PublicationRow>(
      "INSERT INTO social_publications (user_id, account_id, platform, post_id, key, text, state,"
      " reason, created_at, publish_at, next_at, thread_id, after_id, part, media, team_id,"
      " comment_id)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
      " CASE WHEN $7 = 'pending' AND $12 = 0 THEN $10::timestamptz END, $11, $12, $13, $14, $15, "
      "$16)"
      " ON CONFLICT (user_id, account_id, key) DO NOTHING RETURNING " PUBLICATION_COLUMNS,
      publication.user_id, publication.account_id, static_cast<int32_t>(publication.platform),
      publication.post_id, key, publication.text, publication.state, publication.reason,
      publication.created_at, publication.publish_at, publication.thread_id, publication.after_id,
      static_cast<int32_t>(publication.part), publication.media, publication.team_id,
      publication.comment_id);
}

absl::StatusOr<std::optional<PublicationRow>> FindPublication(postgres::Transaction& tx,
                                                              const identity::Owner& owner,
                                                              int64_t id, bool lock) {
#define FIND_PUBLICATION \
  "SELECT " PUBLICATION_COLUMNS " FROM social_publications WHERE " OWNED_BY_1_AND_2 " AND id = $3"
  return tx.QueryOne<PublicationRow>(lock ? FIND_PUBLICATION " FOR UPDATE" : FIND_PUBLICATION,
                                     owner.user_id, owner.team_id, id);
#undef FIND_PUBLICATION
}

// A list reads one index, so a team's is a statement of its own.
absl::StatusOr<std::vector<PublicationRow>> ListPublications(postgres::Transaction& tx,
                                                             const identity::Owner& owner,
                                                             int64_t post_id, int64_t before,
                                                             int64_t limit) {
#define LIST_PUBLICATIONS(owner)                                         \
  "SELECT " PUBLICATION_COLUMNS " FROM social_publications WHERE " owner \
  " AND id < $3 AND ($2 = 0 OR post_id = $2) ORDER BY id DESC LIMIT $4"
  const bool of_team = owner.team_id != 0;
  return tx.Query<PublicationRow>(of_team ? LIST_PUBLICATIONS("team_id = $1")
                                          : LIST_PUBLICATIONS("user_id = $1 AND team_id = 0"),
                                  of_team ? owner.team_id : owner.user_id, post_id, before, limit);
#undef LIST_PUBLICATIONS
}

absl::StatusOr<std::vector<PublicationRow>> LockWaiting(postgres::Transaction& tx,
                                                        int64_t account_id) {
  return tx.Query<PublicationRow>("SELECT " PUBLICATION_COLUMNS
                                  " FROM social_publications WHERE account_id = $1"
                                  " AND state IN ('pending', 'unknown') ORDER BY id FOR UPDATE",
                                  account_id);
}

absl::StatusOr<std::vector<PublicationRow>> ListAnswers(postgres::Transaction& tx, int64_t user_id,
                                                        const std::vector<int64_t>& comment_ids) {
  return tx.Query<PublicationRow>("SELECT DISTINCT ON (comment_id) " PUBLICATION_COLUMNS
                                  " FROM social_publications WHERE user_id = $1"
                                  " AND comment_id = ANY($2) AND comment_id <> 0"
                                  " ORDER BY comment_id, id DESC",
                                  user_id, comment_ids);
}

void WakePartAfter(postgres::Transaction& tx, int64_t id, absl::Time now) {
  tx.Queue(
      "UPDATE social_publications SET next_at = $2 WHERE after_id = $1 AND state = 'pending'"
      " AND next_at IS NULL",
      id, now);
}

void StopPartsAfter(postgres::Transaction& tx, const PublicationRow& row, std::string_view reason) {
  tx.Queue(
      "UPDATE social_publications SET state = 'refused', reason = $3, next_at = NULL"
      " WHERE thread_id = $1 AND part > $2 AND state = 'pending'",
      row.thread_id == 0 ? row.id : row.thread_id, static_cast<int32_t>(row.part), reason);
}

void SaveRenditions(postgres::Transaction& tx, int64_t id,
                    const std::vector<std::string>& renditions) {
  tx.Queue("UPDATE social_publications SET renditions = $2 WHERE id = $1", id, renditions);
}

void SaveEdit(postgres::Transaction& tx, int64_t id, std::string_view text, absl::Time now) {
  tx.Queue("UPDATE social_publications SET text = $2, edited_at = $3 WHERE id = $1", id, text, now);
}

absl::StatusOr<std::optional<PublicationRow>> ClaimDue(postgres::Transaction& tx,
                                                       v1::Platform platform, absl::Time now,
                                                       absl::Time until) {
  return tx.QueryOne<PublicationRow>(
      "UPDATE social_publications SET next_at = $2, lease = lease + 1 WHERE id ="
      " (SELECT id FROM social_publications WHERE platform = $3 AND next_at <= $1"
      " ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING " PUBLICATION_COLUMNS,
      now, until, static_cast<int32_t>(platform));
}

absl::StatusOr<std::optional<PublicationRow>> ClaimMeasure(postgres::Transaction& tx,
                                                           absl::Time now, absl::Time until) {
  return tx.QueryOne<PublicationRow>(
      "UPDATE social_publications SET measure_at = $2, lease = lease + 1 WHERE id ="
      " (SELECT id FROM social_publications WHERE measure_at <= $1 ORDER BY measure_at LIMIT 1"
      " FOR UPDATE SKIP LOCKED) RETURNING " PUBLICATION_COLUMNS,
      now, until);
}

void SavePublication(postgres::Transaction& tx, const PublicationRow& row,
                     std::optional<absl::Time> next_at, std::optional<absl::Time> measure_at) {
  tx.Queue(
      "UPDATE social_publications SET state = $2, reason = $3, url = $4, remote_id = $5,"
      " published_at = $6, next_at = $7, measure_at = $8 WHERE id = $1",
      row.id, row.state, row.reason, row.url, row.remote_id, row.published_at, next_at, measure_at);
}

void SetNext(postgres::Transaction& tx, int64_t id, absl::Time next_at, std::string_view reason) {
  tx.Queue(
      "UPDATE social_publications SET next_at = $2, reason = $3 WHERE id = $1"
      " AND state IN ('pending', 'unknown')",
      id, next_at, reason);
}

void SaveMetrics(postgres::Transaction& tx, const PublicationRow& row,
                 std::optional<absl::Time> measure_at) {
  tx.Queue(
      "UPDATE social_publications SET likes = $2, reposts = $3, replies = $4, views = $5,"
      " measured_at = $6, readings = $7, measure_at = $8 WHERE id = $1",
      row.id, row.likes, row.reposts, row.replies, row.views, row.measured_at,
      static_cast<int32_t>(row.readings), measure_at);
}

absl::StatusOr<int64_t> AddAttempt(postgres::Transaction& tx, int64_t publication_id,
                                   absl::Time now) {
  tx.Queue("UPDATE social_publications SET attempts = attempts + 1 WHERE id = $1", publication_id);
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("INSERT INTO social_attempts (publication_id, outcome,"
                                        " started_at) VALUES ($1, 0, $2) RETURNING id",
                                        publication_id, now));
  return std::get<0>(*row);
}

void SettleAttempt(postgres::Transaction& tx, int64_t attempt_id, v1::AttemptOutcome outcome,
                   std::string_view evidence, absl::Time now) {
  tx.Queue(
      "UPDATE social_attempts SET outcome = $2, evidence = $3, settled_at = $4 WHERE id = $1"
      " AND outcome IN (0, 4)",
      attempt_id, static_cast<int32_t>(outcome), evidence, now);
}

void SettleOpen(postgres::Transaction& tx, int64_t publication_id, v1::AttemptOutcome outcome,
                std::string_view evidence, absl::Time now) {
  tx.Queue(
      "UPDATE social_attempts SET outcome = $2, evidence = $3, settled_at = $4"
      " WHERE publication_id = $1 AND outcome IN (0, 4)",
      publication_id, static_cast<int32_t>(outcome), evidence, now);
}

absl::StatusOr<std::vector<AttemptRow>> ListAttempts(postgres::Transaction& tx,
                                                     int64_t publication_id) {
  return tx.Query<AttemptRow>(
      "SELECT * FROM (SELECT id, outcome, evidence, started_at, settled_at FROM social_attempts"
      " WHERE publication_id = $1 ORDER BY id DESC LIMIT 100) newest ORDER BY id",
      publication_id);
}

absl::StatusOr<std::optional<absl::Time>> FirstUnsettled(postgres::Transaction& tx,
                                                         int64_t publication_id) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<std::optional<absl::Time>>(
                                       "SELECT min(started_at) FROM social_attempts"
                                       " WHERE publication_id = $1 AND outcome IN (0, 4)",
                                       publication_id));
  return std::get<0>(*row);
}

absl::StatusOr<std::vector<MeasuredRow>> ListMeasured(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t account_id, int64_t limit) {
  return tx.Query<MeasuredRow>(
      "SELECT text, published_at, likes + reposts + replies FROM social_publications"
      " WHERE user_id = $1 AND account_id = $2 AND state = 'published' AND part = 0"
      " AND measured_at IS NOT NULL AND published_at IS NOT NULL ORDER BY id DESC LIMIT $3",
      user_id, account_id, limit);
}

absl::StatusOr<std::vector<AccountTotals>> SumMetrics(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t account_id) {
  return tx.Query<AccountTotals>(
      "SELECT account_id, min(platform), count(*) FILTER (WHERE state = 'published'),"
      " sum(likes)::bigint, sum(reposts)::bigint, sum(replies)::bigint, sum(views)::bigint,"
      " max(measured_at) FROM social_publications"
      " WHERE user_id = $1 AND team_id = 0 AND ($2 = 0 OR account_id = $2) AND part = 0"
      " AND (state = 'published' OR (state = 'removed' AND measured_at IS NOT NULL))"
      " GROUP BY account_id ORDER BY account_id",
      user_id, account_id);
}

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  // Attempts go with their publications.
  ASSIGN_OR_RETURN(const int64_t publications,
                   tx.Execute("DELETE FROM social_publications WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t accounts,
                   tx.Execute("DELETE FROM social_accounts WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t comments,
                   tx.Execute("DELETE FROM social_comments WHERE user_id = $1", user_id));
  return publications + accounts + comments;
}

}  // namespace selfology::social::store

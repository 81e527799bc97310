#include "services/feed/feed/store/people_store.h"

#include <tuple>
#include <utility>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::feed::store {
namespace {

using postgres::Transaction;

#define FEED_PERSON                                                                        \
  "SELECT user_id, username, first_name, last_name, status, is_trained, created_at,"       \
  " last_seen_at, language, time_zone, nudges_off, digest_hour, muted_words, muted_stems," \
  " exploration FROM feed_people WHERE user_id = $1"

}  // namespace

v1::UserStatus Person::status() const { return enums::FromWord<v1::UserStatus>(status_word); }

absl::TimeZone Person::zone() const {
  absl::TimeZone zone;
  return !time_zone.empty() && absl::LoadTimeZone(time_zone, &zone) ? zone : absl::UTCTimeZone();
}

absl::StatusOr<Locked> LockPerson(Transaction& tx, int64_t user_id, absl::Time now) {
  auto made = tx.Ask<int64_t>(
      "INSERT INTO feed_people (user_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
      " RETURNING user_id",
      user_id, now);
  ASSIGN_OR_RETURN(std::optional<Person> person,
                   tx.QueryOne<Person>(FEED_PERSON " FOR UPDATE", user_id));
  ASSIGN_OR_RETURN(const auto is_new, made.One());
  // Erased by another transaction between the two statements.
  if (!person.has_value()) return absl::AbortedError("the person is being erased");
  return Locked{*std::move(person), is_new.has_value()};
}

absl::StatusOr<std::optional<Person>> LockKnown(Transaction& tx, int64_t user_id) {
  return tx.QueryOne<Person>(FEED_PERSON " FOR UPDATE", user_id);
}

absl::StatusOr<std::optional<Person>> ReadPerson(Transaction& tx, int64_t user_id) {
  return tx.QueryOne<Person>(FEED_PERSON, user_id);
}

absl::StatusOr<int64_t> CountBonusChannels(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "SELECT count(*) FROM feed_user_channels WHERE user_id = $1 AND is_bonus", user_id));
  return std::get<0>(*row);
}

void SetNames(Transaction& tx, const Person& person) {
  tx.Queue(
      "UPDATE feed_people SET username = $2, first_name = $3, last_name = $4, language = $5"
      " WHERE user_id = $1",
      person.user_id, person.username, person.first_name, person.last_name, person.language);
}

void SetStatus(Transaction& tx, int64_t user_id, v1::UserStatus status) {
  tx.Queue("UPDATE feed_people SET status = $2 WHERE user_id = $1", user_id, enums::Word(status));
}

void SetTrained(Transaction& tx, int64_t user_id) {
  tx.Queue("UPDATE feed_people SET is_trained = true WHERE user_id = $1", user_id);
}

void SetSeen(Transaction& tx, int64_t user_id, absl::Time now) {
  tx.Queue("UPDATE feed_people SET last_seen_at = greatest(last_seen_at, $2) WHERE user_id = $1",
           user_id, now);
}

void SetAwaitsTraining(Transaction& tx, int64_t user_id, bool awaits) {
  tx.Queue(
      "UPDATE feed_people SET awaits_training = $2 WHERE user_id = $1 AND awaits_training <> $2",
      user_id, awaits);
}

void SetSettings(Transaction& tx, const Person& person) {
  tx.Queue(
      "UPDATE feed_people SET language = $2, time_zone = $3, nudges_off = $4,"
      " digest_hour = $5, muted_words = $6, muted_stems = $7, exploration = $8"
      " WHERE user_id = $1",
      person.user_id, person.language, person.time_zone, person.nudges_off,
      static_cast<int32_t>(person.digest_hour), person.muted_words, person.muted_stems,
      person.exploration.has_value()
          ? std::optional<int32_t>(static_cast<int32_t>(*person.exploration))
          : std::nullopt);
}

absl::StatusOr<bool> MarkDigestMade(Transaction& tx, int64_t user_id, absl::CivilDay day) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("UPDATE feed_people SET digest_made_on = $2 WHERE user_id = $1"
                              " AND (digest_made_on IS NULL OR digest_made_on < $2)",
                              user_id, day));
  return rows > 0;
}

absl::StatusOr<std::string> MakeLink(Transaction& tx, int64_t user_id) {
  // The server's random numbers are fit for secrets.
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<std::string>(
          "WITH secret AS (SELECT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-',"
          " '') AS key)"
          " UPDATE feed_people SET link_hash = sha256(convert_to(secret.key, 'UTF8')) FROM secret"
          " WHERE user_id = $1 RETURNING secret.key",
          user_id));
  if (!row.has_value()) return absl::InternalError("no person to make a link for");
  return std::get<0>(*row);
}

absl::StatusOr<std::optional<int64_t>> FindByLink(Transaction& tx, std::string_view key) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "SELECT user_id FROM feed_people WHERE link_hash = sha256(convert_to($1, 'UTF8'))", key));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

void AddLog(Transaction& tx, int64_t user_id, std::string_view action, std::string_view details,
            absl::Time now) {
  tx.Queue(
      "INSERT INTO feed_user_log (user_id, action, details, created_at)"
      " VALUES ($1, $2, $3, $4)",
      user_id, action, details, now);
}

absl::StatusOr<std::vector<v1::UserLogEntry>> ListLog(Transaction& tx, int64_t user_id,
                                                      int64_t before, int64_t limit) {
  struct Row {
    int64_t id;
    std::string action;
    std::string details;
    absl::Time created_at;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT id, action, details, created_at FROM feed_user_log"
                                 " WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                                 user_id, before, limit));
  std::vector<v1::UserLogEntry> entries;
  for (const Row& row : rows) {
    v1::UserLogEntry& entry = entries.emplace_back();
    entry.set_log_id(row.id);
    entry.set_action(row.action);
    entry.set_details(row.details);
    *entry.mutable_created_at() = timestamps::ToProto(row.created_at);
  }
  return entries;
}

namespace {

absl::StatusOr<std::vector<int64_t>> Ids(absl::StatusOr<std::vector<std::tuple<int64_t>>> rows) {
  RETURN_IF_ERROR(rows.status());
  std::vector<int64_t> ids;
  for (const auto& [id] : *rows) ids.push_back(id);
  return ids;
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ListIdle(Transaction& tx, absl::Time seen_before,
                                              int64_t after, int64_t limit) {
  return Ids(tx.Query<int64_t>(
      "SELECT user_id FROM feed_people WHERE status = 'ACTIVE' AND last_seen_at < $1"
      " AND user_id > $2 ORDER BY user_id LIMIT $3",
      seen_before, after, limit));
}

absl::StatusOr<std::vector<int64_t>> ListAwaitingTraining(Transaction& tx, int64_t after,
                                                          int64_t limit) {
  return Ids(
      tx.Query<int64_t>("SELECT user_id FROM feed_people WHERE awaits_training AND user_id > $1"
                        " ORDER BY user_id LIMIT $2",
                        after, limit));
}

absl::StatusOr<std::optional<int64_t>> CountForTraining(Transaction& tx, int64_t user_id,
                                                        absl::Time since, int64_t channels,
                                                        int64_t limit) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "SELECT (SELECT count(*) FROM (SELECT DISTINCT p.story_id FROM feed_posts p"
          " JOIN feed_channels c"
          " ON c.id = p.channel_id AND c.may_show WHERE p.deleted_at IS NULL AND p.posted_at > $2"
          " AND p.channel_id = ANY (ARRAY (SELECT u.channel_id FROM feed_user_channels u"
          " WHERE u.user_id = $1 AND u.is_for_training AND NOT u.is_muted"
          " ORDER BY u.channel_id LIMIT $4))"
          " AND NOT EXISTS (SELECT FROM feed_interactions i WHERE i.user_id = $1 AND NOT i.undone"
          " AND i.type IN (1, 2, 3, 5) AND i.story_id = p.story_id) LIMIT $3) n)"
          " FROM feed_people WHERE user_id = $1 AND awaits_training",
          user_id, since, limit, channels));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

absl::StatusOr<std::vector<int64_t>> ListToNudge(Transaction& tx, absl::Time seen_before,
                                                 absl::Time nudged_before, int64_t after,
                                                 int64_t limit) {
  return Ids(tx.Query<int64_t>(
      "SELECT user_id FROM feed_people p WHERE status IN ('ACTIVE', 'CHURNED') AND NOT nudges_off"
      " AND last_seen_at <= $1 AND user_id > $3 AND NOT EXISTS (SELECT FROM feed_nudges n"
      " WHERE n.user_id = p.user_id AND n.made_at > $2) ORDER BY user_id LIMIT $4",
      seen_before, nudged_before, after, limit));
}

absl::StatusOr<std::vector<DigestReader>> ListDigestReaders(Transaction& tx, int64_t after,
                                                            int64_t limit) {
  return tx.Query<DigestReader>(
      "SELECT user_id, digest_hour, time_zone, digest_made_on FROM feed_people"
      " WHERE digest_hour > 0 AND user_id > $1 ORDER BY user_id LIMIT $2",
      after, limit);
}

absl::StatusOr<std::vector<absl::Time>> ListNudges(Transaction& tx, int64_t user_id,
                                                   absl::Time since) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<absl::Time>("SELECT made_at FROM feed_nudges WHERE user_id = $1"
                                        " AND made_at > $2 ORDER BY made_at DESC LIMIT 100",
                                        user_id, since));
  std::vector<absl::Time> times;
  for (const auto& [at] : rows) times.push_back(at);
  return times;
}

absl::StatusOr<int64_t> AddNudge(Transaction& tx, int64_t user_id, int64_t post_id,
                                 absl::Time now) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("INSERT INTO feed_nudges (user_id, post_id, made_at)"
                                        " VALUES ($1, $2, $3) RETURNING id",
                                        user_id, post_id, now));
  return std::get<0>(*row);
}

absl::StatusOr<int64_t> ForgetOld(Transaction& tx, absl::Time before) {
  int64_t forgotten = 0;
  for (const std::string_view sql : {"DELETE FROM feed_user_log WHERE created_at < $1",
                                     "DELETE FROM feed_nudges WHERE made_at < $1",
                                     "DELETE FROM feed_shown WHERE shown_at < $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, before));
    forgotten += rows;
  }
  return forgotten;
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  // Whoever reacts at this moment waits, and finds nobody.
  tx.Queue("SELECT FROM feed_people WHERE user_id = $1 FOR UPDATE", user_id);
  tx.Queue(
      "UPDATE feed_counts c SET likes = c.likes - i.likes, dislikes = c.dislikes - i.dislikes,"
      " skips = c.skips - i.skips, views = c.views - i.views, saves = c.saves - i.saves,"
      " likers = c.likers # coalesce(i.likers, 0)"
      " FROM (SELECT post_id, count(*) FILTER (WHERE type = 1) AS likes,"
      " count(*) FILTER (WHERE type = 2) AS dislikes, count(*) FILTER (WHERE type = 3) AS skips,"
      " count(*) FILTER (WHERE type = 4) AS views, count(*) FILTER (WHERE type = 5) AS saves,"
      " bit_xor(feed_like_hash(id)) FILTER (WHERE type IN (1, 5)) AS likers FROM feed_interactions "
      "WHERE user_id = $1 AND NOT undone GROUP BY post_id) i"
      " WHERE c.post_id = i.post_id",
      user_id);
  tx.Queue(
      "DELETE FROM feed_counts c USING feed_interactions i WHERE i.user_id = $1"
      " AND c.post_id = i.post_id AND likes = 0 AND dislikes = 0 AND skips = 0 AND views = 0"
      " AND saves = 0",
      user_id);
  // A channel that only this person named, and of which nothing is known.
  tx.Queue(
      "DELETE FROM feed_channels c USING feed_user_channels u WHERE u.user_id = $1"
      " AND u.channel_id = c.id AND c.telegram_id IS NULL AND c.reader_id IS NULL"
      " AND NOT c.is_default"
      " AND NOT EXISTS (SELECT FROM feed_posts p WHERE p.channel_id = c.id)"
      " AND NOT EXISTS (SELECT FROM feed_user_channels o WHERE o.channel_id = c.id"
      " AND o.user_id <> $1)",
      user_id);
  int64_t deleted = 0;
  for (const std::string_view sql :
       {"DELETE FROM feed_interactions WHERE user_id = $1",
        "DELETE FROM feed_models WHERE user_id = $1", "DELETE FROM feed_shown WHERE user_id = $1",
        "DELETE FROM feed_nudges WHERE user_id = $1",
        "DELETE FROM feed_proposals WHERE user_id = $1",
        "DELETE FROM feed_user_channels WHERE user_id = $1",
        "DELETE FROM feed_user_log WHERE user_id = $1",
        "DELETE FROM feed_people WHERE user_id = $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, user_id));
    deleted += rows;
  }
  return deleted;
}

}  // namespace selfology::feed::store

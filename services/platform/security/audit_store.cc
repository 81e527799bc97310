#include "services/platform/security/audit_store.h"

#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/security.pb.h"

namespace selfology::security::store {
namespace {

using postgres::Bytes;
using postgres::BytesView;
using postgres::Transaction;

constexpr postgres::AdvisoryLock kLockChain("security.audit");
// Of a person: held while it is told that they were in two places.
constexpr postgres::AdvisoryLock kLockTraveller("security.traveller");
constexpr size_t kKeyBytes = 32;

struct RecordRow {
  int64_t sequence = 0;
  absl::Time recorded_at;
  std::string actor;
  std::string action;
  std::string subject;
  std::string outcome;
  std::string method;
  Bytes hash;
};

std::vector<ChainRecord> ToRecords(std::vector<RecordRow> rows) {
  std::vector<ChainRecord> records;
  for (RecordRow& row : rows) {
    records.push_back({.sequence = row.sequence,
                       .recorded_at = row.recorded_at,
                       .actor = std::move(row.actor),
                       .action = std::move(row.action),
                       .subject = std::move(row.subject),
                       .outcome = std::move(row.outcome),
                       .method = std::move(row.method),
                       .hash = std::move(row.hash.value)});
  }
  return records;
}

struct AttemptRow {
  std::string account_hash;
  std::string address_hash;
  bool succeeded = false;
  absl::Time at;
};

std::vector<Attempt> ToAttempts(std::vector<AttemptRow> rows) {
  std::vector<Attempt> attempts;
  for (AttemptRow& row : rows) {
    attempts.push_back(
        {std::move(row.account_hash), std::move(row.address_hash), row.succeeded, row.at});
  }
  return attempts;
}

}  // namespace

absl::StatusOr<int64_t> AppendAudit(Transaction& tx, const AuditFact& fact) {
  std::vector<int64_t> people;
  for (const int64_t id : {fact.actor_id, fact.subject_id}) {
    if (id == 0 || (!people.empty() && people[0] == id)) continue;
    people.push_back(id);
    tx.Queue(
        "INSERT INTO security_pseudonym_keys (user_id, key) VALUES ($1, $2)"
        " ON CONFLICT DO NOTHING",
        id, BytesView{crypto::RandomBytes(kKeyBytes)});
  }
  auto keys = tx.Ask<int64_t, Bytes>(
      "SELECT user_id, key FROM security_pseudonym_keys WHERE user_id = ANY($1)", people);
  kLockChain(tx, 0);
  // After 90 quiet days only the checkpoint of the last record is left.
  auto last = tx.Ask<int64_t, Bytes>(
      "SELECT sequence, hash FROM security_audit ORDER BY sequence DESC LIMIT 1");
  auto checkpoint = tx.Ask<int64_t, std::string>(
      "SELECT sequence, signature FROM security_audit_checkpoints ORDER BY sequence DESC LIMIT 1");
  std::map<int64_t, std::string> pseudonyms = {{0, ""}};
  ASSIGN_OR_RETURN(const auto key_rows, keys.All());
  for (const auto& [id, key] : key_rows) pseudonyms[id] = Pseudonym(key.value, id);
  ASSIGN_OR_RETURN(const auto before, last.One());
  ASSIGN_OR_RETURN(const auto signed_before, checkpoint.One());
  ChainRecord record = {.sequence = 1,
                        .recorded_at = timestamps::WholeMicroseconds(fact.at),
                        .actor = pseudonyms[fact.actor_id],
                        .action = fact.action,
                        .subject = pseudonyms[fact.subject_id],
                        .outcome = fact.outcome,
                        .method = fact.method};
  if (fact.actor_id == 0 && !fact.service.empty()) {
    record.actor = absl::StrCat("service:", fact.service);
  }
  std::string previous = FirstHash();
  if (before.has_value()) {
    record.sequence = std::get<0>(*before) + 1;
    previous = std::get<1>(*before).value;
  } else if (signed_before.has_value()) {
    ASSIGN_OR_RETURN(const Checkpoint known, CheckpointIn(std::get<1>(*signed_before)));
    record.sequence = known.sequence + 1;
    previous = known.hash;
  }
  record.hash = HashOf(record, previous);
  tx.Queue(
      "INSERT INTO security_audit (sequence, recorded_at, actor, action, subject, outcome,"
      " method, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      record.sequence, record.recorded_at, record.actor, record.action, record.subject,
      record.outcome, record.method, BytesView{record.hash});
  return record.sequence;
}

absl::StatusOr<std::optional<int64_t>> RecallFact(Transaction& tx, const std::string& service,
                                                  const std::string& key) {
  // Two at once are told apart by the lock that appending takes anyway.
  kLockChain(tx, 0);
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT sequence FROM security_audit_requests"
                                        " WHERE service = $1 AND key = $2",
                                        service, key));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

void RememberFact(Transaction& tx, const std::string& service, const std::string& key,
                  int64_t sequence, absl::Time now) {
  tx.Queue(
      "INSERT INTO security_audit_requests (service, key, sequence, recorded_at)"
      " VALUES ($1, $2, $3, $4)",
      service, key, sequence, now);
}

absl::StatusOr<std::optional<std::string>> FindPseudonym(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<Bytes>("SELECT key FROM security_pseudonym_keys WHERE user_id = $1", user_id));
  if (!row.has_value()) return std::nullopt;
  return Pseudonym(std::get<0>(*row).value, user_id);
}

absl::StatusOr<std::vector<ChainRecord>> ListAudit(Transaction& tx, const AuditFilter& filter) {
  ASSIGN_OR_RETURN(
      std::vector<RecordRow> rows,
      tx.Query<RecordRow>(
          "SELECT sequence, recorded_at, actor, action, subject, outcome, method, hash"
          " FROM security_audit WHERE ($1 = '' OR actor = $1 OR subject = $1)"
          " AND ($2 = '' OR action = $2) AND sequence < $3 ORDER BY sequence DESC LIMIT $4",
          filter.pseudonym, filter.action, filter.before, filter.limit));
  return ToRecords(std::move(rows));
}

absl::StatusOr<std::vector<ChainRecord>> ReadChain(Transaction& tx, int64_t from, int64_t limit) {
  ASSIGN_OR_RETURN(std::vector<RecordRow> rows,
                   tx.Query<RecordRow>(
                       "SELECT sequence, recorded_at, actor, action, subject, outcome, method, hash"
                       " FROM security_audit WHERE sequence >= $1 ORDER BY sequence LIMIT $2",
                       from, limit));
  return ToRecords(std::move(rows));
}

absl::StatusOr<std::vector<CheckpointRow>> ReadCheckpoints(Transaction& tx) {
  return tx.Query<CheckpointRow>(
      "SELECT sequence, made_at, signature FROM security_audit_checkpoints ORDER BY sequence");
}

absl::StatusOr<std::optional<ChainRecord>> RecordToSign(Transaction& tx) {
  ASSIGN_OR_RETURN(std::vector<RecordRow> rows,
                   tx.Query<RecordRow>(
                       "SELECT sequence, recorded_at, actor, action, subject, outcome, method, hash"
                       " FROM security_audit WHERE sequence > coalesce((SELECT max(sequence)"
                       " FROM security_audit_checkpoints), 0) ORDER BY sequence DESC LIMIT 1"));
  if (rows.empty()) return std::nullopt;
  return std::move(ToRecords(std::move(rows)).front());
}

void InsertCheckpoint(Transaction& tx, const CheckpointRow& checkpoint) {
  tx.Queue(
      "INSERT INTO security_audit_checkpoints (sequence, made_at, signature)"
      " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      checkpoint.sequence, checkpoint.made_at, checkpoint.signature);
}

void ForgetAuditBefore(Transaction& tx, absl::Time time) {
  tx.Queue(
      "DELETE FROM security_audit WHERE sequence <= (SELECT max(sequence)"
      " FROM security_audit_checkpoints WHERE made_at < $1)",
      time);
  tx.Queue(
      "DELETE FROM security_audit_checkpoints WHERE sequence < (SELECT max(sequence)"
      " FROM security_audit_checkpoints WHERE made_at < $1)",
      time);
  tx.Queue("DELETE FROM security_audit_requests WHERE recorded_at < $1", time);
  tx.Queue("DELETE FROM security_threats WHERE detected_at < $1", time);
}

void InsertAttempt(Transaction& tx, const LoginAttempt& attempt) {
  tx.Queue(
      "INSERT INTO security_login_attempts (user_id, account_hash, address_hash, country,"
      " succeeded, attempted_at) VALUES ($1, $2, $3, $4, $5, $6)",
      attempt.user_id, attempt.attempt.account_hash, attempt.attempt.address_hash, attempt.country,
      attempt.attempt.succeeded, attempt.attempt.at);
}

absl::StatusOr<std::vector<Attempt>> AttemptsOfAccount(Transaction& tx,
                                                       const std::string& account_hash,
                                                       absl::Time since) {
  ASSIGN_OR_RETURN(std::vector<AttemptRow> rows,
                   tx.Query<AttemptRow>("SELECT account_hash, address_hash, succeeded, attempted_at"
                                        " FROM security_login_attempts WHERE account_hash = $1"
                                        " AND attempted_at > $2"
                                        " ORDER BY attempted_at DESC LIMIT 1000",
                                        account_hash, since));
  return ToAttempts(std::move(rows));
}

absl::StatusOr<std::vector<Attempt>> AttemptsOfAddress(Transaction& tx,
                                                       const std::string& address_hash,
                                                       absl::Time since) {
  ASSIGN_OR_RETURN(
      std::vector<AttemptRow> rows,
      tx.Query<AttemptRow>(
          "SELECT account_hash, address_hash, succeeded, attempted_at"
          " FROM security_login_attempts WHERE address_hash = $1 AND address_hash <> ''"
          " AND attempted_at > $2"
          " ORDER BY attempted_at DESC LIMIT 1000",
          address_hash, since));
  return ToAttempts(std::move(rows));
}

absl::StatusOr<std::optional<SignIn>> LastAttemptWithCountry(Transaction& tx, int64_t user_id,
                                                             absl::Time before) {
  ASSIGN_OR_RETURN(const auto row,
                   (tx.QueryOne<std::string, absl::Time>(
                       "SELECT country, attempted_at FROM security_login_attempts"
                       " WHERE user_id = $1 AND succeeded AND country <> '' AND attempted_at < $2"
                       " ORDER BY attempted_at DESC LIMIT 1",
                       user_id, before)));
  if (!row.has_value()) return std::nullopt;
  return SignIn{.place = {.country = std::get<0>(*row)}, .at = std::get<1>(*row)};
}

void InsertRefusedCalls(Transaction& tx, int64_t user_id, const std::string& source_hash,
                        int64_t calls, absl::Time at) {
  tx.Queue(
      "INSERT INTO security_refused_calls (user_id, source_hash, calls, refused_at)"
      " VALUES ($1, $2, $3, $4)",
      user_id, source_hash, calls, at);
}

absl::StatusOr<int64_t> CountRefusedCalls(Transaction& tx, const std::string& source_hash,
                                          absl::Time since) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT coalesce(sum(calls), 0)::bigint FROM security_refused_calls"
                           " WHERE source_hash = $1 AND refused_at > $2",
                           source_hash, since));
  return row.has_value() ? std::get<0>(*row) : 0;
}

void ForgetAttemptsBefore(Transaction& tx, absl::Time time) {
  tx.Queue("DELETE FROM security_login_attempts WHERE attempted_at < $1", time);
  tx.Queue("DELETE FROM security_refused_calls WHERE refused_at < $1", time);
}

absl::Status TellThreat(Transaction& tx, const ThreatFact& threat, absl::Duration quiet) {
  const std::string kind = enums::Word(threat.kind);
  // A journey is seen twice: when the session opens, and when the attempt is told of.
  const bool of_person = threat.kind == v1::THREAT_KIND_IMPOSSIBLE_TRAVEL;
  if (of_person) kLockTraveller(tx, threat.user_id);
  ASSIGN_OR_RETURN(const int64_t inserted,
                   tx.Execute("INSERT INTO security_threats"
                              " (kind, user_id, source_hash, observed, detected_at)"
                              " SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS"
                              " (SELECT FROM security_threats WHERE kind = $1"
                              "  AND (source_hash = $3 OR ($8 AND user_id = $2))"
                              "  AND detected_at > $6 AND detected_at < $7)",
                              kind, threat.user_id, threat.source_hash, threat.observed, threat.at,
                              threat.at - quiet, threat.at + quiet, of_person));
  if (inserted == 0) return absl::OkStatus();
  events::v1::ThreatDetected event;
  event.set_user_id(threat.user_id);
  event.set_kind(threat.kind);
  event.set_source_hash(threat.source_hash);
  event.set_observed(threat.observed);
  RETURN_IF_ERROR(events::Publish(tx, event));
  return AppendAudit(tx, {.service = "security",
                          .action = "threat.detected",
                          .subject_id = threat.user_id,
                          .outcome = enums::LowerWord(threat.kind),
                          .at = threat.at})
      .status();
}

absl::StatusOr<std::vector<v1::Threat>> ListThreats(Transaction& tx, v1::ThreatKind kind,
                                                    int64_t before_id, int64_t limit) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<int64_t, std::string, int64_t, std::string, int64_t, absl::Time>(
          "SELECT id, kind, user_id, source_hash, observed, detected_at FROM security_threats"
          " WHERE ($1 = '' OR kind = $1) AND id < $2 ORDER BY id DESC LIMIT $3",
          enums::Word(kind), before_id, limit)));
  std::vector<v1::Threat> threats;
  for (const auto& [id, word, user_id, source_hash, observed, detected_at] : rows) {
    v1::Threat& threat = threats.emplace_back();
    threat.set_threat_id(id);
    threat.set_kind(enums::FromWord<v1::ThreatKind>(word));
    threat.set_user_id(user_id);
    threat.set_source_hash(source_hash);
    threat.set_observed(observed);
    *threat.mutable_detected_at() = timestamps::ToProto(detected_at);
  }
  return threats;
}

}  // namespace selfology::security::store

// All SQL about the audit and threats; see migrations/. Functions that return nothing are queued.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/security/v1/audit_service.pb.h"
#include "services/platform/security/audit_chain.h"
#include "services/platform/security/threats.h"

namespace selfology::security::store {

// A fact, by ids; the record has pseudonyms.
struct AuditFact {
  int64_t actor_id = 0;      // 0: nobody known.
  std::string service = {};  // Without actor_id: the service that did it.
  std::string action = {};
  int64_t subject_id = 0;  // 0: nobody.
  std::string outcome = "ok";
  std::string method = {};
  absl::Time at;
};
// Appends a record in this transaction, of which it is best the last work: other appenders wait for
// its end. Gives the record's sequence.
absl::StatusOr<int64_t> AppendAudit(postgres::Transaction& tx, const AuditFact& fact);

// The sequence that a fact of this key got before; nullopt: it is new.
absl::StatusOr<std::optional<int64_t>> RecallFact(postgres::Transaction& tx,
                                                  const std::string& service,
                                                  const std::string& key);
void RememberFact(postgres::Transaction& tx, const std::string& service, const std::string& key,
                  int64_t sequence, absl::Time now);

// Without pseudonym if nothing is known of them.
absl::StatusOr<std::optional<std::string>> FindPseudonym(postgres::Transaction& tx,
                                                         int64_t user_id);

struct AuditFilter {
  std::string pseudonym = {};  // Empty: everybody.
  std::string action = {};     // Empty: all.
  int64_t before = 0;
  int64_t limit = 0;
};
// The newest first.
absl::StatusOr<std::vector<ChainRecord>> ListAudit(postgres::Transaction& tx,
                                                   const AuditFilter& filter);
// In their order, from this sequence on.
absl::StatusOr<std::vector<ChainRecord>> ReadChain(postgres::Transaction& tx, int64_t from,
                                                   int64_t limit);

struct CheckpointRow {
  int64_t sequence = 0;
  absl::Time made_at;
  std::string signature = {};
};
// In their order.
absl::StatusOr<std::vector<CheckpointRow>> ReadCheckpoints(postgres::Transaction& tx);
// The newest record, unless a checkpoint has it already.
absl::StatusOr<std::optional<ChainRecord>> RecordToSign(postgres::Transaction& tx);
void InsertCheckpoint(postgres::Transaction& tx, const CheckpointRow& checkpoint);
// Removes records up to the newest checkpoint of before this time, and the checkpoints before that.
void ForgetAuditBefore(postgres::Transaction& tx, absl::Time time);

// Held while attempts from one address are counted.
inline constexpr postgres::AdvisoryLock LockSource("security.source");

struct LoginAttempt {
  int64_t user_id = 0;
  std::string country = {};
  Attempt attempt = {};
};
void InsertAttempt(postgres::Transaction& tx, const LoginAttempt& attempt);
absl::StatusOr<std::vector<Attempt>> AttemptsOfAccount(postgres::Transaction& tx,
                                                       const std::string& account_hash,
                                                       absl::Time since);
absl::StatusOr<std::vector<Attempt>> AttemptsOfAddress(postgres::Transaction& tx,
                                                       const std::string& address_hash,
                                                       absl::Time since);
// The person's last sign-in before this time whose country is known.
absl::StatusOr<std::optional<SignIn>> LastAttemptWithCountry(postgres::Transaction& tx,
                                                             int64_t user_id, absl::Time before);
void InsertRefusedCalls(postgres::Transaction& tx, int64_t user_id, const std::string& source_hash,
                        int64_t calls, absl::Time at);
absl::StatusOr<int64_t> CountRefusedCalls(postgres::Transaction& tx, const std::string& source_hash,
                                          absl::Time since);
void ForgetAttemptsBefore(postgres::Transaction& tx, absl::Time time);

struct ThreatFact {
  v1::ThreatKind kind = v1::THREAT_KIND_UNSPECIFIED;
  int64_t user_id = 0;
  std::string source_hash = {};
  int64_t observed = 0;
  absl::Time at;
};
// Keeps it, audits it and publishes threat.detected, unless the same was told of less than `quiet`
// away.
absl::Status TellThreat(postgres::Transaction& tx, const ThreatFact& threat, absl::Duration quiet);
absl::StatusOr<std::vector<v1::Threat>> ListThreats(postgres::Transaction& tx, v1::ThreatKind kind,
                                                    int64_t before_id, int64_t limit);

}  // namespace selfology::security::store

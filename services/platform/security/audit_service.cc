#include "services/platform/security/audit_service.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/identity/jws.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/security/audit_chain.h"
#include "services/platform/security/audit_store.h"

namespace selfology::security {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kAuditPage = {.default_size = 100, .max_size = 500};
constexpr paging::Limits kThreatPage = {.default_size = 50, .max_size = 200};
constexpr int64_t kChainPage = 5000;
constexpr std::string_view kCheckpointType = "audit-checkpoint";

bool IsWords(std::string_view text, size_t max, std::string_view more) {
  return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_islower(c) || c == '_' || more.find(c) != std::string_view::npos;
  });
}

FieldViolations Check(const v1::RecordAuditRequest& request) {
  FieldViolations bad;
  if (request.actor_id() < 0) bad.Add("actor_id", "must not be below 0");
  if (request.subject_id() < 0) bad.Add("subject_id", "must not be below 0");
  if (!IsWords(absl::AsciiStrToLower(request.service()), 64, "-0123456789")) {
    bad.Add("service", "must be 1 to 64 letters, digits, - and _");
  }
  if (!IsWords(request.action(), 64, ".")) {
    bad.Add("action", "must be words of a-z and _ joined by dots, at most 64 characters");
  }
  if (!IsWords(request.outcome(), 32, "")) {
    bad.Add("outcome", "must be a word of a-z and _, at most 32 characters");
  }
  if (request.method().size() > 100 ||
      !std::all_of(request.method().begin(), request.method().end(), absl::ascii_isprint)) {
    bad.Add("method", "must be at most 100 printable ASCII characters");
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  return bad;
}

v1::AuditRecord ToProto(const ChainRecord& record) {
  v1::AuditRecord proto;
  proto.set_sequence(record.sequence);
  *proto.mutable_recorded_at() = timestamps::ToProto(record.recorded_at);
  proto.set_actor(record.actor);
  proto.set_action(record.action);
  proto.set_subject(record.subject);
  proto.set_outcome(record.outcome);
  proto.set_method(record.method);
  proto.set_hash(absl::BytesToHexString(record.hash));
  return proto;
}

v1::VerifyAuditChainResponse Broken(v1::VerifyAuditChainResponse so_far, int64_t sequence,
                                    std::string_view fault) {
  so_far.set_intact(false);
  so_far.set_broken_at(sequence);
  so_far.set_fault(std::string(fault));
  return so_far;
}

// The checkpoints by sequence; DATA_LOSS for one that is not signed by us, or not for its row.
absl::StatusOr<std::map<int64_t, Checkpoint>> ReadSigned(
    const std::vector<store::CheckpointRow>& rows, const identity::KeySet& keys) {
  std::map<int64_t, Checkpoint> checkpoints;
  for (const store::CheckpointRow& row : rows) {
    const absl::StatusOr<std::string> payload = identity::CheckSignature(row.signature, keys);
    if (!payload.ok()) {
      return absl::DataLossError(
          absl::StrCat("the checkpoint at ", row.sequence, " is not signed"));
    }
    ASSIGN_OR_RETURN(const Checkpoint checkpoint, FromPayload(*payload));
    if (checkpoint.sequence != row.sequence) {
      return absl::DataLossError(absl::StrCat("the checkpoint at ", row.sequence, " is another's"));
    }
    checkpoints[row.sequence] = checkpoint;
  }
  return checkpoints;
}

// Up to a checkpoint of before `kept_from`, records may be gone.
absl::StatusOr<v1::VerifyAuditChainResponse> Verify(Transaction& tx, const identity::KeySet& keys,
                                                    absl::Time kept_from) {
  v1::VerifyAuditChainResponse response;
  ASSIGN_OR_RETURN(const auto rows, store::ReadCheckpoints(tx));
  const auto checkpoints = ReadSigned(rows, keys);
  if (!checkpoints.ok()) return Broken(response, 0, checkpoints.status().message());
  response.set_checkpoint_count(static_cast<int64_t>(checkpoints->size()));
  ASSIGN_OR_RETURN(std::vector<ChainRecord> records, store::ReadChain(tx, 0, kChainPage));
  ChainCheck check(0, FirstHash());
  if (!records.empty() && records.front().sequence > 1) {
    const auto before = checkpoints->find(records.front().sequence - 1);
    if (before == checkpoints->end() || before->second.made_at > kept_from) {
      return Broken(response, records.front().sequence, "what came before it is gone too early");
    }
    check = ChainCheck(before->first, before->second.hash);
  }
  while (!records.empty()) {
    for (const ChainRecord& record : records) {
      if (const absl::Status next = check.Next(record); !next.ok()) {
        return Broken(response, record.sequence, next.message());
      }
      const auto point = checkpoints->find(record.sequence);
      if (point != checkpoints->end() && point->second.hash != record.hash) {
        return Broken(response, record.sequence, "it differs from the checkpoint");
      }
      response.set_record_count(response.record_count() + 1);
    }
    ASSIGN_OR_RETURN(records, store::ReadChain(tx, check.sequence() + 1, kChainPage));
  }
  // The end cannot be cut off below what is signed.
  if (!checkpoints->empty()) {
    const auto& [sequence, newest] = *checkpoints->rbegin();
    const bool all_are_old = response.record_count() == 0 && newest.made_at <= kept_from;
    if (sequence > check.sequence() && !all_are_old) {
      return Broken(response, check.sequence() + 1, "records up to a checkpoint are missing");
    }
  }
  response.set_intact(true);
  return response;
}

}  // namespace

AuditService::AuditService(postgres::Database& database, Clock clock, KeyRing& keys,
                           const SecuritySettings& settings, const Places* places)
    : database_(database),
      clock_(std::move(clock)),
      keys_(keys),
      settings_(settings),
      places_(places) {}

absl::StatusOr<v1::RecordAuditResponse> AuditService::RecordAudit(
    const Call& call, const v1::RecordAuditRequest& request) {
  RETURN_IF_ERROR(Check(request).ToStatus());
  const absl::Time now = clock_();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RecordAuditResponse> {
    v1::RecordAuditResponse response;
    ASSIGN_OR_RETURN(const std::optional<int64_t> known,
                     store::RecallFact(tx, request.service(), request.idempotency_key()));
    if (known.has_value()) {
      response.set_sequence(*known);
      return response;
    }
    ASSIGN_OR_RETURN(const int64_t sequence,
                     store::AppendAudit(tx, {.actor_id = request.actor_id(),
                                             .service = request.service(),
                                             .action = request.action(),
                                             .subject_id = request.subject_id(),
                                             .outcome = request.outcome(),
                                             .method = request.method(),
                                             .at = now}));
    store::RememberFact(tx, request.service(), request.idempotency_key(), sequence, now);
    response.set_sequence(sequence);
    return response;
  });
}

absl::StatusOr<v1::ListAuditRecordsResponse> AuditService::ListAuditRecords(
    const Call& call, const v1::ListAuditRecordsRequest& request) {
  if (request.person_id() < 0) return status::InvalidField("person_id", "must not be below 0");
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kAuditPage));
  store::AuditFilter filter = {.action = request.action(), .limit = page.limit()};
  ASSIGN_OR_RETURN(filter.before, page.AfterId(std::numeric_limits<int64_t>::max()));
  const auto list = [&](Transaction& tx) -> absl::StatusOr<std::vector<ChainRecord>> {
    if (request.person_id() != 0) {
      ASSIGN_OR_RETURN(const std::optional<std::string> pseudonym,
                       store::FindPseudonym(tx, request.person_id()));
      if (!pseudonym.has_value()) return std::vector<ChainRecord>();
      filter.pseudonym = *pseudonym;
    }
    return store::ListAudit(tx, filter);
  };
  ASSIGN_OR_RETURN(std::vector<ChainRecord> records, database_.Read(call, list, {.newest = true}));
  v1::ListAuditRecordsResponse response;
  response.set_next_page_token(page.Cut(records, &ChainRecord::sequence));
  for (const ChainRecord& record : records) *response.add_records() = ToProto(record);
  return response;
}

absl::StatusOr<v1::VerifyAuditChainResponse> AuditService::VerifyAuditChain(
    const Call& call, const v1::VerifyAuditChainRequest& /*request*/) {
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const absl::Time kept_from = clock_() - settings_.audit_retention_days * absl::Hours(24);
  // One snapshot: retention may take records away meanwhile.
  return database_.Read(call, [&](Transaction& tx) { return Verify(tx, keys->all, kept_from); },
                        {.isolation = postgres::Isolation::kRepeatableRead, .newest = true});
}

absl::StatusOr<v1::LocateAddressResponse> AuditService::LocateAddress(
    const Call&, const v1::LocateAddressRequest& request) {
  if (request.network_address().empty()) {
    return status::InvalidField("network_address", "must be set");
  }
  v1::LocateAddressResponse response;
  if (places_ != nullptr) response.set_country(places_->Find(request.network_address()).country);
  return response;
}

absl::StatusOr<v1::ListThreatsResponse> AuditService::ListThreats(
    const Call& call, const v1::ListThreatsRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kThreatPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Threat> threats, database_.Read(call,
                                                                   [&](Transaction& tx) {
                                                                     return store::ListThreats(
                                                                         tx, request.kind(), before,
                                                                         page.limit());
                                                                   },
                                                                   {.newest = true}));
  v1::ListThreatsResponse response;
  response.set_next_page_token(page.Cut(threats, &v1::Threat::threat_id));
  for (v1::Threat& threat : threats) *response.add_threats() = std::move(threat);
  return response;
}

absl::Status AuditService::SignAndForget(const Call& call) {
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<ChainRecord> newest, store::RecordToSign(tx));
    if (newest.has_value()) {
      ASSIGN_OR_RETURN(
          const std::string signature,
          keys->signing.Sign(kCheckpointType, ToPayload({newest->sequence, newest->hash, now})));
      store::InsertCheckpoint(tx, {newest->sequence, now, signature});
    }
    const absl::Time kept_from = now - settings_.audit_retention_days * absl::Hours(24);
    store::ForgetAuditBefore(tx, kept_from);
    store::ForgetAttemptsBefore(tx, now - absl::Hours(24 * 7));
    return absl::OkStatus();
  });
}

}  // namespace selfology::security

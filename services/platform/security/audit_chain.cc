#include "services/platform/security/audit_chain.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/crypto.h"
#include "common/identity/jws.h"

namespace selfology::security {
namespace {

// A field with its length, so that no two records have the same bytes.
void AppendField(std::string* out, std::string_view field) {
  absl::StrAppend(out, field.size(), ":", field, ";");
}

}  // namespace

std::string FirstHash() { return std::string(32, '\0'); }

std::string HashOf(const ChainRecord& record, std::string_view previous_hash) {
  std::string bytes(previous_hash);
  AppendField(&bytes, absl::StrCat(record.sequence));
  AppendField(&bytes, absl::StrCat(absl::ToUnixMicros(record.recorded_at)));
  for (const std::string* field :
       {&record.actor, &record.action, &record.subject, &record.outcome, &record.method}) {
    AppendField(&bytes, *field);
  }
  return crypto::Sha256(bytes);
}

ChainCheck::ChainCheck(int64_t sequence, std::string hash)
    : sequence_(sequence), hash_(std::move(hash)) {}

absl::Status ChainCheck::Next(const ChainRecord& record) {
  if (record.sequence != sequence_ + 1) {
    return absl::DataLossError(absl::StrCat("record ", sequence_ + 1, " is missing"));
  }
  if (HashOf(record, hash_) != record.hash) {
    return absl::DataLossError(absl::StrCat("record ", record.sequence, " was changed"));
  }
  sequence_ = record.sequence;
  hash_ = record.hash;
  return absl::OkStatus();
}

std::string ToPayload(const Checkpoint& checkpoint) {
  return nlohmann::json({{"sequence", checkpoint.sequence},
                         {"hash", crypto::ToBase64Url(checkpoint.hash)},
                         {"at", absl::ToUnixMicros(checkpoint.made_at)}})
      .dump();
}

absl::StatusOr<Checkpoint> FromPayload(std::string_view payload) {
  const nlohmann::json members = nlohmann::json::parse(payload, nullptr, false);
  if (!members.is_object() || !members.contains("sequence") ||
      !members["sequence"].is_number_integer() || !members.contains("hash") ||
      !members["hash"].is_string() || !members.contains("at") ||
      !members["at"].is_number_integer()) {
    return absl::DataLossError("no checkpoint");
  }
  const absl::StatusOr<std::string> hash =
      identity::FromBase64Url(members["hash"].get<std::string>());
  if (!hash.ok()) return absl::DataLossError("its hash is unreadable");
  return Checkpoint{.sequence = members["sequence"].get<int64_t>(),
                    .hash = *hash,
                    .made_at = absl::FromUnixMicros(members["at"].get<int64_t>())};
}

absl::StatusOr<Checkpoint> CheckpointIn(std::string_view signature) {
  const std::vector<std::string_view> parts = absl::StrSplit(signature, '.');
  if (parts.size() != 3) return absl::DataLossError("a checkpoint is no JWS");
  const absl::StatusOr<std::string> payload = identity::FromBase64Url(parts[1]);
  if (!payload.ok()) return absl::DataLossError("a checkpoint is unreadable");
  return FromPayload(*payload);
}

std::string Pseudonym(std::string_view person_key, int64_t user_id) {
  return crypto::ToBase64Url(
      crypto::HmacSha256(person_key, absl::StrCat("person:", user_id)).substr(0, 16));
}

}  // namespace selfology::security

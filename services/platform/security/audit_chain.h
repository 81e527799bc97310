// The audit's chain: each record's hash covers the record and the hash of the one before, so that
// none can be changed, left out or put in between without all later hashes being wrong.
//
//   record.hash = HashOf(record, previous_hash);
//   ChainCheck check(start_sequence, start_hash);
//   for (const ChainRecord& record : records) RETURN_IF_ERROR(check.Next(record));
//
// Threads: pure functions; a ChainCheck is used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::security {

struct ChainRecord {
  int64_t sequence = 0;
  absl::Time recorded_at;  // Whole microseconds.
  std::string actor = {};
  std::string action = {};
  std::string subject = {};
  std::string outcome = {};
  std::string method = {};
  std::string hash = {};  // 32 bytes.
};

// What the first record's hash builds on.
std::string FirstHash();

// SHA-256; `record.hash` plays no part.
std::string HashOf(const ChainRecord& record, std::string_view previous_hash);

class ChainCheck {
 public:
  // Of the record before the first that is checked.
  ChainCheck(int64_t sequence, std::string hash);

  // DATA_LOSS for a record that does not follow; says why.
  absl::Status Next(const ChainRecord& record);

  int64_t sequence() const { return sequence_; }

 private:
  int64_t sequence_;
  std::string hash_;
};

// What a checkpoint signs.
struct Checkpoint {
  int64_t sequence = 0;
  std::string hash = {};
  absl::Time made_at;
};
std::string ToPayload(const Checkpoint& checkpoint);
// DATA_LOSS for what is no such payload.
absl::StatusOr<Checkpoint> FromPayload(std::string_view payload);
// The same out of the JWS that signs it, unchecked: for going on from one's own.
absl::StatusOr<Checkpoint> CheckpointIn(std::string_view signature);

// Who a person is in the audit, for who has their key: 22 letters.
std::string Pseudonym(std::string_view person_key, int64_t user_id);

}  // namespace selfology::security

// All SQL of kinds of sources and of consents; see migrations/. Functions that return nothing are queued.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/channel_reader/v1/channel_reader.pb.h"

namespace selfology::channel_reader::store {

struct Kind {
  v1::UseScope scope = {};
  bool enabled = true;
  bool drifting = false;
};
absl::StatusOr<Kind> ReadKind(postgres::Transaction& tx, v1::SourceKind source);
void SaveKind(postgres::Transaction& tx, v1::SourceKind source, const Kind& kind);
// Whether it was the other way before.
absl::StatusOr<bool> SetDrifting(postgres::Transaction& tx, v1::SourceKind source, bool drifting);
struct KindCounts {
  int64_t readable = 0;
  int64_t unreadable = 0;
};
absl::StatusOr<KindCounts> CountChannels(postgres::Transaction& tx, v1::SourceKind source);
void AddConsent(postgres::Transaction& tx, const v1::Consent& consent, absl::Time now);
// Newest first; of a channel also those of its kind; 0: all.
absl::StatusOr<std::vector<v1::Consent>> ListConsents(postgres::Transaction& tx, int64_t channel_id,
                                                      int64_t before_id, int64_t limit);

}  // namespace selfology::channel_reader::store

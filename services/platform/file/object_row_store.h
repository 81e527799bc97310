// SQL of what lies in the store, what has to go from it, and proofs of erasures; see migrations/.
// Functions that return nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/file/v1/file.pb.h"
#include "services/platform/file/file_rules.h"

namespace selfology::file::store {

struct ObjectRow {
  std::string key = {};
  int64_t user_id = 0;
  int64_t content_id = 0;
  std::string variant = {};
  int64_t begins = 0;
  int64_t size = 0;
  postgres::Bytes sha256 = {};
  std::string media_type = {};
  int32_t width = 0;
  int32_t height = 0;
  absl::Time made_at = absl::InfinitePast();
  int32_t duration_ms = 0;
};

// Before it is written to the store.
void AddPending(postgres::Transaction& tx, const ObjectRow& object);
// After. False: it was given up meanwhile, its content is gone.
absl::StatusOr<bool> MarkStored(postgres::Transaction& tx, std::string_view key);

// In their order.
absl::StatusOr<std::vector<Piece>> ReadPieces(postgres::Transaction& tx, int64_t content_id,
                                              std::string_view variant);
// Its first piece, with the size of the whole.
absl::StatusOr<std::optional<ObjectRow>> FindVariant(postgres::Transaction& tx, int64_t content_id,
                                                     std::string_view variant);
// Of all of these contents, oldest first, likewise.
absl::StatusOr<std::vector<ObjectRow>> ListVariants(postgres::Transaction& tx,
                                                    const std::vector<int64_t>& contents);
v1::Variant ToVariant(const ObjectRow& row);

// What nobody refers to any more. Doom gives how many bytes of the quota become free.
absl::StatusOr<int64_t> DoomContent(postgres::Transaction& tx, int64_t content_id, absl::Time now);
void DoomObject(postgres::Transaction& tx, std::string_view key, absl::Time now);
// Pending ones since before `since`: whoever wrote them is gone. How many.
absl::StatusOr<int64_t> DoomPending(postgres::Transaction& tx, absl::Time since, absl::Time now);

// The pieces of one content become those of another, where they begin so much later.
void MovePieces(postgres::Transaction& tx, int64_t from, int64_t to, int64_t begin);

struct Doomed {
  std::string key = {};
  bool again = false;
};
absl::StatusOr<std::vector<Doomed>> ListDoomed(postgres::Transaction& tx, absl::Time now,
                                               int64_t limit);
// After it was deleted from the store.
void ForgetDoomed(postgres::Transaction& tx, std::string_view key);
void DeleteAgain(postgres::Transaction& tx, std::string_view key, absl::Time at);

// Those of the keys that no row knows.
absl::StatusOr<std::vector<std::string>> ListUnknown(postgres::Transaction& tx,
                                                     const std::vector<std::string>& keys);

// Everything about a person goes; what was in the store is doomed and named in a proof. The number
// of rows.
absl::StatusOr<int64_t> ErasePerson(postgres::Transaction& tx, int64_t user_id,
                                    std::string_view person, absl::Time now);

struct ErasureRow {
  int64_t id = 0;
  std::string person = {};
  absl::Time erased_at = absl::InfinitePast();
};
absl::StatusOr<std::vector<ErasureRow>> ListErasures(postgres::Transaction& tx, int64_t before,
                                                     int64_t limit);
struct ErasedObject {
  std::string key = {};
  postgres::Bytes sha256 = {};
};
absl::StatusOr<std::vector<ErasedObject>> ListErased(postgres::Transaction& tx, int64_t erasure_id);

}  // namespace selfology::file::store

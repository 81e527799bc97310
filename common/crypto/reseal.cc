#include "common/crypto/reseal.h"

#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::crypto {
namespace {

using postgres::Bytes;
using postgres::BytesView;
using postgres::Transaction;

// In one transaction.
constexpr int64_t kRows = 100;

struct Progress {
  std::string after = "(0,0)";  // The last row's place in the table.
  bool more = true;
  int64_t sealed = 0;
  int64_t left = 0;  // Do not open.
};

absl::Status ResealSome(Transaction& tx, const Sealer& sealer, const SealedColumn& column,
                        Progress& progress) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<std::string, Bytes, std::string>(
          // "ctid" alone would be the first column of the result, by which text is sorted.
          absl::StrCat("SELECT t.ctid::text, t.", column.column, ", (", column.purpose,
                       ")::text FROM ", column.table, " AS t WHERE t.ctid > $1::text::tid AND ",
                       "substring(t.", column.column, " FROM 1 FOR $2) <> $3",
                       " ORDER BY t.ctid LIMIT $4 FOR UPDATE SKIP LOCKED"),
          progress.after, static_cast<int32_t>(sealer.header().size()), BytesView{sealer.header()},
          kRows)));
  progress.more = static_cast<int64_t>(rows.size()) == kRows;
  for (const auto& [place, sealed, purpose] : rows) {
    progress.after = place;
    const bool plain = column.plain_bytes > 0 && sealed.value.size() == column.plain_bytes;
    const absl::StatusOr<std::string> text =
        plain ? sealed.value : sealer.Open(purpose, sealed.value);
    if (!text.ok()) {
      ++progress.left;
      continue;
    }
    tx.Queue(absl::StrCat("UPDATE ", column.table, " SET ", column.column,
                          " = $2 WHERE ctid = $1::text::tid"),
             place, BytesView{sealer.Seal(purpose, *text)});
    ++progress.sealed;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> Reseal(const Call& call, postgres::Database& database, SealKey& seal_key,
                               absl::Span<const SealedColumn> columns) {
  ASSIGN_OR_RETURN(const Sealer sealer, seal_key.Get(call));
  int64_t all = 0;
  for (const SealedColumn& column : columns) {
    Progress done;
    while (done.more) {
      // What a transaction that is tried again did before does not count.
      Progress next;
      RETURN_IF_ERROR(database.Write(call, [&](Transaction& tx) {
        next = done;
        return ResealSome(tx, sealer, column, next);
      }));
      done = std::move(next);
    }
    if (done.sealed > 0) {
      observe::Info("secrets sealed with the newest key",
                    {{"table", column.table}, {"rows", done.sealed}});
    }
    if (done.left > 0) {
      observe::Error("secrets do not open with any key",
                     {{"table", column.table}, {"rows", done.left}});
    }
    all += done.sealed;
  }
  return all;
}

}  // namespace selfology::crypto

#include "services/growth/gamification/progress/streak_store.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "services/growth/gamification/ledger/announce.h"
#include "services/growth/gamification/rules/fact_store.h"

namespace selfology::gamification::store {
namespace {

using postgres::Transaction;
using uuid::Uuid;

constexpr std::string_view kUse = "streak.freeze.";

struct FreezeRow {
  Uuid id;
  bool got = false;
  int64_t amount = 0;
  std::string code;
  absl::Time at;
  bool reversed = false;
};

// "streak.freeze.2026_03_01".
std::string CodeOf(absl::CivilDay day) {
  return absl::StrCat(kUse, absl::StrReplaceAll(DayText(day), {{"-", "_"}}));
}

absl::CivilDay DayOfCode(std::string_view code) {
  return DayFromText(absl::StrReplaceAll(absl::StripPrefix(code, kUse), {{"_", "-"}}));
}

}  // namespace

absl::StatusOr<StreakRead> ReadStreak(Transaction& tx, int64_t user_id, std::string_view time_zone,
                                      absl::Time now) {
  auto freezes = tx.Ask<FreezeRow>(
      "SELECT t.id, t.credit_id = a.id, t.amount, t.code, t.at,"
      " EXISTS (SELECT 1 FROM gamification_transfers r WHERE r.target = t.id AND r.kind = 5)"
      " FROM gamification_accounts a JOIN gamification_transfers t"
      "  ON t.credit_id = a.id OR t.debit_id = a.id"
      " WHERE a.user_id = $1 AND a.currency = 'freezes' AND a.code = 'wallet'"
      "  AND t.kind IN (1, 3) ORDER BY t.at",
      user_id);
  ASSIGN_OR_RETURN(const std::set<absl::CivilDay> active, ActiveDays(tx, user_id));
  ASSIGN_OR_RETURN(const std::vector<FreezeRow> rows, freezes.All());
  StreakRead read;
  std::vector<absl::CivilDay> got;
  for (const FreezeRow& row : rows) {
    if (row.got && !row.reversed) {
      got.insert(got.end(), static_cast<size_t>(row.amount), DayOf(row.at, time_zone));
    } else if (!row.got && absl::StartsWith(row.code, kUse)) {
      const absl::CivilDay day = DayOfCode(row.code);
      ++read.attempts[day];
      if (!row.reversed) read.used[day] = row.id;
    }
  }
  read.streak = ComputeStreak(active, std::move(got), DayOf(now, time_zone));
  return read;
}

std::vector<Wanted> FreezesUsed(int64_t user_id, const StreakRead& read) {
  std::vector<Wanted> wanted;
  for (const auto& [day, transfer] : read.used) {
    if (read.streak.frozen.contains(day)) continue;
    Wanted& one = wanted.emplace_back();
    one.order = {.id = DerivedId(transfer, NamedId("reversal")),
                 .kind = v1::TRANSFER_KIND_REVERSAL,
                 .target = transfer};
    one.code = CodeOf(day);
  }
  for (const absl::CivilDay day : read.streak.frozen) {
    if (read.used.contains(day)) continue;
    const auto attempts = read.attempts.find(day);
    Wanted& one = wanted.emplace_back();
    one.order = {
        .id = NamedId(absl::StrCat("freeze:", user_id, ":", DayText(day), ":",
                                   attempts == read.attempts.end() ? 0 : attempts->second)),
        .amount = 1};
    one.debit = {.user_id = user_id, .currency = kFreezes};
    one.credit = {.currency = kFreezes, .code = "used"};
    one.code = CodeOf(day);
  }
  return wanted;
}

}  // namespace selfology::gamification::store

#include "services/coaching/safety_dialog/safety_dialog_store.h"

#include <iterator>
#include <utility>

#include "common/status/status_macros.h"

namespace selfology::safety_dialog::store {
namespace {

using postgres::Transaction;
using safety::Danger;
using safety::Level;

struct PersonRow {
  std::optional<std::string> danger;
  std::optional<std::string> level;
  std::optional<std::string> last_card;
  std::optional<std::string> language;
  std::optional<absl::Time> since;
  std::optional<absl::Time> last_at;
  std::optional<std::string> country;
};

Danger DangerNamed(std::string_view name) {
  for (const Danger danger : safety::kDangers) {
    if (safety::NameOf(danger) == name) return danger;
  }
  return Danger::kIndirect;
}

Level LevelNamed(std::string_view name) {
  return name == safety::NameOf(Level::kAsk) ? Level::kAsk : Level::kAct;
}

}  // namespace

absl::StatusOr<Person> ReadPerson(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      std::optional<PersonRow> row,
      tx.QueryOne<PersonRow>(
          "SELECT m.danger, m.level, m.last_card, m.language, m.since, m.last_at, c.country"
          " FROM (SELECT $1::bigint AS user_id) AS p"
          " LEFT JOIN safety_modes AS m USING (user_id)"
          " LEFT JOIN safety_countries AS c USING (user_id)",
          user_id));
  Person person;
  if (!row.has_value()) return person;
  person.country = std::move(row->country).value_or("");
  if (!row->since.has_value()) return person;
  person.language = std::move(row->language).value_or("");
  person.crisis = Crisis{.danger = DangerNamed(row->danger.value_or("")),
                         .level = LevelNamed(row->level.value_or("")),
                         .last_card = std::move(row->last_card).value_or(""),
                         .since = *row->since,
                         .last_at = row->last_at.value_or(*row->since)};
  return person;
}

void SaveCrisis(Transaction& tx, int64_t user_id, const Crisis& crisis, std::string_view language) {
  tx.Queue(
      "INSERT INTO safety_modes (user_id, danger, level, last_card, language, since, last_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)"
      " ON CONFLICT (user_id) DO UPDATE SET danger = EXCLUDED.danger, level = EXCLUDED.level,"
      " last_card = EXCLUDED.last_card, language = EXCLUDED.language, since = EXCLUDED.since,"
      " last_at = EXCLUDED.last_at",
      user_id, safety::NameOf(crisis.danger), safety::NameOf(crisis.level), crisis.last_card,
      language, crisis.since, crisis.last_at);
}

void DeleteCrisis(Transaction& tx, int64_t user_id) {
  tx.Queue("DELETE FROM safety_modes WHERE user_id = $1", user_id);
}

void SaveCountry(Transaction& tx, int64_t user_id, std::string_view country) {
  if (country.empty()) {
    tx.Queue("DELETE FROM safety_countries WHERE user_id = $1", user_id);
    return;
  }
  tx.Queue(
      "INSERT INTO safety_countries (user_id, country) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET country = EXCLUDED.country",
      user_id, country);
}

absl::StatusOr<int64_t> ForgetOld(Transaction& tx, absl::Time now) {
  return tx.Execute("DELETE FROM safety_modes WHERE last_at < $1", now - kMemory);
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t modes,
                   tx.Execute("DELETE FROM safety_modes WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t countries,
                   tx.Execute("DELETE FROM safety_countries WHERE user_id = $1", user_id));
  return modes + countries;
}

}  // namespace selfology::safety_dialog::store

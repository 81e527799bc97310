#include "services/growth/gamification/rules/fact_store.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/json/value.h"
#include "common/status/status_macros.h"

namespace selfology::gamification::store {
namespace {

using postgres::Transaction;
using uuid::Uuid;

struct FactRow {
  Uuid event_id;
  std::string type;
  absl::Time occurred_at;
  absl::CivilDay day;
  int32_t hour = 0;
  postgres::Json fields;
  bool revoked = false;
  int64_t user_id = 0;
};

absl::StatusOr<FactOf> ToFact(FactRow row) {
  FactOf fact = {.event_id = row.event_id,
                 .type = std::move(row.type),
                 .occurred_at = row.occurred_at,
                 .day = row.day,
                 .hour = row.hour,
                 .revoked = row.revoked};
  ASSIGN_OR_RETURN(const nlohmann::json fields, json::ParseValue(row.fields.value));
  for (const auto& [name, value] : fields.items()) {
    if (value.is_string()) fact.fields[name] = value.get<std::string>();
  }
  return fact;
}

absl::StatusOr<std::vector<FactOf>> ToFacts(std::vector<FactRow> rows) {
  std::vector<FactOf> facts;
  for (FactRow& row : rows) {
    ASSIGN_OR_RETURN(facts.emplace_back(), ToFact(std::move(row)));
  }
  return facts;
}

std::vector<int64_t> Ids(const std::vector<std::tuple<int64_t>>& rows) {
  std::vector<int64_t> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

// PostgreSQL's dates begin later than absl's.
absl::CivilDay Bounded(absl::CivilDay day) { return std::max(day, absl::CivilDay(1900, 1, 1)); }

}  // namespace

absl::StatusOr<Person> ReadPerson(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const std::optional<Person> person,
                   tx.QueryOne<Person>("SELECT time_zone, hidden FROM gamification_people"
                                       " WHERE user_id = $1",
                                       user_id));
  return person.value_or(Person());
}

void SaveTimeZone(Transaction& tx, int64_t user_id, std::string_view zone) {
  tx.Queue(
      "INSERT INTO gamification_people (user_id, time_zone) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET time_zone = EXCLUDED.time_zone",
      user_id, zone);
}

void SaveHidden(Transaction& tx, int64_t user_id, bool hidden) {
  tx.Queue(
      "INSERT INTO gamification_people (user_id, hidden) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET hidden = EXCLUDED.hidden",
      user_id, hidden);
}

absl::StatusOr<bool> SaveFact(Transaction& tx, int64_t user_id, const FactOf& fact, bool active) {
  const std::string fields = nlohmann::json(fact.fields).dump();
  ASSIGN_OR_RETURN(const int64_t saved,
                   tx.Execute("INSERT INTO gamification_facts (user_id, event_id, type,"
                              " occurred_at, day, hour, fields, active)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                              user_id, fact.event_id, fact.type, fact.occurred_at, fact.day,
                              fact.hour, postgres::JsonView{fields}, active));
  return saved > 0;
}

absl::StatusOr<std::vector<FactOf>> ReadFacts(Transaction& tx, int64_t user_id,
                                              const std::vector<std::string>& types,
                                              absl::CivilDay from) {
  ASSIGN_OR_RETURN(std::vector<FactRow> rows,
                   tx.Query<FactRow>("SELECT event_id, type, occurred_at, day, hour, fields,"
                                     " revoked_at IS NOT NULL, user_id FROM gamification_facts"
                                     " WHERE user_id = $1 AND type = ANY($2) AND day >= $3"
                                     " ORDER BY occurred_at, event_id",
                                     user_id, types, Bounded(from)));
  return ToFacts(std::move(rows));
}

absl::StatusOr<std::vector<PersonsFacts>> ReadFactsOf(Transaction& tx,
                                                      const std::vector<int64_t>& users,
                                                      const std::vector<std::string>& types,
                                                      absl::Time since) {
  ASSIGN_OR_RETURN(std::vector<FactRow> rows,
                   tx.Query<FactRow>("SELECT event_id, type, occurred_at, day, hour, fields,"
                                     " revoked_at IS NOT NULL, user_id FROM gamification_facts"
                                     " WHERE user_id = ANY($1) AND type = ANY($2)"
                                     " AND occurred_at >= $3"
                                     " ORDER BY user_id, occurred_at, event_id",
                                     users, types, since));
  std::vector<PersonsFacts> persons;
  for (FactRow& row : rows) {
    const int64_t user_id = row.user_id;
    if (persons.empty() || persons.back().user_id != user_id) persons.push_back({user_id, {}});
    ASSIGN_OR_RETURN(persons.back().facts.emplace_back(), ToFact(std::move(row)));
  }
  return persons;
}

absl::StatusOr<std::optional<OwnedFact>> ReadFact(Transaction& tx, const Uuid& event_id) {
  ASSIGN_OR_RETURN(std::vector<FactRow> rows,
                   tx.Query<FactRow>("SELECT event_id, type, occurred_at, day, hour, fields,"
                                     " revoked_at IS NOT NULL, user_id FROM gamification_facts"
                                     " WHERE event_id = $1 LIMIT 1",
                                     event_id));
  if (rows.empty()) return std::nullopt;
  OwnedFact owned = {.user_id = rows[0].user_id};
  ASSIGN_OR_RETURN(owned.fact, ToFact(std::move(rows[0])));
  return owned;
}

absl::StatusOr<std::vector<Uuid>> FindFacts(Transaction& tx, int64_t user_id,
                                            const std::vector<std::string>& types,
                                            std::string_view field, std::string_view value,
                                            absl::Time until) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<Uuid>("SELECT event_id FROM gamification_facts"
                                  " WHERE user_id = $1 AND type = ANY($2) AND fields->>$3 = $4"
                                  " AND occurred_at <= $5 AND revoked_at IS NULL"
                                  " ORDER BY occurred_at",
                                  user_id, types, field, value, until));
  std::vector<Uuid> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

absl::StatusOr<std::vector<FactOf>> RevokeFacts(Transaction& tx, int64_t user_id,
                                                const std::vector<Uuid>& ids, absl::Time now) {
  ASSIGN_OR_RETURN(std::vector<FactRow> rows,
                   tx.Query<FactRow>("UPDATE gamification_facts SET revoked_at = $3"
                                     " WHERE user_id = $1 AND event_id = ANY($2)"
                                     " AND revoked_at IS NULL RETURNING event_id, type,"
                                     " occurred_at, day, hour, fields, true, user_id",
                                     user_id, ids, now));
  return ToFacts(std::move(rows));
}

absl::StatusOr<std::set<absl::CivilDay>> ActiveDays(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<absl::CivilDay>("SELECT DISTINCT day FROM gamification_facts"
                                            " WHERE user_id = $1 AND active"
                                            " AND revoked_at IS NULL",
                                            user_id));
  std::set<absl::CivilDay> days;
  for (const auto& [day] : rows) days.insert(day);
  return days;
}

absl::StatusOr<std::vector<FactOf>> ListFacts(Transaction& tx, int64_t user_id,
                                              const std::optional<Uuid>& after, int64_t limit) {
  // Events of one transaction have one time.
  ASSIGN_OR_RETURN(
      std::vector<FactRow> rows,
      tx.Query<FactRow>("SELECT event_id, type, occurred_at, day, hour, fields,"
                        " revoked_at IS NOT NULL, user_id FROM gamification_facts"
                        " WHERE user_id = $1 AND ($2::uuid IS NULL"
                        "  OR (occurred_at, event_id) < (SELECT a.occurred_at, a.event_id"
                        "   FROM gamification_facts a WHERE a.user_id = $1"
                        "   AND a.event_id = $2))"
                        " ORDER BY occurred_at DESC, event_id DESC LIMIT $3",
                        user_id, after, limit));
  return ToFacts(std::move(rows));
}

absl::StatusOr<std::vector<int64_t>> NewestPeople(Transaction& tx,
                                                  const std::vector<std::string>& types,
                                                  absl::Time since, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT user_id FROM gamification_facts"
                                     " WHERE type = ANY($1) AND occurred_at >= $2"
                                     " GROUP BY user_id ORDER BY max(occurred_at) DESC LIMIT $3",
                                     types, since, limit));
  return Ids(rows);
}

absl::StatusOr<std::vector<int64_t>> PeopleAfter(Transaction& tx,
                                                 const std::vector<std::string>& types,
                                                 int64_t after, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT DISTINCT user_id FROM gamification_facts"
                                     " WHERE type = ANY($1) AND user_id > $2"
                                     " ORDER BY user_id LIMIT $3",
                                     types, after, limit));
  return Ids(rows);
}

absl::StatusOr<int64_t> ForgetFacts(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t facts,
                   tx.Execute("DELETE FROM gamification_facts WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t people,
                   tx.Execute("DELETE FROM gamification_people WHERE user_id = $1", user_id));
  return facts + people;
}

}  // namespace selfology::gamification::store

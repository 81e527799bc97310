// SQL of persons and of the events that rules look at; see migrations/0002_rules.sql. Functions that
// return nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "services/growth/gamification/rules/evaluation.h"

namespace selfology::gamification::store {

// Waits for other changes of what the person earned; held until the transaction ends.
inline constexpr postgres::AdvisoryLock LockUser("gamification");

struct Person {
  std::string time_zone = {};  // IANA; empty: UTC.
  bool hidden = false;
};
absl::StatusOr<Person> ReadPerson(postgres::Transaction& tx, int64_t user_id);
void SaveTimeZone(postgres::Transaction& tx, int64_t user_id, std::string_view zone);
void SaveHidden(postgres::Transaction& tx, int64_t user_id, bool hidden);

// False: it was known.
absl::StatusOr<bool> SaveFact(postgres::Transaction& tx, int64_t user_id, const FactOf& fact,
                              bool active);

// In the order of their times; revoked ones too. From a day on.
absl::StatusOr<std::vector<FactOf>> ReadFacts(postgres::Transaction& tx, int64_t user_id,
                                              const std::vector<std::string>& types,
                                              absl::CivilDay from);
// The same of many persons, each with theirs; `since` of when they occurred.
struct PersonsFacts {
  int64_t user_id = 0;
  std::vector<FactOf> facts = {};
};
absl::StatusOr<std::vector<PersonsFacts>> ReadFactsOf(postgres::Transaction& tx,
                                                      const std::vector<int64_t>& users,
                                                      const std::vector<std::string>& types,
                                                      absl::Time since);

struct OwnedFact {
  int64_t user_id = 0;
  FactOf fact = {};
};
absl::StatusOr<std::optional<OwnedFact>> ReadFact(postgres::Transaction& tx,
                                                  const uuid::Uuid& event_id);

// Of these types, with this value of a field, not later than a time, not revoked yet.
absl::StatusOr<std::vector<uuid::Uuid>> FindFacts(postgres::Transaction& tx, int64_t user_id,
                                                  const std::vector<std::string>& types,
                                                  std::string_view field, std::string_view value,
                                                  absl::Time until);
// Those that were not revoked before.
absl::StatusOr<std::vector<FactOf>> RevokeFacts(postgres::Transaction& tx, int64_t user_id,
                                                const std::vector<uuid::Uuid>& ids, absl::Time now);

absl::StatusOr<std::set<absl::CivilDay>> ActiveDays(postgres::Transaction& tx, int64_t user_id);

// Newest first, from behind that event on.
absl::StatusOr<std::vector<FactOf>> ListFacts(postgres::Transaction& tx, int64_t user_id,
                                              const std::optional<uuid::Uuid>& after,
                                              int64_t limit);

// Persons with events of these types: those with the newest ones, or in the order of ids.
absl::StatusOr<std::vector<int64_t>> NewestPeople(postgres::Transaction& tx,
                                                  const std::vector<std::string>& types,
                                                  absl::Time since, int64_t limit);
absl::StatusOr<std::vector<int64_t>> PeopleAfter(postgres::Transaction& tx,
                                                 const std::vector<std::string>& types,
                                                 int64_t after, int64_t limit);

absl::StatusOr<int64_t> ForgetFacts(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::gamification::store

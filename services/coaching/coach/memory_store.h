// The SQL of what the coach remembers; see migrations/0002_memory.sql. Functions that return nothing
// are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/coach/v1/coach.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/notification/v1/preferences.pb.h"
#include "services/coaching/coach/memory/preparation.h"

namespace selfology::coach::store {

// Most that is remembered of one person; what is older is forgotten first.
inline constexpr int kMostMemories = 500;

// Newest first, those before `before_id`; `kind` unspecified: all.
absl::StatusOr<std::vector<v1::MemoryItem>> ListMemories(postgres::Transaction& tx, int64_t user_id,
                                                         v1::MemoryKind kind, int64_t before_id,
                                                         int limit);
absl::StatusOr<std::optional<v1::MemoryItem>> ReadMemory(postgres::Transaction& tx, int64_t user_id,
                                                         int64_t memory_id);
// Adds it, or changes the one with the same key; gives it its id and times.
absl::Status SaveMemory(postgres::Transaction& tx, v1::MemoryItem& item, absl::Time now);
// Changes one by its id. ALREADY_EXISTS never: what then says the same as another takes its place.
absl::Status ChangeMemory(postgres::Transaction& tx, v1::MemoryItem& item, absl::Time now);
void ForgetOldest(postgres::Transaction& tx, int64_t user_id);
// The number of rows.
absl::StatusOr<int64_t> ForgetMemories(postgres::Transaction& tx, int64_t user_id,
                                       const std::vector<int64_t>& memory_ids);
absl::StatusOr<int64_t> ForgetAllMemories(postgres::Transaction& tx, int64_t user_id);

absl::StatusOr<std::optional<v1::Plan>> ReadPlan(postgres::Transaction& tx, int64_t user_id);
// With a plan_id it changes that plan (nothing if there is another by now); without, it is a new one.
absl::Status SavePlan(postgres::Transaction& tx, int64_t user_id, v1::Plan& plan, absl::Time now);
absl::StatusOr<int64_t> ForgetPlan(postgres::Transaction& tx, int64_t user_id);

void SaveAnswer(postgres::Transaction& tx, const events::v1::UserAnswerSubmitted& answer,
                absl::Time answered_at);

void SavePreferences(postgres::Transaction& tx, int64_t user_id,
                     const notification::v1::Preferences& preferences);
struct Habits {
  std::optional<bool> informal;  // Absent: as the person does it.
  std::string time_zone;         // IANA name; empty: UTC.
};
absl::StatusOr<Habits> ReadHabits(postgres::Transaction& tx, int64_t user_id);

// Memory, plan, answers and messages of a person for the reply to a message, with days in their
// calendar; its dialogue, today and language are the caller's.
absl::StatusOr<Past> ReadPast(postgres::Transaction& tx, int64_t user_id, int64_t before_message_id,
                              int64_t dialogue_begins_at, absl::TimeZone zone);

// Tables whose rows are a person's.
inline constexpr std::string_view kMemoryTables[] = {"coach_memories", "coach_plans",
                                                     "coach_answers", "coach_preferences"};

}  // namespace selfology::coach::store

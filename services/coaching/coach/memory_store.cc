#include "services/coaching/coach/memory_store.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/coach/memory/extraction.h"

namespace selfology::coach::store {
namespace {

using postgres::Transaction;

// What recall looks through, and what is not said again.
constexpr int64_t kPassages = 400;
constexpr int64_t kSaidReplies = 30;
constexpr int kSaidCharacters = 300;

constexpr char kMemoryColumns[] =
    "SELECT id, user_id, kind, content, quote, due_date, done, message_id, answer_id, created_at,"
    " updated_at FROM coach_memories ";
struct MemoryRow {
  int64_t id = 0;
  int64_t user_id = 0;
  std::string kind;
  std::string content;
  std::string quote;
  std::string due_date;
  bool done = false;
  int64_t message_id = 0;
  int64_t answer_id = 0;
  absl::Time created_at;
  absl::Time updated_at;
};

v1::MemoryItem FromRow(const MemoryRow& row) {
  v1::MemoryItem item;
  item.set_memory_id(row.id);
  item.set_user_id(row.user_id);
  item.set_kind(enums::FromWord<v1::MemoryKind>(row.kind));
  item.set_text(row.content);
  item.set_quote(row.quote);
  item.set_due_date(row.due_date);
  item.set_done(row.done);
  item.set_message_id(row.message_id);
  item.set_answer_id(row.answer_id);
  *item.mutable_created_at() = timestamps::ToProto(row.created_at);
  *item.mutable_updated_at() = timestamps::ToProto(row.updated_at);
  return item;
}

}  // namespace

absl::StatusOr<std::vector<v1::MemoryItem>> ListMemories(Transaction& tx, int64_t user_id,
                                                         v1::MemoryKind kind, int64_t before_id,
                                                         int limit) {
  ASSIGN_OR_RETURN(
      const std::vector<MemoryRow> rows,
      tx.Query<MemoryRow>(absl::StrCat(kMemoryColumns,
                                       "WHERE user_id = $1 AND ($2 = '' OR kind = $2) AND id < $3"
                                       " ORDER BY id DESC LIMIT $4"),
                          user_id, enums::Word(kind), before_id, static_cast<int64_t>(limit)));
  std::vector<v1::MemoryItem> items;
  for (const MemoryRow& row : rows) items.push_back(FromRow(row));
  return items;
}

absl::StatusOr<std::optional<v1::MemoryItem>> ReadMemory(Transaction& tx, int64_t user_id,
                                                         int64_t memory_id) {
  ASSIGN_OR_RETURN(
      const std::optional<MemoryRow> row,
      tx.QueryOne<MemoryRow>(absl::StrCat(kMemoryColumns, "WHERE user_id = $1 AND id = $2"),
                             user_id, memory_id));
  if (!row.has_value()) return std::nullopt;
  return FromRow(*row);
}

absl::Status SaveMemory(Transaction& tx, v1::MemoryItem& item, absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto row,
      (tx.QueryOne<int64_t, absl::Time, absl::Time>(
          "INSERT INTO coach_memories (user_id, kind, key, content, quote, due_date, done,"
          " message_id, answer_id, created_at, updated_at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)"
          " ON CONFLICT (user_id, kind, key) DO UPDATE SET content = EXCLUDED.content,"
          " quote = EXCLUDED.quote, due_date = EXCLUDED.due_date, done = EXCLUDED.done,"
          " updated_at = EXCLUDED.updated_at RETURNING id, created_at, updated_at",
          item.user_id(), enums::Word(item.kind()), KeyOf(item), item.text(), item.quote(),
          item.due_date(), item.done(), item.message_id(), item.answer_id(), now)));
  item.set_memory_id(std::get<0>(*row));
  *item.mutable_created_at() = timestamps::ToProto(std::get<1>(*row));
  *item.mutable_updated_at() = timestamps::ToProto(std::get<2>(*row));
  return absl::OkStatus();
}

absl::Status ChangeMemory(Transaction& tx, v1::MemoryItem& item, absl::Time now) {
  tx.Queue("DELETE FROM coach_memories WHERE user_id = $1 AND kind = $2 AND key = $3 AND id <> $4",
           item.user_id(), enums::Word(item.kind()), KeyOf(item), item.memory_id());
  tx.Queue(
      "UPDATE coach_memories SET key = $3, content = $4, due_date = $5, done = $6, updated_at = $7"
      " WHERE user_id = $1 AND id = $2",
      item.user_id(), item.memory_id(), KeyOf(item), item.text(), item.due_date(), item.done(),
      now);
  *item.mutable_updated_at() = timestamps::ToProto(now);
  return absl::OkStatus();
}

void ForgetOldest(Transaction& tx, int64_t user_id) {
  tx.Queue(
      "DELETE FROM coach_memories WHERE user_id = $1 AND id IN (SELECT id FROM coach_memories"
      " WHERE user_id = $1 ORDER BY id DESC OFFSET $2)",
      user_id, static_cast<int64_t>(kMostMemories));
}

absl::StatusOr<int64_t> ForgetMemories(Transaction& tx, int64_t user_id,
                                       const std::vector<int64_t>& memory_ids) {
  return tx.Execute("DELETE FROM coach_memories WHERE user_id = $1 AND id = ANY($2)", user_id,
                    memory_ids);
}

absl::StatusOr<int64_t> ForgetAllMemories(Transaction& tx, int64_t user_id) {
  return tx.Execute("DELETE FROM coach_memories WHERE user_id = $1", user_id);
}

absl::StatusOr<std::optional<v1::Plan>> ReadPlan(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      (tx.QueryOne<int64_t, postgres::Bytes, absl::Time>(
          "SELECT id, plan, created_at FROM coach_plans WHERE user_id = $1", user_id)));
  if (!row.has_value()) return std::nullopt;
  v1::Plan plan;
  if (!plan.ParseFromString(std::get<1>(*row).value)) {
    return absl::InternalError("a stored plan does not parse");
  }
  plan.set_plan_id(std::get<0>(*row));
  plan.set_user_id(user_id);
  *plan.mutable_created_at() = timestamps::ToProto(std::get<2>(*row));
  return plan;
}

absl::Status SavePlan(Transaction& tx, int64_t user_id, v1::Plan& plan, absl::Time now) {
  const postgres::Bytes bytes{plan.SerializeAsString()};
  if (plan.plan_id() != 0) {
    tx.Queue("UPDATE coach_plans SET plan = $3 WHERE user_id = $1 AND id = $2", user_id,
             plan.plan_id(), bytes);
    return absl::OkStatus();
  }
  tx.Queue("DELETE FROM coach_plans WHERE user_id = $1", user_id);
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("INSERT INTO coach_plans (user_id, plan, created_at)"
                                        " VALUES ($1, $2, $3) RETURNING id",
                                        user_id, bytes, now));
  plan.set_plan_id(std::get<0>(*row));
  plan.set_user_id(user_id);
  *plan.mutable_created_at() = timestamps::ToProto(now);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ForgetPlan(Transaction& tx, int64_t user_id) {
  return tx.Execute("DELETE FROM coach_plans WHERE user_id = $1", user_id);
}

void SaveAnswer(Transaction& tx, const events::v1::UserAnswerSubmitted& answer,
                absl::Time answered_at) {
  tx.Queue(
      "INSERT INTO coach_answers (user_id, id, question, answer, answered_at)"
      " VALUES ($1, $2, $3, $4, $5)"
      // What was changed was said on the day of the change.
      " ON CONFLICT (user_id, id) DO UPDATE SET answer = EXCLUDED.answer, answered_at = CASE"
      " WHEN coach_answers.answer <> EXCLUDED.answer OR coach_answers.answered_at IS NULL"
      " THEN EXCLUDED.answered_at ELSE coach_answers.answered_at END",
      answer.user_id(), answer.answer_id(), answer.question_text(), answer.answer_text(),
      answered_at);
}

void SavePreferences(Transaction& tx, int64_t user_id,
                     const notification::v1::Preferences& preferences) {
  tx.Queue(
      "INSERT INTO coach_preferences (user_id, form_of_address, time_zone) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id) DO UPDATE SET form_of_address = EXCLUDED.form_of_address,"
      " time_zone = EXCLUDED.time_zone",
      user_id, enums::Word(preferences.form_of_address()), preferences.time_zone());
}

absl::StatusOr<Habits> ReadHabits(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row, (tx.QueryOne<std::string, std::string>(
                                       "SELECT form_of_address, time_zone FROM coach_preferences"
                                       " WHERE user_id = $1",
                                       user_id)));
  Habits habits;
  if (!row.has_value()) return habits;
  const auto form = enums::FromWord<notification::v1::FormOfAddress>(std::get<0>(*row));
  if (form != notification::v1::FORM_OF_ADDRESS_UNSPECIFIED) {
    habits.informal = form == notification::v1::FORM_OF_ADDRESS_INFORMAL;
  }
  habits.time_zone = std::get<1>(*row);
  return habits;
}

absl::StatusOr<Past> ReadPast(Transaction& tx, int64_t user_id, int64_t before_message_id,
                              int64_t dialogue_begins_at, absl::TimeZone zone) {
  auto answers = tx.Ask<std::string, std::string, std::optional<absl::Time>>(
      "SELECT answer, question, answered_at FROM coach_answers WHERE user_id = $1"
      " ORDER BY id DESC LIMIT $2",
      user_id, kPassages);
  auto messages = tx.Ask<std::string, absl::Time>(
      "SELECT content, created_at FROM conversations WHERE user_id = $1 AND role = 'USER' AND id < "
      "$2"
      " ORDER BY id DESC LIMIT $3",
      user_id, before_message_id, kPassages);
  auto said = tx.Ask<std::string>(
      "SELECT content FROM conversations WHERE user_id = $1 AND role = 'ASSISTANT' AND id < $2"
      " ORDER BY id DESC LIMIT $3",
      user_id, dialogue_begins_at, kSaidReplies);
  Past past;
  ASSIGN_OR_RETURN(past.memory, ListMemories(tx, user_id, v1::MEMORY_KIND_UNSPECIFIED,
                                             std::numeric_limits<int64_t>::max(), kMostMemories));
  std::reverse(past.memory.begin(), past.memory.end());
  ASSIGN_OR_RETURN(past.plan, ReadPlan(tx, user_id));
  ASSIGN_OR_RETURN(auto answer_rows, answers.All());
  std::reverse(answer_rows.begin(), answer_rows.end());
  for (auto& [answer, question, answered_at] : answer_rows) {
    Passage& passage = past.passages.emplace_back();
    passage.text = std::move(answer);
    passage.question = std::move(question);
    if (answered_at.has_value()) passage.said_on = absl::ToCivilDay(*answered_at, zone);
  }
  ASSIGN_OR_RETURN(auto message_rows, messages.All());
  std::reverse(message_rows.begin(), message_rows.end());
  for (auto& [content, created_at] : message_rows) {
    past.passages.push_back({std::move(content), "", absl::ToCivilDay(created_at, zone)});
  }
  ASSIGN_OR_RETURN(auto said_rows, said.All());
  std::reverse(said_rows.begin(), said_rows.end());
  for (const auto& [content] : said_rows) {
    past.said.emplace_back(text::Prefix(content, kSaidCharacters));
  }
  return past;
}

}  // namespace selfology::coach::store

#include "services/growth/gamification/rules/rule_store.h"

#include <utility>

#include "common/json/json.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/util/message_differencer.h"

namespace selfology::gamification::store {
namespace {

using postgres::Transaction;

struct RuleRow {
  int32_t version = 0;
  int32_t state = 0;
  postgres::Json definition;
  absl::Time created_at;
  std::optional<absl::Time> published_at;
};

absl::StatusOr<v1::Rule> ToRule(const RuleRow& row) {
  v1::Rule rule;
  RETURN_IF_ERROR(json::Parse(row.definition.value, *rule.mutable_definition(),
                              {.ignore_unknown_fields = true}));
  rule.set_version(row.version);
  rule.set_state(static_cast<v1::RuleState>(row.state));
  *rule.mutable_created_at() = timestamps::ToProto(row.created_at);
  if (row.published_at.has_value()) {
    *rule.mutable_published_at() = timestamps::ToProto(*row.published_at);
  }
  return rule;
}

absl::StatusOr<std::vector<v1::Rule>> ToRules(const std::vector<RuleRow>& rows) {
  std::vector<v1::Rule> rules;
  for (const RuleRow& row : rows) {
    ASSIGN_OR_RETURN(rules.emplace_back(), ToRule(row));
  }
  return rules;
}

absl::StatusOr<std::optional<v1::Rule>> ToRule(const std::optional<RuleRow>& row) {
  if (!row.has_value()) return std::nullopt;
  return ToRule(*row);
}

absl::Status Insert(Transaction& tx, const v1::RuleDefinition& definition, int32_t version,
                    v1::RuleState state, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string text, json::Print(definition));
  const std::optional<absl::Time> published =
      state == v1::RULE_STATE_LIVE ? std::optional(now) : std::nullopt;
  tx.Queue(
      "INSERT INTO gamification_rules (rule_id, version, state, definition, created_at,"
      " published_at) VALUES ($1, $2, $3, $4, $5, $6)",
      definition.rule_id(), version, static_cast<int32_t>(state), postgres::JsonView{text}, now,
      published);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Rule> SaveDraft(Transaction& tx, const v1::RuleDefinition& definition,
                                   absl::Time now) {
  LockRules(tx, 0);
  ASSIGN_OR_RETURN(const std::optional<v1::Rule> newest, ReadRule(tx, definition.rule_id(), 0));
  if (newest.has_value() &&
      google::protobuf::util::MessageDifferencer::Equals(newest->definition(), definition)) {
    return *newest;
  }
  v1::Rule rule;
  *rule.mutable_definition() = definition;
  rule.set_version(newest.has_value() ? newest->version() + 1 : 1);
  rule.set_state(v1::RULE_STATE_DRAFT);
  *rule.mutable_created_at() = timestamps::ToProto(now);
  RETURN_IF_ERROR(Insert(tx, definition, rule.version(), rule.state(), now));
  return rule;
}

absl::StatusOr<std::optional<v1::Rule>> ReadRule(Transaction& tx, std::string_view rule_id,
                                                 int32_t version) {
  ASSIGN_OR_RETURN(const std::optional<RuleRow> row,
                   tx.QueryOne<RuleRow>(
                       "SELECT version, state, definition, created_at, published_at"
                       " FROM gamification_rules WHERE rule_id = $1 AND ($2 = 0 OR version = $2)"
                       " ORDER BY version DESC LIMIT 1",
                       rule_id, version));
  return ToRule(row);
}

absl::StatusOr<std::vector<v1::Rule>> ListRules(Transaction& tx, v1::RuleState state,
                                                std::string_view after_rule, int32_t after_version,
                                                int64_t limit) {
  ASSIGN_OR_RETURN(
      const std::vector<RuleRow> rows,
      tx.Query<RuleRow>("SELECT version, state, definition, created_at, published_at"
                        " FROM gamification_rules WHERE ($1 = 0 OR state = $1)"
                        " AND (rule_id, version) > ($2, $3) ORDER BY rule_id, version LIMIT $4",
                        static_cast<int32_t>(state), after_rule, after_version, limit));
  return ToRules(rows);
}

absl::StatusOr<std::vector<v1::Rule>> ReadLive(Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<RuleRow> rows,
                   tx.Query<RuleRow>("SELECT version, state, definition, created_at, published_at"
                                     " FROM gamification_rules WHERE state = 2 ORDER BY rule_id"));
  return ToRules(rows);
}

absl::Status Publish(Transaction& tx, std::string_view rule_id, int32_t version, bool backfill,
                     absl::Time now) {
  tx.Queue(
      "UPDATE gamification_rules SET state = 3, backfilled_to = NULL"
      " WHERE rule_id = $1 AND state = 2 AND version <> $2",
      rule_id, version);
  const std::optional<int64_t> from = backfill ? std::optional<int64_t>(0) : std::nullopt;
  tx.Queue(
      "UPDATE gamification_rules SET state = 2, published_at = coalesce(published_at, $3),"
      " backfilled_to = $4 WHERE rule_id = $1 AND version = $2",
      rule_id, version, now, from);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::Rule>> Retire(Transaction& tx, std::string_view rule_id) {
  ASSIGN_OR_RETURN(
      const std::optional<RuleRow> row,
      tx.QueryOne<RuleRow>("UPDATE gamification_rules SET state = 3, backfilled_to = NULL"
                           " WHERE rule_id = $1 AND state = 2"
                           " RETURNING version, state, definition, created_at, published_at",
                           rule_id));
  return ToRule(row);
}

absl::Status Seed(Transaction& tx, const std::vector<v1::RuleDefinition>& definitions,
                  absl::Time now) {
  LockRules(tx, 0);
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<std::string>("SELECT DISTINCT rule_id FROM gamification_rules"));
  for (const v1::RuleDefinition& definition : definitions) {
    bool known = false;
    for (const auto& [id] : rows) known |= id == definition.rule_id();
    if (!known) RETURN_IF_ERROR(Insert(tx, definition, 1, v1::RULE_STATE_LIVE, now));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Backfill>> LockBackfill(Transaction& tx) {
  ASSIGN_OR_RETURN(const auto named,
                   (tx.QueryOne<std::string, int32_t, int64_t>(
                       "SELECT rule_id, version, backfilled_to FROM gamification_rules"
                       " WHERE backfilled_to IS NOT NULL AND state = 2 ORDER BY rule_id LIMIT 1"
                       " FOR UPDATE SKIP LOCKED")));
  if (!named.has_value()) return std::nullopt;
  const auto& [rule_id, version, after] = *named;
  ASSIGN_OR_RETURN(std::optional<v1::Rule> rule, ReadRule(tx, rule_id, version));
  return Backfill{*std::move(rule), after};
}

void SaveBackfill(Transaction& tx, const v1::Rule& rule, std::optional<int64_t> after) {
  tx.Queue("UPDATE gamification_rules SET backfilled_to = $3 WHERE rule_id = $1 AND version = $2",
           rule.definition().rule_id(), rule.version(), after);
}

}  // namespace selfology::gamification::store

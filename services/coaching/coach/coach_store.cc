#include "services/coaching/coach/coach_store.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/coach/memory_store.h"

namespace selfology::coach::store {
namespace {

using postgres::Transaction;

constexpr char kConversationColumns[] =
    "SELECT id, user_id, language, message_count, started_at, last_message_at, ended_at, end_reason"
    " FROM conversation_threads ";
struct ConversationRow {
  int64_t id = 0;
  int64_t user_id = 0;
  std::string language;
  int32_t message_count = 0;
  absl::Time started_at;
  absl::Time last_message_at;
  std::optional<absl::Time> ended_at;
  std::string end_reason;
};

constexpr char kMessageColumns[] =
    "SELECT id, conversation_id, user_id, role, content, created_at, in_reply_to, reply_status,"
    " model_used, tokens_used, cost_usd FROM conversations ";
struct MessageRow {
  int64_t id = 0;
  int64_t conversation_id = 0;
  int64_t user_id = 0;
  std::string role;
  std::string content;
  absl::Time created_at;
  std::optional<int64_t> in_reply_to;
  std::string reply_status;
  std::string model_used;
  int32_t tokens_used = 0;
  double cost_usd = 0;
};

struct InsightRow {
  int64_t insight_id = 0;
  std::string type;
  std::string content;
  std::string language;
  double confidence = 0;
};

v1::Conversation FromRow(const ConversationRow& row) {
  v1::Conversation conversation;
  conversation.set_conversation_id(row.id);
  conversation.set_user_id(row.user_id);
  conversation.set_language(row.language);
  conversation.set_message_count(row.message_count);
  *conversation.mutable_started_at() = timestamps::ToProto(row.started_at);
  *conversation.mutable_last_message_at() = timestamps::ToProto(row.last_message_at);
  if (row.ended_at.has_value()) {
    *conversation.mutable_ended_at() = timestamps::ToProto(*row.ended_at);
  }
  conversation.set_end_reason(enums::FromWord<v1::EndReason>(row.end_reason));
  return conversation;
}

v1::Message FromRow(const MessageRow& row) {
  v1::Message message;
  message.set_message_id(row.id);
  message.set_conversation_id(row.conversation_id);
  message.set_user_id(row.user_id);
  message.set_role(enums::FromWord<v1::MessageRole>(row.role));
  message.set_content(row.content);
  *message.mutable_created_at() = timestamps::ToProto(row.created_at);
  message.set_in_reply_to_message_id(row.in_reply_to.value_or(0));
  message.set_reply_status(enums::FromWord<v1::ReplyStatus>(row.reply_status));
  message.set_model_used(row.model_used);
  message.set_tokens_used(row.tokens_used);
  message.set_cost_usd(row.cost_usd);
  return message;
}

template <typename... Parameters>
absl::StatusOr<std::optional<v1::Conversation>> OneConversation(Transaction& tx,
                                                                std::string_view where,
                                                                const Parameters&... parameters) {
  ASSIGN_OR_RETURN(
      const std::optional<ConversationRow> row,
      tx.QueryOne<ConversationRow>(absl::StrCat(kConversationColumns, where), parameters...));
  if (!row.has_value()) return std::nullopt;
  return FromRow(*row);
}

template <typename... Parameters>
absl::StatusOr<std::vector<v1::Message>> Messages(Transaction& tx, std::string_view where,
                                                  const Parameters&... parameters) {
  ASSIGN_OR_RETURN(const std::vector<MessageRow> rows,
                   tx.Query<MessageRow>(absl::StrCat(kMessageColumns, where), parameters...));
  std::vector<v1::Message> messages;
  for (const MessageRow& row : rows) messages.push_back(FromRow(row));
  return messages;
}

template <typename... Parameters>
absl::StatusOr<std::optional<v1::Message>> OneMessage(Transaction& tx, std::string_view where,
                                                      const Parameters&... parameters) {
  ASSIGN_OR_RETURN(std::vector<v1::Message> found, Messages(tx, where, parameters...));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

absl::StatusOr<std::optional<v1::Conversation>> Open(Transaction& tx, int64_t user_id) {
  return OneConversation(tx, "WHERE user_id = $1 AND ended_at IS NULL", user_id);
}

absl::StatusOr<std::optional<v1::Conversation>> Read(Transaction& tx, int64_t user_id,
                                                     int64_t conversation_id) {
  return OneConversation(tx, "WHERE user_id = $1 AND id = $2", user_id, conversation_id);
}

absl::Status Insert(Transaction& tx, v1::Conversation& conversation) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "INSERT INTO conversation_threads (user_id, language, started_at, last_message_at)"
          " VALUES ($1, $2, $3, $3) RETURNING id",
          conversation.user_id(), conversation.language(),
          timestamps::FromProto(conversation.started_at())));
  conversation.set_conversation_id(std::get<0>(*row));
  return absl::OkStatus();
}

void SaveEnd(Transaction& tx, const v1::Conversation& conversation) {
  tx.Queue("UPDATE conversation_threads SET ended_at = $2, end_reason = $3 WHERE id = $1",
           conversation.conversation_id(), timestamps::FromProto(conversation.ended_at()),
           enums::Word(conversation.end_reason()));
}

absl::StatusOr<std::vector<IdleConversation>> ListIdle(Transaction& tx, absl::Time before,
                                                       const IdleConversation& after, int limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<absl::Time, int64_t>(
                       "SELECT last_message_at, user_id FROM conversation_threads"
                       " WHERE ended_at IS NULL AND last_message_at < $1"
                       " AND (last_message_at, user_id) > ($2, $3)"
                       " ORDER BY last_message_at, user_id LIMIT $4",
                       before, after.last_message_at, after.user_id, static_cast<int64_t>(limit))));
  std::vector<IdleConversation> idle;
  for (const auto& [last_message_at, user_id] : rows) idle.push_back({last_message_at, user_id});
  return idle;
}

absl::Status InsertMessage(Transaction& tx, v1::Message& message) {
  std::optional<int64_t> in_reply_to;
  if (message.in_reply_to_message_id() != 0) in_reply_to = message.in_reply_to_message_id();
  const absl::Time created_at = timestamps::FromProto(message.created_at());
  tx.Queue(
      "UPDATE conversation_threads SET message_count = message_count + 1,"
      " last_message_at = greatest(last_message_at, $2) WHERE id = $1",
      message.conversation_id(), created_at);
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "INSERT INTO conversations (conversation_id, user_id, role, content, created_at,"
          " in_reply_to, reply_status, model_used, tokens_used, cost_usd)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
          message.conversation_id(), message.user_id(), enums::Word(message.role()),
          message.content(), created_at, in_reply_to, enums::Word(message.reply_status()),
          message.model_used(), message.tokens_used(), message.cost_usd()));
  message.set_message_id(std::get<0>(*row));
  return absl::OkStatus();
}

void SaveReplyStatus(Transaction& tx, int64_t message_id, v1::ReplyStatus status) {
  tx.Queue("UPDATE conversations SET reply_status = $2 WHERE id = $1", message_id,
           enums::Word(status));
}

absl::StatusOr<std::optional<v1::Message>> ReadMessage(Transaction& tx, int64_t user_id,
                                                       int64_t message_id) {
  return OneMessage(tx, "WHERE user_id = $1 AND id = $2", user_id, message_id);
}

absl::StatusOr<std::optional<v1::Message>> ReadReply(Transaction& tx, int64_t message_id) {
  return OneMessage(tx, "WHERE in_reply_to = $1", message_id);
}

absl::StatusOr<std::vector<v1::Message>> ListMessages(Transaction& tx, int64_t user_id,
                                                      int64_t conversation_id, int64_t before_id,
                                                      int limit) {
  return Messages(tx,
                  "WHERE user_id = $1 AND ($2 = 0 OR conversation_id = $2) AND id < $3"
                  " ORDER BY id DESC LIMIT $4",
                  user_id, conversation_id, before_id, static_cast<int64_t>(limit));
}

void SaveProfile(Transaction& tx, const profile::v1::Profile& profile) {
  tx.Queue(
      "INSERT INTO coach_profiles (user_id, version, profile) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id) DO UPDATE SET version = EXCLUDED.version, profile = EXCLUDED.profile"
      " WHERE coach_profiles.version < EXCLUDED.version",
      profile.user_id(), profile.version(), postgres::Bytes{profile.SerializeAsString()});
}

void SaveNote(Transaction& tx, int64_t user_id, int64_t answer_id, int32_t revision,
              std::string_view summary) {
  tx.Queue(
      "INSERT INTO coach_notes (user_id, answer_id, revision, summary) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (user_id, answer_id) DO UPDATE SET revision = EXCLUDED.revision,"
      " summary = EXCLUDED.summary WHERE coach_notes.revision < EXCLUDED.revision",
      user_id, answer_id, revision, summary);
}

absl::StatusOr<Background> ReadBackground(Transaction& tx, const v1::Message& message) {
  auto asked_profile = tx.Ask<postgres::Bytes>(
      "SELECT profile FROM coach_profiles WHERE user_id = $1", message.user_id());
  auto asked_notes = tx.Ask<std::string>(
      "SELECT summary FROM coach_notes WHERE user_id = $1 ORDER BY answer_id DESC LIMIT $2",
      message.user_id(), static_cast<int64_t>(kRememberedNotes));
  Background context;
  ASSIGN_OR_RETURN(context.messages,
                   ListMessages(tx, message.user_id(), message.conversation_id(),
                                message.message_id() + 1, kRememberedMessages + 1));
  std::reverse(context.messages.begin(), context.messages.end());
  ASSIGN_OR_RETURN(const auto profile, asked_profile.One());
  if (profile.has_value() && !context.profile.ParseFromString(std::get<0>(*profile).value)) {
    return absl::InternalError("a stored profile does not parse");
  }
  ASSIGN_OR_RETURN(const auto notes, asked_notes.All());
  for (const auto& [summary] : notes) context.notes.insert(context.notes.begin(), summary);
  return context;
}

void SaveInsight(Transaction& tx, const events::v1::InsightGenerated& insight) {
  tx.Queue(
      "INSERT INTO coach_insights (insight_id, user_id, insight_type, content, language, "
      "confidence)"
      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
      insight.insight_id(), insight.user_id(), enums::Word(insight.insight_type()),
      insight.content(), insight.language(), insight.confidence());
}

absl::StatusOr<std::optional<events::v1::InsightGenerated>> NextInsight(Transaction& tx,
                                                                        int64_t user_id,
                                                                        absl::Time since) {
  ASSIGN_OR_RETURN(
      const std::optional<InsightRow> row,
      tx.QueryOne<InsightRow>(
          "SELECT insight_id, insight_type, content, language, confidence FROM coach_insights"
          " WHERE user_id = $1 AND told_at IS NULL AND NOT EXISTS"
          "   (SELECT FROM coach_insights WHERE user_id = $1 AND told_at > $2)"
          " ORDER BY confidence DESC, insight_id LIMIT 1",
          user_id, since));
  if (!row.has_value()) return std::nullopt;
  events::v1::InsightGenerated insight;
  insight.set_user_id(user_id);
  insight.set_insight_id(row->insight_id);
  insight.set_insight_type(enums::FromWord<analysis::v1::InsightType>(row->type));
  insight.set_content(row->content);
  insight.set_language(row->language);
  insight.set_confidence(row->confidence);
  return insight;
}

void MarkTold(Transaction& tx, int64_t insight_id, absl::Time now) {
  tx.Queue("UPDATE coach_insights SET told_at = $2 WHERE insight_id = $1", insight_id, now);
}

absl::StatusOr<std::vector<int64_t>> RecentMessageIds(Transaction& tx, int64_t user_id) {
  LockUser(tx, user_id);
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT id FROM conversations WHERE user_id = $1"
                                     " AND created_at > now() - interval '1 day'",
                                     user_id));
  std::vector<int64_t> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  LockUser(tx, user_id);
  int64_t rows = 0;
  std::vector<std::string_view> tables = {"conversations", "conversation_threads", "coach_profiles",
                                          "coach_notes", "coach_insights"};
  tables.insert(tables.end(), std::begin(kMemoryTables), std::end(kMemoryTables));
  for (const std::string_view table : tables) {
    ASSIGN_OR_RETURN(
        const int64_t deleted,
        tx.Execute(absl::StrCat("DELETE FROM ", table, " WHERE user_id = $1"), user_id));
    rows += deleted;
  }
  return rows;
}

}  // namespace selfology::coach::store

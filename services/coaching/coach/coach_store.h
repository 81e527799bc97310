// All SQL of the coach service; see migrations/. Functions that return nothing are queued: they
// cost no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/coach/v1/coach.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "services/coaching/coach/personalization.h"

namespace selfology::coach::store {

inline constexpr std::string_view kRequests = "coach_requests";

// Every change to a person's rows begins with this, so that changes to one person follow one
// another.
inline constexpr postgres::AdvisoryLock LockUser("coach");

// Conversations.
absl::StatusOr<std::optional<v1::Conversation>> Open(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<std::optional<v1::Conversation>> Read(postgres::Transaction& tx, int64_t user_id,
                                                     int64_t conversation_id);
// Gives the conversation its id.
absl::Status Insert(postgres::Transaction& tx, v1::Conversation& conversation);
void SaveEnd(postgres::Transaction& tx, const v1::Conversation& conversation);
struct IdleConversation {
  absl::Time last_message_at = absl::InfinitePast();
  int64_t user_id = 0;
};
// Open ones without a message since `before`, the longest idle first, those behind `after`.
absl::StatusOr<std::vector<IdleConversation>> ListIdle(postgres::Transaction& tx, absl::Time before,
                                                       const IdleConversation& after, int limit);

// Messages. Gives the message its id and counts it in its conversation.
absl::Status InsertMessage(postgres::Transaction& tx, v1::Message& message);
void SaveReplyStatus(postgres::Transaction& tx, int64_t message_id, v1::ReplyStatus status);
absl::StatusOr<std::optional<v1::Message>> ReadMessage(postgres::Transaction& tx, int64_t user_id,
                                                       int64_t message_id);
absl::StatusOr<std::optional<v1::Message>> ReadReply(postgres::Transaction& tx, int64_t message_id);
// Newest first, those before `before_id`; conversation_id 0: of all.
absl::StatusOr<std::vector<v1::Message>> ListMessages(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t conversation_id, int64_t before_id,
                                                      int limit);

// What the coach knows. The newer version and revision win.
void SaveProfile(postgres::Transaction& tx, const profile::v1::Profile& profile);
void SaveNote(postgres::Transaction& tx, int64_t user_id, int64_t answer_id, int32_t revision,
              std::string_view summary);
// For the reply to `message`: profile, notes, and the messages up to it, oldest first.
struct Background {
  profile::v1::Profile profile;
  std::vector<std::string> notes;
  std::vector<v1::Message> messages;
};
absl::StatusOr<Background> ReadBackground(postgres::Transaction& tx, const v1::Message& message);

// Insights that wait.
void SaveInsight(postgres::Transaction& tx, const events::v1::InsightGenerated& insight);
// The surest one that waits; nullopt when there is none, or one was told since `since`.
absl::StatusOr<std::optional<events::v1::InsightGenerated>> NextInsight(postgres::Transaction& tx,
                                                                        int64_t user_id,
                                                                        absl::Time since);
void MarkTold(postgres::Transaction& tx, int64_t insight_id, absl::Time now);

// Of the messages of the last day: GrowingReplies may still have parts of the replies to them.
absl::StatusOr<std::vector<int64_t>> RecentMessageIds(postgres::Transaction& tx, int64_t user_id);
// The number of rows erased.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::coach::store

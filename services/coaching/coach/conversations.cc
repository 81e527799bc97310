#include "services/coaching/coach/conversations.h"

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/chat.pb.h"
#include "services/coaching/coach/coach_store.h"

namespace selfology::coach {

absl::StatusOr<v1::Conversation> Begin(postgres::Transaction& tx, int64_t user_id,
                                       std::string_view language, absl::Time now) {
  v1::Conversation conversation;
  conversation.set_user_id(user_id);
  conversation.set_language(language.empty() ? "en" : std::string(language));
  *conversation.mutable_started_at() = timestamps::ToProto(now);
  *conversation.mutable_last_message_at() = timestamps::ToProto(now);
  RETURN_IF_ERROR(store::Insert(tx, conversation));
  events::v1::ConversationStarted started;
  started.set_user_id(user_id);
  started.set_conversation_id(conversation.conversation_id());
  *started.mutable_started_at() = conversation.started_at();
  started.set_language(conversation.language());
  RETURN_IF_ERROR(events::Publish(tx, started));
  return conversation;
}

absl::Status End(postgres::Transaction& tx, v1::Conversation& conversation, v1::EndReason reason,
                 absl::Time now) {
  if (conversation.has_ended_at()) return absl::OkStatus();
  *conversation.mutable_ended_at() = timestamps::ToProto(now);
  conversation.set_end_reason(reason);
  store::SaveEnd(tx, conversation);
  events::v1::ConversationEnded ended;
  ended.set_user_id(conversation.user_id());
  ended.set_conversation_id(conversation.conversation_id());
  ended.set_reason(reason);
  ended.set_message_count(conversation.message_count());
  *ended.mutable_started_at() = conversation.started_at();
  *ended.mutable_ended_at() = conversation.ended_at();
  return events::Publish(tx, ended);
}

}  // namespace selfology::coach

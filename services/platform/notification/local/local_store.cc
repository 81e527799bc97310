#include "services/platform/notification/local/local_store.h"

#include <string>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::notification::store {

using postgres::Transaction;

void SaveLocalMessage(Transaction& tx, int64_t user_id, const v1::LocalMessage& message,
                      std::string_view stable_id, absl::Time now) {
  tx.Queue(
      "INSERT INTO notification_local_messages (user_id, channel, to_address, subject, body, raw,"
      " badge, stable_id, sent_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
      " ON CONFLICT (stable_id) DO NOTHING",
      user_id, enums::Word(message.channel()), message.to_address(), message.subject(),
      message.text(), postgres::BytesView{message.raw_content()}, message.badge(), stable_id, now);
}

absl::StatusOr<std::vector<v1::LocalMessage>> ListLocalMessages(Transaction& tx,
                                                                v1::Channel channel,
                                                                int64_t before_id, int limit) {
  struct Row {
    int64_t message_id;
    std::string channel;
    std::string to_address;
    std::string subject;
    std::string body;
    postgres::Bytes raw;
    int64_t badge;
    absl::Time sent_at;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>("SELECT message_id, channel, to_address, subject, body, raw, badge,"
                    " sent_at FROM notification_local_messages"
                    " WHERE message_id < $1 AND ($2 = '' OR channel = $2)"
                    " ORDER BY message_id DESC LIMIT $3",
                    before_id, enums::Word(channel), static_cast<int64_t>(limit)));
  std::vector<v1::LocalMessage> messages;
  for (const Row& row : rows) {
    v1::LocalMessage& message = messages.emplace_back();
    message.set_message_id(row.message_id);
    message.set_channel(enums::FromWord<v1::Channel>(row.channel));
    message.set_to_address(row.to_address);
    message.set_subject(row.subject);
    message.set_text(row.body);
    message.set_raw_content(row.raw.value);
    message.set_badge(row.badge);
    *message.mutable_sent_at() = timestamps::ToProto(row.sent_at);
  }
  return messages;
}

void ForgetLocalMessages(Transaction& tx, absl::Time sent_before) {
  tx.Queue("DELETE FROM notification_local_messages WHERE sent_at < $1", sent_before);
}

}  // namespace selfology::notification::store

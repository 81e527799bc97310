// SQL of messages that nobody sends; see ../migrations/0002_choices.sql. Errors: the transaction's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/notification/v1/local_message_service.pb.h"

namespace selfology::notification::store {

// One of a stable id is kept once.
void SaveLocalMessage(postgres::Transaction& tx, int64_t user_id, const v1::LocalMessage& message,
                      std::string_view stable_id, absl::Time now);
// Newest first, of lower ids than before_id; unspecified: of all channels.
absl::StatusOr<std::vector<v1::LocalMessage>> ListLocalMessages(postgres::Transaction& tx,
                                                                v1::Channel channel,
                                                                int64_t before_id, int limit);
void ForgetLocalMessages(postgres::Transaction& tx, absl::Time sent_before);

}  // namespace selfology::notification::store

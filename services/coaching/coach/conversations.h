// Begins and ends conversations and publishes the events about it; used by requests, events and
// timers. The user must be locked (store::LockUser).
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/coach/v1/coach.pb.h"

namespace selfology::coach {

// Publishes conversation.started. None may be open.
absl::StatusOr<v1::Conversation> Begin(postgres::Transaction& tx, int64_t user_id,
                                       std::string_view language, absl::Time now);

// Publishes conversation.ended; one that has ended stays as it is.
absl::Status End(postgres::Transaction& tx, v1::Conversation& conversation, v1::EndReason reason,
                 absl::Time now);

}  // namespace selfology::coach

// Where the conversation with each person stands.
//
//   ASSIGN_OR_RETURN(Conversation conversation, conversations.Get(call, user_id));
//   conversations.Change(call, user_id, [&](Conversation& c) { AskQuestion(c, event); });
//
// What is remembered comes from the cache; what is not, from the services that own the facts:
// consent and session from SessionService, the chat from CoachService. So it may be lost at any
// time, and a change to what is not remembered need not be noted: the owners know it already.
//
// Errors: those of the owners, when they have to be asked. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/coaching/coaching_dialog/conversation.h"
#include "services/coaching/coaching_dialog/conversation_cache.h"
#include "services/coaching/coaching_dialog/peers.h"

namespace selfology::coaching_dialog {

class Conversations {
 public:
  // The references outlive it.
  Conversations(ConversationCache& cache, const Peers& peers, postgres::Database& database)
      : cache_(cache), peers_(peers), database_(database) {}

  absl::StatusOr<Conversation> Get(const Call& call, int64_t user_id);

  // Changes what is remembered, if anything is; `change` may run more than once.
  void Change(const Call& call, int64_t user_id, const std::function<void(Conversation&)>& change);

  // What no owner knows stays; the rest is worked out anew at the next Get.
  void Forget(const Call& call, int64_t user_id);

  // Forgets everything, for someone whose data are erased. UNAVAILABLE without Redis.
  absl::Status Erase(const Call& call, int64_t user_id) {
    return cache_.Delete(call, user_id).status();
  }

 private:
  absl::StatusOr<Conversation> AskOwners(const Call& call, int64_t user_id,
                                         const std::optional<Kept>& known);
  // Retries on version conflict. `change` returns false when there is nothing to change.
  void Update(const Call& call, int64_t user_id, const std::function<bool(Conversation&)>& change);

  ConversationCache& cache_;
  const Peers& peers_;
  postgres::Database& database_;
};

}  // namespace selfology::coaching_dialog

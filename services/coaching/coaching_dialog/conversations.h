// The state of the conversation with each person.
//
//   ASSIGN_OR_RETURN(Conversation conversation, conversations.Get(call, user_id));
//   conversations.Change(call, user_id, [&](Conversation& c) { AskQuestion(c, event); });
//
// It comes from the cache, or, if it is not there, from the services that own the facts: consent
// and session from SessionService, the chat from CoachService, its pauses and the message with
// active buttons from tables of this service. So the cache may be lost at any time, and a change to
// a state that is not cached need not be stored: the owners know it already. Call Get before a
// change that must be kept, such as of buttons.
//
// Errors: those of the owners, when they have to be asked. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/coaching/coaching_dialog/conversation.h"
#include "services/coaching/coaching_dialog/conversation_cache.h"
#include "services/coaching/coaching_dialog/peers.h"

namespace selfology::coaching_dialog {

class Conversations {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  Conversations(ConversationCache& cache, const Peers& peers, postgres::Database& database,
                Clock clock)
      : cache_(cache), peers_(peers), database_(database), clock_(std::move(clock)) {}

  absl::StatusOr<Conversation> Get(const Call& call, int64_t user_id);

  // Changes what is remembered, if anything is; `change` may run more than once. False: it could
  // not be noted, and the state will be worked out anew.
  bool Change(const Call& call, int64_t user_id, const std::function<void(Conversation&)>& change);

  // What no owner knows stays; the rest is worked out anew at the next Get.
  void Forget(const Call& call, int64_t user_id);

  // Forgets it, and works it out.
  absl::StatusOr<Conversation> Anew(const Call& call, int64_t user_id);

  // The chat is paused until it is resumed or another session begins, whatever else is forgotten.
  absl::Status PauseChat(const Call& call, int64_t user_id);
  absl::Status ResumeChat(const Call& call, int64_t user_id);

  // The message with this key has the buttons from now on; empty: none has. The key of the one
  // whose buttons are of no use any more; empty: of none.
  std::string PassButtons(const Call& call, int64_t user_id, std::string_view key);

  // Forgets everything, for someone whose data are erased. UNAVAILABLE without Redis.
  absl::Status Erase(const Call& call, int64_t user_id) {
    return cache_.Delete(call, user_id).status();
  }

 private:
  // What else is known of someone, by nobody but us.
  struct Own {
    observe::TraceContext trace;
    std::optional<absl::Time> chat_paused_at;
    std::string open_key;
  };
  absl::StatusOr<Own> ReadOwn(const Call& call, int64_t user_id);
  absl::StatusOr<Conversation> AskOwners(const Call& call, int64_t user_id,
                                         const std::optional<Kept>& known);
  void KeepOpenKey(const Call& call, int64_t user_id, const std::string& key);
  // Retries on version conflict. `change` returns false when there is nothing to change.
  bool Update(const Call& call, int64_t user_id, const std::function<bool(Conversation&)>& change);

  ConversationCache& cache_;
  const Peers& peers_;
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::coaching_dialog

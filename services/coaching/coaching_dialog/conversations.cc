#include "services/coaching/coaching_dialog/conversations.h"

#include <optional>
#include <string>
#include <utility>

#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/coaching/coaching_dialog/coaching_dialog_store.h"

namespace selfology::coaching_dialog {
namespace {

constexpr absl::Duration kOwner = absl::Seconds(2);
// Somebody else changes the same conversation: the person writes while an event about them is
// handled.
constexpr int kAttempts = 10;

// Without the coach there is no chat to be had now, and that is all this is asked for.
std::optional<coach::v1::Conversation> OpenChat(const Call& call, const Peers& peers,
                                                int64_t user_id) {
  coach::v1::GetConversationRequest request;
  request.set_user_id(user_id);
  absl::StatusOr<coach::v1::GetConversationResponse> response =
      peers.coach.GetConversation(call.WithTimeout(kOwner), request);
  if (!response.ok() && !absl::IsNotFound(response.status())) {
    observe::Warning("coach unavailable", {{"status", response.status()}});
  }
  if (!response.ok() || response->conversation().has_ended_at()) return std::nullopt;
  return std::move(*response->mutable_conversation());
}

bool IsRemembered(const std::optional<Kept>& kept) {
  return kept.has_value() && kept->conversation.state != v1::CONVERSATION_STATE_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<Conversation> Conversations::Get(const Call& call, int64_t user_id) {
  std::optional<Kept> known = cache_.Get(call, user_id);
  if (IsRemembered(known)) return std::move(known->conversation);
  ASSIGN_OR_RETURN(Conversation conversation, AskOwners(call, user_id, known));
  Kept kept{.conversation = std::move(conversation),
            .version = known.has_value() ? known->version : ""};
  // If somebody else was quicker, theirs is as good.
  cache_.Put(call, kept);
  return std::move(kept.conversation);
}

void Conversations::Change(const Call& call, int64_t user_id,
                           const std::function<void(Conversation&)>& change) {
  Update(call, user_id, [&](Conversation& conversation) {
    if (conversation.state == v1::CONVERSATION_STATE_UNSPECIFIED) return false;
    const Conversation before = conversation;
    change(conversation);
    return conversation != before;
  });
}

void Conversations::Forget(const Call& call, int64_t user_id) {
  Update(call, user_id, [](Conversation& conversation) {
    coaching_dialog::Forget(conversation);
    return true;
  });
}

void Conversations::Update(const Call& call, int64_t user_id,
                           const std::function<bool(Conversation&)>& change) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::optional<Kept> kept = cache_.Get(call, user_id);
    if (!kept.has_value() || !change(kept->conversation) || cache_.Put(call, *kept)) return;
  }
  observe::Warning("conversation update abandoned: version conflicts");
}

absl::StatusOr<Conversation> Conversations::AskOwners(const Call& call, int64_t user_id,
                                                      const std::optional<Kept>& known) {
  session::v1::GetOnboardingRequest request;
  request.set_user_id(user_id);
  ASSIGN_OR_RETURN(const session::v1::GetOnboardingResponse response,
                   peers_.session.GetOnboarding(call.WithTimeout(kOwner), request));
  const session::v1::Onboarding& onboarding = response.onboarding();
  std::optional<coach::v1::Conversation> chat;
  if (onboarding.stage() == session::v1::ONBOARDING_STAGE_COMPLETED)
    chat = OpenChat(call, peers_, user_id);
  Conversation conversation = Rebuild(onboarding, chat);
  conversation.user_id = user_id;
  if (known.has_value()) {
    conversation.answers_until = known->conversation.answers_until;
    conversation.trace = known->conversation.trace;
    if (conversation.language.empty()) conversation.language = known->conversation.language;
  }
  if (!conversation.trace.valid()) {
    ASSIGN_OR_RETURN(
        const std::optional<std::string> trace,
        database_.Read(call,
                       [&](postgres::Transaction& tx) { return store::ReadTrace(tx, user_id); },
                       {.newest = true}));
    conversation.trace =
        observe::TraceContext::Parse(trace.value_or("")).value_or(observe::TraceContext{});
  }
  return conversation;
}

}  // namespace selfology::coaching_dialog

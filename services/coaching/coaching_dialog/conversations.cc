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
    observe::Warning("coach service unavailable", {{"status", response.status()}});
  }
  if (!response.ok() || response->conversation().has_ended_at()) return std::nullopt;
  return std::move(*response->mutable_conversation());
}

bool IsRemembered(const std::optional<Kept>& kept) {
  return kept.has_value() && kept->conversation.state != v1::CONVERSATION_STATE_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<Conversation> Conversations::Get(const Call& call, int64_t user_id) {
  absl::StatusOr<std::optional<Kept>> read = cache_.Get(call, user_id);
  if (!read.ok()) {
    observe::Warning("conversation cache read failed", {{"status", read.status()}});
    return AskOwners(call, user_id, std::nullopt);
  }
  std::optional<Kept>& known = *read;
  if (IsRemembered(known)) return std::move(known->conversation);
  ASSIGN_OR_RETURN(Conversation conversation, AskOwners(call, user_id, known));
  Kept kept = std::move(known).value_or(Kept{});
  kept.conversation = std::move(conversation);
  // If somebody else was quicker, theirs is as good.
  if (const auto stored = cache_.Put(call, kept); !stored.ok()) {
    observe::Warning("conversation not cached", {{"status", stored.status()}});
  }
  return std::move(kept.conversation);
}

bool Conversations::Change(const Call& call, int64_t user_id,
                           const std::function<void(Conversation&)>& change) {
  std::optional<std::string> open_key;  // If that changes.
  const bool noted = Update(call, user_id, [&](Conversation& conversation) {
    open_key.reset();
    if (conversation.state == v1::CONVERSATION_STATE_UNSPECIFIED) return false;
    const Conversation before = conversation;
    change(conversation);
    if (conversation.open_key != before.open_key) open_key = conversation.open_key;
    return conversation != before;
  });
  if (open_key.has_value()) KeepOpenKey(call, user_id, *open_key);
  return noted;
}

std::string Conversations::PassButtons(const Call& call, int64_t user_id, std::string_view key) {
  std::string spent;
  Change(call, user_id, [&](Conversation& c) { spent = coaching_dialog::PassButtons(c, key); });
  return spent;
}

void Conversations::KeepOpenKey(const Call& call, int64_t user_id, const std::string& key) {
  const absl::Status kept = database_.Write(call, [&](postgres::Transaction& tx) {
    store::SaveOpenKey(tx, user_id, key, clock_());
    return absl::OkStatus();
  });
  if (!kept.ok())
    observe::Warning("key of the message with active buttons not stored", {{"status", kept}});
}

void Conversations::Forget(const Call& call, int64_t user_id) {
  Update(call, user_id, [](Conversation& conversation) {
    coaching_dialog::Forget(conversation);
    return true;
  });
}

absl::StatusOr<Conversation> Conversations::Anew(const Call& call, int64_t user_id) {
  Forget(call, user_id);
  return Get(call, user_id);
}

absl::Status Conversations::PauseChat(const Call& call, int64_t user_id) {
  return database_.Write(call, [&](postgres::Transaction& tx) {
    store::SaveChatPause(tx, user_id, clock_());
    return absl::OkStatus();
  });
}

absl::Status Conversations::ResumeChat(const Call& call, int64_t user_id) {
  return database_.Write(call, [&](postgres::Transaction& tx) {
    store::DeleteChatPause(tx, user_id);
    return absl::OkStatus();
  });
}

bool Conversations::Update(const Call& call, int64_t user_id,
                           const std::function<bool(Conversation&)>& change) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    absl::StatusOr<std::optional<Kept>> kept = cache_.Get(call, user_id);
    if (!kept.ok()) {
      observe::Warning("conversation change not cached", {{"status", kept.status()}});
      cache_.Doubt(user_id);
      return false;
    }
    if (!kept->has_value() || !change((*kept)->conversation)) return true;
    const absl::StatusOr<bool> stored = cache_.Put(call, **kept);
    if (!stored.ok()) {
      observe::Warning("conversation change not cached", {{"status", stored.status()}});
      return false;
    }
    if (*stored) return true;
  }
  observe::Warning("conversation update abandoned: version conflicts");
  cache_.Doubt(user_id);
  return false;
}

absl::StatusOr<Conversations::Own> Conversations::ReadOwn(const Call& call, int64_t user_id) {
  return database_.Read(
      call,
      [&](postgres::Transaction& tx) -> absl::StatusOr<Own> {
        ASSIGN_OR_RETURN(const std::optional<std::string> trace, store::ReadTrace(tx, user_id));
        Own own;
        own.trace =
            observe::TraceContext::Parse(trace.value_or("")).value_or(observe::TraceContext{});
        ASSIGN_OR_RETURN(own.chat_paused_at, store::ReadChatPause(tx, user_id));
        ASSIGN_OR_RETURN(std::optional<std::string> open_key, store::ReadOpenKey(tx, user_id));
        own.open_key = std::move(open_key).value_or("");
        return own;
      },
      {.newest = true});
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
  ASSIGN_OR_RETURN(const Own own, ReadOwn(call, user_id));
  Conversation conversation = Rebuild(onboarding, chat, own.chat_paused_at);
  conversation.user_id = user_id;
  if (known.has_value()) {
    const Conversation& before = known->conversation;
    conversation.answers_until = before.answers_until;
    conversation.answer_message_id = before.answer_message_id;
    conversation.answer_length = before.answer_length;
    conversation.heavy_offer = before.heavy_offer;
    conversation.trace = before.trace;
    if (conversation.language.empty()) conversation.language = before.language;
  }
  if (!conversation.trace.valid()) conversation.trace = own.trace;
  conversation.open_key = own.open_key;
  return conversation;
}

}  // namespace selfology::coaching_dialog

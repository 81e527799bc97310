#include "services/coaching/coach/coach_service.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/language/language.h"
#include "common/language/tag.h"
#include "common/observe/log.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/safety.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/safety/v1/safety.pb.h"
#include "services/coaching/coach/coach_store.h"
#include "services/coaching/coach/conversations.h"

namespace selfology::coach {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

constexpr int kMostCharacters = 4096;
constexpr paging::Limits kMessagePage = {.default_size = 20, .max_size = 200};
// How often a growing reply is looked at.
constexpr absl::Duration kGrowthLook = absl::Milliseconds(50);
constexpr int kIdleBatch = 100;
// How long to wait for who knows of consent.
constexpr absl::Duration kOwner = absl::Seconds(2);

void CheckLanguage(std::string_view language, FieldViolations& bad) {
  if (language.empty() || language::Tag::Parse(language).has_value()) return;
  bad.Add("language", "must be a BCP 47 language tag of at most 35 characters");
}

absl::Status ConversationNotFound() {
  return status::Error(mesh::v1::ERROR_CODE_CONVERSATION_NOT_FOUND, "no such conversation");
}

// The one asked for, or with id 0 the open one.
absl::StatusOr<v1::Conversation> Find(Transaction& tx, int64_t user_id, int64_t conversation_id) {
  ASSIGN_OR_RETURN(
      std::optional<v1::Conversation> found,
      conversation_id == 0 ? store::Open(tx, user_id) : store::Read(tx, user_id, conversation_id));
  if (!found.has_value()) return ConversationNotFound();
  return *std::move(found);
}

// Where a message belongs; with id 0, a conversation is begun when none is open.
absl::StatusOr<v1::Conversation> FindOrBegin(Transaction& tx, const v1::SendMessageRequest& request,
                                             absl::Time now) {
  if (request.conversation_id() == 0) {
    ASSIGN_OR_RETURN(std::optional<v1::Conversation> open, store::Open(tx, request.user_id()));
    if (open.has_value()) return *std::move(open);
    return Begin(tx, request.user_id(), request.language(), now);
  }
  ASSIGN_OR_RETURN(v1::Conversation found, Find(tx, request.user_id(), request.conversation_id()));
  if (found.has_ended_at()) {
    return status::Error(mesh::v1::ERROR_CODE_CONVERSATION_ENDED,
                         "the conversation has ended; start another");
  }
  return found;
}

}  // namespace

CoachService::CoachService(postgres::Database& database, Clock clock,
                           session::v1::SessionServiceClient sessions, GrowingReplies& growing,
                           std::shared_ptr<const LocalCoach> local_coach)
    : database_(database),
      clock_(std::move(clock)),
      sessions_(std::move(sessions)),
      growing_(growing),
      local_coach_(std::move(local_coach)) {}

absl::Status CoachService::CheckConsent(const Call& call, int64_t user_id) const {
  session::v1::GetOnboardingRequest request;
  request.set_user_id(user_id);
  ASSIGN_OR_RETURN(const session::v1::GetOnboardingResponse response,
                   sessions_.GetOnboarding(call.WithTimeout(kOwner), request));
  if (response.onboarding().stage() != session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED) {
    return absl::OkStatus();
  }
  return status::Error(
      mesh::v1::ERROR_CODE_CONSENT_REQUIRED,
      absl::StrCat("the person has not agreed to the processing of personal data: show them the "
                   "consent text, then call selfology.session.v1.SessionService/RecordConsent (PUT "
                   "/api/v1/onboarding/{user_id}/consent) with granted true and policy_version \"",
                   response.onboarding().current_policy_version(), "\""));
}

absl::StatusOr<v1::StartConversationResponse> CoachService::StartConversation(
    const Call& call, const v1::StartConversationRequest& request) {
  FieldViolations bad = CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  CheckLanguage(request.language(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  RETURN_IF_ERROR(CheckConsent(call, request.user_id()));
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  const auto start = [&](Transaction& tx) -> absl::StatusOr<v1::StartConversationResponse> {
    ASSIGN_OR_RETURN(std::optional<v1::Conversation> open, store::Open(tx, request.user_id()));
    if (open.has_value()) RETURN_IF_ERROR(End(tx, *open, v1::END_REASON_REPLACED, now));
    v1::StartConversationResponse response;
    ASSIGN_OR_RETURN(*response.mutable_conversation(),
                     Begin(tx, request.user_id(), request.language(), now));
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockUser(tx, request.user_id());
    return idempotency::Once<v1::StartConversationResponse>(
        tx,
        {store::kRequests, request.user_id(), "StartConversation", request.idempotency_key(), now},
        [&] { return start(tx); });
  });
}

absl::StatusOr<v1::EndConversationResponse> CoachService::EndConversation(
    const Call& call, const v1::EndConversationRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  const v1::EndReason reason =
      enums::IsNamed(request.reason()) ? request.reason() : v1::END_REASON_REQUESTED;
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::EndConversationResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(v1::Conversation conversation,
                     Find(tx, request.user_id(), request.conversation_id()));
    RETURN_IF_ERROR(End(tx, conversation, reason, clock_()));
    v1::EndConversationResponse response;
    *response.mutable_conversation() = std::move(conversation);
    return response;
  });
}

absl::StatusOr<v1::GetConversationResponse> CoachService::GetConversation(
    const Call& call, const v1::GetConversationRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  v1::GetConversationResponse response;
  ASSIGN_OR_RETURN(*response.mutable_conversation(), database_.Read(call, [&](Transaction& tx) {
    return Find(tx, request.user_id(), request.conversation_id());
  }));
  return response;
}

absl::StatusOr<v1::SendMessageResponse> CoachService::SendMessage(
    const Call& call, const v1::SendMessageRequest& request) {
  FieldViolations bad = CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  CheckLanguage(request.language(), bad);
  const std::string text(text::Trim(request.message_text()));
  if (text.empty() || text::Characters(text) > kMostCharacters || !text::IsStorable(text)) {
    bad.Add("message_text", absl::StrCat("must be 1 to ", kMostCharacters, " characters"));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  if (const absl::Status consent = CheckConsent(call, request.user_id()); !consent.ok()) {
    // Also when nobody knows whether they have agreed.
    const std::optional<Help> help = HelpWithoutConsent(text, request.language());
    if (!help.has_value()) return consent;
    return HelpInstead(call, request, *help);
  }
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  const auto send = [&](Transaction& tx) -> absl::StatusOr<v1::SendMessageResponse> {
    ASSIGN_OR_RETURN(const v1::Conversation conversation, FindOrBegin(tx, request, now));
    v1::SendMessageResponse response;
    v1::Message& message = *response.mutable_message();
    message.set_user_id(request.user_id());
    message.set_conversation_id(conversation.conversation_id());
    message.set_role(v1::MESSAGE_ROLE_USER);
    message.set_content(text);
    message.set_reply_status(v1::REPLY_STATUS_PENDING);
    *message.mutable_created_at() = timestamps::ToProto(now);
    RETURN_IF_ERROR(store::InsertMessage(tx, message));
    events::v1::UserMessageReceived received;
    received.set_user_id(request.user_id());
    received.set_message_text(text);
    received.set_message_id(message.message_id());
    received.set_conversation_id(conversation.conversation_id());
    received.set_language(request.language().empty() ? conversation.language()
                                                     : request.language());
    RETURN_IF_ERROR(events::Publish(tx, received));
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockUser(tx, request.user_id());
    return idempotency::Once<v1::SendMessageResponse>(
        tx, {store::kRequests, request.user_id(), "SendMessage", request.idempotency_key(), now},
        [&] { return send(tx); });
  });
}

absl::StatusOr<v1::SendMessageResponse> CoachService::HelpInstead(
    const Call& call, const v1::SendMessageRequest& request, const Help& help) {
  v1::SendMessageResponse response;
  response.set_help(help.help);
  const auto notice = [&](Transaction& tx) -> absl::StatusOr<v1::SendMessageResponse> {
    events::v1::SafetyDangerNoticed noticed;
    noticed.set_user_id(request.user_id());
    noticed.set_danger(
        enums::FromWord<::selfology::safety::v1::Danger>(safety::NameOf(help.danger)));
    noticed.set_level(
        enums::FromWord<::selfology::safety::v1::DangerLevel>(safety::NameOf(help.level)));
    noticed.set_language(std::string(language::TagOf(help.language)));
    noticed.set_mode_began(true);
    RETURN_IF_ERROR(events::Publish(tx, noticed));
    return response;
  };
  const auto noticed = database_.Write(call, [&](Transaction& tx) {
    store::LockUser(tx, request.user_id());
    return idempotency::Once<v1::SendMessageResponse>(
        tx,
        {store::kRequests, request.user_id(), "SendMessage", request.idempotency_key(),
         timestamps::WholeMicroseconds(clock_())},
        [&] { return notice(tx); });
  });
  if (noticed.ok()) return noticed;
  // The person gets help, whether or not operators can be told.
  observe::Warning("safety.danger.noticed not published", {{"status", noticed.status()}});
  return response;
}

absl::Status CoachService::StreamReply(const Call& call, const v1::StreamReplyRequest& request,
                                       rpc::Writer<v1::StreamReplyResponse>& replies) {
  FieldViolations bad = CheckUser(request);
  if (request.message_id() <= 0) bad.Add("message_id", "must be above 0");
  RETURN_IF_ERROR(bad.ToStatus());
  struct Standing {
    v1::Message message;
    std::optional<v1::Message> reply;
  };
  std::string shown;
  size_t pieces_seen = 0;
  while (!call.Cancelled() && call.Remaining() > absl::ZeroDuration()) {
    ASSIGN_OR_RETURN(
        const Standing standing,
        database_.Read(
            call,
            [&](Transaction& tx) -> absl::StatusOr<Standing> {
              ASSIGN_OR_RETURN(const std::optional<v1::Message> message,
                               store::ReadMessage(tx, request.user_id(), request.message_id()));
              if (!message.has_value() || message->role() != v1::MESSAGE_ROLE_USER) {
                return status::Error(mesh::v1::ERROR_CODE_MESSAGE_NOT_FOUND,
                                     "no such message of this person");
              }
              Standing standing{*message, std::nullopt};
              ASSIGN_OR_RETURN(standing.reply, store::ReadReply(tx, request.message_id()));
              return standing;
            },
            {.newest = true}));
    if (standing.reply.has_value()) {
      // What was shown may be the beginning of it, or of an attempt that was given up.
      const std::string& text = standing.reply->content();
      const bool goes_on = text.starts_with(shown);
      v1::StreamReplyResponse rest;
      rest.set_restart(!goes_on);
      rest.set_text_delta(goes_on ? text.substr(shown.size()) : text);
      if (!rest.text_delta().empty() && !replies.Write(rest)) return absl::OkStatus();
      v1::StreamReplyResponse last;
      *last.mutable_reply() = *standing.reply;
      replies.Write(last);
      return absl::OkStatus();
    }
    const auto pieces = growing_.Read(call, request.message_id(), pieces_seen);
    if (pieces.ok()) {
      for (const GrowingReplies::Piece& piece : *pieces) {
        ++pieces_seen;
        if (piece.restart && shown.empty()) continue;
        v1::StreamReplyResponse response;
        response.set_restart(piece.restart);
        response.set_text_delta(piece.text);
        if (!replies.Write(response)) return absl::OkStatus();
        if (piece.restart) shown.clear();
        shown += piece.text;
      }
    }
    absl::SleepFor(std::min(kGrowthLook, call.Remaining()));
  }
  return status::Error(mesh::v1::ERROR_CODE_AI_API_TIMEOUT, "the reply is still to come");
}

absl::StatusOr<v1::ListMessagesResponse> CoachService::ListMessages(
    const Call& call, const v1::ListMessagesRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kMessagePage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Message> messages, database_.Read(call, [&](Transaction& tx) {
    return store::ListMessages(tx, request.user_id(), request.conversation_id(), before,
                               page.limit());
  }));
  v1::ListMessagesResponse response;
  response.set_next_page_token(page.Cut(messages, &v1::Message::message_id));
  for (v1::Message& message : messages) *response.add_messages() = std::move(message);
  return response;
}

absl::Status CoachService::EndIdle(const Call& call, absl::Duration idle) {
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  const auto end = [&](Transaction& tx, int64_t user) -> absl::Status {
    store::LockUser(tx, user);
    ASSIGN_OR_RETURN(std::optional<v1::Conversation> open, store::Open(tx, user));
    // They may have written since.
    if (!open.has_value() || timestamps::FromProto(open->last_message_at()) >= now - idle) {
      return absl::OkStatus();
    }
    return End(tx, *open, v1::END_REASON_INACTIVE, now);
  };
  // One that cannot be ended must not keep the others open: it is skipped until the next run.
  absl::Status first_failure;
  store::IdleConversation last;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<store::IdleConversation> idle_ones,
                     database_.Read(call,
                                    [&](Transaction& tx) {
                                      return store::ListIdle(tx, now - idle, last, kIdleBatch);
                                    },
                                    {.newest = true}));
    if (idle_ones.empty()) return first_failure;
    for (const store::IdleConversation& one : idle_ones) {
      if (call.Remaining() <= absl::ZeroDuration()) {
        return absl::DeadlineExceededError("the other idle conversations are left to the next run");
      }
      const absl::Status ended =
          database_.Write(call, [&](Transaction& tx) { return end(tx, one.user_id); });
      if (absl::IsUnavailable(ended)) return ended;  // The database's failure, not this one's.
      first_failure.Update(ended);
    }
    last = idle_ones.back();
  }
}

}  // namespace selfology::coach

#include "services/feed/feed_dialog/dialog_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/channel_reader.pb.h"
#include "selfology/events/v1/feed.pb.h"
#include "services/feed/feed_dialog/panels.h"

namespace selfology::feed_dialog {
namespace {

using postgres::Transaction;
using status::FieldViolations;
using telegram::v1::DialogReaction;

constexpr size_t kLongestUpdateKey = 64;

template <typename Request>
FieldViolations CheckDialog(const Request& request) {
  FieldViolations bad;
  if (request.dialog() != kDialog) bad.Add("dialog", "must be a dialog of the service's");
  return bad;
}

void CheckUpdate(std::string_view key, int64_t number, FieldViolations& bad) {
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  });
  if (key.empty() || key.size() > kLongestUpdateKey || !printable) {
    bad.Add("update_key", "must be 1 to 64 printable ASCII characters");
  }
  if (number < 1) bad.Add("update_number", "must be 1 or more");
}

template <typename Event>
absl::StatusOr<Event> EventIn(const telegram::v1::RenderEventRequest& request) {
  Event event;
  if (!event.ParseFromString(request.payload())) {
    return status::InvalidField("payload", "must be an event of the type");
  }
  return event;
}

}  // namespace

bool DialogService::Serves(const google::protobuf::Message& request) const {
  const auto* const field = request.GetDescriptor()->FindFieldByName("dialog");
  return field != nullptr && request.GetReflection()->GetString(request, field) == kDialog;
}

absl::StatusOr<telegram::v1::DescribeDialogResponse> DialogService::DescribeDialog(
    const Call& /*call*/, const telegram::v1::DescribeDialogRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  telegram::v1::DescribeDialogResponse response;
  *response.mutable_description() = Describe();
  return response;
}

absl::StatusOr<telegram::v1::ReactResponse> DialogService::React(
    const Call& call, const telegram::v1::ReactRequest& request) {
  FieldViolations bad = CheckDialog(request);
  bad.CheckUserId(request.user_id());
  CheckUpdate(request.update_key(), request.update_number(), bad);
  if (request.update().what_case() == telegram::v1::DialogUpdate::WHAT_NOT_SET) {
    bad.Add("update", "must say what the person did");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const idempotency::Request key{.table = kRequests,
                                 .user_id = request.user_id(),
                                 .rpc = "React",
                                 .key = request.update_key(),
                                 .now = clock_()};
  telegram::v1::ReactResponse response;
  ASSIGN_OR_RETURN(
      const std::optional<std::string> answered,
      database_.Write(call, [&](Transaction& tx) { return idempotency::Recall(tx, key); }));
  if (answered.has_value()) {
    if (response.ParseFromString(*answered)) return response;
    return absl::InternalError("a remembered response does not parse");
  }
  // No transaction is open while the peers are asked; what they write carries the update's key.
  const absl::StatusOr<DialogReaction> reaction =
      reactions_.To(call,
                    {.user_id = request.user_id(),
                     .update_key = absl::StrCat("feed_dialog:", request.update_key()),
                     .app_language = request.language()},
                    request.update());
  if (!reaction.ok()) {
    observe::Warning("feed not reached by its dialog", {{"status", reaction.status()}});
    const Language language = language::LanguageOf(request.language());
    *response.mutable_reaction()->add_messages() =
        Passing(std::string(Phrase(language, Text::kAway)), "away");
    return response;  // Not remembered: asked again, it may succeed.
  }
  *response.mutable_reaction() = *reaction;
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<std::string> meanwhile, idempotency::Recall(tx, key));
    if (meanwhile.has_value()) {
      if (!response.ParseFromString(*meanwhile)) {
        return absl::InternalError("a remembered response does not parse");
      }
      return absl::OkStatus();
    }
    idempotency::Remember(tx, key, response.SerializeAsString());
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<telegram::v1::RenderEventResponse> DialogService::RenderEvent(
    const Call& call, const telegram::v1::RenderEventRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  telegram::v1::RenderEventResponse response;
  DialogReaction& reaction = *response.mutable_reaction();
  if (request.event_type() == "feed.nudge.due") {
    ASSIGN_OR_RETURN(const auto event, EventIn<events::v1::FeedNudgeDue>(request));
    telegram::v1::DialogMessage message =
        NudgeCard(event.post(), language::LanguageOf(event.language()));
    const absl::Duration worth = timestamps::FromProto(event.expires_at()) - clock_();
    if (event.has_expires_at() && worth < absl::Seconds(1)) return response;  // Too late.
    if (event.has_expires_at()) {
      message.mutable_worth()->set_seconds(absl::ToInt64Seconds(worth));
    }
    message.set_key(absl::StrCat("nudge-", event.nudge_id()));
    // Twice would be worse than never.
    message.set_expendable(true);
    *reaction.add_messages() = std::move(message);
    return response;
  }
  if (request.event_type() == "feed.digest.ready") {
    ASSIGN_OR_RETURN(const auto event, EventIn<events::v1::FeedDigestReady>(request));
    if (event.posts().empty()) return response;
    *reaction.add_messages() = DigestMessage({event.posts().begin(), event.posts().end()},
                                             language::LanguageOf(event.language()));
    return response;
  }
  if (request.event_type() == "feed.training.ready") {
    ASSIGN_OR_RETURN(const auto event, EventIn<events::v1::FeedTrainingReady>(request));
    ASSIGN_OR_RETURN(reaction,
                     reactions_.ToTrainingReady(
                         call, {.user_id = event.user_id(), .app_language = event.language()}));
    return response;
  }
  if (request.event_type() == "channel.owner.changed") {
    ASSIGN_OR_RETURN(const auto event, EventIn<events::v1::ChannelOwnerChanged>(request));
    const Language language = reactions_.LanguageFor(call, event.user_id(), "");
    *reaction.add_messages() = event.bot_is_there()
                                   ? OwnerPanel(event.channel(), language)
                                   : Plain(Fill(Phrase(language, Text::kOwnerRemoved),
                                                {text::EscapeHtml(event.channel().title())}),
                                           "owner_removed");
    return response;
  }
  return status::InvalidField("event_type", "must be one that the dialog describes");
}

absl::StatusOr<telegram::v1::TakeChannelUpdateResponse> DialogService::TakeChannelUpdate(
    const Call& call, const telegram::v1::TakeChannelUpdateRequest& request) {
  FieldViolations bad = CheckDialog(request);
  CheckUpdate(request.update_key(), request.update_number(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  channel_reader::v1::TakeChannelUpdateRequest update;
  update.set_update_key(request.update_key());
  update.set_update_number(request.update_number());
  *update.mutable_update() = request.update();
  RETURN_IF_ERROR(peers_->reader.TakeChannelUpdate(call, update).status());
  return telegram::v1::TakeChannelUpdateResponse();
}

absl::StatusOr<telegram::v1::GetDialogStateResponse> DialogService::GetDialogState(
    const Call& /*call*/, const telegram::v1::GetDialogStateRequest& request) {
  FieldViolations bad = CheckDialog(request);
  bad.CheckUserId(request.user_id());
  RETURN_IF_ERROR(bad.ToStatus());
  telegram::v1::GetDialogStateResponse response;
  response.mutable_conversation()->set_user_id(request.user_id());
  return response;
}

absl::StatusOr<telegram::v1::SetDialogStateResponse> DialogService::SetDialogState(
    const Call& /*call*/, const telegram::v1::SetDialogStateRequest& request) {
  FieldViolations bad = CheckDialog(request);
  bad.CheckUserId(request.user_id());
  RETURN_IF_ERROR(bad.ToStatus());
  return absl::UnimplementedError("the dialog has none of these states");
}

}  // namespace selfology::feed_dialog

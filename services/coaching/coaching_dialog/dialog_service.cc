#include "services/coaching/coaching_dialog/dialog_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/enums/word.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "services/coaching/coaching_dialog/coaching_dialog_store.h"
#include "services/coaching/coaching_dialog/messages.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr size_t kLongestUpdateKey = 64;
// People send an answer, or a thought, in several messages.

// A text in all languages.
template <typename Words>
void Localize(google::protobuf::RepeatedPtrField<v1::LocalizedText>& texts, Words words) {
  for (const Language language : kLanguages) {
    v1::LocalizedText& text = *texts.Add();
    text.set_language(std::string(TagOf(language)));
    text.set_text(std::string(words(language)));
  }
}

v1::DialogDescription Describe(absl::Duration gather) {
  v1::DialogDescription description;
  description.set_dialog(std::string(kDialog));
  Localize(*description.mutable_titles(),
           [](Language language) { return Phrase(language, Text::kTitle); });
  const std::vector<texts::Command> commands = texts::CommandMenu(Language::kEnglish);
  for (size_t i = 0; i < commands.size(); ++i) {
    v1::DialogCommand& command = *description.add_commands();
    command.set_name(std::string(commands[i].name));
    Localize(*command.mutable_descriptions(),
             [i](Language language) { return texts::CommandMenu(language)[i].effect; });
    for (const std::string_view menu : commands[i].menus) command.add_menus(std::string(menu));
  }
  for (const std::string_view action : ButtonActions()) {
    description.add_button_actions(std::string(action));
  }
  for (const std::string& type : EventWords::EventTypes()) description.add_event_types(type);
  Localize(*description.mutable_help(), &texts::Help);
  if (gather > absl::ZeroDuration()) *description.mutable_gather() = ToProto(gather);
  return description;
}

template <typename Request>
FieldViolations CheckDialog(const Request& request) {
  FieldViolations bad;
  if (request.dialog() != kDialog) bad.Add("dialog", "must be a dialog of the service's");
  return bad;
}

template <typename Request>
FieldViolations CheckDialogAndUser(const Request& request) {
  FieldViolations bad = CheckDialog(request);
  bad.CheckUserId(request.user_id());
  return bad;
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

absl::Status Validate(const v1::ReactRequest& request) {
  FieldViolations bad = CheckDialogAndUser(request);
  if (request.update_key().empty() || request.update_key().size() > kLongestUpdateKey ||
      !IsPrintable(request.update_key())) {
    bad.Add("update_key", "must be 1 to 64 printable ASCII characters");
  }
  if (request.update_number() < 1) bad.Add("update_number", "must be 1 or more");
  if (request.update().what_case() == v1::DialogUpdate::WHAT_NOT_SET) {
    bad.Add("update", "must say what the person did");
  }
  return bad.ToStatus();
}

// Of someone who has just been erased nothing is to be remembered anew, not even by the gateway.
bool Erases(const v1::DialogUpdate& update) {
  return update.button().action() == "delete" && update.button().argument() == "yes";
}

}  // namespace

bool DialogService::Serves(const google::protobuf::Message& request) const {
  // Every request of the contract has it.
  const auto* const dialog = request.GetDescriptor()->FindFieldByName("dialog");
  return dialog != nullptr && request.GetReflection()->GetString(request, dialog) == kDialog;
}

absl::StatusOr<v1::DescribeDialogResponse> DialogService::DescribeDialog(
    const Call& /*call*/, const v1::DescribeDialogRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  v1::DescribeDialogResponse response;
  *response.mutable_description() = Describe(parts_.gather);
  return response;
}

absl::StatusOr<v1::ReactResponse> DialogService::React(const Call& call,
                                                       const v1::ReactRequest& request) {
  RETURN_IF_ERROR(Validate(request));
  // Nothing is answered, and nothing changes.
  if (request.update().has_reaction()) return v1::ReactResponse();
  const Turn turn = Begin(call, request);
  const observe::ScopedTrace scope(turn.call.trace());
  v1::ReactResponse response;
  v1::DialogReaction& reaction = *response.mutable_reaction();
  ASSIGN_OR_RETURN(reaction, parts_.reactions.To(turn, request.update()));
  if (reaction.language().empty() && !Erases(request.update())) {
    reaction.set_language(std::string(TagOf(turn.language)));
  }
  reaction.set_traceparent(turn.call.trace().Format());
  return response;
}

Turn DialogService::Begin(const Call& call, const v1::ReactRequest& request) {
  absl::StatusOr<Conversation> known = parts_.conversations.Get(call, request.user_id());
  if (!known.ok()) observe::Warning("conversation state unavailable", {{"status", known.status()}});
  Conversation conversation = known.value_or(Conversation{.user_id = request.user_id()});
  if (conversation.language.empty()) conversation.language = request.language();
  const bool new_journey = !conversation.trace.valid() ||
                           (AsksToBegin(request.update()) && IsBetweenJourneys(conversation.state));
  observe::TraceContext span;
  {
    absl::MutexLock lock(&mutex_);
    if (new_journey) conversation.trace = observe::NewTrace(random_);
    span = conversation.trace.Child(random_);
  }
  if (known.ok() && *known != conversation) KeepJourney(call, conversation);
  return {.call = Call(call.deadline(), span, [call] { return call.Cancelled(); }),
          .user_id = request.user_id(),
          .key = request.update_key(),
          .update_number = request.update_number(),
          .shown_question = request.shown_mark(),
          .message_id = request.update().message_id(),
          .language = LanguageOf(conversation.language),
          .conversation = std::move(conversation)};
}

void DialogService::KeepJourney(const Call& call, const Conversation& conversation) {
  parts_.conversations.Change(call, conversation.user_id, [&](Conversation& c) {
    c.trace = conversation.trace;
    c.language = conversation.language;
  });
  const absl::Status kept = parts_.database.Write(call, [&](Transaction& tx) {
    store::SaveTrace(tx, conversation.user_id, conversation.trace.Format(), parts_.clock());
    return absl::OkStatus();
  });
  if (!kept.ok()) observe::Warning("trace not stored", {{"status", kept}});
}

absl::StatusOr<v1::RenderEventResponse> DialogService::RenderEvent(
    const Call& call, const v1::RenderEventRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  v1::RenderEventResponse response;
  ASSIGN_OR_RETURN(*response.mutable_reaction(), parts_.words.For(call, request));
  // What happened has happened, but nobody in danger is told of it; a question that waits is asked
  // again when they are back.
  if (!response.reaction().messages().empty() && IsInCrisis(call, request.user_id())) {
    response.mutable_reaction()->clear_messages();
  }
  return response;
}

bool DialogService::IsInCrisis(const Call& call, int64_t user_id) const {
  constexpr absl::Duration kPatience = absl::Milliseconds(500);
  safety::v1::GetModeRequest request;
  request.set_user_id(user_id);
  const auto mode = parts_.peers.safety.GetMode(call.WithTimeout(kPatience), request);
  if (!mode.ok()) observe::Warning("crisis mode not known", {{"status", mode.status()}});
  return mode.ok() && mode->has_mode();
}

absl::StatusOr<v1::TakeChannelUpdateResponse> DialogService::TakeChannelUpdate(
    const Call& /*call*/, const v1::TakeChannelUpdateRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  return absl::UnimplementedError("the dialog describes no channel updates");
}

absl::StatusOr<v1::GetDialogStateResponse> DialogService::GetDialogState(
    const Call& call, const v1::GetDialogStateRequest& request) {
  RETURN_IF_ERROR(CheckDialogAndUser(request).ToStatus());
  ASSIGN_OR_RETURN(const Conversation conversation,
                   parts_.conversations.Get(call, request.user_id()));
  v1::GetDialogStateResponse response;
  *response.mutable_conversation() = ToProto(conversation);
  return response;
}

absl::StatusOr<v1::SetDialogStateResponse> DialogService::SetDialogState(
    const Call& call, const v1::SetDialogStateRequest& request) {
  FieldViolations bad = CheckDialogAndUser(request);
  const bool forget = request.state() == v1::CONVERSATION_STATE_UNSPECIFIED;
  if (!forget && !enums::IsNamed(request.state())) bad.Add("state", "must be a known one");
  if (request.session_id() < 0) bad.Add("session_id", "must not be below 0");
  RETURN_IF_ERROR(bad.ToStatus());

  if (forget) {
    parts_.conversations.Forget(call, request.user_id());
  } else {
    // So that there is something to change.
    RETURN_IF_ERROR(parts_.conversations.Get(call, request.user_id()));
    RETURN_IF_ERROR(request.state() == v1::CONVERSATION_STATE_CHAT_PAUSED
                        ? parts_.conversations.PauseChat(call, request.user_id())
                        : parts_.conversations.ResumeChat(call, request.user_id()));
    const bool moved = parts_.conversations.Change(call, request.user_id(), [&](Conversation& c) {
      MoveTo(c, request.state(), request.session_id());
    });
    if (!moved) return absl::UnavailableError("where the conversation stands cannot be stored now");
  }
  ASSIGN_OR_RETURN(const Conversation conversation,
                   parts_.conversations.Get(call, request.user_id()));
  v1::SetDialogStateResponse response;
  *response.mutable_conversation() = ToProto(conversation);
  return response;
}

absl::Status DialogService::ForgetOld(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t forgotten, parts_.database.Write(call, [&](Transaction& tx) {
    return store::ForgetOld(tx, parts_.clock());
  }));
  if (forgotten > 0) observe::Debug("old rows deleted", {{"rows", forgotten}});
  return absl::OkStatus();
}

}  // namespace selfology::coaching_dialog

#include "services/coaching/coaching_dialog/dialog_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/enums/word.h"
#include "common/observe/log.h"
#include "common/observe/span.h"
#include "common/observe/trace.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/coaching_dialog_store.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/messages.h"
#include "services/coaching/coaching_dialog/texts.h"
#include "services/coaching/lib/dialog_request/dialog_request.h"

namespace selfology::coaching_dialog {
namespace {

using dialog_request::CheckDialog;
using dialog_request::CheckDialogAndUser;
using dialog_request::CheckReact;
using postgres::Transaction;
using status::FieldViolations;

// A text in all languages.
template <typename Words>
void Localize(google::protobuf::RepeatedPtrField<v1::LocalizedText>& texts, Words words) {
  for (const Language language : kLanguages) {
    v1::LocalizedText& text = *texts.Add();
    text.set_language(std::string(TagOf(language)));
    text.set_text(std::string(words(language)));
  }
}

void AddCommands(std::vector<texts::Command> (*in)(Language), v1::DialogDescription& description) {
  const std::vector<texts::Command> commands = in(Language::kEnglish);
  for (size_t i = 0; i < commands.size(); ++i) {
    v1::DialogCommand& command = *description.add_commands();
    command.set_name(std::string(commands[i].name));
    Localize(*command.mutable_descriptions(),
             [&](Language language) { return in(language)[i].effect; });
    for (const std::string_view menu : commands[i].menus) command.add_menus(std::string(menu));
    for (const std::string_view alias : commands[i].aliases) {
      command.add_aliases(std::string(alias));
    }
  }
}

v1::DialogDescription Describe(absl::Duration gather) {
  v1::DialogDescription description;
  description.set_dialog(std::string(kDialog));
  Localize(*description.mutable_titles(),
           [](Language language) { return Phrase(language, Text::kTitle); });
  AddCommands(&texts::CommandMenu, description);
  AddCommands(&SettingsCommands, description);
  for (const std::string_view action : ButtonActions()) {
    description.add_button_actions(std::string(action));
  }
  for (const std::string_view action : SettingsButtons()) {
    description.add_button_actions(std::string(action));
  }
  for (const std::string& type : EventWords::EventTypes()) description.add_event_types(type);
  Localize(*description.mutable_help(), [](Language language) {
    return absl::StrCat(texts::Help(language), SettingsHelp(language));
  });
  if (gather > absl::ZeroDuration()) *description.mutable_gather() = ToProto(gather);
  return description;
}

// Between two questions the next one is on its way, so it counts as one that waits. No other state
// that a reaction leads to has one.
void NoteQuestion(v1::DialogReaction& reaction) {
  if (reaction.menu().empty() || reaction.question() != v1::DIALOG_QUESTION_UNSPECIFIED) return;
  reaction.set_question(reaction.menu() == menu::kQuestions ? v1::DIALOG_QUESTION_WAITS
                                                            : v1::DIALOG_QUESTION_NONE);
}

// Of someone who has just been erased nothing is to be remembered anew, not even by the gateway.
bool Erases(const v1::DialogUpdate& update) {
  return update.button().action() == "delete" && update.button().argument() == "yes";
}

}  // namespace

bool DialogService::Serves(const google::protobuf::Message& request) const {
  return dialog_request::Names(request, kDialog);
}

absl::StatusOr<v1::DescribeDialogResponse> DialogService::DescribeDialog(
    const Call& /*call*/, const v1::DescribeDialogRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request, kDialog).ToStatus());
  v1::DescribeDialogResponse response;
  *response.mutable_description() = Describe(parts_.gather);
  return response;
}

absl::StatusOr<v1::ReactResponse> DialogService::React(const Call& call,
                                                       const v1::ReactRequest& request) {
  RETURN_IF_ERROR(CheckReact(request, kDialog));
  // Nothing is answered, and nothing changes.
  if (request.update().has_reaction()) return v1::ReactResponse();
  const Turn turn = Begin(call, request);
  const observe::ScopedTrace scope(turn.call.trace());
  absl::StatusOr<v1::ReactResponse> response = React(turn, request);
  turn.span.End(response.status().code(), absl::Now(), [&](observe::FinishedSpan& span) {
    span.name = "journey step";
    // The update's own trace ends at its reply.
    span.links.push_back(call.trace());
  });
  return response;
}

absl::StatusOr<v1::ReactResponse> DialogService::React(const Turn& turn,
                                                       const v1::ReactRequest& request) {
  v1::ReactResponse response;
  v1::DialogReaction& reaction = *response.mutable_reaction();
  parts_.settings.NoteHeard(turn, request.update());
  if (std::optional<Reaction> own = parts_.settings.To(turn, request.update()); own.has_value()) {
    reaction = *std::move(own);
  } else {
    ASSIGN_OR_RETURN(reaction, parts_.reactions.To(turn, request.update()));
  }
  if (reaction.language().empty() && !Erases(request.update())) {
    reaction.set_language(std::string(TagOf(turn.language)));
  }
  NoteQuestion(reaction);
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
  observe::Span span;
  {
    absl::MutexLock lock(&mutex_);
    // A journey's first step is what the others are steps of.
    span = observe::Span::Enter(call.trace().tracer, observe::SpanKind::kInternal,
                                new_journey ? observe::TraceContext() : conversation.trace,
                                absl::Now(), random_);
  }
  if (new_journey) conversation.trace = span.trace();
  if (known.ok() && *known != conversation) KeepJourney(call, conversation);
  const std::optional<std::string> policy = PolicyOfMark(request.shown_mark());
  return {.call = Call(call.deadline(), span.trace(), [call] { return call.Cancelled(); }),
          .user_id = request.user_id(),
          .key = request.update_key(),
          .update_number = request.update_number(),
          .shown_question = policy.has_value() ? "" : request.shown_mark(),
          .shown_policy = policy.value_or(""),
          .message_id = request.update().message_id(),
          .language = LanguageOf(conversation.language),
          .span = span,
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
  if (!kept.ok()) observe::Warning("trace of the journey not stored", {{"status", kept}});
}

absl::StatusOr<v1::RenderEventResponse> DialogService::RenderEvent(
    const Call& call, const v1::RenderEventRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request, kDialog).ToStatus());
  v1::RenderEventResponse response;
  ASSIGN_OR_RETURN(*response.mutable_reaction(), parts_.words.For(call, request));
  // What happened has happened, but nobody in danger is told of it; a question that waits is asked
  // again when they are back.
  if (!response.reaction().messages().empty() && IsInCrisis(call, request.user_id())) {
    response.mutable_reaction()->clear_messages();
  }
  parts_.settings.AddOffer(call, request, *response.mutable_reaction());
  NoteQuestion(*response.mutable_reaction());
  return response;
}

bool DialogService::IsInCrisis(const Call& call, int64_t user_id) const {
  constexpr absl::Duration kPatience = absl::Milliseconds(500);
  safety::v1::GetModeRequest request;
  request.set_user_id(user_id);
  const auto mode = parts_.peers.safety.GetMode(call.WithTimeout(kPatience), request);
  if (!mode.ok())
    observe::Warning("crisis mode unknown: safety service unavailable",
                     {{"status", mode.status()}});
  return mode.ok() && mode->has_mode();
}

absl::StatusOr<v1::TakeChannelUpdateResponse> DialogService::TakeChannelUpdate(
    const Call& /*call*/, const v1::TakeChannelUpdateRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request, kDialog).ToStatus());
  return absl::UnimplementedError("the dialog describes no channel updates");
}

absl::StatusOr<v1::GetDialogStateResponse> DialogService::GetDialogState(
    const Call& call, const v1::GetDialogStateRequest& request) {
  RETURN_IF_ERROR(CheckDialogAndUser(request, kDialog).ToStatus());
  ASSIGN_OR_RETURN(const Conversation conversation,
                   parts_.conversations.Get(call, request.user_id()));
  v1::GetDialogStateResponse response;
  *response.mutable_conversation() = ToProto(conversation);
  return response;
}

absl::StatusOr<v1::SetDialogStateResponse> DialogService::SetDialogState(
    const Call& call, const v1::SetDialogStateRequest& request) {
  FieldViolations bad = CheckDialogAndUser(request, kDialog);
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
  if (forgotten > 0) observe::Debug("expired rows deleted", {{"rows", forgotten}});
  return absl::OkStatus();
}

}  // namespace selfology::coaching_dialog

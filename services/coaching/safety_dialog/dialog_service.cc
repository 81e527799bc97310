#include "services/coaching/safety_dialog/dialog_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/safety.pb.h"
#include "services/coaching/lib/dialog_request/dialog_request.h"
#include "services/coaching/lib/safety/help_lines.h"
#include "services/coaching/safety_dialog/crisis.h"
#include "services/coaching/safety_dialog/safety_dialog_store.h"

namespace selfology::safety_dialog {
namespace {

using dialog_request::CheckDialog;
using dialog_request::CheckDialogAndUser;
using dialog_request::CheckReact;
using postgres::Transaction;
using status::FieldViolations;

bool IsSos(const v1::DialogUpdate& update) { return update.command().name() == kSos; }

std::string_view WordsOf(const v1::DialogUpdate& update) {
  switch (update.what_case()) {
    case v1::DialogUpdate::kWords:
      return update.words();
    case v1::DialogUpdate::kEditedWords:
      return update.edited_words();
    case v1::DialogUpdate::kContent:
      return update.content().caption();
    case v1::DialogUpdate::kCommand:
      return update.command().argument();
    default:
      return "";
  }
}

// A picture, a sticker, somebody's voice, a bare command: nothing that can be read.
bool IsWordless(const v1::DialogUpdate& update) {
  return (update.has_content() || update.has_command()) && !IsSos(update) &&
         WordsOf(update).empty();
}

// Nothing that the dialog could answer in any mode.
bool SaysNothing(const v1::DialogUpdate& update) {
  return !update.has_button() && !IsSos(update) && !IsWordless(update) && WordsOf(update).empty();
}

// What an update does, before it is written down.
struct Reaction {
  Step step;
  std::optional<std::string> country = std::nullopt;  // That was chosen; kElsewhere: another one.
};

// Without a change of the mode.
Reaction Show(const std::optional<Crisis>& crisis, std::string_view card) {
  return {.step = {.crisis = crisis, .card = std::string(card), .taken = true}};
}

Reaction ToButton(const store::Person& person, const v1::PressedButton& button, Language language,
                  absl::Time now) {
  std::string_view argument = button.argument();
  if (argument == kCountries) return Show(person.crisis, kCountries);
  if (absl::StartsWith(argument, kCountry)) {
    const std::string_view country = argument.substr(kCountry.size());
    const std::vector<std::string>& known = Countries();
    const bool is_known = std::find(known.begin(), known.end(), country) != known.end();
    Reaction reaction = Show(person.crisis, kLines);
    reaction.country = std::string(is_known ? country : safety::kElsewhere);
    return reaction;
  }
  // Also under a card that there is no more.
  if (argument == kShort || !CardMessage(argument, language, "").has_value()) argument = kLines;
  return {.step = Press(person.crisis, argument, now)};
}

Reaction ToWords(const store::Person& person, const v1::DialogUpdate& update, absl::Time now) {
  const v1::RepliedTo& replied_to = update.replied_to();
  Heard heard = Listen(WordsOf(update), person.crisis,
                       replied_to.quote().empty() ? replied_to.words() : replied_to.quote());
  heard.is_whole = update.gathered() > 1;
  heard.is_command = update.has_command();
  const Step step = Hear(person.crisis, heard, now);
  if (step.began) {
    std::vector<std::string> rules;
    for (const safety::Reason& reason : heard.found.reasons) rules.push_back(reason.rule);
    observe::Info("crisis mode started", {{"danger", safety::NameOf(heard.found.danger)},
                                          {"level", safety::NameOf(heard.found.level)},
                                          {"rules", absl::StrJoin(rules, ",")}});
  }
  return {.step = step};
}

Reaction To(const store::Person& person, const v1::DialogUpdate& update, Language language,
            absl::Time now) {
  if (update.has_button()) return ToButton(person, update.button(), language, now);
  if (IsWordless(update)) {
    // In the mode nobody is left without an answer.
    if (!person.crisis.has_value()) return {};
    Heard heard;
    heard.is_whole = update.gathered() > 1;
    return {.step = Hear(person.crisis, heard, now)};
  }
  Reaction reaction;
  if (!WordsOf(update).empty()) reaction = ToWords(person, update, now);
  // As a guard it is asked about what stands behind the command, too, and answers once.
  if (IsSos(update) && !reaction.step.taken) return {.step = Press(person.crisis, kLines, now)};
  return reaction;
}

events::v1::SafetyDangerNoticed Noticed(int64_t user_id, const Step& step, Language language) {
  events::v1::SafetyDangerNoticed event;
  event.set_user_id(user_id);
  event.set_danger(
      enums::FromWord<::selfology::safety::v1::Danger>(safety::NameOf(step.crisis->danger)));
  event.set_level(
      enums::FromWord<::selfology::safety::v1::DangerLevel>(safety::NameOf(step.crisis->level)));
  event.set_language(std::string(TagOf(language)));
  event.set_mode_began(step.began);
  return event;
}

v1::ReactResponse ResponseOf(const Step& step, Language language, std::string_view country) {
  v1::ReactResponse response;
  response.set_taken(step.taken);
  v1::DialogReaction& reaction = *response.mutable_reaction();
  // What others were about to say waits no longer.
  reaction.set_drop_waiting(step.began);
  if (std::optional<v1::DialogMessage> message = CardMessage(step.card, language, country)) {
    *reaction.add_messages() = *std::move(message);
  }
  return response;
}

}  // namespace

bool DialogService::Serves(const google::protobuf::Message& request) const {
  return dialog_request::Names(request, kDialog);
}

absl::StatusOr<v1::DescribeDialogResponse> DialogService::DescribeDialog(
    const Call& /*call*/, const v1::DescribeDialogRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request, kDialog).ToStatus());
  v1::DescribeDialogResponse response;
  *response.mutable_description() = Describe();
  return response;
}

absl::StatusOr<v1::ReactResponse> DialogService::React(const Call& call,
                                                       const v1::ReactRequest& request) {
  RETURN_IF_ERROR(CheckReact(request, kDialog));
  const v1::DialogUpdate& update = request.update();
  if (SaysNothing(update)) return v1::ReactResponse();
  const absl::Time now = clock_();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ReactResponse> {
    const int64_t user_id = request.user_id();
    const idempotency::Request key{.table = store::kRequests,
                                   .user_id = user_id,
                                   .rpc = "React",
                                   .key = request.update_key(),
                                   .now = now};
    ASSIGN_OR_RETURN(const std::optional<std::string> answered, idempotency::Recall(tx, key));
    v1::ReactResponse response;
    if (answered.has_value()) {
      if (response.ParseFromString(*answered)) return response;
      return absl::InternalError("a remembered response does not parse");
    }
    ASSIGN_OR_RETURN(const store::Person person, store::ReadPerson(tx, user_id));
    const Language language = LanguageOfWords(
        WordsOf(update), person.language.empty() ? request.language() : person.language);
    const Reaction reaction = To(person, update, language, now);
    const Step& step = reaction.step;
    // What has no effect need not be remembered.
    const bool ended = person.crisis.has_value() && !step.crisis.has_value();
    if (!step.taken && step.card.empty() && !ended) return response;

    if (reaction.country.has_value()) store::SaveCountry(tx, user_id, *reaction.country);
    if (step.crisis.has_value()) {
      store::SaveCrisis(tx, user_id, *step.crisis, TagOf(language));
    } else if (person.crisis.has_value()) {
      store::DeleteCrisis(tx, user_id);
    }
    if (step.began || step.rose) {
      RETURN_IF_ERROR(events::Publish(tx, Noticed(user_id, step, language)));
    }
    response = ResponseOf(step, language, reaction.country.value_or(person.country));
    idempotency::Remember(tx, key, response.SerializeAsString());
    return response;
  });
}

absl::StatusOr<v1::RenderEventResponse> DialogService::RenderEvent(
    const Call& /*call*/, const v1::RenderEventRequest& request) {
  FieldViolations bad = CheckDialog(request, kDialog);
  bad.Add("event_type", "must be one that the dialog describes, and it describes none");
  return bad.ToStatus();
}

absl::StatusOr<v1::TakeChannelUpdateResponse> DialogService::TakeChannelUpdate(
    const Call& /*call*/, const v1::TakeChannelUpdateRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request, kDialog).ToStatus());
  return absl::UnimplementedError("the dialog describes no channel updates");
}

absl::StatusOr<v1::GetDialogStateResponse> DialogService::GetDialogState(
    const Call& /*call*/, const v1::GetDialogStateRequest& request) {
  RETURN_IF_ERROR(CheckDialogAndUser(request, kDialog).ToStatus());
  v1::GetDialogStateResponse response;
  response.mutable_conversation()->set_user_id(request.user_id());
  return response;
}

absl::StatusOr<v1::SetDialogStateResponse> DialogService::SetDialogState(
    const Call& /*call*/, const v1::SetDialogStateRequest& request) {
  RETURN_IF_ERROR(CheckDialogAndUser(request, kDialog).ToStatus());
  return absl::UnimplementedError("the dialog has none of these states");
}

absl::Status DialogService::ForgetOld(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t ended, database_.Write(call, [&](Transaction& tx) {
    return store::ForgetOld(tx, clock_());
  }));
  if (ended > 0) observe::Info("expired crisis modes ended", {{"rows", ended}});
  return absl::OkStatus();
}

}  // namespace selfology::safety_dialog

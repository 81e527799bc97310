#include "services/growth/growth_dialog/dialog_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/language/language.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "google/protobuf/descriptor.h"
#include "services/growth/growth_dialog/errands.h"
#include "services/growth/growth_dialog/growth_dialog_store.h"

namespace selfology::growth_dialog {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr size_t kLongestUpdateKey = 64;
constexpr int kNotice = 180;  // Characters; Telegram shows 200.

template <typename Request>
FieldViolations CheckDialog(const Request& request) {
  FieldViolations bad;
  if (request.dialog() != kDialog) bad.Add("dialog", "must be a dialog of the service's");
  return bad;
}

absl::Status CheckReact(const telegram::ReactRequest& request) {
  FieldViolations bad = CheckDialog(request);
  bad.CheckUserId(request.user_id());
  const std::string& key = request.update_key();
  if (key.empty() || key.size() > kLongestUpdateKey ||
      !std::all_of(key.begin(), key.end(),
                   [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); })) {
    bad.Add("update_key", "must be 1 to 64 printable ASCII characters");
  }
  if (request.update_number() < 1) bad.Add("update_number", "must be 1 or more");
  if (request.update().what_case() == telegram::DialogUpdate::WHAT_NOT_SET) {
    bad.Add("update", "must say what the person did");
  }
  return bad.ToStatus();
}

// Of what is only looked at: that it cannot be shown now is an answer, too, and holds up nothing that
// the person does next.
absl::StatusOr<telegram::DialogReaction> OrSorry(const Turn& turn,
                                                 absl::StatusOr<telegram::DialogReaction> shown) {
  if (shown.ok()) return shown;
  observe::Warning("progress not shown", {{"status", shown.status()}});
  return Answer(TextMessage(
      "growth_sorry",
      std::string(In(turn.language(), "I cannot look that up just now. Try again in a while.",
                     "Сейчас не могу это посмотреть. Попробуйте чуть позже."))));
}

telegram::DialogReaction OnlyWords(Language language) {
  return Answer(
      TextMessage("task_words_only",
                  std::string(In(language, "I can read words only: write what is to be done.",
                                 "Я понимаю только слова: напишите, что нужно сделать."))));
}

}  // namespace

DialogService::DialogService(postgres::Database& database, const Peers& peers, Clock clock)
    : database_(database),
      peers_(peers),
      tasks_(peers),
      wishes_(database, peers, tasks_),
      plan_(database, peers),
      progress_(peers),
      challenges_(peers),
      clock_(std::move(clock)) {}

bool DialogService::Serves(const google::protobuf::Message& request) const {
  const auto* const field = request.GetDescriptor()->FindFieldByName("dialog");
  return field != nullptr && request.GetReflection()->GetString(request, field) == kDialog;
}

absl::StatusOr<telegram::DescribeDialogResponse> DialogService::DescribeDialog(
    const Call& /*call*/, const telegram::DescribeDialogRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  telegram::DescribeDialogResponse response;
  *response.mutable_description() = Describe();
  return response;
}

Reader DialogService::ReaderOf(const Call& call, int64_t user_id, Language language) const {
  Reader reader = {.language = language, .zone_is_known = false, .now = clock_()};
  notification::v1::GetPreferencesRequest request;
  request.set_user_id(user_id);
  // A time zone is a courtesy: without an answer days are UTC's, and the card says so.
  const auto response = peers_.preferences.GetPreferences(call, request);
  if (response.ok() && !response->preferences().time_zone().empty()) {
    reader.zone_is_known = absl::LoadTimeZone(response->preferences().time_zone(), &reader.zone);
  }
  return reader;
}

absl::StatusOr<telegram::DialogReaction> DialogService::ToCommand(
    const Turn& turn, const telegram::GivenCommand& command) const {
  const std::string& name = command.name();
  if (name == "add") {
    if (text::Trim(command.argument()).empty()) return tasks_.Ask(turn);
    const Wish wish = ReadWish(command.argument());
    if (wish.kind == Wish::kRemind) return ToWords(turn, command.argument());
    return tasks_.Write(turn, command.argument());
  }
  if (name == "challenges") return OrSorry(turn, challenges_.List(turn));
  if (name == "week") return OrSorry(turn, progress_.Week(turn));
  if (name == "progress") return OrSorry(turn, progress_.Progress(turn));
  if (name == "top") return OrSorry(turn, progress_.Top(turn));
  return OrSorry(turn, Open(turn));
}

absl::StatusOr<telegram::DialogReaction> DialogService::Open(const Turn& turn) const {
  ASSIGN_OR_RETURN(telegram::DialogReaction list, List(turn));
  list.set_focus(telegram::FOCUS_CHANGE_BORROW);
  if (!turn.other_asks) OfferToWrite(turn.language(), *list.mutable_messages(0));
  return list;
}

absl::StatusOr<telegram::DialogReaction> DialogService::List(const Turn& turn) const {
  ASSIGN_OR_RETURN(telegram::DialogReaction list, tasks_.List(turn));
  plan_.Offer(turn, list);
  return list;
}

absl::StatusOr<telegram::DialogReaction> DialogService::ToPlan(const Turn& turn,
                                                               std::string_view argument) const {
  ASSIGN_OR_RETURN(const std::optional<task::v1::Task> made, plan_.Press(turn, argument));
  ASSIGN_OR_RETURN(telegram::DialogReaction list, List(turn));
  if (made.has_value()) {
    list.set_notice(absl::StrCat("➕ ", text::Prefix(made->title(), kNotice)));
  }
  return list;
}

absl::StatusOr<telegram::DialogReaction> DialogService::Leave(const Turn& turn) const {
  ASSIGN_OR_RETURN(telegram::DialogReaction reaction, List(turn));
  reaction.set_focus(telegram::FOCUS_CHANGE_GIVE_BACK);
  return reaction;
}

absl::StatusOr<telegram::DialogReaction> DialogService::ToWords(const Turn& turn,
                                                                const std::string& words) const {
  const Wish wish = ReadWish(words);
  switch (wish.kind) {
    case Wish::kTask:
      return tasks_.Write(turn, words);
    case Wish::kList:
      return OrSorry(turn, List(turn));
    case Wish::kAll:
      return OrSorry(turn, tasks_.All(turn, 0));
    case Wish::kWeek:
      return OrSorry(turn, progress_.Week(turn));
    case Wish::kProgress:
      return OrSorry(turn, progress_.Progress(turn));
    case Wish::kTop:
      return OrSorry(turn, progress_.Top(turn));
    case Wish::kChallenges:
      return OrSorry(turn, challenges_.List(turn));
    case Wish::kBadge:
      return OrSorry(turn, progress_.Badge(turn));
    case Wish::kLeave:
      return Leave(turn);
    case Wish::kThanks:
    case Wish::kQuestion:
      return tasks_.Hint(turn, wish.kind == Wish::kQuestion);
    default:
      break;
  }
  ASSIGN_OR_RETURN(std::optional<telegram::DialogReaction> granted, wishes_.Grant(turn, wish));
  if (granted.has_value()) return *std::move(granted);
  return tasks_.Write(turn, words);
}

absl::StatusOr<telegram::DialogReaction> DialogService::ToButton(
    const Turn& turn, const telegram::PressedButton& button) const {
  if (button.action() == kTaskAction) return tasks_.Press(turn, button.argument());
  if (button.action() == kChallengeAction) return challenges_.Press(turn, button.argument());
  const std::string& what = button.argument();
  if (what == "add") return tasks_.Ask(turn);
  if (what == "week") return OrSorry(turn, progress_.Week(turn));
  if (what == "progress") return OrSorry(turn, progress_.Progress(turn));
  if (what == "top") return OrSorry(turn, progress_.Top(turn));
  if (what == "hide" || what == "unhide") {
    return OrSorry(turn, progress_.Hide(turn, what == "hide"));
  }
  if (what == "badge") return OrSorry(turn, progress_.Badge(turn));
  if (what == "freeze") return progress_.BuyFreeze(turn);
  constexpr std::string_view kAll = "all:", kPlan = "plan:";
  if (what.starts_with(kAll)) {
    size_t page = 0;
    return OrSorry(turn,
                   tasks_.All(turn, absl::SimpleAtoi(what.substr(kAll.size()), &page) ? page : 0));
  }
  if (what.starts_with(kPlan)) {
    return ToPlan(turn, std::string_view(what).substr(kPlan.size()));
  }
  if (what == "back") return Leave(turn);
  return Open(turn);
}

absl::StatusOr<telegram::DialogReaction> DialogService::ReactTo(
    const Turn& turn, const telegram::DialogUpdate& update) const {
  switch (update.what_case()) {
    case telegram::DialogUpdate::kCommand:
      return ToCommand(turn, update.command());
    case telegram::DialogUpdate::kWords: {
      ASSIGN_OR_RETURN(telegram::DialogReaction reaction, ToWords(turn, update.words()));
      if (reaction.messages().empty() && !reaction.notice().empty()) {
        // A notice answers a button; words are answered by words.
        *reaction.add_messages() = TextMessage("growth_said", text::EscapeHtml(reaction.notice()));
        reaction.clear_notice();
      }
      // Who writes tasks writes more of them.
      if (reaction.focus() == telegram::FOCUS_CHANGE_UNSPECIFIED) {
        reaction.set_focus(telegram::FOCUS_CHANGE_BORROW);
      }
      return reaction;
    }
    case telegram::DialogUpdate::kButton:
      return ToButton(turn, update.button());
    case telegram::DialogUpdate::kContent:
      if (text::Trim(update.content().caption()).empty()) return OnlyWords(turn.language());
      return tasks_.Write(turn, update.content().caption());
    default:
      // What was written and changed later, reactions and leaving change no task.
      return telegram::DialogReaction();
  }
}

absl::StatusOr<telegram::ReactResponse> DialogService::React(
    const Call& call, const telegram::ReactRequest& request) {
  RETURN_IF_ERROR(CheckReact(request));
  const Language language = language::LanguageOf(request.language());
  const idempotency::Request key = {.table = store::kRequests,
                                    .user_id = request.user_id(),
                                    .rpc = "React",
                                    .key = request.update_key(),
                                    .now = clock_()};
  // The services that are asked know the update by its key, so that it has one effect; what was
  // answered is kept, so that the same update gets the same answer.
  ASSIGN_OR_RETURN(const std::optional<std::string> answered,
                   database_.Write(call, [&](Transaction& tx) {
                     store::SaveLanguage(tx, request.user_id(), TagOf(language));
                     return idempotency::Recall(tx, key);
                   }));
  telegram::ReactResponse response;
  if (answered.has_value()) {
    if (response.ParseFromString(*answered)) return response;
    return absl::InternalError("a remembered response does not parse");
  }
  // Not kept: it did nothing, and the same update may come again as one that is for this dialog.
  if (request.passed_on() && !IsErrand(request.update().words())) {
    response.mutable_reaction()->set_passed_on(true);
    return response;
  }
  const Turn turn = {.call = call,
                     .user_id = request.user_id(),
                     .update_key = request.update_key(),
                     .reader = ReaderOf(call, request.user_id(), language),
                     .other_asks = request.other_question_waits()};
  ASSIGN_OR_RETURN(*response.mutable_reaction(), ReactTo(turn, request.update()));
  response.mutable_reaction()->set_language(std::string(TagOf(language)));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    // Two gateways with one update at a time: the first answer holds.
    ASSIGN_OR_RETURN(const std::optional<std::string> first, idempotency::Recall(tx, key));
    if (!first.has_value()) {
      idempotency::Remember(tx, key, response.SerializeAsString());
    } else if (!response.ParseFromString(*first)) {
      return absl::InternalError("a remembered response does not parse");
    }
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<telegram::RenderEventResponse> DialogService::RenderEvent(
    const Call& /*call*/, const telegram::RenderEventRequest& request) {
  FieldViolations bad = CheckDialog(request);
  bad.Add("event_type", "must be one that the dialog describes, and it describes none");
  return bad.ToStatus();
}

absl::StatusOr<telegram::TakeChannelUpdateResponse> DialogService::TakeChannelUpdate(
    const Call& /*call*/, const telegram::TakeChannelUpdateRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  return absl::UnimplementedError("the dialog describes no channel updates");
}

absl::StatusOr<telegram::GetDialogStateResponse> DialogService::GetDialogState(
    const Call& /*call*/, const telegram::GetDialogStateRequest& request) {
  FieldViolations bad = CheckDialog(request);
  RETURN_IF_ERROR(bad.CheckUserId(request.user_id()).ToStatus());
  telegram::GetDialogStateResponse response;
  response.mutable_conversation()->set_user_id(request.user_id());
  return response;
}

absl::StatusOr<telegram::SetDialogStateResponse> DialogService::SetDialogState(
    const Call& /*call*/, const telegram::SetDialogStateRequest& request) {
  FieldViolations bad = CheckDialog(request);
  RETURN_IF_ERROR(bad.CheckUserId(request.user_id()).ToStatus());
  return absl::UnimplementedError("the dialog has none of these states");
}

}  // namespace selfology::growth_dialog

#include "services/growth/growth_dialog/plan_actions.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/timestamps/timestamp.h"

namespace selfology::growth_dialog {
namespace {

using postgres::Transaction;

// The list of tasks does not wait long for what is beside it.
constexpr absl::Duration kPatience = absl::Milliseconds(800);

std::string Data(std::string_view what, const coach::v1::Plan& plan,
                 const coach::v1::PlanStep& step) {
  return absl::StrCat(kGrowthAction, ":plan:", what, ":", plan.plan_id(), ":", step.number());
}

}  // namespace

const coach::v1::PlanStep* NextStep(const coach::v1::Plan& plan, const store::PlanStep& answered) {
  const int64_t after = plan.plan_id() == answered.plan_id ? answered.step : 0;
  for (const coach::v1::PlanStep& step : plan.steps()) {
    if (!step.done() && step.number() > after) return &step;
  }
  return nullptr;
}

absl::StatusOr<coach::v1::Plan> PlanActions::ReadPlan(const Turn& turn) const {
  coach::v1::GetMemoryRequest request;
  request.set_user_id(turn.user_id);
  request.set_page_size(1);
  ASSIGN_OR_RETURN(coach::v1::GetMemoryResponse memory,
                   peers_.coach.GetMemory(turn.call.WithTimeout(kPatience), request));
  return std::move(*memory.mutable_plan());
}

void PlanActions::Offer(const Turn& turn, telegram::DialogReaction& list) const {
  if (list.messages().empty()) return;
  const auto plan = ReadPlan(turn);
  if (!plan.ok()) {
    observe::Info("coach's plan could not be read; tasks are shown without it",
                  {{"status", plan.status()}});
    return;
  }
  const auto answered = database_.Read(
      turn.call, [&](Transaction& tx) { return store::ReadAnsweredStep(tx, turn.user_id); });
  const coach::v1::PlanStep* const step = answered.ok() ? NextStep(*plan, *answered) : nullptr;
  if (step == nullptr) return;
  const Language language = turn.language();
  telegram::DialogMessage& message = *list.mutable_messages(0);
  std::string offer = absl::StrCat(
      "\n\n💡 ", In(language, "From your plan with the coach: ", "Из плана с коучем: "), "<i>",
      text::EscapeHtml(step->text()), "</i>");
  absl::CivilDay day;
  if (absl::ParseCivilTime(step->due_date(), &day)) {
    absl::StrAppend(&offer, " — ",
                    DayText(day, absl::ToCivilDay(turn.reader.now, turn.reader.zone), language));
  }
  message.mutable_message_text()->append(offer);
  telegram::ButtonRow& row = *message.add_button_rows();
  AddButton(row, In(language, "💡 Make it a task", "💡 Сделать задачей"),
            Data("take", *plan, *step));
  AddButton(row, In(language, "Not this one", "Не нужно"), Data("drop", *plan, *step));
}

absl::StatusOr<std::optional<task::v1::Task>> PlanActions::Press(const Turn& turn,
                                                                 std::string_view argument) const {
  const std::vector<std::string_view> parts = absl::StrSplit(argument, ':');
  store::PlanStep pressed;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[1], &pressed.plan_id) ||
      !absl::SimpleAtoi(parts[2], &pressed.step)) {
    return std::nullopt;
  }
  std::optional<task::v1::Task> made;
  if (parts[0] == "take") {
    ASSIGN_OR_RETURN(const coach::v1::Plan plan, ReadPlan(turn));
    const coach::v1::PlanStep* taken = nullptr;
    for (const coach::v1::PlanStep& step : plan.steps()) {
      if (step.number() == pressed.step) taken = &step;
    }
    // Another plan took its place since the button was shown.
    if (plan.plan_id() != pressed.plan_id || taken == nullptr) return std::nullopt;
    task::v1::CreateTaskRequest request;
    request.set_user_id(turn.user_id);
    // Pressed twice, it is one task.
    request.set_idempotency_key(absl::StrCat("plan/", pressed.plan_id, "/", pressed.step));
    task::v1::Task& task = *request.mutable_task();
    task.set_title(taken->text());
    task.set_notes(plan.goal());
    task.set_time_zone(turn.reader.KnownZone());
    absl::CivilDay day;
    if (absl::ParseCivilTime(taken->due_date(), &day)) {
      *task.mutable_due_at() = timestamps::ToProto(absl::FromCivil(day, turn.reader.zone));
      task.set_due_all_day(true);
    }
    ASSIGN_OR_RETURN(task::v1::CreateTaskResponse created,
                     peers_.tasks.CreateTask(turn.call, request));
    made = std::move(*created.mutable_task());
  }
  RETURN_IF_ERROR(database_.Write(turn.call, [&](Transaction& tx) {
    store::SaveAnsweredStep(tx, turn.user_id, pressed);
    return absl::OkStatus();
  }));
  return made;
}

}  // namespace selfology::growth_dialog

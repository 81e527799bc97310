#include "services/growth/growth_dialog/task_actions.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::growth_dialog {
namespace {

constexpr char kDayFilter[] = "is:open not is:waiting (due<=today or due:none)";
constexpr char kNextFilter[] = "is:open not is:waiting due>today due<=+7d";
constexpr char kLaterFilter[] = "is:open not is:waiting due>+7d";
constexpr int kDayTasks = 50;
constexpr int kAllTasks = 200;
constexpr int kLongestSentence = 1000;
constexpr int kLongestTitle = 500;
constexpr double kUnsure = 0.75;
constexpr int kMinutesOfDay = 24 * 60;
constexpr int kMostReminders = 20;
constexpr int kNotice = 180;  // Characters; Telegram shows 200.

template <typename Request>
Request Of(const Turn& turn, int64_t task_id) {
  Request request;
  request.set_user_id(turn.user_id);
  request.set_task_id(task_id);
  return request;
}

bool IsGone(const absl::Status& status) {
  return status::ErrorCodeOf(status) == mesh::v1::ERROR_CODE_TASK_NOT_FOUND;
}

telegram::DialogReaction Gone(const Turn& turn) {
  telegram::DialogReaction reaction;
  reaction.set_notice(std::string(
      In(turn.language(), "This task is not there any more.", "Этой задачи больше нет.")));
  return reaction;
}

// Above a task that the person is to be reminded of.
std::string ReminderHeading(const Turn& turn, const task::v1::Task& task, int lead_minutes) {
  const Language language = turn.language();
  const bool has_time =
      task.has_due_at() && (!task.due_all_day() || lead_minutes % kMinutesOfDay == 0);
  if (!has_time) {
    return std::string(
        In(language, "🔔 And when is it? Write <i>move it to tomorrow at 15:00</i>, for example.",
           "🔔 А когда это? Напишите, например, <i>перенеси на завтра в 15:00</i>."));
  }
  const absl::Time at = timestamps::FromProto(task.due_at()) - absl::Minutes(lead_minutes);
  return std::string(at <= turn.reader.now ? In(language, "🔔 That moment has passed already.",
                                                "🔔 Этот момент уже прошёл.")
                                           : In(language, "🔔 I will remind you.", "🔔 Напомню."));
}

std::string Cut(std::string_view text) { return std::string(text::Prefix(text, kNotice)); }

}  // namespace

telegram::DialogReaction TaskActions::Ask(const Turn& turn) const {
  telegram::DialogMessage message = TextMessage(
      "task_ask",
      std::string(In(turn.language(),
                     "What is to be done? Each message becomes a task: <i>call mum tomorrow at 6pm "
                     "every week #family</i>",
                     "Что нужно сделать? Каждое сообщение станет задачей: <i>каждую неделю в 18 "
                     "звонить маме #семья</i>")));
  telegram::ButtonRow& row = *message.add_button_rows();
  AddButton(row, In(turn.language(), "That is all", "Это всё"),
            absl::StrCat(kGrowthAction, ":back"));
  telegram::DialogReaction reaction = Answer(std::move(message));
  reaction.set_focus(telegram::FOCUS_CHANGE_TAKE);
  return reaction;
}

telegram::DialogReaction TaskActions::Hint(const Turn& turn, bool asked) const {
  const Language language = turn.language();
  telegram::DialogMessage message = TextMessage(
      "task_hint",
      std::string(
          asked ? In(language,
                     "This is where tasks are written; I cannot answer that. You can also write "
                     "<i>today</i>, <i>milk is done</i>, <i>move it to tomorrow</i> or <i>my "
                     "streak</i>.",
                     "Здесь записывают задачи, на это я ответить не могу. Ещё можно написать "
                     "<i>сегодня</i>, <i>молоко купил</i>, <i>перенеси на завтра</i> или <i>моя "
                     "серия</i>.")
                : In(language, "🙂 Write the next task, or leave it at that.",
                     "🙂 Пишите следующую задачу, или на этом всё.")));
  telegram::ButtonRow& row = *message.add_button_rows();
  AddButton(row, In(language, "⬅️ Today", "⬅️ Сегодня"), absl::StrCat(kGrowthAction, ":list"));
  AddButton(row, In(language, "That is all", "Это всё"), absl::StrCat(kGrowthAction, ":back"));
  return Answer(std::move(message));
}

absl::StatusOr<telegram::DialogReaction> TaskActions::Write(const Turn& turn,
                                                            std::string_view words) const {
  const Language language = turn.language();
  words = text::Trim(words);
  if (words.empty()) return Ask(turn);
  if (text::Characters(words) > kLongestSentence) {
    return Answer(
        TextMessage("task_too_long",
                    std::string(In(language, "That is too long for one task: 1,000 characters.",
                                   "Для одной задачи это длинно: до 1000 знаков."))));
  }
  task::v1::WriteTaskRequest request;
  request.set_user_id(turn.user_id);
  request.set_text(std::string(words));
  request.set_language(std::string(TagOf(language)));
  request.set_time_zone(turn.reader.KnownZone());
  request.set_idempotency_key(turn.Key("write"));
  const auto written = peers_.tasks.WriteTask(turn.call, request);
  if (absl::IsInvalidArgument(written.status())) {
    return Answer(
        TextMessage("task_refused", std::string(In(language, "I could not make a task of that.",
                                                   "Не получилось сделать из этого задачу."))));
  }
  if (status::ErrorCodeOf(written.status()) == mesh::v1::ERROR_CODE_TASK_LIMIT_REACHED) {
    return Answer(TextMessage("task_limit", std::string(In(language, "You have too many tasks.",
                                                           "У вас слишком много задач."))));
  }
  RETURN_IF_ERROR(written.status());
  std::string heading(In(language, "➕ Added", "➕ Добавлено"));
  if (written->not_understood_size() > 0) {
    absl::StrAppend(&heading, "\n<i>", In(language, "Not understood: ", "Не понял: "),
                    text::EscapeHtml(absl::StrJoin(written->not_understood(), ", ")), "</i>");
  } else if (written->confidence() < kUnsure) {
    absl::StrAppend(&heading, "\n<i>",
                    In(language, "Is that what you meant?", "Правильно ли я понял?"), "</i>");
  }
  telegram::DialogMessage card = TaskCard(written->task(), heading, turn.reader);
  // Each task that was written stays in the chat.
  card.clear_lifecycle();
  card.clear_tag();
  return Answer(std::move(card));
}

absl::StatusOr<task::v1::ListTasksResponse> TaskActions::Find(const Turn& turn,
                                                              std::string_view filter,
                                                              std::string_view sort,
                                                              int most) const {
  task::v1::ListTasksRequest request;
  request.set_user_id(turn.user_id);
  request.set_filter(std::string(filter));
  request.set_sort(std::string(sort));
  request.set_time_zone(turn.reader.zone.name());
  request.set_page_size(most);
  return peers_.tasks.ListTasks(turn.call, request);
}

absl::StatusOr<task::v1::ListTasksResponse> TaskActions::Day(const Turn& turn) const {
  return Find(turn, kDayFilter, "", kDayTasks);
}

absl::StatusOr<telegram::DialogReaction> TaskActions::ListWith(const Turn& turn,
                                                               std::string notice) const {
  ASSIGN_OR_RETURN(const auto day, Day(turn));
  ASSIGN_OR_RETURN(const auto next, Find(turn, kNextFilter, "due", kShownNext));
  ASSIGN_OR_RETURN(const auto later, Find(turn, kLaterFilter, "due", 1));
  telegram::DialogReaction reaction =
      Answer(DayList({.day = {day.tasks().begin(), day.tasks().end()},
                      .day_count = day.total_count(),
                      .next = {next.tasks().begin(), next.tasks().end()},
                      .next_count = next.total_count(),
                      .later_count = later.total_count()},
                     turn.reader));
  reaction.set_notice(std::move(notice));
  return reaction;
}

absl::StatusOr<telegram::DialogReaction> TaskActions::All(const Turn& turn, size_t page) const {
  ASSIGN_OR_RETURN(const auto listed, Find(turn, "is:open", "due", kAllTasks));
  return Answer(AllList({listed.tasks().begin(), listed.tasks().end()}, listed.total_count(), page,
                        turn.reader));
}

absl::StatusOr<telegram::DialogReaction> TaskActions::List(const Turn& turn) const {
  return ListWith(turn, "");
}

absl::StatusOr<task::v1::Task> TaskActions::Get(const Turn& turn, int64_t task_id) const {
  ASSIGN_OR_RETURN(task::v1::GetTaskResponse response,
                   peers_.tasks.GetTask(turn.call, Of<task::v1::GetTaskRequest>(turn, task_id)));
  return std::move(*response.mutable_task());
}

absl::StatusOr<telegram::DialogReaction> TaskActions::Complete(const Turn& turn,
                                                               int64_t task_id) const {
  const Language language = turn.language();
  const auto done =
      peers_.tasks.CompleteTask(turn.call, Of<task::v1::CompleteTaskRequest>(turn, task_id));
  if (IsGone(done.status())) return Gone(turn);
  RETURN_IF_ERROR(done.status());
  std::string notice = absl::StrCat("✅ ", done->task().title());
  if (done->has_next_task()) {
    absl::StrAppend(&notice, " · ", In(language, "again ", "снова "),
                    DueText(done->next_task(), turn.reader.zone, turn.reader.now, language));
  }
  if (done->unblocked_task_ids_size() > 0) {
    absl::StrAppend(&notice, " · ", In(language, "unblocked: ", "освободилось: "),
                    CountedTasks(done->unblocked_task_ids_size(), language));
  }
  ASSIGN_OR_RETURN(telegram::DialogReaction reaction, ListWith(turn, Cut(notice)));
  telegram::ButtonRow& row = *reaction.mutable_messages(0)->add_button_rows();
  AddButton(row, In(language, "↩️ Undo", "↩️ Отменить"),
            absl::StrCat(kTaskAction, ":reopen:", task_id));
  return reaction;
}

absl::StatusOr<telegram::DialogReaction> TaskActions::Remind(const Turn& turn,
                                                             const task::v1::Task& task,
                                                             int lead_minutes) const {
  task::v1::UpdateTaskRequest request;
  request.set_user_id(turn.user_id);
  task::v1::Task& reminded = *request.mutable_task();
  reminded.set_task_id(task.task_id());
  *reminded.mutable_reminders() = task.reminders();
  const bool is_there = std::any_of(
      task.reminders().begin(), task.reminders().end(), [&](const task::v1::Reminder& reminder) {
        return reminder.has_minutes_before_due() && reminder.minutes_before_due() == lead_minutes;
      });
  if (!is_there) {
    // The newest wish counts.
    if (reminded.reminders_size() >= kMostReminders) reminded.mutable_reminders()->RemoveLast();
    reminded.add_reminders()->set_minutes_before_due(lead_minutes);
  }
  request.mutable_update_mask()->add_paths("reminders");
  const auto updated = peers_.tasks.UpdateTask(turn.call, request);
  if (IsGone(updated.status())) return Gone(turn);
  RETURN_IF_ERROR(updated.status());
  return Answer(
      TaskCard(updated->task(), ReminderHeading(turn, updated->task(), lead_minutes), turn.reader));
}

absl::StatusOr<telegram::DialogReaction> TaskActions::RemindOfNew(const Turn& turn,
                                                                  std::string_view title,
                                                                  int lead_minutes) const {
  task::v1::CreateTaskRequest request;
  request.set_user_id(turn.user_id);
  request.set_idempotency_key(turn.Key("remind"));
  task::v1::Task& task = *request.mutable_task();
  task.set_title(std::string(text::Prefix(title, kLongestTitle)));
  task.set_time_zone(turn.reader.KnownZone());
  task.add_reminders()->set_minutes_before_due(lead_minutes);
  ASSIGN_OR_RETURN(const auto created, peers_.tasks.CreateTask(turn.call, request));
  return Answer(TaskCard(created.task(),
                         absl::StrCat(In(turn.language(), "➕ Added, for I know no such task.",
                                         "➕ Добавлено: такой задачи я не нашёл."),
                                      "\n", ReminderHeading(turn, created.task(), lead_minutes)),
                         turn.reader));
}

absl::StatusOr<telegram::DialogReaction> TaskActions::Press(const Turn& turn,
                                                            std::string_view argument) const {
  const std::vector<std::string_view> parts = absl::StrSplit(argument, ':');
  int64_t id = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[1], &id) || id < 1) return Gone(turn);
  const std::string_view what = parts[0];
  const Language language = turn.language();
  if (what == "done") return Complete(turn, id);
  if (what == "reopen") {
    const auto opened =
        peers_.tasks.ReopenTask(turn.call, Of<task::v1::ReopenTaskRequest>(turn, id));
    if (IsGone(opened.status())) return Gone(turn);
    RETURN_IF_ERROR(opened.status());
    return ListWith(turn, Cut(absl::StrCat("↩️ ", opened->task().title())));
  }
  if (what == "delete") {
    RETURN_IF_ERROR(
        peers_.tasks.DeleteTask(turn.call, Of<task::v1::DeleteTaskRequest>(turn, id)).status());
    return ListWith(turn, std::string(In(language, "🗑 Deleted", "🗑 Удалено")));
  }
  if (what == "wait" && parts.size() == 3) {
    const absl::Time until = SnoozeUntil(parts[2], turn.reader);
    if (until <= turn.reader.now) return Gone(turn);
    auto request = Of<task::v1::SnoozeTaskRequest>(turn, id);
    *request.mutable_until() = timestamps::ToProto(until);
    const auto snoozed = peers_.tasks.SnoozeTask(turn.call, request);
    if (IsGone(snoozed.status()) || absl::IsInvalidArgument(snoozed.status())) return Gone(turn);
    RETURN_IF_ERROR(snoozed.status());
    return ListWith(
        turn,
        Cut(absl::StrCat("⏰ ",
                         DayText(absl::ToCivilDay(until, turn.reader.zone),
                                 absl::ToCivilDay(turn.reader.now, turn.reader.zone), language),
                         ": ", snoozed->task().title())));
  }
  const absl::StatusOr<task::v1::Task> task = Get(turn, id);
  if (IsGone(task.status())) return Gone(turn);
  RETURN_IF_ERROR(task.status());
  if (what == "snooze") return Answer(SnoozeChoice(*task, turn.reader));
  int lead_minutes = 0;
  if (what == "remind" && parts.size() == 3 && absl::SimpleAtoi(parts[2], &lead_minutes) &&
      lead_minutes > 0) {
    return Remind(turn, *task, lead_minutes);
  }
  return Answer(TaskCard(*task, "", turn.reader));
}

}  // namespace selfology::growth_dialog

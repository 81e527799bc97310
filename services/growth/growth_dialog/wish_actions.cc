#include "services/growth/growth_dialog/wish_actions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/growth_dialog/growth_dialog_store.h"

namespace selfology::growth_dialog {
namespace {

using postgres::Transaction;
using Kind = Wish::Kind;

// So long "it" is what was spoken of last.
constexpr absl::Duration kRecently = absl::Minutes(15);
constexpr size_t kChoices = 8;
constexpr int kOpenTasks = 200;
constexpr int kJustDone = 20;

template <typename Request>
Request Of(const Turn& turn, const task::v1::Task& task) {
  Request request;
  request.set_user_id(turn.user_id);
  request.set_task_id(task.task_id());
  return request;
}

telegram::DialogReaction NothingToUndo(const Turn& turn) {
  return Answer(TextMessage("task_no_undo",
                            std::string(In(turn.language(), "There is nothing to undo just now.",
                                           "Сейчас отменять нечего."))));
}

// "на час" and "for an hour" from now.
std::string FromNow(std::string_view when) {
  if (absl::StartsWith(when, "на ")) return absl::StrCat("через ", when.substr(5));
  if (absl::StartsWith(when, "for ")) return absl::StrCat("in ", when.substr(4));
  return "";
}

}  // namespace

absl::StatusOr<std::optional<task::v1::Task>> WishActions::Last(const Turn& turn,
                                                                std::string_view filter) const {
  ASSIGN_OR_RETURN(const auto listed, tasks_.Find(turn, filter, "updated", 1));
  if (listed.tasks().empty()) return std::nullopt;
  const task::v1::Task& task = listed.tasks(0);
  if (timestamps::FromProto(task.updated_at()) < turn.reader.now - kRecently) return std::nullopt;
  return task;
}

absl::StatusOr<WishActions::Tasks> WishActions::Meant(const Turn& turn, const Wish& wish) const {
  if (!wish.about.empty()) {
    ASSIGN_OR_RETURN(const auto open, tasks_.Find(turn, "is:open", "due", kOpenTasks));
    std::vector<std::string> titles;
    for (const task::v1::Task& task : open.tasks()) titles.push_back(task.title());
    Tasks meant;
    for (const size_t i : BestMatches(wish.about, titles)) {
      meant.push_back(open.tasks(static_cast<int>(i)));
    }
    return meant;
  }
  if (wish.kind == Kind::kMove || wish.kind == Kind::kDelete || wish.kind == Kind::kRemind) {
    ASSIGN_OR_RETURN(std::optional<task::v1::Task> last, Last(turn, "is:open"));
    if (last.has_value()) return Tasks{*std::move(last)};
  }
  ASSIGN_OR_RETURN(const auto day, tasks_.Day(turn));
  return Tasks(day.tasks().begin(), day.tasks().end());
}

absl::StatusOr<WishActions::Tasks> WishActions::JustDone(const Turn& turn, const Wish& wish) const {
  ASSIGN_OR_RETURN(const auto done, tasks_.Find(turn, "is:completed", "closed", kJustDone));
  Tasks recent;
  std::vector<std::string> titles;
  for (const task::v1::Task& task : done.tasks()) {
    if (timestamps::FromProto(task.updated_at()) < turn.reader.now - kRecently) continue;
    recent.push_back(task);
    titles.push_back(task.title());
  }
  const std::vector<size_t> fitting = BestMatches(wish.about, titles);
  return fitting.empty() ? Tasks() : Tasks{recent[fitting.front()]};
}

absl::StatusOr<telegram::DialogReaction> WishActions::Done(const Turn& turn,
                                                           const task::v1::Task& task,
                                                           const Wish& wish) const {
  const Language language = turn.language();
  auto request = Of<task::v1::CompleteTaskRequest>(turn, task);
  if (wish.when == "yesterday" || wish.when == "вчера") {
    // "yesterday": some time of that day, and not before the task was there.
    const absl::CivilDay yesterday = absl::ToCivilDay(turn.reader.now, turn.reader.zone) - 1;
    const absl::Time noon = absl::FromCivil(absl::CivilHour(yesterday) + 12, turn.reader.zone);
    *request.mutable_completed_at() =
        timestamps::ToProto(std::max(noon, timestamps::FromProto(task.created_at())));
  }
  ASSIGN_OR_RETURN(const auto done, peers_.tasks.CompleteTask(turn.call, request));
  std::string html = absl::StrCat("✅ <b>", text::EscapeHtml(done.task().title()), "</b>");
  if (done.has_next_task()) {
    absl::StrAppend(&html, "\n🔁 ", In(language, "again ", "снова "),
                    DueText(done.next_task(), turn.reader.zone, turn.reader.now, language));
  }
  if (done.unblocked_task_ids_size() > 0) {
    absl::StrAppend(&html, "\n🔓 ", In(language, "unblocked: ", "освободилось: "),
                    CountedTasks(done.unblocked_task_ids_size(), language));
  }
  telegram::DialogMessage message = TextMessage("task_done", std::move(html));
  telegram::ButtonRow& row = *message.add_button_rows();
  AddButton(row, In(language, "↩️ Undo", "↩️ Отменить"),
            absl::StrCat(kTaskAction, ":reopen:", task.task_id()));
  AddButton(row, In(language, "⬅️ Today", "⬅️ Сегодня"), absl::StrCat(kGrowthAction, ":list"));
  return Answer(std::move(message));
}

absl::StatusOr<telegram::DialogReaction> WishActions::Move(const Turn& turn,
                                                           const task::v1::Task& task,
                                                           std::string_view when) const {
  std::optional<task::v1::UnderstandTaskResponse> understood;
  for (const std::string& words : {std::string(when), FromNow(when)}) {
    if (words.empty() || understood.has_value()) continue;
    task::v1::UnderstandTaskRequest request;
    request.set_user_id(turn.user_id);
    request.set_text(words);
    request.set_language(std::string(TagOf(turn.language())));
    request.set_time_zone(turn.reader.zone.name());
    *request.mutable_now() = timestamps::ToProto(turn.reader.now);
    ASSIGN_OR_RETURN(auto response, peers_.understanding.UnderstandTask(turn.call, request));
    if (response.has_due_at() && !response.has_recurrence()) understood = std::move(response);
  }
  if (!understood.has_value()) return Answer(SnoozeChoice(task, turn.reader));
  task::v1::UpdateTaskRequest request;
  request.set_user_id(turn.user_id);
  task::v1::Task& moved = *request.mutable_task();
  moved.set_task_id(task.task_id());
  *moved.mutable_due_at() = understood->due_at();
  moved.set_due_all_day(understood->due_all_day());
  if (understood->due_all_day() && task.has_due_at() && !task.due_all_day()) {
    // Another day at the same time.
    const absl::TimeZone zone = turn.reader.zone;
    const absl::CivilSecond at = absl::ToCivilSecond(timestamps::FromProto(task.due_at()), zone);
    const absl::CivilDay day = absl::ToCivilDay(timestamps::FromProto(understood->due_at()), zone);
    *moved.mutable_due_at() = timestamps::ToProto(absl::FromCivil(
        absl::CivilSecond(day) + (at - absl::CivilSecond(absl::CivilDay(at))), zone));
    moved.set_due_all_day(false);
  }
  for (const char* const field : {"due_at", "due_all_day", "wait_until"}) {
    request.mutable_update_mask()->add_paths(field);
  }
  ASSIGN_OR_RETURN(const auto updated, peers_.tasks.UpdateTask(turn.call, request));
  return Answer(
      TaskCard(updated.task(), In(turn.language(), "⏰ Moved", "⏰ Перенесено"), turn.reader));
}

absl::StatusOr<std::optional<task::v1::Task>> WishActions::ToUndo(const Turn& turn) const {
  const idempotency::Request key = {.table = store::kRequests,
                                    .user_id = turn.user_id,
                                    .rpc = "Undo",
                                    .key = turn.update_key,
                                    .now = turn.reader.now};
  ASSIGN_OR_RETURN(
      const std::optional<std::string> decided,
      database_.Write(turn.call, [&](Transaction& tx) { return idempotency::Recall(tx, key); }));
  task::v1::Task chosen;
  if (decided.has_value()) {
    if (chosen.ParseFromString(*decided)) return chosen;
    return absl::InternalError("a remembered task does not parse");
  }
  ASSIGN_OR_RETURN(const std::optional<task::v1::Task> last, Last(turn, ""));
  if (!last.has_value()) return std::nullopt;
  chosen.set_task_id(last->task_id());
  chosen.set_version(last->version());
  chosen.set_status(last->status());
  return database_.Write(turn.call,
                         [&](Transaction& tx) -> absl::StatusOr<std::optional<task::v1::Task>> {
                           return idempotency::Once<task::v1::Task>(
                               tx, key, [&]() -> absl::StatusOr<task::v1::Task> { return chosen; });
                         });
}

absl::StatusOr<telegram::DialogReaction> WishActions::Undo(const Turn& turn) const {
  const Language language = turn.language();
  ASSIGN_OR_RETURN(const std::optional<task::v1::Task> chosen, ToUndo(turn));
  if (!chosen.has_value()) return NothingToUndo(turn);
  const auto last = peers_.tasks.GetTask(turn.call, Of<task::v1::GetTaskRequest>(turn, *chosen));
  if (status::ErrorCodeOf(last.status()) == mesh::v1::ERROR_CODE_TASK_NOT_FOUND) {
    return NothingToUndo(turn);
  }
  RETURN_IF_ERROR(last.status());
  // Else this update, whose answer was lost, has undone it already.
  const bool is_due = last->task().version() == chosen->version();
  if (chosen->status() == task::v1::TASK_STATUS_COMPLETED) {
    task::v1::Task open = last->task();
    if (is_due) {
      ASSIGN_OR_RETURN(auto opened, peers_.tasks.ReopenTask(
                                        turn.call, Of<task::v1::ReopenTaskRequest>(turn, *chosen)));
      open = std::move(*opened.mutable_task());
    }
    return Answer(TaskCard(open, In(language, "↩️ Open again", "↩️ Снова открыта"), turn.reader));
  }
  if (chosen->version() > 1) {
    task::v1::Task restored = last->task();
    if (is_due) {
      auto request = Of<task::v1::RestoreTaskVersionRequest>(turn, *chosen);
      request.set_version(chosen->version() - 1);
      ASSIGN_OR_RETURN(auto response, peers_.tasks.RestoreTaskVersion(turn.call, request));
      restored = std::move(*response.mutable_task());
    }
    return Answer(TaskCard(restored, In(language, "↩️ As it was", "↩️ Как было"), turn.reader));
  }
  // What was added is not removed on a guess.
  return Answer(TaskCard(
      last->task(),
      In(language, "This was added last. Delete it?", "Последней была добавлена эта. Удалить?"),
      turn.reader));
}

absl::StatusOr<std::optional<telegram::DialogReaction>> WishActions::Grant(const Turn& turn,
                                                                           const Wish& wish) const {
  if (wish.kind == Kind::kUndo) return Undo(turn);
  ASSIGN_OR_RETURN(Tasks meant, Meant(turn, wish));
  const Language language = turn.language();
  const bool is_done = wish.kind == Kind::kDone || wish.kind == Kind::kMaybeDone;
  if (meant.empty() && is_done && !wish.about.empty()) {
    ASSIGN_OR_RETURN(meant, JustDone(turn, wish));
  }
  if (meant.empty()) {
    if (!wish.about.empty() && wish.kind == Kind::kRemind) {
      return tasks_.RemindOfNew(turn, wish.about, wish.lead_minutes);
    }
    if (!wish.about.empty()) return std::nullopt;
    return tasks_.List(turn);
  }
  const bool is_move = wish.kind == Kind::kMove || wish.kind == Kind::kMaybeMove;
  if (meant.size() > 1) {
    if (meant.size() > kChoices) meant.resize(kChoices);
    return Answer(TaskChoice(meant, In(language, "Which one?", "Какая из них?"),
                             is_done                      ? "done"
                             : is_move                    ? "snooze"
                             : wish.kind == Kind::kRemind ? "remind"
                                                          : "open",
                             turn.reader,
                             wish.kind == Kind::kRemind ? absl::StrCat(wish.lead_minutes) : ""));
  }
  const task::v1::Task& task = meant.front();
  if (is_done) return Done(turn, task, wish);
  if (is_move) return Move(turn, task, wish.when);
  if (wish.kind == Kind::kRemind) return tasks_.Remind(turn, task, wish.lead_minutes);
  return Answer(TaskCard(task, In(language, "Delete this one?", "Удалить эту?"), turn.reader));
}

}  // namespace selfology::growth_dialog

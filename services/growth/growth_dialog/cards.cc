#include "services/growth/growth_dialog/cards.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"

namespace selfology::growth_dialog {
namespace {

constexpr int kButtonTitle = 28;  // Characters.

std::string Short(std::string_view title, int characters) {
  if (text::Characters(title) <= characters) return std::string(title);
  return absl::StrCat(text::Prefix(title, characters - 1), "…");
}

std::string TaskData(std::string_view what, int64_t task_id, std::string_view more = "") {
  return absl::StrCat(kTaskAction, ":", what, ":", task_id, more.empty() ? "" : ":", more);
}

std::string Line(const task::v1::Task& task, const Reader& reader) {
  std::string line =
      absl::StrCat(PriorityMark(task.priority()), text::EscapeHtml(Short(task.title(), 200)));
  if (!task.blocked_by_task_ids().empty()) absl::StrAppend(&line, " ⛔");
  const std::string due = DueText(task, reader.zone, reader.now, reader.language);
  if (!due.empty()) absl::StrAppend(&line, " — <i>", due, "</i>");
  return line;
}

template <typename Texts>
void Localize(Texts& texts, std::string_view english, std::string_view russian) {
  auto* text = texts.Add();
  text->set_language("en");
  text->set_text(std::string(english));
  text = texts.Add();
  text->set_language("ru");
  text->set_text(std::string(russian));
}

// Replaces the list or card before it in the chat.
telegram::DialogMessage Panel(std::string_view kind, std::string html) {
  telegram::DialogMessage message = TextMessage(kind, std::move(html));
  message.set_lifecycle(telegram::MESSAGE_LIFECYCLE_SYSTEM);
  message.set_tag("growth");
  message.set_keep_buttons(true);
  return message;
}

}  // namespace

telegram::DialogMessage TextMessage(std::string_view kind, std::string html) {
  telegram::DialogMessage message;
  message.set_kind(std::string(kind));
  message.set_message_text(std::move(html));
  message.set_text_format(telegram::TEXT_FORMAT_HTML);
  return message;
}

void AddButton(telegram::ButtonRow& row, std::string_view text, std::string data) {
  telegram::Button& button = *row.add_buttons();
  button.set_text(std::string(text));
  button.set_callback_data(std::move(data));
}

namespace {

// The same as in DueText.
bool IsOverdue(const task::v1::Task& task, const Reader& reader) {
  if (!task.has_due_at()) return false;
  const absl::Time due = timestamps::FromProto(task.due_at());
  return task.due_all_day()
             ? absl::ToCivilDay(due, reader.zone) < absl::ToCivilDay(reader.now, reader.zone)
             : due < reader.now;
}

// Numbers tasks through, so that the buttons under them are found.
class Listing {
 public:
  // The first task is `first`, from 1.
  Listing(std::string html, const Reader& reader, size_t first = 1)
      : html_(std::move(html)), reader_(reader), number_(first) {}

  void AddText(std::string_view text) { absl::StrAppend(&html_, text); }
  void AddTasks(std::string_view heading, const std::vector<const task::v1::Task*>& tasks) {
    if (tasks.empty()) return;
    if (!heading.empty()) {
      absl::StrAppend(&html_, html_.empty() ? "" : "\n\n", "<b>", heading, "</b>");
    }
    for (const task::v1::Task* task : tasks) {
      absl::StrAppend(&html_, "\n", number_++, ". ", Line(*task, reader_));
      if (rows_.size() == kShownTasks) continue;
      telegram::ButtonRow& row = rows_.emplace_back();
      AddButton(row, absl::StrCat("✅ ", Short(task->title(), kButtonTitle)),
                TaskData("done", task->task_id()));
      AddButton(row, "⏰", TaskData("snooze", task->task_id()));
      AddButton(row, "⋯", TaskData("open", task->task_id()));
    }
  }
  telegram::DialogMessage Done(std::string_view kind) {
    if (!reader_.zone_is_known) {
      absl::StrAppend(&html_, "\n\n",
                      In(reader_.language, "<i>Times are in UTC; /settings has your time zone.</i>",
                         "<i>Время — по UTC; часовой пояс можно указать в /settings.</i>"));
    }
    telegram::DialogMessage message = Panel(kind, std::move(html_));
    message.mutable_button_rows()->Assign(rows_.begin(), rows_.end());
    return message;
  }

 private:
  std::string html_;
  const Reader& reader_;
  std::vector<telegram::ButtonRow> rows_;
  size_t number_;
};

}  // namespace

telegram::DialogMessage DayList(const Agenda& agenda, const Reader& reader) {
  const Language language = reader.language;
  std::vector<const task::v1::Task*> overdue, today, undated, next;
  for (const task::v1::Task& task : agenda.day) {
    (IsOverdue(task, reader) ? overdue : task.has_due_at() ? today : undated).push_back(&task);
  }
  size_t shown = 0;
  for (auto* const part : {&overdue, &today, &undated}) {
    if (part->size() > kShownTasks - shown) part->resize(kShownTasks - shown);
    shown += part->size();
  }
  for (const task::v1::Task& task : agenda.next) {
    if (next.size() < kShownNext) next.push_back(&task);
  }
  Listing listing("", reader);
  listing.AddTasks(In(language, "Overdue", "Просрочено"), overdue);
  if (today.empty() && undated.empty() && overdue.empty()) {
    listing.AddText(
        In(language, "<b>Today</b>\nNothing is due.", "<b>Сегодня</b>\nНичего не нужно."));
  }
  listing.AddTasks(In(language, "Today", "Сегодня"), today);
  listing.AddTasks(In(language, "Without a date", "Без срока"), undated);
  if (agenda.day_count > static_cast<int>(shown)) {
    listing.AddText(
        absl::StrCat("\n", In(language, "… and ", "… и ещё "),
                     CountedTasks(agenda.day_count - static_cast<int>(shown), language)));
  }
  listing.AddTasks(In(language, "Next days", "Ближайшие дни"), next);
  const int later = agenda.next_count - static_cast<int>(next.size()) + agenda.later_count;
  if (later > 0) {
    listing.AddText(absl::StrCat("\n", next.empty() ? "\n" : "", In(language, "Later: ", "Позже: "),
                                 CountedTasks(later, language)));
  }
  if (agenda.day_count + agenda.next_count + agenda.later_count == 0) {
    listing.AddText(In(language,
                       " ➕ adds a task, or in one go: "
                       "<i>/add call mum tomorrow at 6pm</i>.",
                       " ➕ добавит задачу, или сразу: "
                       "<i>/add завтра в 18 позвонить маме</i>."));
  }
  telegram::DialogMessage message = listing.Done("task_list");
  telegram::ButtonRow& row = *message.add_button_rows();
  AddButton(row, In(language, "➕ Add", "➕ Добавить"), absl::StrCat(kGrowthAction, ":add"));
  AddButton(row, In(language, "🗂 All", "🗂 Все"), absl::StrCat(kGrowthAction, ":all:0"));
  AddButton(row, In(language, "📊 Week", "📊 Неделя"), absl::StrCat(kGrowthAction, ":week"));
  AddButton(row, "🔄", absl::StrCat(kGrowthAction, ":list"));
  return message;
}

void OfferToWrite(Language language, telegram::DialogMessage& list) {
  absl::StrAppend(list.mutable_message_text(), "\n\n",
                  In(language, "<i>What you write now becomes a task.</i>",
                     "<i>Что вы сейчас напишете, станет задачей.</i>"));
  AddButton(*list.add_button_rows(), In(language, "That is all", "Это всё"),
            absl::StrCat(kGrowthAction, ":back"));
}

telegram::DialogMessage AllList(const std::vector<task::v1::Task>& tasks, int total, size_t page,
                                const Reader& reader) {
  const Language language = reader.language;
  const size_t pages = std::max<size_t>(1, (tasks.size() + kShownTasks - 1) / kShownTasks);
  page = std::min(page, pages - 1);
  std::vector<const task::v1::Task*> shown;
  for (size_t i = page * kShownTasks; i < std::min(tasks.size(), (page + 1) * kShownTasks); ++i) {
    shown.push_back(&tasks[i]);
  }
  Listing listing(absl::StrCat("<b>", In(language, "All tasks", "Все задачи"),
                               "</b>: ", CountedTasks(total, language)),
                  reader, page * kShownTasks + 1);
  listing.AddTasks("", shown);
  const int rest = total - static_cast<int>(tasks.size());
  if (rest > 0 && page + 1 == pages) {
    listing.AddText(
        absl::StrCat("\n", In(language, "… and ", "… и ещё "), CountedTasks(rest, language)));
  }
  telegram::DialogMessage message = listing.Done("task_all");
  if (pages > 1) {
    const auto turn = [&](size_t to) { return absl::StrCat(kGrowthAction, ":all:", to); };
    telegram::ButtonRow& row = *message.add_button_rows();
    AddButton(row, "‹", turn((page + pages - 1) % pages));
    AddButton(row, absl::StrCat(page + 1, " / ", pages), turn(page));
    AddButton(row, "›", turn((page + 1) % pages));
  }
  telegram::ButtonRow& last = *message.add_button_rows();
  AddButton(last, In(language, "➕ Add", "➕ Добавить"), absl::StrCat(kGrowthAction, ":add"));
  AddButton(last, In(language, "⬅️ Today", "⬅️ Сегодня"), absl::StrCat(kGrowthAction, ":list"));
  return message;
}

telegram::DialogMessage TaskCard(const task::v1::Task& task, std::string_view heading,
                                 const Reader& reader) {
  const Language language = reader.language;
  std::string html;
  if (!heading.empty()) absl::StrAppend(&html, heading, "\n");
  absl::StrAppend(&html, PriorityMark(task.priority()), "<b>", text::EscapeHtml(task.title()),
                  "</b>");
  const auto add = [&](std::string_view mark, std::string_view text) {
    if (!text.empty()) absl::StrAppend(&html, "\n", mark, " ", text);
  };
  add("🗓", DueText(task, reader.zone, reader.now, language));
  if (task.has_recurrence()) add("🔁", RepeatText(task, language));
  for (const task::v1::Reminder& reminder : task.reminders()) {
    if (reminder.minutes_before_due() > 0) {
      add("🔔", LeadText(reminder.minutes_before_due(), language));
    }
  }
  std::string labels;
  for (const std::string& label : task.labels()) {
    absl::StrAppend(&labels, labels.empty() ? "#" : " #", text::EscapeHtml(label));
  }
  add("🏷", labels);
  if (task.subtask_count() > 0) {
    add("☑️", absl::StrCat(task.closed_subtask_count(), " / ", task.subtask_count()));
  }
  if (!task.blocked_by_task_ids().empty()) {
    add("⛔", absl::StrCat(In(language, "waits for ", "ждёт: "),
                           CountedTasks(task.blocked_by_task_ids_size(), language)));
  }
  if (!task.notes().empty()) {
    absl::StrAppend(&html, "\n\n", text::EscapeHtml(Short(task.notes(), 1500)));
  }
  if (!reader.zone_is_known && task.has_due_at()) {
    add("🌐", In(language, "UTC; /settings has your time zone",
                 "по UTC; часовой пояс можно указать в /settings"));
  }
  telegram::DialogMessage message = Panel("task_card", std::move(html));
  telegram::ButtonRow& first = *message.add_button_rows();
  const int64_t id = task.task_id();
  if (task.status() == task::v1::TASK_STATUS_OPEN) {
    AddButton(first, In(language, "✅ Done", "✅ Готово"), TaskData("done", id));
    AddButton(first, In(language, "⏰ Later", "⏰ Позже"), TaskData("snooze", id));
  } else {
    AddButton(first, In(language, "↩️ Open again", "↩️ Открыть снова"), TaskData("reopen", id));
  }
  telegram::ButtonRow& second = *message.add_button_rows();
  AddButton(second, In(language, "🗑 Delete", "🗑 Удалить"), TaskData("delete", id));
  AddButton(second, In(language, "⬅️ Today", "⬅️ Сегодня"), absl::StrCat(kGrowthAction, ":list"));
  return message;
}

telegram::DialogMessage TaskChoice(const std::vector<task::v1::Task>& tasks,
                                   std::string_view heading, std::string_view what,
                                   const Reader& reader, std::string_view more) {
  std::string html = absl::StrCat("<b>", heading, "</b>");
  for (size_t i = 0; i < tasks.size(); ++i) {
    absl::StrAppend(&html, "\n", i + 1, ". ", Line(tasks[i], reader));
  }
  telegram::DialogMessage message = Panel("task_choice", std::move(html));
  for (const task::v1::Task& task : tasks) {
    AddButton(*message.add_button_rows(), Short(task.title(), kButtonTitle),
              TaskData(what, task.task_id(), more));
  }
  return message;
}

telegram::DialogMessage SnoozeChoice(const task::v1::Task& task, const Reader& reader) {
  const Language language = reader.language;
  telegram::DialogMessage message =
      Panel("task_snooze", absl::StrCat(In(language, "Until when? ", "До какого времени? "), "<b>",
                                        text::EscapeHtml(Short(task.title(), 200)), "</b>"));
  telegram::ButtonRow& first = *message.add_button_rows();
  const int64_t id = task.task_id();
  AddButton(first, In(language, "1 hour", "1 час"), TaskData("wait", id, "hour"));
  AddButton(first, In(language, "This evening", "До вечера"), TaskData("wait", id, "evening"));
  telegram::ButtonRow& second = *message.add_button_rows();
  AddButton(second, In(language, "Tomorrow", "До завтра"), TaskData("wait", id, "tomorrow"));
  AddButton(second, In(language, "Next week", "На неделю"), TaskData("wait", id, "week"));
  telegram::ButtonRow& third = *message.add_button_rows();
  AddButton(third, In(language, "⬅️ Today", "⬅️ Сегодня"), absl::StrCat(kGrowthAction, ":list"));
  return message;
}

absl::Time SnoozeUntil(std::string_view how_long, const Reader& reader) {
  const absl::CivilDay today = absl::ToCivilDay(reader.now, reader.zone);
  const auto at = [&](absl::CivilDay day, int hour) {
    return absl::FromCivil(absl::CivilHour(day) + hour, reader.zone);
  };
  if (how_long == "hour") return reader.now + absl::Hours(1);
  if (how_long == "evening") {
    const absl::Time evening = at(today, 19);
    return evening > reader.now ? evening : at(today + 1, 19);
  }
  if (how_long == "tomorrow") return at(today + 1, 9);
  if (how_long == "week") return at(today + 7, 9);
  return absl::InfinitePast();
}

telegram::DialogDescription Describe() {
  telegram::DialogDescription description;
  description.set_dialog(std::string(kDialog));
  description.set_takes_passed_on(true);
  Localize(*description.mutable_titles(), "Tasks", "Задачи");
  const auto command = [&](std::string_view name, std::string_view english,
                           std::string_view russian, std::initializer_list<const char*> aliases) {
    telegram::DialogCommand& added = *description.add_commands();
    added.set_name(std::string(name));
    Localize(*added.mutable_descriptions(), english, russian);
    for (const char* alias : aliases) added.add_aliases(alias);
  };
  command("tasks", "What is to be done today", "Что нужно сделать сегодня",
          {"today", "todo", "todos", "list", "mytasks", "my_tasks", "agenda"});
  command("add", "Add a task: /add call mum tomorrow at 6pm",
          "Добавить задачу: /add завтра в 18 позвонить маме",
          {"task", "new", "newtask", "new_task", "addtask", "add_task", "remind"});
  command("week", "Your week as a picture", "Ваша неделя на картинке", {"weekly", "chart"});
  command("progress", "Level, streak and badges", "Уровень, серия и значки",
          {"badges", "badge", "level", "levels", "streak", "streaks", "points", "coins", "stats",
           "achievements", "score"});
  command("top", "Who is ahead this week", "Кто впереди на этой неделе",
          {"leaderboard", "leaderboards", "leaders", "ranking", "rankings", "rank", "rating"});
  command("challenges", "Challenges made of your tasks", "Вызовы по вашим задачам",
          {"challenge", "quest", "quests"});
  description.add_button_actions(std::string(kTaskAction));
  description.add_button_actions(std::string(kGrowthAction));
  description.add_button_actions(std::string(kChallengeAction));
  Localize(
      *description.mutable_help(),
      "/add or /task and a sentence makes one: <i>/add water the plants every 3 "
      "days at 9am</i>. /tasks shows the day, with buttons for done and later. /week draws your "
      "week, /progress has your level and streak, /top the ranking, /challenges what you can "
      "take on.",
      "/add или /task и предложение создаёт задачу: <i>/add каждые 3 дня в 9 утра "
      "поливать цветы</i>. /tasks показывает день с кнопками «готово» и «позже». /week рисует "
      "неделю, /progress — уровень и серия, /top — рейтинг, /challenges — вызовы.");
  return description;
}

}  // namespace selfology::growth_dialog

#include "services/growth/task/tasks/calendar.h"

#include <libical/ical.h>

#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/task_rules.h"

namespace selfology::task {
namespace {

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;

icaltimetype Utc(absl::Time time) {
  const absl::CivilSecond at = absl::ToCivilSecond(time, absl::UTCTimeZone());
  icaltimetype ical = icaltime_null_time();
  ical.year = static_cast<int>(at.year());
  ical.month = at.month();
  ical.day = at.day();
  ical.hour = at.hour();
  ical.minute = at.minute();
  ical.second = at.second();
  ical.zone = icaltimezone_get_utc_timezone();
  return ical;
}

icaltimetype Local(absl::Time time, absl::TimeZone zone, bool is_day) {
  const absl::CivilSecond at = absl::ToCivilSecond(time, zone);
  icaltimetype ical = icaltime_null_time();
  ical.year = static_cast<int>(at.year());
  ical.month = at.month();
  ical.day = at.day();
  ical.is_date = is_day ? 1 : 0;
  if (!is_day) {
    ical.hour = at.hour();
    ical.minute = at.minute();
    ical.second = at.second();
  }
  return ical;
}

// RFC 5545, 3.8.1.9: 1 is the highest, 9 the lowest.
int PriorityOf(v1::TaskPriority priority) {
  switch (priority) {
    case v1::TASK_PRIORITY_HIGH:
      return 1;
    case v1::TASK_PRIORITY_MEDIUM:
      return 5;
    case v1::TASK_PRIORITY_LOW:
      return 9;
    default:
      return 0;
  }
}

icalcomponent* AlarmOf(const v1::Task& task, const v1::Reminder& reminder) {
  icaltriggertype trigger = {};
  if (reminder.has_at()) {
    trigger.time = Utc(timestamps::FromProto(reminder.at()));
  } else {
    trigger.time = icaltime_null_time();
    trigger.duration = icaldurationtype_from_int(-reminder.minutes_before_due() * 60);
  }
  icalproperty* const when = icalproperty_new_trigger(trigger);
  if (!reminder.has_at()) {
    icalproperty_add_parameter(when, icalparameter_new_related(ICAL_RELATED_END));
  }
  return icalcomponent_vanew(ICAL_VALARM_COMPONENT, icalproperty_new_action(ICAL_ACTION_DISPLAY),
                             icalproperty_new_description(task.title().c_str()), when, nullptr);
}

// A time in the task's zone where its days matter, and in UTC where not.
void AddTime(icalcomponent* to, icalproperty* property, const v1::Task& task, bool is_local,
             std::set<std::string>& zones) {
  if (is_local && !task.time_zone().empty() && !task.due_all_day()) {
    icalproperty_add_parameter(property, icalparameter_new_tzid(task.time_zone().c_str()));
    zones.insert(task.time_zone());
  }
  icalcomponent_add_property(to, property);
}

icalcomponent* ToTodo(const v1::Task& task, absl::Time now, std::set<std::string>& zones) {
  icalcomponent* const todo = icalcomponent_new(ICAL_VTODO_COMPONENT);
  const auto add = [&](icalproperty* property) { icalcomponent_add_property(todo, property); };
  add(icalproperty_new_uid(absl::StrCat("task-", task.task_id(), "@selfology").c_str()));
  add(icalproperty_new_dtstamp(Utc(now)));
  add(icalproperty_new_summary(task.title().c_str()));
  if (!task.notes().empty()) add(icalproperty_new_description(task.notes().c_str()));
  add(icalproperty_new_created(Utc(timestamps::FromProto(task.created_at()))));
  add(icalproperty_new_lastmodified(Utc(timestamps::FromProto(task.updated_at()))));
  add(icalproperty_new_sequence(static_cast<int>(task.version() - 1)));
  const absl::TimeZone zone = ZoneOf(task.time_zone());
  const bool is_local = task.has_recurrence() || task.due_all_day();
  const bool is_utc = !is_local || (task.time_zone().empty() && !task.due_all_day());
  if (task.has_due_at()) {
    const absl::Time due = timestamps::FromProto(task.due_at());
    const icaltimetype at = is_utc ? Utc(due) : Local(due, zone, task.due_all_day());
    // A rule counts from DTSTART.
    if (task.has_recurrence()) AddTime(todo, icalproperty_new_dtstart(at), task, !is_utc, zones);
    if (!task.has_recurrence()) AddTime(todo, icalproperty_new_due(at), task, !is_utc, zones);
  }
  if (task.has_start_at() && !task.has_recurrence()) {
    const absl::Time start = timestamps::FromProto(task.start_at());
    // DUE and DTSTART must be of one kind, and DUE the later one.
    if (!task.has_due_at() || start < timestamps::FromProto(task.due_at())) {
      add(icalproperty_new_dtstart(task.due_all_day() ? Local(start, zone, true) : Utc(start)));
    }
  }
  if (task.has_recurrence()) {
    icalrecurrencetype rule = icalrecurrencetype_from_string(task.recurrence().rrule().c_str());
    // UNTIL must be of the kind of DTSTART: a whole day ends in UTC.
    if (!icaltime_is_null_time(rule.until) && rule.until.is_date && !task.due_all_day()) {
      const absl::CivilDay last(rule.until.year, rule.until.month, rule.until.day);
      rule.until = Utc(absl::FromCivil(last + 1, zone) - absl::Seconds(1));
    }
    if (rule.freq != ICAL_NO_RECURRENCE) add(icalproperty_new_rrule(rule));
  }
  if (task.priority() != v1::TASK_PRIORITY_UNSPECIFIED) {
    add(icalproperty_new_priority(PriorityOf(task.priority())));
  }
  if (!task.labels().empty()) {
    add(icalproperty_new_categories(absl::StrJoin(task.labels(), ",").c_str()));
  }
  if (task.parent_task_id() != 0) {
    add(icalproperty_new_relatedto(
        absl::StrCat("task-", task.parent_task_id(), "@selfology").c_str()));
  }
  add(icalproperty_new_status(task.status() == v1::TASK_STATUS_COMPLETED ? ICAL_STATUS_COMPLETED
                              : task.status() == v1::TASK_STATUS_DROPPED ? ICAL_STATUS_CANCELLED
                              : task.active()                            ? ICAL_STATUS_INPROCESS
                                              : ICAL_STATUS_NEEDSACTION));
  for (const v1::Reminder& reminder : task.reminders()) {
    // RFC 5545, 3.8.6.3: a trigger related to the end needs one.
    if (reminder.has_at() || (reminder.has_minutes_before_due() && task.has_due_at())) {
      icalcomponent_add_component(todo, AlarmOf(task, reminder));
    }
  }
  return todo;
}

}  // namespace

std::string ToCalendar(absl::Span<const v1::Task> tasks, absl::Time now) {
  const Component calendar(
      icalcomponent_vanew(ICAL_VCALENDAR_COMPONENT, icalproperty_new_version("2.0"),
                          icalproperty_new_prodid("-//Selfology//Tasks//EN"), nullptr));
  std::set<std::string> zones;
  for (const v1::Task& task : tasks) {
    icalcomponent_add_component(calendar.get(), ToTodo(task, now, zones));
  }
  for (const std::string& name : zones) {
    icaltimezone* const zone = icaltimezone_get_builtin_timezone(name.c_str());
    icalcomponent* const known = zone == nullptr ? nullptr : icaltimezone_get_component(zone);
    if (known == nullptr) continue;
    icalcomponent* const copy = icalcomponent_new_clone(known);
    // libical has its own name for it; ours is what the times refer to.
    if (icalproperty* const id = icalcomponent_get_first_property(copy, ICAL_TZID_PROPERTY)) {
      icalproperty_set_tzid(id, name.c_str());
    }
    icalcomponent_add_component(calendar.get(), copy);
  }
  const std::unique_ptr<char, decltype(&free)> text(icalcomponent_as_ical_string_r(calendar.get()),
                                                    &free);
  return text.get();
}

}  // namespace selfology::task

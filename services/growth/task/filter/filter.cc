#include "services/growth/task/filter/filter.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/letters.h"
#include "services/growth/task/tasks/task_rules.h"

namespace selfology::task {
namespace {

bool HasWord(std::string_view text, std::string_view folded) {
  return absl::StrContains(FoldCase(text), folded);
}

bool HasLabel(const v1::Task& task, std::string_view folded) {
  return std::any_of(task.labels().begin(), task.labels().end(),
                     [&](const std::string& label) { return FoldCase(label) == folded; });
}

bool IsState(std::string_view state, const v1::Task& task, const FilterContext& context) {
  const bool is_open = task.status() == v1::TASK_STATUS_OPEN;
  if (state == "open") return is_open;
  if (state == "closed") return !is_open;
  if (state == "completed") return task.status() == v1::TASK_STATUS_COMPLETED;
  if (state == "dropped") return task.status() == v1::TASK_STATUS_DROPPED;
  if (state == "waiting") {
    return is_open && task.has_wait_until() &&
           timestamps::FromProto(task.wait_until()) > context.now;
  }
  if (state == "active") return is_open && task.active();
  if (state == "blocked") return is_open && task.blocked_by_task_ids_size() > 0;
  if (state == "blocking") return is_open && task.blocking_count() > 0;
  if (state == "overdue") return is_open && OverdueFrom(task) <= context.now;
  if (state == "recurring") return task.has_recurrence();
  if (state == "part") return task.parent_task_id() != 0;
  return task.assignee_user_ids_size() > 0;  // "assigned"; the parser takes no others.
}

}  // namespace

bool Filter::Matches(const v1::Task& task, const FilterContext& context) const {
  return Matches(root_, task, context);
}

bool Filter::Matches(int node, const v1::Task& task, const FilterContext& context) const {
  const Node& at = nodes_[node];
  const auto matches = [&](int part) { return Matches(part, task, context); };
  switch (at.kind) {
    case Kind::kAll:
      return true;
    case Kind::kAnd:
      return std::all_of(at.parts.begin(), at.parts.end(), matches);
    case Kind::kOr:
      return std::any_of(at.parts.begin(), at.parts.end(), matches);
    case Kind::kNot:
      return !matches(at.parts.front());
    case Kind::kTerm:
      return Matches(at.term, task, context);
  }
  return false;
}

bool Filter::Matches(const Term& term, const v1::Task& task, const FilterContext& context) {
  const auto compare = [&](double value) {
    switch (term.comparison) {
      case Comparison::kIs:
        return value == term.number;
      case Comparison::kLess:
        return value < term.number;
      case Comparison::kLessOrEqual:
        return value <= term.number;
      case Comparison::kMore:
        return value > term.number;
      case Comparison::kMoreOrEqual:
        return value >= term.number;
    }
    return false;
  };
  const auto date = [&](bool is_set, const google::protobuf::Timestamp& proto) {
    if (term.is_none) return !is_set;
    if (term.is_any || !is_set) return term.is_any && is_set;
    const absl::Time time = timestamps::FromProto(proto);
    const Span span = SpanOf(term.date, context.now, context.zone);
    switch (term.comparison) {
      case Comparison::kIs:
        return span.begin <= time && time < span.end;
      case Comparison::kLess:
        return time < span.begin;
      case Comparison::kLessOrEqual:
        return time < std::max(span.end, span.begin + absl::Nanoseconds(1));
      case Comparison::kMore:
        return time >= span.end && time > span.begin;
      case Comparison::kMoreOrEqual:
        return time >= span.begin;
    }
    return false;
  };
  switch (term.field) {
    case Field::kText:
      return HasWord(task.title(), term.word) || HasWord(task.notes(), term.word) ||
             HasLabel(task, term.word);
    case Field::kLabel:
      return term.is_none ? task.labels().empty() : HasLabel(task, term.word);
    case Field::kIs:
      return IsState(term.word, task, context);
    case Field::kList: {
      if (term.is_none) return task.list_id() == 0;
      if (term.number > 0) return static_cast<double>(task.list_id()) == term.number;
      const auto name = context.list_names.find(task.list_id());
      return name != context.list_names.end() && FoldCase(name->second) == term.word;
    }
    case Field::kParent:
      return static_cast<double>(task.parent_task_id()) == term.number;
    case Field::kId:
      return static_cast<double>(task.task_id()) == term.number;
    case Field::kAssignee: {
      if (term.is_none) return task.assignee_user_ids().empty();
      const int64_t who = term.word == "me" ? context.person : static_cast<int64_t>(term.number);
      const auto& assignees = task.assignee_user_ids();
      return std::find(assignees.begin(), assignees.end(), who) != assignees.end();
    }
    case Field::kTitle:
      return HasWord(task.title(), term.word);
    case Field::kNotes:
      return HasWord(task.notes(), term.word);
    case Field::kColumn:
      return term.is_none ? task.column().empty() : FoldCase(task.column()) == term.word;
    case Field::kPriority:
      return compare(task.priority());
    case Field::kDue:
      return date(task.has_due_at(), task.due_at());
    case Field::kStart:
      return date(task.has_start_at(), task.start_at());
    case Field::kWait:
      return date(task.has_wait_until(), task.wait_until());
    case Field::kCreated:
      return date(true, task.created_at());
    case Field::kUpdated:
      return date(true, task.updated_at());
    case Field::kClosed:
      return date(task.has_closed_at(), task.closed_at());
    case Field::kUrgency:
      return compare(task.urgency());
    case Field::kEstimate:
      return compare(task.estimate_minutes());
  }
  return false;
}

// Whether the node can hold for some task that is open (or closed). What it cannot tell it takes as
// possible.
bool Filter::MayMatch(int node, bool open) const {
  const Node& at = nodes_[node];
  switch (at.kind) {
    case Kind::kAnd:
      return std::all_of(at.parts.begin(), at.parts.end(),
                         [&](int part) { return MayMatch(part, open); });
    case Kind::kOr:
      return std::any_of(at.parts.begin(), at.parts.end(),
                         [&](int part) { return MayMatch(part, open); });
    case Kind::kNot:
      return !MustBe(at.parts.front(), open);
    case Kind::kTerm: {
      if (at.term.field != Field::kIs) return true;
      const std::string& state = at.term.word;
      const bool is_closed = state == "closed" || state == "completed" || state == "dropped";
      const bool is_either = state == "recurring" || state == "part" || state == "assigned";
      return is_either || is_closed != open;
    }
    case Kind::kAll:
      return true;
  }
  return true;
}

// Whether the node holds for every task that is open (or closed).
bool Filter::MustBe(int node, bool open) const {
  const Node& at = nodes_[node];
  switch (at.kind) {
    case Kind::kAll:
      return true;
    case Kind::kAnd:
      return std::all_of(at.parts.begin(), at.parts.end(),
                         [&](int part) { return MustBe(part, open); });
    case Kind::kOr:
      return std::any_of(at.parts.begin(), at.parts.end(),
                         [&](int part) { return MustBe(part, open); });
    case Kind::kNot:
      return !MayMatch(at.parts.front(), open);
    case Kind::kTerm:
      return at.term.field == Field::kIs && at.term.word == (open ? "open" : "closed");
  }
  return false;
}

}  // namespace selfology::task

// The language in which people say which tasks they want to see.
//
//   ASSIGN_OR_RETURN(const Filter filter, Filter::Parse("is:open (due<=today or +home) not milk"));
//   if (filter.Matches(task, {.now = now, .zone = zone, .person = user_id})) ...
//
// Terms, all of which must hold; "or" and "|" lie between alternatives, "not" and "!" turn one round,
// brackets group:
//
//   milk "soy milk"       in the title, notes or a label, without regard to case
//   +home -home label:home
//   is:open completed dropped waiting active blocked blocking overdue recurring part assigned
//   list:Errands list:7 list:inbox    parent:12 parent:none    id:12    assignee:me assignee:12
//   title:milk notes:milk column:Doing
//   priority:high priority>=medium priority:none
//   due start wait created updated closed: due:today due<tomorrow due>=2026-05-01 due:+3d due:none due:any
//   urgency>5 estimate<=30
//
// Dates: now today tomorrow yesterday monday…sunday (the next, today included) week month year (this
// one) eow eom eoy (its last day), 2026-05-01, 2026-05-01T18:00, +3d -2w +1m +1y +4h +30min. ":"
// means: within the day, week, month or year meant.
//
// Errors: INVALID_ARGUMENT naming `filter` and what is wrong. Threads: immutable.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "selfology/task/v1/task.pb.h"
#include "services/growth/task/filter/dates.h"

namespace selfology::task {

struct FilterContext {
  absl::Time now = {};
  absl::TimeZone zone = absl::UTCTimeZone();
  int64_t person = 0;                              // Who "me" is.
  std::map<int64_t, std::string> list_names = {};  // Of the person's lists.
};

class Filter {
 public:
  static constexpr int kMaxCharacters = 1000;
  static constexpr int kMaxTerms = 100;
  static constexpr int kMaxDepth = 50;

  // An empty text matches everything.
  static absl::StatusOr<Filter> Parse(std::string_view text);

  bool Matches(const v1::Task& task, const FilterContext& context) const;

  // Whether it looks at what is computed (urgency, blocked, blocking): then that must be filled in.
  bool needs_computed() const { return needs_computed_; }
  // Whether some open, or some closed, task can match at all: what need not be read. Never false for
  // what could match.
  bool may_match_open() const { return MayMatch(root_, true); }
  bool may_match_closed() const { return MayMatch(root_, false); }

 private:
  friend class FilterParser;

  enum class Kind { kAll, kAnd, kOr, kNot, kTerm };
  enum class Comparison { kIs, kLess, kLessOrEqual, kMore, kMoreOrEqual };
  enum class Field {
    kText,
    kLabel,
    kIs,
    kList,
    kParent,
    kId,
    kAssignee,
    kTitle,
    kNotes,
    kColumn,
    kPriority,
    kDue,
    kStart,
    kWait,
    kCreated,
    kUpdated,
    kClosed,
    kUrgency,
    kEstimate,
  };
  struct Term {
    Field field = Field::kText;
    Comparison comparison = Comparison::kIs;
    std::string word = {};  // Folded.
    double number = 0;
    DateWord date = {};
    bool is_none = false;  // "none".
    bool is_any = false;   // "any".
  };
  struct Node {
    Kind kind = Kind::kAll;
    std::vector<int> parts = {};
    Term term = {};
  };

  bool Matches(int node, const v1::Task& task, const FilterContext& context) const;
  static bool Matches(const Term& term, const v1::Task& task, const FilterContext& context);
  bool MayMatch(int node, bool open) const;
  bool MustBe(int node, bool open) const;

  std::vector<Node> nodes_;
  int root_ = 0;
  bool needs_computed_ = false;
};

}  // namespace selfology::task

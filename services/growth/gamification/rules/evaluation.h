// What a rule gives for the events of a person: a pure function of the rule and of the events, so that
// the same code tries a rule on the past, gives what is due, and finds what is due no longer.
//
//   for (const Grant& grant : Grants(definition, facts)) ...
//
// Events that were taken back (`revoked`) count for nothing. Threads: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/status/status.h"
#include "common/uuid/uuid.h"
#include "selfology/gamification/v1/rule.pb.h"

namespace selfology::gamification {

using Fields = std::map<std::string, std::string, std::less<>>;

// An event as rules see it.
struct FactOf {
  uuid::Uuid event_id = {};
  std::string type = {};
  absl::Time occurred_at;
  absl::CivilDay day;  // The person's own, as is the hour.
  int32_t hour = 0;
  Fields fields = {};  // Nothing personal.
  bool revoked = false;
};

struct Grant {
  // Which of the things that the rule gives the person: the same again when it is computed again, also
  // after other events came or went. Of a reward the event; of a badge its number or period.
  std::string key = {};
  uuid::Uuid event_id = {};  // The event that earned it.
  absl::Time at;
  int32_t ordinal = 0;  // 1 or more.
};

// Whether the rule counts the event.
bool Counts(const v1::RuleDefinition& rule, const FactOf& fact);

// `facts`: in the order of their times, from the begin of a period on at least.
std::vector<Grant> Grants(const v1::RuleDefinition& rule, absl::Span<const FactOf> facts);

// The first day whose events matter for what an event of `day` earns.
absl::CivilDay FirstDayThatMatters(const v1::RuleDefinition& rule, absl::CivilDay day);

// What is wrong with a rule; `knows_type` says which types of events there are.
void CheckRule(const v1::RuleDefinition& rule,
               const std::function<bool(std::string_view)>& knows_type,
               status::FieldViolations& bad);

}  // namespace selfology::gamification

#include "services/growth/gamification/rules/evaluation.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace selfology::gamification {
namespace {

constexpr int kMaxTypes = 16;
constexpr int kMaxConditions = 16;
constexpr int kMaxRevokingTypes = 8;
constexpr int kMaxCount = 100'000;
constexpr int64_t kMaxReward = 1'000'000;

int CountOf(const v1::RuleDefinition& rule) { return std::max(1, rule.count()); }

int WeekdayNumber(absl::CivilDay day) {
  return static_cast<int>(absl::GetWeekday(day)) + 1;  // Monday is absl's first.
}

std::optional<std::string> ValueOf(const FactOf& fact, std::string_view field) {
  if (field == "day") return absl::FormatCivilTime(fact.day);
  if (field == "weekday") return absl::StrCat(WeekdayNumber(fact.day));
  if (field == "hour") return absl::StrCat(fact.hour);
  const auto found = fact.fields.find(field);
  if (found == fact.fields.end()) return std::nullopt;
  return found->second;
}

bool Holds(const v1::Condition& condition, const FactOf& fact) {
  const std::optional<std::string> value = ValueOf(fact, condition.field());
  double left = 0, right = 0;
  const bool numbers = value.has_value() && absl::SimpleAtod(*value, &left) &&
                       absl::SimpleAtod(condition.value(), &right);
  switch (condition.comparison()) {
    case v1::CONDITION_OPERATOR_NOT_EQUAL:
      return value != condition.value();
    case v1::CONDITION_OPERATOR_AT_LEAST:
      return numbers && left >= right;
    case v1::CONDITION_OPERATOR_AT_MOST:
      return numbers && left <= right;
    case v1::CONDITION_OPERATOR_ONE_OF: {
      const std::vector<std::string_view> words = absl::StrSplit(condition.value(), ' ');
      return value.has_value() && std::find(words.begin(), words.end(), *value) != words.end();
    }
    default:
      return value == condition.value();
  }
}

absl::CivilDay PeriodStart(const v1::RuleDefinition& rule, absl::CivilDay day) {
  switch (rule.period()) {
    case v1::COUNT_PERIOD_DAY:
      return day;
    case v1::COUNT_PERIOD_WEEK:
      return day - (WeekdayNumber(day) - 1);
    default:
      return absl::CivilDay::min();
  }
}

bool HasPeriod(const v1::RuleDefinition& rule) {
  return rule.period() == v1::COUNT_PERIOD_DAY || rule.period() == v1::COUNT_PERIOD_WEEK;
}

bool IsId(std::string_view text, size_t max, std::string_view more) {
  return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_islower(c) || more.find(c) != std::string_view::npos;
  });
}

void CheckEffect(const v1::RuleDefinition& rule, status::FieldViolations& bad) {
  switch (rule.effect_case()) {
    case v1::RuleDefinition::kReward:
      if (!IsId(rule.reward().currency(), 32, "_")) {
        bad.Add("definition.reward.currency", "must be 1 to 32 of a-z and _");
      }
      if (rule.reward().amount() < 1 || rule.reward().amount() > kMaxReward) {
        bad.Add("definition.reward.amount", absl::StrCat("must be 1 to ", kMaxReward));
      }
      if (rule.reward().max_per_day() < 0) {
        bad.Add("definition.reward.max_per_day", "must not be below 0");
      }
      return;
    case v1::RuleDefinition::kBadge:
      if (!IsId(rule.badge().badge_id(), 64, "_0123456789")) {
        bad.Add("definition.badge.badge_id", "must be 1 to 64 of a-z, 0-9 and _");
      }
      if (rule.badge().title().empty() || rule.badge().title().size() > 400) {
        bad.Add("definition.badge.title", "must be 1 to 100 characters");
      }
      if (rule.badge().description().empty() || rule.badge().description().size() > 2000) {
        bad.Add("definition.badge.description", "must be 1 to 500 characters");
      }
      if (rule.badge().coins() < 0 || rule.badge().coins() > kMaxReward) {
        bad.Add("definition.badge.coins", absl::StrCat("must be 0 to ", kMaxReward));
      }
      return;
    case v1::RuleDefinition::EFFECT_NOT_SET:
      bad.Add("definition.effect", "must be a reward or a badge");
  }
}

}  // namespace

bool Counts(const v1::RuleDefinition& rule, const FactOf& fact) {
  if (fact.revoked) return false;
  if (std::find(rule.event_types().begin(), rule.event_types().end(), fact.type) ==
      rule.event_types().end()) {
    return false;
  }
  return std::all_of(rule.conditions().begin(), rule.conditions().end(),
                     [&](const v1::Condition& condition) { return Holds(condition, fact); });
}

std::vector<Grant> Grants(const v1::RuleDefinition& rule, absl::Span<const FactOf> facts) {
  std::vector<Grant> grants;
  absl::CivilDay period = absl::CivilDay::min();
  int64_t counted = 0;
  std::set<std::string> seen;                  // Values of the distinct field, in the period.
  std::map<absl::CivilDay, int> given_by_day;  // Rewards.
  const int count = CountOf(rule);
  const bool once = rule.has_badge() && !rule.badge().repeatable();
  for (const FactOf& fact : facts) {
    if (!Counts(rule, fact)) continue;
    const absl::CivilDay start = PeriodStart(rule, fact.day);
    if (start != period) {
      period = start;
      counted = 0;
      seen.clear();
    }
    if (!rule.distinct_field().empty()) {
      const std::optional<std::string> value = ValueOf(fact, rule.distinct_field());
      if (!value.has_value() || !seen.insert(*value).second) continue;
    }
    if (++counted % count != 0) continue;
    Grant grant = {.event_id = fact.event_id, .at = fact.occurred_at};
    if (rule.has_reward()) {
      const int limit = rule.reward().max_per_day();
      if (limit > 0 && given_by_day[fact.day] >= limit) continue;
      ++given_by_day[fact.day];
      grant.key = fact.event_id.ToString();
    } else if (HasPeriod(rule) && !once) {
      if (counted != count) continue;  // Once in a period.
      grant.key = absl::FormatCivilTime(start);
    } else {
      grant.key = absl::StrCat(grants.size() + 1);
    }
    grant.ordinal = static_cast<int32_t>(grants.size() + 1);
    grants.push_back(std::move(grant));
    if (once) break;
  }
  return grants;
}

absl::CivilDay FirstDayThatMatters(const v1::RuleDefinition& rule, absl::CivilDay day) {
  // A badge is counted from the first event on, so that its number does not change.
  if (rule.has_badge()) return absl::CivilDay::min();
  const bool all = CountOf(rule) > 1 || !rule.distinct_field().empty();
  return all ? PeriodStart(rule, day) : day;
}

void CheckRule(const v1::RuleDefinition& rule,
               const std::function<bool(std::string_view)>& knows_type,
               status::FieldViolations& bad) {
  if (!IsId(rule.rule_id(), 64, "_.0123456789")) {
    bad.Add("definition.rule_id", "must be 1 to 64 of a-z, 0-9, _ and .");
  }
  const auto check_types = [&](const auto& types, std::string_view field, int least, int most) {
    if (types.size() < least || types.size() > most) {
      bad.Add(field, absl::StrCat("must be ", least, " to ", most));
      return;
    }
    for (int i = 0; i < types.size(); ++i) {
      if (!knows_type(types[i])) {
        bad.Add(absl::StrCat(field, "[", i, "]"), "must be a type of events about a person");
      }
    }
  };
  check_types(rule.event_types(), "definition.event_types", 1, kMaxTypes);
  check_types(rule.revoking_types(), "definition.revoking_types", 0, kMaxRevokingTypes);
  if (rule.revoking_types().empty() != rule.revoking_field().empty()) {
    bad.Add("definition.revoking_field", "must be set exactly where revoking_types are");
  }
  if (rule.conditions_size() > kMaxConditions) {
    bad.Add("definition.conditions", absl::StrCat("must be at most ", kMaxConditions));
  }
  for (int i = 0; i < rule.conditions_size(); ++i) {
    const v1::Condition& condition = rule.conditions(i);
    const std::string field = absl::StrCat("definition.conditions[", i, "]");
    double number = 0;
    if (condition.field().empty() || condition.field().size() > 128) {
      bad.Add(absl::StrCat(field, ".field"), "must be 1 to 128 characters");
    }
    if (condition.value().size() > 256) {
      bad.Add(absl::StrCat(field, ".value"), "must be at most 256 characters");
    }
    if ((condition.comparison() == v1::CONDITION_OPERATOR_AT_LEAST ||
         condition.comparison() == v1::CONDITION_OPERATOR_AT_MOST) &&
        !absl::SimpleAtod(condition.value(), &number)) {
      bad.Add(absl::StrCat(field, ".value"), "must be a number");
    }
  }
  if (rule.count() < 0 || rule.count() > kMaxCount) {
    bad.Add("definition.count", absl::StrCat("must be 0 to ", kMaxCount));
  }
  CheckEffect(rule, bad);
}

}  // namespace selfology::gamification

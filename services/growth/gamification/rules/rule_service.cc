#include "services/growth/gamification/rules/rule_service.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/gamification.pb.h"
#include "services/growth/gamification/rules/effects.h"
#include "services/growth/gamification/rules/evaluation.h"
#include "services/growth/gamification/rules/fact_store.h"
#include "services/growth/gamification/rules/facts.h"
#include "services/growth/gamification/rules/rule_store.h"

namespace selfology::gamification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kRulesPage = {.default_size = 50, .max_size = 200};
constexpr int kDefaultPeople = 1000;
constexpr int kMaxPeople = 10'000;
constexpr size_t kPeopleAtOnce = 200;
constexpr int kSample = 100;
constexpr int64_t kBackfilledAtOnce = 50;

absl::Status NoSuchRule() { return absl::NotFoundError("there is no such rule"); }

absl::Status Tell(Transaction& tx, const v1::Rule& rule, bool live, bool backfill) {
  events::v1::GamificationRuleChanged event;
  event.set_rule_id(rule.definition().rule_id());
  event.set_version(rule.version());
  event.set_live(live);
  event.set_backfill(backfill);
  return events::Publish(tx, event);
}

std::vector<std::string> Types(const v1::RuleDefinition& rule) {
  return {rule.event_types().begin(), rule.event_types().end()};
}

void Count(const v1::RuleDefinition& rule, const store::PersonsFacts& person,
           v1::TryRuleResponse& response) {
  response.set_people(response.people() + 1);
  response.set_events(response.events() + static_cast<int64_t>(person.facts.size()));
  const std::vector<Grant> grants = Grants(rule, person.facts);
  if (grants.empty()) return;
  response.set_recipients(response.recipients() + 1);
  response.set_grants(response.grants() + static_cast<int64_t>(grants.size()));
  if (rule.has_reward()) {
    response.set_amount(response.amount() +
                        static_cast<int64_t>(grants.size()) * rule.reward().amount());
  }
  for (const Grant& grant : grants) {
    if (response.sample_size() == kSample) return;
    v1::TrialGrant& sample = *response.add_sample();
    sample.set_recipient_id(person.user_id);
    sample.set_event_id(grant.event_id.ToString());
    *sample.mutable_occurred_at() = timestamps::ToProto(grant.at);
  }
}

}  // namespace

RuleService::RuleService(postgres::Database& database, Clock clock,
                         std::shared_ptr<LiveRules> rules)
    : database_(database), clock_(std::move(clock)), rules_(std::move(rules)) {}

absl::StatusOr<v1::CreateRuleResponse> RuleService::CreateRule(
    const Call& call, const v1::CreateRuleRequest& request) {
  status::FieldViolations bad;
  CheckRule(request.definition(), &MayCount, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  v1::CreateRuleResponse response;
  ASSIGN_OR_RETURN(*response.mutable_rule(), database_.Write(call, [&](Transaction& tx) {
    return store::SaveDraft(tx, request.definition(), clock_());
  }));
  return response;
}

absl::StatusOr<v1::ListRulesResponse> RuleService::ListRules(const Call& call,
                                                             const v1::ListRulesRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kRulesPage));
  std::string after_rule;
  int32_t after_version = 0;
  if (!page.after.empty()) {
    const std::pair<std::string, std::string> after = absl::StrSplit(page.after, '/');
    after_rule = after.first;
    if (!absl::SimpleAtoi(after.second, &after_version)) {
      return status::InvalidField("page_token", "must be the next_page_token of a page");
    }
  }
  ASSIGN_OR_RETURN(std::vector<v1::Rule> rules, database_.Read(call, [&](Transaction& tx) {
    return store::ListRules(tx, request.state(), after_rule, after_version, page.limit());
  }));
  v1::ListRulesResponse response;
  response.set_next_page_token(page.Cut(rules, [](const v1::Rule& rule) {
    return absl::StrCat(rule.definition().rule_id(), "/", rule.version());
  }));
  for (v1::Rule& rule : rules) *response.add_rules() = std::move(rule);
  return response;
}

absl::StatusOr<v1::TryRuleResponse> RuleService::TryRule(const Call& call,
                                                         const v1::TryRuleRequest& request) {
  status::FieldViolations bad;
  if (request.max_people() < 0 || request.max_people() > kMaxPeople) {
    bad.Add("max_people", absl::StrCat("must be 0 to ", kMaxPeople));
  }
  if (request.version() < 0) bad.Add("version", "must not be below 0");
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time since =
      request.has_from() ? timestamps::FromProto(request.from()) : absl::InfinitePast();
  const int people = request.max_people() == 0 ? kDefaultPeople : request.max_people();
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::TryRuleResponse> {
    ASSIGN_OR_RETURN(const std::optional<v1::Rule> rule,
                     store::ReadRule(tx, request.rule_id(), request.version()));
    if (!rule.has_value()) return NoSuchRule();
    const std::vector<std::string> types = Types(rule->definition());
    ASSIGN_OR_RETURN(const std::vector<int64_t> users,
                     store::NewestPeople(tx, types, since, people));
    v1::TryRuleResponse response;
    for (size_t first = 0; first < users.size(); first += kPeopleAtOnce) {
      const std::vector<int64_t> some(users.begin() + static_cast<std::ptrdiff_t>(first),
                                      users.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                          users.size(), first + kPeopleAtOnce)));
      ASSIGN_OR_RETURN(const std::vector<store::PersonsFacts> persons,
                       store::ReadFactsOf(tx, some, types, since));
      for (const store::PersonsFacts& person : persons) Count(rule->definition(), person, response);
    }
    return response;
  });
}

absl::StatusOr<v1::PublishRuleResponse> RuleService::PublishRule(
    const Call& call, const v1::PublishRuleRequest& request) {
  if (request.version() < 0) return status::InvalidField("version", "must not be below 0");
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::PublishRuleResponse> {
    store::LockRules(tx, 0);
    ASSIGN_OR_RETURN(const std::optional<v1::Rule> rule,
                     store::ReadRule(tx, request.rule_id(), request.version()));
    if (!rule.has_value()) return NoSuchRule();
    if (rule->state() != v1::RULE_STATE_LIVE) {
      const bool backfill = request.backfill() && rule->definition().has_badge();
      RETURN_IF_ERROR(store::Publish(tx, request.rule_id(), rule->version(), backfill, clock_()));
      RETURN_IF_ERROR(Tell(tx, *rule, true, backfill));
      tx.AfterCommit([rules = rules_] { rules->Forget(); });
    }
    v1::PublishRuleResponse response;
    ASSIGN_OR_RETURN(const std::optional<v1::Rule> now,
                     store::ReadRule(tx, request.rule_id(), rule->version()));
    *response.mutable_rule() = *now;
    return response;
  });
}

absl::StatusOr<v1::RetireRuleResponse> RuleService::RetireRule(
    const Call& call, const v1::RetireRuleRequest& request) {
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RetireRuleResponse> {
    store::LockRules(tx, 0);
    ASSIGN_OR_RETURN(std::optional<v1::Rule> rule, store::Retire(tx, request.rule_id()));
    if (rule.has_value()) {
      RETURN_IF_ERROR(Tell(tx, *rule, false, false));
      tx.AfterCommit([rules = rules_] { rules->Forget(); });
    } else {
      ASSIGN_OR_RETURN(rule, store::ReadRule(tx, request.rule_id(), 0));
      if (!rule.has_value() || rule->state() != v1::RULE_STATE_RETIRED) return NoSuchRule();
    }
    v1::RetireRuleResponse response;
    *response.mutable_rule() = *rule;
    return response;
  });
}

absl::Status RuleService::Backfill(const Call& call) {
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<store::Backfill> backfill, store::LockBackfill(tx));
    if (!backfill.has_value()) return absl::OkStatus();
    const std::vector<v1::Rule> rules = {backfill->rule};
    ASSIGN_OR_RETURN(const std::vector<int64_t> users,
                     store::PeopleAfter(tx, Types(backfill->rule.definition()), backfill->after,
                                        kBackfilledAtOnce));
    for (const int64_t user_id : users) {
      store::LockUser(tx, user_id);
      Undone undone;
      RETURN_IF_ERROR(
          SettleBadge({tx, user_id, clock_(), std::nullopt, rules}, backfill->rule, undone));
    }
    store::SaveBackfill(tx, backfill->rule,
                        users.empty() ? std::nullopt : std::optional(users.back()));
    return absl::OkStatus();
  });
}

}  // namespace selfology::gamification

#include "services/growth/gamification/rules/effects.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/gamification.pb.h"
#include "services/growth/gamification/badges/award_store.h"
#include "services/growth/gamification/ledger/announce.h"
#include "services/growth/gamification/ledger/ledger_store.h"
#include "services/growth/gamification/progress/levels.h"
#include "services/growth/gamification/progress/streak_store.h"
#include "services/growth/gamification/rules/fact_store.h"

namespace selfology::gamification {
namespace {

using uuid::Uuid;

// Our own, which tell what the person has and keep no streak.
constexpr char kStreakExtended[] = "streak.extended";
constexpr char kLevelChanged[] = "level.changed";
constexpr char kBadges[] = "badge.";
// Accounts that currency comes from; several, so that persons do not wait for each other.
constexpr int64_t kIssuers = 16;

std::vector<std::string> Types(const v1::RuleDefinition& rule) {
  return {rule.event_types().begin(), rule.event_types().end()};
}

bool HasType(const google::protobuf::RepeatedPtrField<std::string>& types, std::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

AccountKey Issuer(std::string_view currency, int64_t user_id) {
  return {.currency = std::string(currency), .code = absl::StrCat("issuer:", user_id % kIssuers)};
}

CauseOf CauseBy(const Scene& scene, const Uuid& event_id, std::string_view type,
                const v1::Rule& rule) {
  return {.user_id = scene.user_id,
          .event_id = event_id,
          .event_type = std::string(type),
          .rule_id = rule.definition().rule_id(),
          .rule_version = rule.version()};
}

Uuid CoinsOf(const Uuid& award_id) { return DerivedId(award_id, NamedId("coins")); }

absl::Status GiveReward(const Scene& scene, const v1::Rule& rule, const FactOf& fact,
                        std::vector<Wanted>& wanted) {
  const v1::RuleDefinition& definition = rule.definition();
  bool earned = false;
  if (definition.count() <= 1 && definition.reward().max_per_day() == 0 &&
      definition.distinct_field().empty()) {
    earned = Counts(definition, fact);
  } else {
    ASSIGN_OR_RETURN(const std::vector<FactOf> facts,
                     store::ReadFacts(scene.tx, scene.user_id, Types(definition),
                                      FirstDayThatMatters(definition, fact.day)));
    const std::vector<Grant> grants = Grants(definition, facts);
    earned = std::any_of(grants.begin(), grants.end(),
                         [&](const Grant& grant) { return grant.event_id == fact.event_id; });
  }
  if (!earned) return absl::OkStatus();
  Wanted& one = wanted.emplace_back();
  one.order = {.id = DerivedId(fact.event_id, NamedId("reward:" + definition.rule_id())),
               .amount = definition.reward().amount()};
  one.debit = Issuer(definition.reward().currency(), scene.user_id);
  one.credit = {.user_id = scene.user_id, .currency = definition.reward().currency()};
  one.code = fact.type;
  one.cause = CauseBy(scene, fact.event_id, fact.type, rule);
  one.trace = scene.trace;
  return absl::OkStatus();
}

absl::Status Award(const Scene& scene, const v1::Rule& rule, const Grant& grant, int before) {
  const v1::BadgeGrant& badge = rule.definition().badge();
  const store::AwardRow award = {
      .award_id =
          DerivedId(grant.event_id, NamedId(absl::StrCat("award:", rule.definition().rule_id(), ":",
                                                         grant.key, ":", before))),
      .user_id = scene.user_id,
      .badge_id = badge.badge_id(),
      .rule_id = rule.definition().rule_id(),
      .rule_version = rule.version(),
      .key = grant.key,
      .ordinal = grant.ordinal,
      .event_id = grant.event_id,
      .awarded_at = scene.now};
  store::SaveAward(scene.tx, award);
  events::v1::BadgeAwarded event;
  event.set_user_id(scene.user_id);
  event.set_award_id(award.award_id.ToString());
  event.set_badge_id(award.badge_id);
  event.set_cause_event_id(grant.event_id.ToString());
  RETURN_IF_ERROR(events::Publish(scene.tx, event));
  if (badge.coins() == 0) return absl::OkStatus();
  Wanted coins;
  coins.order = {.id = CoinsOf(award.award_id), .amount = badge.coins()};
  coins.debit = Issuer(kCoins, scene.user_id);
  coins.credit = {.user_id = scene.user_id, .currency = kCoins};
  coins.code = absl::StrCat("badge.", badge.badge_id());
  coins.cause = CauseBy(scene, grant.event_id, "", rule);
  coins.trace = scene.trace;
  return PostAndAnnounce(scene.tx, {coins}, scene.now).status();
}

Wanted Reversal(const Scene& scene, const Uuid& target, std::string_view code, bool allow_debt) {
  Wanted one;
  one.order = {.id = DerivedId(target, NamedId("reversal")),
               .kind = v1::TRANSFER_KIND_REVERSAL,
               .target = target,
               .allow_debt = allow_debt};
  one.code = std::string(code);
  one.cause = {.user_id = scene.user_id};
  one.trace = scene.trace;
  return one;
}

absl::Status Revoke(const Scene& scene, const store::AwardRow& award, Undone& undone) {
  store::RevokeAward(scene.tx, award.award_id, scene.now);
  undone.revoked_awards.push_back(award.award_id);
  events::v1::BadgeRevoked event;
  event.set_user_id(scene.user_id);
  event.set_award_id(award.award_id.ToString());
  event.set_badge_id(award.badge_id);
  RETURN_IF_ERROR(events::Publish(scene.tx, event));
  // Its coins go back, be there ever so few.
  const std::vector<Wanted> back = {
      Reversal(scene, CoinsOf(award.award_id), "badge.revoked", true)};
  ASSIGN_OR_RETURN(const Posting posting, PostAndAnnounce(scene.tx, back, scene.now));
  if (!posting.made.empty()) undone.reversals.push_back(back[0].order.id);
  return absl::OkStatus();
}

// Makes the ledger agree on the freezes that are used up.
absl::StatusOr<store::StreakRead> SettleStreak(const Scene& scene) {
  ASSIGN_OR_RETURN(const store::Person person, store::ReadPerson(scene.tx, scene.user_id));
  ASSIGN_OR_RETURN(store::StreakRead read,
                   store::ReadStreak(scene.tx, scene.user_id, person.time_zone, scene.now));
  const std::vector<Wanted> wanted = store::FreezesUsed(scene.user_id, read);
  if (!wanted.empty()) {
    RETURN_IF_ERROR(PostAndAnnounce(scene.tx, wanted, scene.now).status());
  }
  return read;
}

absl::Status ExtendStreak(const Scene& scene, const FactOf& fact) {
  ASSIGN_OR_RETURN(const store::StreakRead read, SettleStreak(scene));
  const auto length = read.streak.lengths.find(fact.day);
  if (length == read.streak.lengths.end()) return absl::OkStatus();
  events::v1::StreakExtended event;
  event.set_user_id(scene.user_id);
  event.set_days(length->second);
  event.set_day(DayText(fact.day));
  event.set_freezes_held(read.streak.held);
  return events::Publish(scene.tx, event);
}

// What keeps a streak is what earns experience.
bool KeepsStreak(const Scene& scene, const FactOf& fact) {
  if (fact.type == kStreakExtended || fact.type == kLevelChanged ||
      absl::StartsWith(fact.type, kBadges)) {
    return false;
  }
  return std::any_of(scene.rules.begin(), scene.rules.end(), [&](const v1::Rule& rule) {
    return rule.definition().has_reward() && rule.definition().reward().currency() == kXp &&
           Counts(rule.definition(), fact);
  });
}

// Of our own events those that told of a streak or a level that the person has no longer.
absl::StatusOr<std::vector<Uuid>> WrongClaims(const Scene& scene) {
  ASSIGN_OR_RETURN(const store::StreakRead read, SettleStreak(scene));
  ASSIGN_OR_RETURN(const std::vector<v1::Balance> balances,
                   store::ReadBalances(scene.tx, scene.user_id));
  int32_t level = 1;
  for (const v1::Balance& balance : balances) {
    if (balance.account().currency() == kXp && balance.account().code() == kWallet) {
      level = LevelOf(balance.balance());
    }
  }
  ASSIGN_OR_RETURN(const std::vector<FactOf> told,
                   store::ReadFacts(scene.tx, scene.user_id, {kStreakExtended, kLevelChanged},
                                    absl::CivilDay::min()));
  const auto number = [](const FactOf& fact, std::string_view field) {
    const auto found = fact.fields.find(field);
    int value = 0;
    return found != fact.fields.end() && absl::SimpleAtoi(found->second, &value) ? value : 0;
  };
  std::vector<Uuid> wrong;
  for (const FactOf& fact : told) {
    if (fact.revoked) continue;
    if (fact.type == kLevelChanged) {
      if (number(fact, "level") > level) wrong.push_back(fact.event_id);
      continue;
    }
    const auto day = fact.fields.find("day");
    const auto length = day == fact.fields.end()
                            ? read.streak.lengths.end()
                            : read.streak.lengths.find(DayFromText(day->second));
    if (length == read.streak.lengths.end() || number(fact, "days") > length->second) {
      wrong.push_back(fact.event_id);
    }
  }
  return wrong;
}

absl::Status ReverseCaused(const Scene& scene, const std::vector<Uuid>& events, bool allow_debt,
                           std::string_view code, Undone& undone) {
  ASSIGN_OR_RETURN(const std::vector<Uuid> caused, store::CausedBy(scene.tx, events));
  ASSIGN_OR_RETURN(const std::vector<v1::Transfer> transfers,
                   store::ReadTransfers(scene.tx, caused));
  std::vector<Wanted> wanted;
  for (const v1::Transfer& transfer : transfers) {
    ASSIGN_OR_RETURN(const Uuid id, uuid::Uuid::Parse(transfer.transfer_id()));
    switch (transfer.kind()) {
      case v1::TRANSFER_KIND_POSTED:
      case v1::TRANSFER_KIND_POST:
        if (transfer.reversed_by().empty()) {
          wanted.push_back(Reversal(scene, id, code, allow_debt));
        }
        break;
      case v1::TRANSFER_KIND_PENDING: {
        Wanted& one = wanted.emplace_back();
        one.order = {
            .id = DerivedId(id, NamedId("void")), .kind = v1::TRANSFER_KIND_VOID, .target = id};
        one.code = std::string(code);
        break;
      }
      default:
        break;
    }
  }
  if (wanted.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Posting posting, PostAndAnnounce(scene.tx, wanted, scene.now));
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].order.kind != v1::TRANSFER_KIND_REVERSAL) continue;  // Or it was resolved before.
    const v1::TransferResult result = posting.results[i];
    undone.results.push_back(result);
    undone.refused |= result != v1::TRANSFER_RESULT_CREATED &&
                      result != v1::TRANSFER_RESULT_EXISTS &&
                      result != v1::TRANSFER_RESULT_ALREADY_REVERSED;
    if (result == v1::TRANSFER_RESULT_CREATED) undone.reversals.push_back(wanted[i].order.id);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SettleBadge(const Scene& scene, const v1::Rule& rule, Undone& undone) {
  const v1::RuleDefinition& definition = rule.definition();
  ASSIGN_OR_RETURN(const std::vector<store::AwardRow> awards,
                   store::ReadAwards(scene.tx, scene.user_id, {definition.rule_id()}));
  ASSIGN_OR_RETURN(const std::vector<FactOf> facts,
                   store::ReadFacts(scene.tx, scene.user_id, Types(definition),
                                    FirstDayThatMatters(definition, absl::CivilDay())));
  std::map<std::string, const store::AwardRow*> standing;
  std::map<std::string, int> revoked;
  for (const store::AwardRow& award : awards) {
    if (award.revoked_at.has_value()) {
      ++revoked[award.key];
    } else {
      standing[award.key] = &award;
    }
  }
  std::set<std::string> due;
  for (const Grant& grant : Grants(definition, facts)) {
    due.insert(grant.key);
    if (!standing.contains(grant.key)) {
      RETURN_IF_ERROR(Award(scene, rule, grant, revoked[grant.key]));
    }
  }
  for (const auto& [key, award] : standing) {
    // What another version of the rule gave is not for this one to take back.
    if (!due.contains(key) && award->rule_version == rule.version()) {
      RETURN_IF_ERROR(Revoke(scene, *award, undone));
    }
  }
  return absl::OkStatus();
}

absl::Status TakeFact(const Scene& scene, const FactOf& fact) {
  const bool active = KeepsStreak(scene, fact);
  bool first_of_day = false;
  if (active) {
    ASSIGN_OR_RETURN(const std::set<absl::CivilDay> days,
                     store::ActiveDays(scene.tx, scene.user_id));
    first_of_day = !days.contains(fact.day);
  }
  ASSIGN_OR_RETURN(const bool is_new, store::SaveFact(scene.tx, scene.user_id, fact, active));
  if (!is_new) return absl::OkStatus();
  std::vector<Uuid> taken_back;
  std::vector<Wanted> wanted;
  for (const v1::Rule& rule : scene.rules) {
    const v1::RuleDefinition& definition = rule.definition();
    if (HasType(definition.revoking_types(), fact.type)) {
      const auto value = fact.fields.find(definition.revoking_field());
      if (value != fact.fields.end()) {
        ASSIGN_OR_RETURN(
            const std::vector<Uuid> found,
            store::FindFacts(scene.tx, scene.user_id, Types(definition),
                             definition.revoking_field(), value->second, fact.occurred_at));
        taken_back.insert(taken_back.end(), found.begin(), found.end());
      }
    }
    if (definition.has_reward() && HasType(definition.event_types(), fact.type)) {
      RETURN_IF_ERROR(GiveReward(scene, rule, fact, wanted));
    }
  }
  if (!wanted.empty()) {
    RETURN_IF_ERROR(PostAndAnnounce(scene.tx, wanted, scene.now).status());
  }
  Undone undone;
  for (const v1::Rule& rule : scene.rules) {
    const v1::RuleDefinition& definition = rule.definition();
    if (!definition.has_badge() || !Counts(definition, fact)) continue;
    if (!definition.badge().repeatable()) {
      ASSIGN_OR_RETURN(const std::vector<store::AwardRow> awards,
                       store::ReadAwards(scene.tx, scene.user_id, {definition.rule_id()}));
      const bool has = std::any_of(awards.begin(), awards.end(),
                                   [](const auto& award) { return !award.revoked_at.has_value(); });
      if (has) continue;
    }
    RETURN_IF_ERROR(SettleBadge(scene, rule, undone));
  }
  if (first_of_day) RETURN_IF_ERROR(ExtendStreak(scene, fact));
  if (fact.type == kStreakExtended || fact.type == kLevelChanged) {
    // What it tells may have been taken back before it came.
    ASSIGN_OR_RETURN(taken_back, WrongClaims(scene));
  }
  if (!taken_back.empty()) {
    return RevokeEvents(scene, taken_back, true, fact.type).status();
  }
  return absl::OkStatus();
}

absl::StatusOr<Undone> RevokeEvents(const Scene& scene, const std::vector<Uuid>& events,
                                    bool allow_debt, std::string_view code) {
  Undone undone;
  std::vector<Uuid> next = events;
  // A streak that becomes shorter takes back what was told of it, and with it what that earned.
  while (!next.empty()) {
    RETURN_IF_ERROR(ReverseCaused(scene, next, allow_debt, code, undone));
    if (undone.refused) return undone;
    ASSIGN_OR_RETURN(const std::vector<FactOf> revoked,
                     store::RevokeFacts(scene.tx, scene.user_id, next, scene.now));
    for (const v1::Rule& rule : scene.rules) {
      const v1::RuleDefinition& definition = rule.definition();
      const bool counted = std::any_of(revoked.begin(), revoked.end(), [&](const FactOf& fact) {
        return HasType(definition.event_types(), fact.type);
      });
      if (counted && definition.has_badge()) {
        RETURN_IF_ERROR(SettleBadge(scene, rule, undone));
      }
    }
    ASSIGN_OR_RETURN(next, WrongClaims(scene));
  }
  return undone;
}

}  // namespace selfology::gamification

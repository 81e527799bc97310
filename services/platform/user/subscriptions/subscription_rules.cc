#include "services/platform/user/subscriptions/subscription_rules.h"

#include <algorithm>

#include "common/timestamps/timestamp.h"

namespace selfology::user {
namespace {

struct Row {
  v1::Plan plan;
  int rate_factor;
  int coach_replies_per_day;
  int team_members;
  int64_t storage_bytes;
};

constexpr int64_t kMegabyte = int64_t{1} << 20;
constexpr Row kPlans[] = {
    {v1::PLAN_FREE, 1, 50, 5, 100 * kMegabyte},
    {v1::PLAN_PERSONAL, 4, 500, 5, 2'000 * kMegabyte},
    {v1::PLAN_TEAM, 8, 1'000, 100, 20'000 * kMegabyte},
};

v1::PlanLimits ToProto(const Row& row) {
  v1::PlanLimits limits;
  limits.set_plan(row.plan);
  limits.set_rate_factor(row.rate_factor);
  limits.set_coach_replies_per_day(row.coach_replies_per_day);
  limits.set_team_members(row.team_members);
  limits.set_storage_bytes(row.storage_bytes);
  return limits;
}

bool CanBePaidFor(v1::Plan plan) { return plan == v1::PLAN_PERSONAL || plan == v1::PLAN_TEAM; }

}  // namespace

KnownSubscription AfterAgreement(const KnownSubscription& before,
                                 const events::v1::PaymentAgreed& event) {
  if (before.state != v1::SUBSCRIPTION_STATUS_FREE || !CanBePaidFor(event.plan())) return before;
  return {event.plan(), v1::SUBSCRIPTION_STATUS_TRIAL, timestamps::FromProto(event.trial_until())};
}

KnownSubscription AfterPayment(const KnownSubscription& before,
                               const events::v1::PaymentReceived& event) {
  if (!CanBePaidFor(event.plan())) return before;
  return {event.plan(), v1::SUBSCRIPTION_STATUS_ACTIVE,
          std::max(before.paid_until, timestamps::FromProto(event.paid_until()))};
}

KnownSubscription AfterFailure(const KnownSubscription& before) {
  KnownSubscription after = before;
  if (before.state == v1::SUBSCRIPTION_STATUS_TRIAL ||
      before.state == v1::SUBSCRIPTION_STATUS_ACTIVE) {
    after.state = v1::SUBSCRIPTION_STATUS_PAST_DUE;
  }
  return after;
}

KnownSubscription AfterCancellation(const KnownSubscription& before) {
  KnownSubscription after = before;
  if (before.state != v1::SUBSCRIPTION_STATUS_FREE) after.state = v1::SUBSCRIPTION_STATUS_CANCELLED;
  return after;
}

v1::SubscriptionStatus StatusAt(const KnownSubscription& subscription, absl::Time now) {
  const bool is_running = subscription.state == v1::SUBSCRIPTION_STATUS_TRIAL ||
                          subscription.state == v1::SUBSCRIPTION_STATUS_ACTIVE;
  if (is_running && now >= subscription.paid_until) {
    return now >= subscription.paid_until + kGrace ? v1::SUBSCRIPTION_STATUS_CANCELLED
                                                   : v1::SUBSCRIPTION_STATUS_PAST_DUE;
  }
  if (subscription.state == v1::SUBSCRIPTION_STATUS_PAST_DUE &&
      now >= subscription.paid_until + kGrace) {
    return v1::SUBSCRIPTION_STATUS_CANCELLED;
  }
  return subscription.state;
}

v1::Plan EffectivePlan(const KnownSubscription& subscription, absl::Time now) {
  switch (StatusAt(subscription, now)) {
    case v1::SUBSCRIPTION_STATUS_TRIAL:
    case v1::SUBSCRIPTION_STATUS_ACTIVE:
    case v1::SUBSCRIPTION_STATUS_PAST_DUE:
      return subscription.plan;
    case v1::SUBSCRIPTION_STATUS_CANCELLED:
      return now < subscription.paid_until ? subscription.plan : v1::PLAN_FREE;
    default:
      return v1::PLAN_FREE;
  }
}

v1::Subscription ToProto(const KnownSubscription& subscription, absl::Time now) {
  v1::Subscription proto;
  proto.set_plan(subscription.plan);
  proto.set_status(StatusAt(subscription, now));
  if (subscription.paid_until != absl::InfinitePast()) {
    *proto.mutable_paid_until() = timestamps::ToProto(subscription.paid_until);
  }
  proto.set_effective_plan(EffectivePlan(subscription, now));
  return proto;
}

v1::PlanLimits LimitsOf(v1::Plan plan) {
  for (const Row& row : kPlans) {
    if (row.plan == plan) return ToProto(row);
  }
  return ToProto(kPlans[0]);
}

v1::PlanLimits Best(const v1::PlanLimits& a, const v1::PlanLimits& b) {
  v1::PlanLimits best;
  best.set_plan(std::max(a.plan(), b.plan()));
  best.set_rate_factor(std::max(a.rate_factor(), b.rate_factor()));
  best.set_coach_replies_per_day(std::max(a.coach_replies_per_day(), b.coach_replies_per_day()));
  best.set_team_members(std::max(a.team_members(), b.team_members()));
  best.set_storage_bytes(std::max(a.storage_bytes(), b.storage_bytes()));
  return best;
}

std::vector<v1::PlanLimits> AllPlans() {
  std::vector<v1::PlanLimits> plans;
  for (const Row& row : kPlans) plans.push_back(ToProto(row));
  return plans;
}

}  // namespace selfology::user

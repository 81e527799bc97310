// Subscriptions: what payment events make of them, and what holds at a time.
//
//   subscription = AfterPayment(subscription, event);
//   const v1::Plan plan = EffectivePlan(subscription, now);
//   const v1::PlanLimits limits = LimitsOf(plan);
//
// Nothing happens by itself: a trial or a paid time that is over shows when it is looked at. Threads:
// pure functions.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/user/v1/subscription.pb.h"

namespace selfology::user {

// How long a plan goes on while a payment is missing.
inline constexpr absl::Duration kGrace = absl::Hours(14 * 24);

// As the last event left it.
struct KnownSubscription {
  v1::Plan plan = v1::PLAN_FREE;
  v1::SubscriptionStatus state = v1::SUBSCRIPTION_STATUS_FREE;
  absl::Time paid_until = absl::InfinitePast();
  friend bool operator==(const KnownSubscription&, const KnownSubscription&) = default;
};

// A trial begins once: not for who had a subscription before.
KnownSubscription AfterAgreement(const KnownSubscription& before,
                                 const events::v1::PaymentAgreed& event);
// Events of payments may come late: the paid time never gets shorter.
KnownSubscription AfterPayment(const KnownSubscription& before,
                               const events::v1::PaymentReceived& event);
KnownSubscription AfterFailure(const KnownSubscription& before);
KnownSubscription AfterCancellation(const KnownSubscription& before);

v1::SubscriptionStatus StatusAt(const KnownSubscription& subscription, absl::Time now);
v1::Plan EffectivePlan(const KnownSubscription& subscription, absl::Time now);
v1::Subscription ToProto(const KnownSubscription& subscription, absl::Time now);

// PLAN_FREE's for what is no plan.
v1::PlanLimits LimitsOf(v1::Plan plan);
// The higher of each limit; `plan` is the larger plan's.
v1::PlanLimits Best(const v1::PlanLimits& a, const v1::PlanLimits& b);
std::vector<v1::PlanLimits> AllPlans();

}  // namespace selfology::user

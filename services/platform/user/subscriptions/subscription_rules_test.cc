#include "services/platform/user/subscriptions/subscription_rules.h"

#include <algorithm>
#include <random>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

KnownSubscription Trial(absl::Time until, const KnownSubscription& before = {}) {
  events::v1::PaymentAgreed event;
  event.set_plan(v1::PLAN_PERSONAL);
  *event.mutable_trial_until() = timestamps::ToProto(until);
  return AfterAgreement(before, event);
}

KnownSubscription Paid(absl::Time until, const KnownSubscription& before = {},
                       v1::Plan plan = v1::PLAN_PERSONAL) {
  events::v1::PaymentReceived event;
  event.set_plan(plan);
  *event.mutable_paid_until() = timestamps::ToProto(until);
  return AfterPayment(before, event);
}

TEST(SubscriptionRulesTest, ATrialIsPaidForOrEndsAfterTheGrace) {
  const KnownSubscription trial = Trial(kNow + 7 * kDay);
  EXPECT_EQ(StatusAt(trial, kNow), v1::SUBSCRIPTION_STATUS_TRIAL);
  EXPECT_EQ(EffectivePlan(trial, kNow), v1::PLAN_PERSONAL);
  EXPECT_EQ(StatusAt(trial, kNow + 7 * kDay), v1::SUBSCRIPTION_STATUS_PAST_DUE);
  EXPECT_EQ(EffectivePlan(trial, kNow + 20 * kDay), v1::PLAN_PERSONAL);
  EXPECT_EQ(StatusAt(trial, kNow + 21 * kDay), v1::SUBSCRIPTION_STATUS_CANCELLED);
  EXPECT_EQ(EffectivePlan(trial, kNow + 21 * kDay), v1::PLAN_FREE);
  EXPECT_EQ(StatusAt(Paid(kNow + 37 * kDay, trial), kNow + 21 * kDay),
            v1::SUBSCRIPTION_STATUS_ACTIVE);
}

TEST(SubscriptionRulesTest, ATrialBeginsOnce) {
  const KnownSubscription over = AfterCancellation(Paid(kNow));
  EXPECT_EQ(Trial(kNow + 7 * kDay, over), over);
}

TEST(SubscriptionRulesTest, APaymentThatComesLateShortensNothing) {
  const KnownSubscription paid = Paid(kNow + 30 * kDay);
  EXPECT_EQ(Paid(kNow + 10 * kDay, paid).paid_until, kNow + 30 * kDay);
}

TEST(SubscriptionRulesTest, WhatWasPaidForGoesOnAfterACancellation) {
  const KnownSubscription cancelled = AfterCancellation(Paid(kNow + 30 * kDay));
  EXPECT_EQ(StatusAt(cancelled, kNow), v1::SUBSCRIPTION_STATUS_CANCELLED);
  EXPECT_EQ(EffectivePlan(cancelled, kNow), v1::PLAN_PERSONAL);
  EXPECT_EQ(EffectivePlan(cancelled, kNow + 30 * kDay), v1::PLAN_FREE);
}

TEST(SubscriptionRulesTest, AFailedPaymentIsMendedByTheNext) {
  const KnownSubscription failed = AfterFailure(Paid(kNow + kDay));
  EXPECT_EQ(StatusAt(failed, kNow), v1::SUBSCRIPTION_STATUS_PAST_DUE);
  EXPECT_EQ(EffectivePlan(failed, kNow), v1::PLAN_PERSONAL);
  EXPECT_EQ(StatusAt(Paid(kNow + 30 * kDay, failed), kNow), v1::SUBSCRIPTION_STATUS_ACTIVE);
  EXPECT_EQ(AfterFailure(KnownSubscription()), KnownSubscription());
  EXPECT_EQ(AfterCancellation(KnownSubscription()), KnownSubscription());
}

TEST(SubscriptionRulesTest, LargerPlansAllowMore) {
  const auto plans = AllPlans();
  for (size_t i = 1; i < plans.size(); ++i) {
    EXPECT_GE(plans[i].rate_factor(), plans[i - 1].rate_factor());
    EXPECT_GE(plans[i].coach_replies_per_day(), plans[i - 1].coach_replies_per_day());
    EXPECT_GE(plans[i].team_members(), plans[i - 1].team_members());
    EXPECT_GE(plans[i].storage_bytes(), plans[i - 1].storage_bytes());
    EXPECT_EQ(Best(plans[i - 1], plans[i]).plan(), plans[i].plan());
  }
  EXPECT_EQ(LimitsOf(v1::PLAN_UNSPECIFIED).plan(), v1::PLAN_FREE);
}

// Whatever events come in whatever order, who never paid and never had a trial has the free plan, and
// after the last paid day and the grace everybody has.
TEST(SubscriptionRulesTest, RandomEventsNeverGiveAwayAPlan) {
  std::mt19937 random(20);
  for (int run = 0; run < 1'000; ++run) {
    KnownSubscription subscription;
    absl::Time last_paid = absl::InfinitePast();
    bool ever = false;
    for (int i = 0; i < 12; ++i) {
      const absl::Time until = kNow + static_cast<int>(random() % 60) * kDay;
      switch (random() % 4) {
        case 0:
          if (!ever) last_paid = until;
          ever = true;
          subscription = Trial(until, subscription);
          break;
        case 1:
          last_paid = std::max(last_paid, until);
          ever = true;
          subscription = Paid(until, subscription);
          break;
        case 2:
          subscription = AfterFailure(subscription);
          break;
        case 3:
          subscription = AfterCancellation(subscription);
          break;
      }
      if (!ever) {
        ASSERT_EQ(EffectivePlan(subscription, kNow), v1::PLAN_FREE);
        continue;
      }
      ASSERT_EQ(subscription.paid_until, last_paid);
      ASSERT_EQ(EffectivePlan(subscription, last_paid + kGrace), v1::PLAN_FREE);
      ASSERT_EQ(EffectivePlan(subscription, last_paid - absl::Seconds(1)), v1::PLAN_PERSONAL);
    }
  }
}

}  // namespace
}  // namespace selfology::user

#include "services/platform/user/subscriptions/subscription_service.h"

#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/subscriptions/subscription_rules.h"
#include "services/platform/user/subscriptions/subscription_store.h"
#include "services/platform/user/teams/team_store.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using store::Owner;

constexpr paging::Limits kPage = {.default_size = 100, .max_size = 100};

template <typename Event>
absl::Status Change(const Event& event, events::Handling& handling,
                    absl::FunctionRef<KnownSubscription(const KnownSubscription&)> rule) {
  const Owner owner = event.team_id() == 0 ? Owner::kPerson : Owner::kTeam;
  const int64_t owner_id = event.team_id() == 0 ? event.user_id() : event.team_id();
  Transaction& tx = handling.tx();
  store::LockSubscription(tx, event.team_id() == 0 ? owner_id : -owner_id);
  if (owner == Owner::kTeam) {
    // The payment of a team that has ended changes nothing.
    ASSIGN_OR_RETURN(const auto team, store::ReadTeam(tx, owner_id));
    if (!team.has_value()) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const KnownSubscription before, store::ReadSubscription(tx, owner, owner_id));
  const KnownSubscription after = rule(before);
  if (after == before) return absl::OkStatus();
  store::SaveSubscription(tx, owner, owner_id, event.user_id(), after, handling.now());
  events::v1::SubscriptionChanged changed;
  changed.set_user_id(event.user_id());
  changed.set_team_id(event.team_id());
  *changed.mutable_subscription() = ToProto(after, handling.now());
  return events::Publish(tx, changed);
}

}  // namespace

SubscriptionService::SubscriptionService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<v1::GetSubscriptionResponse> SubscriptionService::GetSubscription(
    const Call& call, const v1::GetSubscriptionRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const absl::Time now = clock_();
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetSubscriptionResponse> {
    ASSIGN_OR_RETURN(const KnownSubscription own,
                     store::ReadSubscription(tx, Owner::kPerson, request.user_id()));
    ASSIGN_OR_RETURN(const std::vector<KnownSubscription> of_teams,
                     store::ReadSubscriptionsOfTeams(tx, request.user_id()));
    v1::GetSubscriptionResponse response;
    *response.mutable_subscription() = ToProto(own, now);
    v1::PlanLimits limits = LimitsOf(EffectivePlan(own, now));
    for (const KnownSubscription& team : of_teams) {
      limits = Best(limits, LimitsOf(EffectivePlan(team, now)));
    }
    *response.mutable_limits() = limits;
    return response;
  });
}

absl::StatusOr<v1::GetTeamSubscriptionResponse> SubscriptionService::GetTeamSubscription(
    const Call& call, const v1::GetTeamSubscriptionRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.team_id() < 1) bad.Add("team_id", "must be above 0");
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = clock_();
  return database_.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::GetTeamSubscriptionResponse> {
        ASSIGN_OR_RETURN(const Members members, store::ReadMembers(tx, request.team_id()));
        if (!members.contains(request.user_id())) {
          return status::Error(mesh::v1::ERROR_CODE_TEAM_NOT_FOUND, "no such team of the person");
        }
        ASSIGN_OR_RETURN(const KnownSubscription subscription,
                         store::ReadSubscription(tx, Owner::kTeam, request.team_id()));
        v1::GetTeamSubscriptionResponse response;
        *response.mutable_subscription() = ToProto(subscription, now);
        *response.mutable_limits() = LimitsOf(EffectivePlan(subscription, now));
        return response;
      });
}

absl::StatusOr<v1::ListPlansResponse> SubscriptionService::ListPlans(
    const Call&, const v1::ListPlansRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  std::vector<v1::PlanLimits> plans = AllPlans();
  std::erase_if(plans, [&](const v1::PlanLimits& plan) { return plan.plan() <= after; });
  v1::ListPlansResponse response;
  response.set_next_page_token(
      page.Cut(plans, [](const v1::PlanLimits& plan) { return static_cast<int>(plan.plan()); }));
  response.mutable_plans()->Assign(plans.begin(), plans.end());
  return response;
}

absl::Status BeginTrial(const events::v1::PaymentAgreed& event, events::Handling& handling) {
  return Change(event, handling,
                [&](const KnownSubscription& before) { return AfterAgreement(before, event); });
}

absl::Status TakePayment(const events::v1::PaymentReceived& event, events::Handling& handling) {
  return Change(event, handling,
                [&](const KnownSubscription& before) { return AfterPayment(before, event); });
}

absl::Status MissPayment(const events::v1::PaymentFailed& event, events::Handling& handling) {
  return Change(event, handling, &AfterFailure);
}

absl::Status EndPayments(const events::v1::PaymentCancelled& event, events::Handling& handling) {
  return Change(event, handling, &AfterCancellation);
}

}  // namespace selfology::user

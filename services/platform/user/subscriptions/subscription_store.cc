#include "services/platform/user/subscriptions/subscription_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "common/enums/word.h"
#include "common/status/status_macros.h"

namespace selfology::user::store {
namespace {

using postgres::Transaction;

std::string_view Word(Owner owner) { return owner == Owner::kTeam ? "TEAM" : "PERSON"; }

KnownSubscription ToKnown(const std::tuple<std::string, std::string, absl::Time>& row) {
  const auto& [plan, state, paid_until] = row;
  return {enums::FromWord<v1::Plan>(plan), enums::FromWord<v1::SubscriptionStatus>(state),
          paid_until};
}

}  // namespace

absl::StatusOr<KnownSubscription> ReadSubscription(Transaction& tx, Owner owner, int64_t owner_id) {
  ASSIGN_OR_RETURN(const auto row, (tx.QueryOne<std::string, std::string, absl::Time>(
                                       "SELECT plan, state, paid_until FROM user_subscriptions"
                                       " WHERE owner_kind = $1 AND owner_id = $2",
                                       Word(owner), owner_id)));
  return row.has_value() ? ToKnown(*row) : KnownSubscription();
}

void SaveSubscription(Transaction& tx, Owner owner, int64_t owner_id, int64_t payer,
                      const KnownSubscription& subscription, absl::Time now) {
  tx.Queue(
      "INSERT INTO user_subscriptions (owner_kind, owner_id, user_id, plan, state, paid_until,"
      " changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (owner_kind, owner_id)"
      " DO UPDATE SET user_id = EXCLUDED.user_id, plan = EXCLUDED.plan, state = EXCLUDED.state,"
      " paid_until = EXCLUDED.paid_until, changed_at = EXCLUDED.changed_at",
      Word(owner), owner_id, payer, enums::Word(subscription.plan), enums::Word(subscription.state),
      subscription.paid_until, now);
}

absl::StatusOr<std::vector<KnownSubscription>> ReadSubscriptionsOfTeams(Transaction& tx,
                                                                        int64_t user_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<std::string, std::string, absl::Time>(
                       "SELECT s.plan, s.state, s.paid_until FROM user_subscriptions s"
                       " JOIN user_team_members m ON m.team_id = s.owner_id"
                       " WHERE s.owner_kind = 'TEAM' AND m.user_id = $1",
                       user_id)));
  std::vector<KnownSubscription> subscriptions;
  for (const auto& row : rows) subscriptions.push_back(ToKnown(row));
  return subscriptions;
}

absl::StatusOr<int64_t> DeleteSubscriptions(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t own,
                   tx.Execute("DELETE FROM user_subscriptions WHERE owner_kind = 'PERSON'"
                              " AND owner_id = $1",
                              user_id));
  ASSIGN_OR_RETURN(
      const int64_t paid,
      tx.Execute("UPDATE user_subscriptions SET user_id = 0 WHERE user_id = $1", user_id));
  return own + paid;
}

}  // namespace selfology::user::store

#include "services/growth/gamification/ledger/announce.h"

#include <map>
#include <string>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/gamification.pb.h"
#include "services/growth/gamification/boards/score_store.h"
#include "services/growth/gamification/progress/levels.h"

namespace selfology::gamification {
namespace {

struct Side {
  int64_t account;
  int64_t change;
  int64_t balance;
};

events::v1::CurrencyMoved Moved(const AccountKey& key, const Made& made, const Side& side,
                                const Wanted& one) {
  events::v1::CurrencyMoved event;
  event.set_user_id(key.user_id);
  event.set_transfer_id(made.id.ToString());
  event.set_currency(key.currency);
  event.set_change(side.change);
  event.set_balance(side.balance);
  event.set_code(one.code);
  if (one.cause.event_id.has_value()) event.set_cause_event_id(one.cause.event_id->ToString());
  return event;
}

}  // namespace

absl::Status Announce(postgres::Transaction& tx, const std::vector<Wanted>& wanted,
                      const Posting& posting, absl::Time now) {
  std::vector<store::ScoreChange> scores;
  std::map<int64_t, int64_t> xp_change;  // By account.
  for (const Outcome::Entry& entry : posting.made) {
    const Made& made = entry.made;
    if (!made.moved()) continue;
    // What is reversed goes from the period in which it was earned.
    const auto target = posting.book.transfers.find(made.target);
    const bool reverses = made.kind == v1::TRANSFER_KIND_REVERSAL;
    const absl::Time earned =
        reverses && target != posting.book.transfers.end() ? target->second.at : made.at;
    for (const Side& side : {Side{made.debit, -made.amount, made.debit_after},
                             Side{made.credit, made.amount, made.credit_after}}) {
      const AccountKey& key = posting.keys.at(side.account);
      if (!key.is_wallet()) continue;
      if (key.currency == kXp) {
        scores.push_back({key.user_id, earned, side.change});
        xp_change[side.account] += side.change;
      }
      const Wanted& one = wanted[entry.order];
      if (!one.quiet) RETURN_IF_ERROR(events::Publish(tx, Moved(key, made, side, one)));
    }
  }
  store::AddScores(tx, kXp, scores, now);
  for (const auto& [account, change] : xp_change) {
    const int64_t xp = posting.book.accounts.at(account).balance();
    events::v1::LevelChanged event;
    event.set_level_before(LevelOf(xp - change));
    event.set_level(LevelOf(xp));
    if (event.level() == event.level_before()) continue;
    event.set_user_id(posting.keys.at(account).user_id);
    event.set_xp(xp);
    RETURN_IF_ERROR(events::Publish(tx, event));
  }
  return absl::OkStatus();
}

absl::StatusOr<Posting> PostAndAnnounce(postgres::Transaction& tx,
                                        const std::vector<Wanted>& wanted, absl::Time now) {
  ASSIGN_OR_RETURN(Posting posting, Post(tx, wanted, now));
  RETURN_IF_ERROR(Announce(tx, wanted, posting, now));
  return posting;
}

}  // namespace selfology::gamification

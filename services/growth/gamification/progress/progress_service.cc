#include "services/growth/gamification/progress/progress_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/gamification/badges/award_store.h"
#include "services/growth/gamification/ledger/announce.h"
#include "services/growth/gamification/ledger/ledger_store.h"
#include "services/growth/gamification/ledger/requests.h"
#include "services/growth/gamification/progress/levels.h"
#include "services/growth/gamification/progress/streak_store.h"
#include "services/growth/gamification/rules/fact_store.h"

namespace selfology::gamification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kFactsPage = {.default_size = 100, .max_size = 500};

v1::Streak ToProto(const StreakOf& streak) {
  v1::Streak proto;
  proto.set_state(streak.state);
  proto.set_current_days(streak.current);
  proto.set_longest_days(streak.longest);
  for (const absl::CivilDay day : streak.frozen_now) proto.add_frozen_days(DayText(day));
  if (!streak.lengths.empty()) proto.set_last_active_day(DayText(streak.lengths.rbegin()->first));
  proto.set_freezes_held(streak.held);
  return proto;
}

int64_t WalletOf(const std::vector<v1::Balance>& balances, std::string_view currency) {
  for (const v1::Balance& balance : balances) {
    if (balance.account().currency() == currency && balance.account().code() == kWallet) {
      return balance.balance();
    }
  }
  return 0;
}

absl::Status BuyOne(Transaction& tx, int64_t user_id, const std::string& key, absl::Time now) {
  std::vector<Wanted> wanted(2);
  const uuid::Uuid name = NamedId(absl::StrCat("freeze.bought:", user_id, ":", key));
  wanted[0].order = {.id = name, .amount = kFreezePrice, .linked = true};
  wanted[0].debit = {.user_id = user_id, .currency = kCoins};
  wanted[0].credit = {.currency = kCoins, .code = "shop"};
  wanted[1].order = {.id = DerivedId(name, NamedId("freeze")), .amount = 1};
  wanted[1].debit = {.currency = kFreezes, .code = "shop"};
  wanted[1].credit = {.user_id = user_id, .currency = kFreezes};
  for (Wanted& one : wanted) one.code = "freeze.bought";
  ASSIGN_OR_RETURN(const Posting posting, PostAndAnnounce(tx, wanted, now));
  if (posting.results[0] == v1::TRANSFER_RESULT_BELOW_FLOOR) {
    return absl::FailedPreconditionError("too few coins");
  }
  if (posting.results[1] == v1::TRANSFER_RESULT_ABOVE_CEILING) {
    return absl::FailedPreconditionError("as many freezes are held as may be");
  }
  for (const v1::TransferResult result : posting.results) {
    if (result != v1::TRANSFER_RESULT_CREATED && result != v1::TRANSFER_RESULT_EXISTS) {
      return absl::FailedPreconditionError("the freeze could not be bought");
    }
  }
  return absl::OkStatus();
}

}  // namespace

ProgressService::ProgressService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<v1::GetProgressResponse> ProgressService::GetProgress(
    const Call& call, const v1::GetProgressRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const int64_t user_id = request.user_id();
  return database_.Read(
      call,
      [&](Transaction& tx) -> absl::StatusOr<v1::GetProgressResponse> {
        ASSIGN_OR_RETURN(const store::Person person, store::ReadPerson(tx, user_id));
        ASSIGN_OR_RETURN(const store::StreakRead streak,
                         store::ReadStreak(tx, user_id, person.time_zone, clock_()));
        ASSIGN_OR_RETURN(const std::vector<v1::Balance> balances, store::ReadBalances(tx, user_id));
        ASSIGN_OR_RETURN(const int64_t badges, store::CountAwards(tx, user_id));
        v1::GetProgressResponse response;
        response.set_xp(WalletOf(balances, kXp));
        response.set_level(LevelOf(response.xp()));
        response.set_level_begins_at(BeginOfLevel(response.level()));
        response.set_next_level_at(BeginOfLevel(response.level() + 1));
        *response.mutable_streak() = ToProto(streak.streak);
        for (const v1::Balance& balance : balances) *response.add_balances() = balance;
        response.set_badges(static_cast<int32_t>(badges));
        response.set_freeze_price(kFreezePrice);
        return response;
      },
      {.newest = true});
}

absl::StatusOr<v1::BuyFreezeResponse> ProgressService::BuyFreeze(
    const Call& call, const v1::BuyFreezeRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const int64_t user_id = request.user_id();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::BuyFreezeResponse> {
    const absl::Time now = clock_();
    store::LockUser(tx, user_id);
    // Freezes of days that are over are used up first, so that as many are held as it seems.
    ASSIGN_OR_RETURN(const store::Person person, store::ReadPerson(tx, user_id));
    ASSIGN_OR_RETURN(const store::StreakRead streak,
                     store::ReadStreak(tx, user_id, person.time_zone, now));
    const std::vector<Wanted> used = store::FreezesUsed(user_id, streak);
    if (!used.empty()) RETURN_IF_ERROR(PostAndAnnounce(tx, used, now).status());
    RETURN_IF_ERROR(BuyOne(tx, user_id, request.idempotency_key(), now));
    ASSIGN_OR_RETURN(const std::vector<v1::Balance> balances, store::ReadBalances(tx, user_id));
    v1::BuyFreezeResponse response;
    response.set_freezes_held(static_cast<int32_t>(WalletOf(balances, kFreezes)));
    response.set_coins(WalletOf(balances, kCoins));
    return response;
  });
}

absl::StatusOr<v1::ListFactsResponse> ProgressService::ListFacts(
    const Call& call, const v1::ListFactsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kFactsPage));
  ASSIGN_OR_RETURN(const std::optional<uuid::Uuid> after, ReadPlace(page.after));
  ASSIGN_OR_RETURN(std::vector<FactOf> facts, database_.Read(call, [&](Transaction& tx) {
    return store::ListFacts(tx, request.user_id(), after, page.limit());
  }));
  v1::ListFactsResponse response;
  response.set_next_page_token(
      page.Cut(facts, [](const FactOf& fact) { return fact.event_id.ToString(); }));
  for (const FactOf& fact : facts) {
    v1::Fact& proto = *response.add_facts();
    proto.set_event_id(fact.event_id.ToString());
    proto.set_event_type(fact.type);
    *proto.mutable_occurred_at() = timestamps::ToProto(fact.occurred_at);
    proto.set_day(DayText(fact.day));
    proto.set_revoked(fact.revoked);
    for (const auto& [path, value] : fact.fields) {
      v1::FactField& field = *proto.add_fields();
      field.set_path(path);
      field.set_value(value);
    }
  }
  return response;
}

}  // namespace selfology::gamification

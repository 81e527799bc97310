#include "services/growth/gamification/ledger/ledger_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/json/json.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/gamification/badges/award_store.h"
#include "services/growth/gamification/ledger/announce.h"
#include "services/growth/gamification/ledger/ledger_store.h"
#include "services/growth/gamification/ledger/requests.h"
#include "services/growth/gamification/rules/effects.h"
#include "services/growth/gamification/rules/fact_store.h"
#include "services/growth/gamification/rules/rule_store.h"

namespace selfology::gamification {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

constexpr paging::Limits kEntriesPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxReversals = 1000;
constexpr int64_t kExpiredAtOnce = 1000;

// The transaction is rolled back by it; what it says is returned as the answer.
constexpr char kRefused[] = "refused";

v1::Consequence ConsequenceOf(const v1::Transfer& transfer) {
  v1::Consequence consequence;
  consequence.set_kind("transfer");
  consequence.set_id(transfer.transfer_id());
  consequence.set_subject(transfer.debit().currency());
  consequence.set_amount(transfer.amount());
  consequence.set_reversed(!transfer.reversed_by().empty());
  return consequence;
}

absl::Status Explain(Transaction& tx, int64_t user_id, v1::ExplainTransferResponse& response) {
  const v1::Cause& cause = response.transfer().cause();
  if (!cause.event_id().empty()) {
    ASSIGN_OR_RETURN(const uuid::Uuid event_id, uuid::Uuid::Parse(cause.event_id()));
    ASSIGN_OR_RETURN(const std::optional<store::OwnedFact> owned, store::ReadFact(tx, event_id));
    if (owned.has_value() && owned->user_id == user_id) {
      *response.mutable_event_at() = timestamps::ToProto(owned->fact.occurred_at);
      response.set_event_revoked(owned->fact.revoked);
      for (const auto& [path, value] : owned->fact.fields) {
        v1::FactField& field = *response.add_event_fields();
        field.set_path(path);
        field.set_value(value);
      }
    }
    ASSIGN_OR_RETURN(const std::vector<uuid::Uuid> caused, store::CausedBy(tx, {event_id}));
    ASSIGN_OR_RETURN(const std::vector<v1::Transfer> transfers, store::ReadTransfers(tx, caused));
    for (const v1::Transfer& transfer : transfers) {
      if (transfer.transfer_id() == response.transfer().transfer_id()) continue;
      *response.add_consequences() = ConsequenceOf(transfer);
    }
    ASSIGN_OR_RETURN(const std::vector<store::AwardRow> awards,
                     store::AwardsOfEvent(tx, user_id, event_id));
    for (const store::AwardRow& award : awards) {
      v1::Consequence& consequence = *response.add_consequences();
      consequence.set_kind("award");
      consequence.set_id(award.award_id.ToString());
      consequence.set_subject(award.badge_id);
      consequence.set_reversed(award.revoked_at.has_value());
    }
  }
  if (cause.rule_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<v1::Rule> rule,
                   store::ReadRule(tx, cause.rule_id(), cause.rule_version()));
  if (!rule.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(*response.mutable_rule_definition(), json::Print(rule->definition()));
  return absl::OkStatus();
}

}  // namespace

LedgerService::LedgerService(postgres::Database& database, Clock clock,
                             std::shared_ptr<LiveRules> rules)
    : database_(database),
      clock_(std::move(clock)),
      rules_(std::move(rules)),
      commits_(database, clock_) {}

absl::StatusOr<v1::CreateTransfersResponse> LedgerService::CreateTransfers(
    const Call& call, const v1::CreateTransfersRequest& request) {
  ASSIGN_OR_RETURN(
      std::vector<Wanted> wanted,
      ReadTransfers(request.transfers(), call.trace().trace_id.view(), request.quiet()));
  ASSIGN_OR_RETURN(const std::vector<v1::TransferResult> results,
                   commits_.Run(call, std::move(wanted)));
  v1::CreateTransfersResponse response;
  for (const v1::TransferResult result : results) response.add_results(result);
  return response;
}

absl::StatusOr<v1::ReverseTransfersResponse> LedgerService::ReverseTransfers(
    const Call& call, const v1::ReverseTransfersRequest& request) {
  FieldViolations bad;
  CheckCode(request.code(), "code", bad);
  const bool by_event = !request.event_id().empty();
  if (by_event == (request.transfer_ids_size() > 0)) {
    bad.Add("event_id", "must be set exactly where transfer_ids are not");
  } else if (request.transfer_ids_size() > kMaxReversals) {
    bad.Add("transfer_ids", absl::StrCat("must be at most ", kMaxReversals));
  }
  std::optional<uuid::Uuid> event_id;
  if (by_event) event_id = ReadId(request.event_id(), "event_id", bad);
  std::vector<Wanted> wanted;
  for (int i = 0; i < request.transfer_ids_size(); ++i) {
    const auto id = ReadId(request.transfer_ids(i), absl::StrCat("transfer_ids[", i, "]"), bad);
    if (!id.has_value()) continue;
    Wanted& one = wanted.emplace_back();
    one.order = {.id = DerivedId(*id, NamedId("reversal")),
                 .kind = v1::TRANSFER_KIND_REVERSAL,
                 .target = *id,
                 .linked = i + 1 < request.transfer_ids_size(),
                 .allow_debt = request.allow_debt()};
    one.code = request.code();
  }
  RETURN_IF_ERROR(bad.ToStatus());
  v1::ReverseTransfersResponse response;
  const absl::Status status = database_.Write(call, [&](Transaction& tx) -> absl::Status {
    response.Clear();
    std::vector<uuid::Uuid> reversals;
    bool refused = false;
    if (event_id.has_value()) {
      ASSIGN_OR_RETURN(const std::optional<store::OwnedFact> owned, store::ReadFact(tx, *event_id));
      if (!owned.has_value()) return absl::NotFoundError("there is no such event");
      store::LockUser(tx, owned->user_id);
      ASSIGN_OR_RETURN(const LiveRules::Rules rules, rules_->Get(tx));
      ASSIGN_OR_RETURN(const Undone undone,
                       RevokeEvents({tx, owned->user_id, clock_(), std::nullopt, *rules},
                                    {*event_id}, request.allow_debt(), request.code()));
      for (const v1::TransferResult result : undone.results) response.add_results(result);
      for (const uuid::Uuid& id : undone.revoked_awards) {
        response.add_revoked_award_ids(id.ToString());
      }
      reversals = undone.reversals;
      refused = undone.refused;
    } else {
      ASSIGN_OR_RETURN(const Posting posting, PostAndAnnounce(tx, wanted, clock_()));
      for (const v1::TransferResult result : posting.results) {
        response.add_results(result);
        refused |= result != v1::TRANSFER_RESULT_CREATED && result != v1::TRANSFER_RESULT_EXISTS;
      }
      for (const Wanted& one : wanted) reversals.push_back(one.order.id);
    }
    if (refused) return absl::FailedPreconditionError(kRefused);
    ASSIGN_OR_RETURN(const std::vector<v1::Transfer> made, store::ReadTransfers(tx, reversals));
    for (const v1::Transfer& transfer : made) *response.add_reversals() = transfer;
    return absl::OkStatus();
  });
  if (status.ok()) return response;
  if (status.message() != kRefused) return status;
  response.clear_reversals();
  response.clear_revoked_award_ids();
  return response;
}

absl::StatusOr<v1::GetBalancesResponse> LedgerService::GetBalances(
    const Call& call, const v1::GetBalancesRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const std::vector<v1::Balance> balances,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return request.has_at()
                                               ? store::ReadBalancesAt(
                                                     tx, request.user_id(),
                                                     timestamps::FromProto(request.at()))
                                               : store::ReadBalances(tx, request.user_id());
                                  },
                                  {.newest = true}));
  v1::GetBalancesResponse response;
  for (const v1::Balance& balance : balances) *response.add_balances() = balance;
  return response;
}

absl::StatusOr<v1::ListEntriesResponse> LedgerService::ListEntries(
    const Call& call, const v1::ListEntriesRequest& request) {
  FieldViolations bad = CheckUser(request);
  v1::AccountRef account;
  account.set_user_id(std::max<int64_t>(request.user_id(), 0));
  account.set_currency(request.currency());
  account.set_code(request.code());
  const AccountKey key = ReadAccount(account, "account", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kEntriesPage));
  absl::Time before = absl::InfiniteFuture();
  if (!page.after.empty()) {
    int64_t micros = 0;
    if (!absl::SimpleAtoi(page.after, &micros)) {
      return status::InvalidField("page_token", "must be the next_page_token of a page");
    }
    before = absl::FromUnixMicros(micros);
  }
  ASSIGN_OR_RETURN(std::vector<v1::Entry> entries, database_.Read(call, [&](Transaction& tx) {
    return store::ListEntries(tx, key, before, page.limit());
  }));
  v1::ListEntriesResponse response;
  response.set_next_page_token(page.Cut(entries, [](const v1::Entry& entry) {
    return absl::ToUnixMicros(timestamps::FromProto(entry.transfer().created_at()));
  }));
  for (v1::Entry& entry : entries) *response.add_entries() = std::move(entry);
  return response;
}

absl::StatusOr<v1::ExplainTransferResponse> LedgerService::ExplainTransfer(
    const Call& call, const v1::ExplainTransferRequest& request) {
  FieldViolations bad = CheckUser(request);
  const auto id = ReadId(request.transfer_id(), "transfer_id", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::ExplainTransferResponse> {
    ASSIGN_OR_RETURN(const bool own, store::IsOf(tx, *id, request.user_id()));
    ASSIGN_OR_RETURN(const std::vector<v1::Transfer> found, store::ReadTransfers(tx, {*id}));
    if (!own || found.empty()) return absl::NotFoundError("there is no such transfer");
    v1::ExplainTransferResponse response;
    *response.mutable_transfer() = found[0];
    // A reversal is explained by what it reverses.
    if (found[0].kind() == v1::TRANSFER_KIND_REVERSAL) {
      ASSIGN_OR_RETURN(const uuid::Uuid target, uuid::Uuid::Parse(found[0].target_transfer_id()));
      ASSIGN_OR_RETURN(const std::vector<v1::Transfer> reversed,
                       store::ReadTransfers(tx, {target}));
      if (!reversed.empty()) *response.mutable_transfer()->mutable_cause() = reversed[0].cause();
    }
    RETURN_IF_ERROR(Explain(tx, request.user_id(), response));
    return response;
  });
}

absl::StatusOr<v1::SetLimitsResponse> LedgerService::SetLimits(
    const Call& call, const v1::SetLimitsRequest& request) {
  FieldViolations bad;
  const AccountKey key = ReadAccount(request.account(), "account", bad);
  if (request.has_floor() && (request.floor() > 0 || request.floor() < -kMaxAmount)) {
    bad.Add("floor", absl::StrCat("must be ", -kMaxAmount, " to 0"));
  }
  if (request.has_ceiling() && (request.ceiling() < 1 || request.ceiling() > kMaxAmount)) {
    bad.Add("ceiling", absl::StrCat("must be 1 to ", kMaxAmount));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const auto limit = [](bool has, int64_t value) {
    return has ? std::optional(value) : std::nullopt;
  };
  v1::SetLimitsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_balance(), database_.Write(call, [&](Transaction& tx) {
    return store::SetLimits(tx, key, limit(request.has_floor(), request.floor()),
                            limit(request.has_ceiling(), request.ceiling()));
  }));
  return response;
}

absl::StatusOr<v1::CheckLedgerResponse> LedgerService::CheckLedger(const Call& call,
                                                                   const v1::CheckLedgerRequest&) {
  // One snapshot for all that is added up.
  ASSIGN_OR_RETURN(const LedgerFaults faults,
                   database_.Read(call, [&](Transaction& tx) { return FindFaults(tx); },
                                  {.isolation = postgres::Isolation::kRepeatableRead}));
  v1::CheckLedgerResponse response;
  response.set_sound(faults.currencies.empty() && faults.accounts.empty());
  for (const std::string& currency : faults.currencies) {
    response.add_unequal_currencies(currency);
  }
  for (const int64_t account : faults.accounts) response.add_wrong_accounts(account);
  response.set_transfers(faults.transfers);
  return response;
}

absl::Status LedgerService::Expire(const Call& call) {
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<Wanted> due, ReadExpired(tx, clock_(), kExpiredAtOnce));
    if (due.empty()) return absl::OkStatus();
    return PostAndAnnounce(tx, due, clock_()).status();
  });
}

}  // namespace selfology::gamification

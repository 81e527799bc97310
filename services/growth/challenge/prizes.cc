#include "services/growth/challenge/prizes.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/challenge.pb.h"

namespace selfology::challenge {
namespace {

using gamification::v1::AccountRef;
using gamification::v1::CreateTransfersRequest;
using gamification::v1::NewTransfer;
using postgres::Transaction;
using store::Prize;
namespace ledger = gamification::v1;

constexpr int64_t kAtOnce = 50;
// What is held is let go by itself so long after the end, should nothing else ever do it.
constexpr absl::Duration kGrace = absl::Hours(24 * 10);

AccountRef Coins(int64_t user_id, std::string_view code = "") {
  AccountRef account;
  account.set_user_id(user_id);
  account.set_currency("coins");
  account.set_code(std::string(code));
  return account;
}
AccountRef Escrow(const store::Row& challenge) {
  return Coins(0, absl::StrCat("escrow:", challenge.id));
}

NewTransfer& Add(CreateTransfersRequest& request, const uuid::Uuid& id, ledger::TransferKind kind,
                 const char* code) {
  NewTransfer& transfer = *request.add_transfers();
  transfer.set_transfer_id(id.ToString());
  transfer.set_kind(kind);
  transfer.set_code(code);
  return transfer;
}

bool IsMade(int result) {
  return result == ledger::TRANSFER_RESULT_CREATED || result == ledger::TRANSFER_RESULT_EXISTS;
}

}  // namespace

Prizes::Prizes(postgres::Database& database, std::shared_ptr<rpc::Channel> gamification,
               Clock clock)
    : database_(database), ledger_(std::move(gamification)), clock_(std::move(clock)) {}

absl::Status Prizes::Move(const Call& call, int64_t challenge_id) {
  ASSIGN_OR_RETURN(
      const std::optional<store::Row> challenge,
      database_.Read(call, [&](Transaction& tx) { return store::Read(tx, challenge_id); },
                     {.newest = true}));
  if (!challenge.has_value()) return absl::OkStatus();
  switch (static_cast<Prize>(challenge->prize_state)) {
    case Prize::kWanted:
      return Hold(call, *challenge);
    case Prize::kPayDue:
      return Pay(call, *challenge);
    case Prize::kReturnDue:
      return Return(call, *challenge);
    default:
      return absl::OkStatus();
  }
}

absl::Status Prizes::MoveAll(const Call& call) {
  ASSIGN_OR_RETURN(
      const std::vector<int64_t> ids,
      database_.Read(call, [&](Transaction& tx) { return store::WithPrizeToMove(tx, kAtOnce); },
                     {.newest = true}));
  absl::Status first;
  for (const int64_t id : ids) first.Update(Move(call, id));
  return first;
}

absl::Status Prizes::Hold(const Call& call, const store::Row& challenge) {
  CreateTransfersRequest request;
  NewTransfer& hold =
      Add(request, challenge.hold_id, ledger::TRANSFER_KIND_PENDING, "challenge.prize");
  *hold.mutable_debit() = Coins(challenge.user_id);
  *hold.mutable_credit() = Escrow(challenge);
  hold.set_amount(challenge.prize);
  // Of the row alone, so that each attempt is the same.
  hold.mutable_timeout()->set_seconds(
      absl::ToInt64Seconds(challenge.ends_at - challenge.created_at + kGrace));
  ASSIGN_OR_RETURN(const auto response, ledger_.CreateTransfers(call, request));
  const bool held = IsMade(response.results(0));
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    store::LockChallenge(tx, challenge.id);
    ASSIGN_OR_RETURN(const bool mine, store::MovePrize(tx, challenge.id, Prize::kWanted,
                                                       held ? Prize::kHeld : Prize::kNone));
    if (!mine) return absl::OkStatus();
    store::SetState(tx, challenge.id,
                    held ? v1::CHALLENGE_STATE_OPEN : v1::CHALLENGE_STATE_UNFUNDED);
    if (!held) return absl::OkStatus();
    events::v1::ChallengeCreated event;
    event.set_user_id(challenge.user_id);
    event.set_challenge_id(challenge.id);
    event.set_kind(static_cast<v1::ChallengeKind>(challenge.kind));
    event.set_mode(static_cast<v1::ChallengeMode>(challenge.mode));
    event.set_prize(challenge.prize);
    return events::Publish(tx, event);
  });
}

absl::Status Prizes::Pay(const Call& call, const store::Row& challenge) {
  CreateTransfersRequest request;
  NewTransfer& post =
      Add(request, challenge.post_id, ledger::TRANSFER_KIND_POST, "challenge.prize");
  post.set_pending_transfer_id(challenge.hold_id.ToString());
  post.set_linked(true);
  NewTransfer& pay =
      Add(request, challenge.pay_id, ledger::TRANSFER_KIND_POSTED, "challenge.prize");
  *pay.mutable_debit() = Escrow(challenge);
  *pay.mutable_credit() = Coins(challenge.winner_id);
  pay.set_amount(challenge.prize);
  ASSIGN_OR_RETURN(const auto response, ledger_.CreateTransfers(call, request));
  const bool paid = std::all_of(response.results().begin(), response.results().end(), IsMade);
  if (!paid) {
    observe::Error("prize could not be paid", {{"result", absl::StrCat(response.results(0))}});
  }
  return database_
      .Write(call,
             [&](Transaction& tx) {
               return store::MovePrize(tx, challenge.id, Prize::kPayDue,
                                       paid ? Prize::kPaid : Prize::kReturned);
             })
      .status();
}

absl::Status Prizes::Return(const Call& call, const store::Row& challenge) {
  CreateTransfersRequest request;
  NewTransfer& back =
      Add(request, challenge.post_id, ledger::TRANSFER_KIND_VOID, "challenge.prize");
  back.set_pending_transfer_id(challenge.hold_id.ToString());
  RETURN_IF_ERROR(ledger_.CreateTransfers(call, request).status());
  // Made, made before, or let go by its time-out: in each case nothing is held any more.
  return database_
      .Write(call,
             [&](Transaction& tx) {
               return store::MovePrize(tx, challenge.id, Prize::kReturnDue, Prize::kReturned);
             })
      .status();
}

}  // namespace selfology::challenge

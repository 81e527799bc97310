#include "services/growth/gamification/ledger/engine.h"

#include <algorithm>
#include <utility>

#include "openssl/sha.h"

namespace selfology::gamification {
namespace {

using v1::TransferResult;

constexpr TransferResult kCreated = v1::TRANSFER_RESULT_CREATED;

// One batch under way. What a chain changes is noted, to be undone when a part of it fails.
class Batch {
 public:
  Batch(absl::Span<const Order> orders, absl::Time now, Book& book)
      : orders_(orders), now_(absl::FromUnixMicros(absl::ToUnixMicros(now))), book_(book) {
    for (const auto& [id, pending] : book_.pendings) groups_[pending.group].push_back(id);
  }

  Outcome Run() {
    outcome_.results.resize(orders_.size());
    for (size_t first = 0; first < orders_.size();) {
      size_t end = first + 1;
      while (end < orders_.size() && orders_[end - 1].linked) ++end;
      RunChain(first, end);
      first = end;
    }
    return std::move(outcome_);
  }

 private:
  void RunChain(size_t first, size_t end) {
    if (orders_[end - 1].linked)
      return Fail(first, end, end - 1, v1::TRANSFER_RESULT_CHAIN_INVALID);
    if (WasMade(first, end)) return;
    const size_t made = outcome_.made.size();
    const size_t opened = outcome_.opened.size();
    const size_t resolved = outcome_.resolved.size();
    accounts_before_.clear();
    pendings_before_.clear();
    for (size_t i = first; i < end; ++i) {
      const TransferResult result = RunOrder(i, end - first > 1, orders_[first].id);
      outcome_.results[i] = result;
      if (result == kCreated) continue;
      for (size_t undo = made; undo < outcome_.made.size(); ++undo) {
        const Made& gone = outcome_.made[undo].made;
        book_.transfers.erase(gone.id);
        if (gone.kind == v1::TRANSFER_KIND_REVERSAL) book_.reversed.erase(gone.target);
      }
      for (size_t undo = opened; undo < outcome_.opened.size(); ++undo) {
        book_.pendings.erase(outcome_.opened[undo]);
      }
      for (auto it = pendings_before_.rbegin(); it != pendings_before_.rend(); ++it) {
        if (const auto known = book_.pendings.find(it->id); known != book_.pendings.end()) {
          known->second = *it;
        }
      }
      for (auto it = accounts_before_.rbegin(); it != accounts_before_.rend(); ++it) {
        book_.accounts[it->id] = *it;
      }
      outcome_.made.resize(made);
      outcome_.opened.resize(opened);
      outcome_.resolved.resize(resolved);
      return Fail(first, end, i, result);
    }
  }

  void Fail(size_t first, size_t end, size_t failed, TransferResult result) {
    for (size_t i = first; i < end; ++i) {
      outcome_.results[i] = i == failed ? result : v1::TRANSFER_RESULT_LINKED_FAILED;
    }
  }

  static bool Same(const Order& order, const Made& made) {
    if (order.kind != made.kind || order.target != made.target) return false;
    if (order.amount != made.amount && order.amount != 0) return false;
    const bool names_accounts =
        order.kind == v1::TRANSFER_KIND_POSTED || order.kind == v1::TRANSFER_KIND_PENDING;
    return !names_accounts || (order.debit == made.debit && order.credit == made.credit);
  }

  // Whether the chain needs nothing done: it was made before, or an id in it is taken.
  bool WasMade(size_t first, size_t end) {
    size_t existing = 0;
    for (size_t i = first; i < end; ++i) {
      const auto known = book_.transfers.find(orders_[i].id);
      if (known == book_.transfers.end()) continue;
      if (!Same(orders_[i], known->second)) {
        Fail(first, end, i, v1::TRANSFER_RESULT_ID_TAKEN);
        return true;
      }
      ++existing;
    }
    if (existing == 0) return false;
    const bool all = existing == end - first;
    for (size_t i = first; i < end; ++i) {
      outcome_.results[i] = all ? v1::TRANSFER_RESULT_EXISTS : v1::TRANSFER_RESULT_CHAIN_INVALID;
    }
    return true;
  }

  TransferResult RunOrder(size_t index, bool in_chain, const uuid::Uuid& chain) {
    const Order& order = orders_[index];
    if (book_.transfers.contains(order.id))
      return v1::TRANSFER_RESULT_ID_TAKEN;  // Twice in a chain.
    switch (order.kind) {
      case v1::TRANSFER_KIND_PENDING:
        return Hold(index, in_chain ? chain : order.id);
      case v1::TRANSFER_KIND_POST:
      case v1::TRANSFER_KIND_VOID:
      case v1::TRANSFER_KIND_EXPIRY:
        return Resolve(index);
      case v1::TRANSFER_KIND_REVERSAL:
        return Reverse(index);
      default:
        return Move(index, order.debit, order.credit, order.amount, true, true);
    }
  }

  Account& Touch(int64_t id) {
    Account& account = book_.accounts[id];
    accounts_before_.push_back(account);
    return account;
  }

  // OK when the accounts may give and get so much.
  static TransferResult Judge(const Account& debit, const Account& credit, int64_t amount,
                              bool floor, bool ceiling) {
    if (debit.debits + debit.debits_pending > kMaxTotal - amount ||
        credit.credits + credit.credits_pending > kMaxTotal - amount) {
      return v1::TRANSFER_RESULT_OVERFLOW;
    }
    if (floor && debit.floor.has_value() &&
        debit.balance() - debit.debits_pending - amount < *debit.floor) {
      return v1::TRANSFER_RESULT_BELOW_FLOOR;
    }
    if (ceiling && credit.ceiling.has_value() &&
        credit.balance() + credit.credits_pending + amount > *credit.ceiling) {
      return v1::TRANSFER_RESULT_ABOVE_CEILING;
    }
    return kCreated;
  }

  void Note(size_t index, const uuid::Uuid& id, const uuid::Uuid& target, Account& debit,
            Account& credit, int64_t amount) {
    constexpr absl::Duration kTick = absl::Microseconds(1);
    const absl::Time at = std::max({now_, debit.last_at + kTick, credit.last_at + kTick});
    debit.last_at = credit.last_at = at;
    Made made = {id, orders_[index].kind, debit.id,        credit.id, amount, target,
                 at, debit.balance(),     credit.balance()};
    book_.transfers.insert_or_assign(id, made);
    outcome_.made.push_back({std::move(made), index});
  }

  TransferResult Move(size_t index, int64_t debit_id, int64_t credit_id, int64_t amount, bool floor,
                      bool ceiling) {
    const Order& order = orders_[index];
    Account& debit = book_.accounts[debit_id];
    Account& credit = book_.accounts[credit_id];
    const TransferResult judged = Judge(debit, credit, amount, floor, ceiling);
    if (judged != kCreated) return judged;
    Touch(debit_id);
    Touch(credit_id);
    debit.debits += amount;
    credit.credits += amount;
    Note(index, order.id, order.target, debit, credit, amount);
    return kCreated;
  }

  TransferResult Hold(size_t index, const uuid::Uuid& group) {
    const Order& order = orders_[index];
    Account& debit = book_.accounts[order.debit];
    Account& credit = book_.accounts[order.credit];
    const TransferResult judged = Judge(debit, credit, order.amount, true, true);
    if (judged != kCreated) return judged;
    Touch(order.debit);
    Touch(order.credit);
    debit.debits_pending += order.amount;
    credit.credits_pending += order.amount;
    Note(index, order.id, {}, debit, credit, order.amount);
    book_.pendings[order.id] = {.id = order.id,
                                .group = group,
                                .debit = order.debit,
                                .credit = order.credit,
                                .amount = order.amount,
                                .expires_at = now_ + order.timeout};
    groups_[group].push_back(order.id);
    outcome_.opened.push_back(order.id);
    return kCreated;
  }

  TransferResult Resolve(size_t index) {
    const Order& order = orders_[index];
    const auto known = book_.pendings.find(order.target);
    if (known == book_.pendings.end()) return v1::TRANSFER_RESULT_PENDING_NOT_FOUND;
    const Pending target = known->second;
    switch (target.state) {
      case PendingState::kPosted:
        return v1::TRANSFER_RESULT_ALREADY_POSTED;
      case PendingState::kVoided:
        return v1::TRANSFER_RESULT_ALREADY_VOIDED;
      case PendingState::kExpired:
        return v1::TRANSFER_RESULT_EXPIRED;
      case PendingState::kOpen:
        break;
    }
    const bool expires = order.kind == v1::TRANSFER_KIND_EXPIRY;
    if (!expires && target.expires_at <= now_) return v1::TRANSFER_RESULT_EXPIRED;
    std::vector<uuid::Uuid> group;
    for (const uuid::Uuid& id : groups_[target.group]) {
      if (book_.pendings.contains(id)) group.push_back(id);
    }
    std::sort(group.begin(), group.end());
    const bool is_post = order.kind == v1::TRANSFER_KIND_POST;
    const int64_t posted = order.amount == 0 ? target.amount : order.amount;
    if (is_post && (posted > target.amount || (group.size() > 1 && posted != target.amount))) {
      return v1::TRANSFER_RESULT_AMOUNT_NOT_HELD;
    }
    for (const uuid::Uuid& id : group) {
      Pending& pending = book_.pendings[id];
      pendings_before_.push_back(pending);
      const bool is_target = id == order.target;
      Account& debit = Touch(pending.debit);
      Account& credit = Touch(pending.credit);
      debit.debits_pending -= pending.amount;
      credit.credits_pending -= pending.amount;
      const int64_t amount = is_post && is_target ? posted : pending.amount;
      if (is_post) {
        debit.debits += amount;
        credit.credits += amount;
      }
      pending.state = is_post   ? PendingState::kPosted
                      : expires ? PendingState::kExpired
                                : PendingState::kVoided;
      outcome_.resolved.push_back(id);
      Note(index, is_target ? order.id : DerivedId(order.id, id), id, debit, credit, amount);
    }
    return kCreated;
  }

  TransferResult Reverse(size_t index) {
    const Order& order = orders_[index];
    const auto known = book_.transfers.find(order.target);
    if (known == book_.transfers.end()) return v1::TRANSFER_RESULT_NOT_FOUND;
    const Made target = known->second;
    if (!target.moved() || target.kind == v1::TRANSFER_KIND_REVERSAL) {
      return v1::TRANSFER_RESULT_NOT_FOUND;
    }
    if (book_.reversed.contains(target.id)) return v1::TRANSFER_RESULT_ALREADY_REVERSED;
    const TransferResult moved =
        Move(index, target.credit, target.debit, target.amount, !order.allow_debt, false);
    if (moved == kCreated) book_.reversed.insert(target.id);
    return moved;
  }

  const absl::Span<const Order> orders_;
  const absl::Time now_;
  Book& book_;
  Outcome outcome_;
  absl::flat_hash_map<uuid::Uuid, std::vector<uuid::Uuid>> groups_;  // Maybe with some undone.
  std::vector<Account> accounts_before_;
  std::vector<Pending> pendings_before_;
};

}  // namespace

Outcome Apply(absl::Span<const Order> orders, absl::Time now, Book& book) {
  return Batch(orders, now, book).Run();
}

uuid::Uuid NamedId(std::string_view name) {
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(name.data()), name.size(), digest);
  uuid::Uuid::Bytes bytes;
  std::copy(digest, digest + bytes.size(), bytes.begin());
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x80);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  return uuid::Uuid(bytes);
}

uuid::Uuid DerivedId(const uuid::Uuid& first, const uuid::Uuid& second) {
  char name[32];
  std::copy(first.bytes().begin(), first.bytes().end(), name);
  std::copy(second.bytes().begin(), second.bytes().end(), name + 16);
  return NamedId({name, sizeof(name)});
}

}  // namespace selfology::gamification

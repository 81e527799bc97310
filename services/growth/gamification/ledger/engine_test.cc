// The engine against an oracle that knows nothing but lists: it recomputes every total from all the
// transfers there were, for each order anew.

#include "services/growth/gamification/ledger/engine.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::gamification {
namespace {

using uuid::Uuid;
using v1::TransferKind;
using v1::TransferResult;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

Uuid Id(int n) {
  Uuid::Bytes bytes = {};
  for (int i = 0; i < 4; ++i) bytes[15 - i] = static_cast<uint8_t>(n >> (8 * i));
  bytes[0] = 1;
  return Uuid(bytes);
}

Order Posted(int id, int64_t debit, int64_t credit, int64_t amount) {
  return {.id = Id(id), .debit = debit, .credit = credit, .amount = amount};
}
Order Held(int id, int64_t debit, int64_t credit, int64_t amount) {
  Order order = Posted(id, debit, credit, amount);
  order.kind = v1::TRANSFER_KIND_PENDING;
  return order;
}
Order About(TransferKind kind, int id, int target, int64_t amount = 0) {
  return {.id = Id(id), .kind = kind, .amount = amount, .target = Id(target)};
}

// Account 1 is the product's; the others have a floor of 0, and 4 a ceiling of 50.
Book NewBook() {
  Book book;
  for (int64_t id = 1; id <= 5; ++id) book.accounts[id].id = id;
  for (int64_t id = 2; id <= 5; ++id) book.accounts[id].floor = 0;
  book.accounts[4].ceiling = 50;
  return book;
}

std::vector<TransferResult> Results(std::vector<Order> orders, Book& book,
                                    absl::Time now = kStart) {
  return Apply(orders, now, book).results;
}

constexpr TransferResult kCreated = v1::TRANSFER_RESULT_CREATED;
using ::testing::ElementsAre;

TEST(EngineTest, ATransferTakesFromOneWhatItGivesToAnother) {
  Book book = NewBook();
  EXPECT_THAT(Results({Posted(1, 1, 2, 30), Posted(2, 2, 3, 10)}, book),
              ElementsAre(kCreated, kCreated));
  EXPECT_EQ(book.accounts[1].balance(), -30);
  EXPECT_EQ(book.accounts[2].balance(), 20);
  EXPECT_EQ(book.accounts[3].balance(), 10);
}

TEST(EngineTest, TheSameIdTwiceMovesOnce) {
  Book book = NewBook();
  EXPECT_THAT(Results({Posted(1, 1, 2, 30), Posted(1, 1, 2, 30), Posted(1, 1, 2, 31)}, book),
              ElementsAre(kCreated, v1::TRANSFER_RESULT_EXISTS, v1::TRANSFER_RESULT_ID_TAKEN));
  EXPECT_EQ(book.accounts[2].balance(), 30);
}

TEST(EngineTest, LimitsBindWhatIsHeldToo) {
  Book book = NewBook();
  EXPECT_THAT(
      Results({Posted(1, 1, 2, 30), Held(2, 2, 3, 20), Posted(3, 2, 3, 11), Posted(4, 2, 3, 10),
               Posted(5, 1, 4, 51), Held(6, 1, 4, 50), Posted(7, 1, 4, 1)},
              book),
      ElementsAre(kCreated, kCreated, v1::TRANSFER_RESULT_BELOW_FLOOR, kCreated,
                  v1::TRANSFER_RESULT_ABOVE_CEILING, kCreated, v1::TRANSFER_RESULT_ABOVE_CEILING));
}

TEST(EngineTest, LinkedOrdersHappenTogetherOrNotAtAll) {
  Book book = NewBook();
  std::vector<Order> chain = {Posted(1, 1, 2, 30), Held(2, 2, 3, 5), Posted(3, 3, 2, 1)};
  chain[0].linked = chain[1].linked = true;
  EXPECT_THAT(Results(chain, book),
              ElementsAre(v1::TRANSFER_RESULT_LINKED_FAILED, v1::TRANSFER_RESULT_LINKED_FAILED,
                          v1::TRANSFER_RESULT_BELOW_FLOOR));
  EXPECT_TRUE(book.transfers.empty());
  EXPECT_TRUE(book.pendings.empty());
  EXPECT_EQ(book.accounts[2], NewBook().accounts[2]);
  chain[2] = Posted(3, 2, 3, 1);
  EXPECT_THAT(Results(chain, book), ElementsAre(kCreated, kCreated, kCreated));
  EXPECT_THAT(Results(chain, book),
              ElementsAre(v1::TRANSFER_RESULT_EXISTS, v1::TRANSFER_RESULT_EXISTS,
                          v1::TRANSFER_RESULT_EXISTS));
  std::vector<Order> open = {Posted(9, 1, 2, 1)};
  open[0].linked = true;
  EXPECT_THAT(Results(open, book), ElementsAre(v1::TRANSFER_RESULT_CHAIN_INVALID));
}

TEST(EngineTest, PendingTransfersThatWereLinkedAreResolvedTogether) {
  for (const TransferKind kind : {v1::TRANSFER_KIND_POST, v1::TRANSFER_KIND_VOID}) {
    Book book = NewBook();
    std::vector<Order> chain = {Held(1, 1, 2, 30), Held(2, 1, 3, 7)};
    chain[0].linked = true;
    ASSERT_THAT(Results(chain, book), ElementsAre(kCreated, kCreated));
    EXPECT_THAT(Results({About(v1::TRANSFER_KIND_POST, 8, 2, 6)}, book),
                ElementsAre(v1::TRANSFER_RESULT_AMOUNT_NOT_HELD));
    const Outcome outcome = Apply(std::vector<Order>{About(kind, 9, 2)}, kStart, book);
    EXPECT_THAT(outcome.results, ElementsAre(kCreated));
    EXPECT_EQ(outcome.made.size(), 2u);
    const bool posted = kind == v1::TRANSFER_KIND_POST;
    EXPECT_EQ(book.accounts[2].balance(), posted ? 30 : 0);
    EXPECT_EQ(book.accounts[3].balance(), posted ? 7 : 0);
    EXPECT_EQ(book.accounts[1].debits_pending, 0);
    EXPECT_THAT(Results({About(v1::TRANSFER_KIND_VOID, 10, 1)}, book),
                ElementsAre(posted ? v1::TRANSFER_RESULT_ALREADY_POSTED
                                   : v1::TRANSFER_RESULT_ALREADY_VOIDED));
  }
}

TEST(EngineTest, APartIsPostedAndTheRestLetGo) {
  Book book = NewBook();
  EXPECT_THAT(Results({Held(1, 1, 2, 30), About(v1::TRANSFER_KIND_POST, 2, 1, 31),
                       About(v1::TRANSFER_KIND_POST, 3, 1, 10)},
                      book),
              ElementsAre(kCreated, v1::TRANSFER_RESULT_AMOUNT_NOT_HELD, kCreated));
  EXPECT_EQ(book.accounts[2].balance(), 10);
  EXPECT_EQ(book.accounts[1].debits_pending, 0);
}

TEST(EngineTest, WhatTimedOutCannotBePostedAndIsLetGoOnce) {
  Book book = NewBook();
  Order held = Held(1, 1, 2, 30);
  held.timeout = absl::Seconds(10);
  ASSERT_THAT(Results({held}, book), ElementsAre(kCreated));
  EXPECT_THAT(Results({About(v1::TRANSFER_KIND_POST, 2, 1)}, book, kStart + absl::Seconds(10)),
              ElementsAre(v1::TRANSFER_RESULT_EXPIRED));
  EXPECT_EQ(book.accounts[1].debits_pending, 30);
  EXPECT_THAT(Results({About(v1::TRANSFER_KIND_EXPIRY, 3, 1)}, book, kStart + absl::Seconds(11)),
              ElementsAre(kCreated));
  EXPECT_EQ(book.accounts[1].debits_pending, 0);
  EXPECT_THAT(Results({About(v1::TRANSFER_KIND_EXPIRY, 4, 1)}, book, kStart + absl::Seconds(12)),
              ElementsAre(v1::TRANSFER_RESULT_EXPIRED));
}

TEST(EngineTest, AReversalMovesBackOnceAndLeavesDebtOnlyWhereItMay) {
  Book book = NewBook();
  ASSERT_THAT(Results({Posted(1, 1, 2, 30), Posted(2, 2, 3, 25)}, book),
              ElementsAre(kCreated, kCreated));
  Order reversal = About(v1::TRANSFER_KIND_REVERSAL, 3, 1);
  EXPECT_THAT(Results({reversal}, book), ElementsAre(v1::TRANSFER_RESULT_BELOW_FLOOR));
  reversal.allow_debt = true;
  EXPECT_THAT(Results({reversal}, book), ElementsAre(kCreated));
  EXPECT_EQ(book.accounts[2].balance(), -25);
  reversal.id = Id(4);
  EXPECT_THAT(Results({reversal}, book), ElementsAre(v1::TRANSFER_RESULT_ALREADY_REVERSED));
  EXPECT_THAT(Results({About(v1::TRANSFER_KIND_REVERSAL, 5, 3)}, book),
              ElementsAre(v1::TRANSFER_RESULT_NOT_FOUND));
}

TEST(EngineTest, TimesOfAnAccountGoUpWhateverTheClockDoes) {
  Book book = NewBook();
  absl::Time last = absl::InfinitePast();
  for (int i = 1; i <= 20; ++i) {
    const Outcome outcome =
        Apply(std::vector<Order>{Posted(i, 1, 2, 1)}, kStart - i * absl::Seconds(1), book);
    EXPECT_GT(outcome.made[0].made.at, last);
    last = outcome.made[0].made.at;
  }
}

TEST(EngineTest, NoTotalOverflows) {
  Book book = NewBook();
  book.accounts[1].debits = kMaxTotal - 5;
  EXPECT_THAT(Results({Posted(1, 1, 2, 6), Posted(2, 1, 2, 5)}, book),
              ElementsAre(v1::TRANSFER_RESULT_OVERFLOW, kCreated));
}

TEST(EngineTest, DerivedIdsAreTheSameEachTimeAndDiffer) {
  EXPECT_EQ(DerivedId(Id(1), Id(2)), DerivedId(Id(1), Id(2)));
  EXPECT_NE(DerivedId(Id(1), Id(2)), DerivedId(Id(2), Id(1)));
  EXPECT_EQ(DerivedId(Id(1), Id(2)).version(), 8);
}

// The oracle: a list of what was done, from which every total is recomputed.
class Oracle {
 public:
  TransferResult Run(const Order& order, const Uuid& group, absl::Time now, std::set<Uuid>& done) {
    if (done.contains(order.id)) return v1::TRANSFER_RESULT_ID_TAKEN;
    switch (order.kind) {
      case v1::TRANSFER_KIND_PENDING:
      case v1::TRANSFER_KIND_POSTED: {
        if (order.debit != 1 && Balance(order.debit) - Held(order.debit) - order.amount < 0) {
          return v1::TRANSFER_RESULT_BELOW_FLOOR;
        }
        if (order.credit == 4 && Balance(4) + Coming(4) + order.amount > 50) {
          return v1::TRANSFER_RESULT_ABOVE_CEILING;
        }
        if (order.kind == v1::TRANSFER_KIND_POSTED) {
          moves_[order.id] = {order.debit, order.credit, order.amount};
        } else {
          holds_[order.id] = {group,        order.debit,         order.credit,
                              order.amount, now + order.timeout, TransferKind()};
        }
        break;
      }
      case v1::TRANSFER_KIND_REVERSAL: {
        const auto found = moves_.find(order.target);
        if (found == moves_.end() || found->second.is_reversal) {
          return v1::TRANSFER_RESULT_NOT_FOUND;
        }
        const Moved moved = found->second;
        if (moved.reversed) return v1::TRANSFER_RESULT_ALREADY_REVERSED;
        if (!order.allow_debt && moved.credit != 1 &&
            Balance(moved.credit) - Held(moved.credit) - moved.amount < 0) {
          return v1::TRANSFER_RESULT_BELOW_FLOOR;
        }
        found->second.reversed = true;
        moves_[order.id] = {moved.credit, moved.debit, moved.amount, true};
        break;
      }
      default: {
        const auto found = holds_.find(order.target);
        if (found == holds_.end()) return v1::TRANSFER_RESULT_PENDING_NOT_FOUND;
        const Hold hold = found->second;
        if (hold.end == v1::TRANSFER_KIND_POST) return v1::TRANSFER_RESULT_ALREADY_POSTED;
        if (hold.end == v1::TRANSFER_KIND_VOID) return v1::TRANSFER_RESULT_ALREADY_VOIDED;
        if (hold.end == v1::TRANSFER_KIND_EXPIRY) return v1::TRANSFER_RESULT_EXPIRED;
        const bool expiry = order.kind == v1::TRANSFER_KIND_EXPIRY;
        if (!expiry && hold.until <= now) return v1::TRANSFER_RESULT_EXPIRED;
        const int64_t amount = order.amount == 0 ? hold.amount : order.amount;
        const auto members = std::count_if(holds_.begin(), holds_.end(), [&](const auto& other) {
          return other.second.group == hold.group;
        });
        if (order.kind == v1::TRANSFER_KIND_POST &&
            (amount > hold.amount || (members > 1 && amount != hold.amount))) {
          return v1::TRANSFER_RESULT_AMOUNT_NOT_HELD;
        }
        for (auto& [id, other] : holds_) {
          if (other.group != hold.group) continue;
          other.end = order.kind;
          if (order.kind == v1::TRANSFER_KIND_POST) {
            const Uuid post = id == order.target ? order.id : DerivedId(order.id, id);
            moves_[post] = {other.debit, other.credit, id == order.target ? amount : other.amount};
          }
        }
      }
    }
    done.insert(order.id);
    return kCreated;
  }

  int64_t Balance(int64_t account) const {
    int64_t sum = 0;
    for (const auto& [id, moved] : moves_) {
      if (moved.debit == account) sum -= moved.amount;
      if (moved.credit == account) sum += moved.amount;
    }
    return sum;
  }
  int64_t Held(int64_t account) const { return Open(account, &Hold::debit); }
  int64_t Coming(int64_t account) const { return Open(account, &Hold::credit); }

 private:
  struct Moved {
    int64_t debit = 0, credit = 0, amount = 0;
    bool is_reversal = false, reversed = false;
  };
  struct Hold {
    Uuid group;
    int64_t debit = 0, credit = 0, amount = 0;
    absl::Time until;
    TransferKind end = v1::TRANSFER_KIND_UNSPECIFIED;
  };
  int64_t Open(int64_t account, int64_t Hold::* side) const {
    int64_t sum = 0;
    for (const auto& [id, hold] : holds_) {
      if (hold.end == v1::TRANSFER_KIND_UNSPECIFIED && hold.*side == account) sum += hold.amount;
    }
    return sum;
  }
  std::map<Uuid, Moved> moves_;
  std::map<Uuid, Hold> holds_;
};

Order RandomOrder(std::mt19937& random, int& next) {
  const auto below = [&](int n) { return static_cast<int>(random() % n); };
  const int64_t debit = 1 + below(5);
  int64_t credit = 1 + below(5);
  if (credit == debit) credit = credit % 5 + 1;
  Order order = Posted(++next, debit, credit, 1 + below(40));
  const int target = 1 + below(next);
  switch (below(10)) {
    case 0:
    case 1:
      order.kind = v1::TRANSFER_KIND_PENDING;
      if (below(2) == 0) order.timeout = absl::Seconds(1 + below(5));
      break;
    case 2:
      order = About(v1::TRANSFER_KIND_POST, next, target, below(2) == 0 ? 0 : 1 + below(40));
      break;
    case 3:
      order = About(v1::TRANSFER_KIND_VOID, next, target);
      break;
    case 4:
      order = About(v1::TRANSFER_KIND_REVERSAL, next, target);
      order.allow_debt = below(4) == 0;
      break;
    case 5:
      order = About(v1::TRANSFER_KIND_EXPIRY, next, target);
      break;
    default:
      break;
  }
  order.linked = below(4) == 0;
  return order;
}

TEST(EngineTest, DoesWhatTheOracleDoesOverRandomBatches) {
  int created = 0, refused = 0;
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    Book book = NewBook();
    Oracle oracle;
    std::set<Uuid> done;
    int next = 0;
    bool debt_allowed = false;
    absl::Time now = kStart;
    for (int batch = 0; batch < 12; ++batch) {
      std::vector<Order> orders;
      for (int i = 0; i < 10; ++i) orders.push_back(RandomOrder(random, next));
      orders.back().linked = false;
      std::vector<TransferResult> expected;
      for (size_t first = 0; first < orders.size();) {
        size_t end = first + 1;
        while (orders[end - 1].linked) ++end;
        const Oracle before = oracle;
        const std::set<Uuid> done_before = done;
        std::vector<TransferResult> chain;
        for (size_t i = first; i < end; ++i) {
          chain.push_back(
              oracle.Run(orders[i], end - first > 1 ? orders[first].id : orders[i].id, now, done));
          if (chain.back() == kCreated) continue;
          const TransferResult reason = chain.back();
          chain.assign(end - first, v1::TRANSFER_RESULT_LINKED_FAILED);
          chain[i - first] = reason;
          oracle = before;
          done = done_before;
          break;
        }
        expected.insert(expected.end(), chain.begin(), chain.end());
        first = end;
      }
      for (const Order& order : orders) debt_allowed |= order.allow_debt;
      const Outcome outcome = Apply(orders, now, book);
      ASSERT_EQ(outcome.results, expected) << "seed " << seed << ", batch " << batch;
      int64_t sum = 0, held = 0;
      for (int64_t id = 1; id <= 5; ++id) {
        const Account& account = book.accounts[id];
        ASSERT_EQ(account.balance(), oracle.Balance(id)) << "seed " << seed << " account " << id;
        ASSERT_EQ(account.debits_pending, oracle.Held(id)) << "seed " << seed;
        ASSERT_EQ(account.credits_pending, oracle.Coming(id)) << "seed " << seed;
        if (id > 1 && !debt_allowed) ASSERT_GE(account.balance() - account.debits_pending, 0);
        sum += account.balance();
        held += account.debits_pending - account.credits_pending;
      }
      ASSERT_EQ(sum, 0);
      ASSERT_EQ(held, 0);
      // A repeat of the whole batch makes nothing twice.
      const Book copy = book;
      for (const Outcome::Entry& entry : outcome.made) {
        if (orders[entry.order].id != entry.made.id) continue;
        Order again = orders[entry.order];
        again.linked = false;
        ASSERT_THAT(Results({again}, book, now), ElementsAre(v1::TRANSFER_RESULT_EXISTS));
      }
      ASSERT_EQ(copy.accounts, book.accounts);
      for (const TransferResult result : expected) (result == kCreated ? created : refused) += 1;
      now += absl::Seconds(1);
    }
  }
  EXPECT_GT(created, 1000) << "the random orders are too often refused to show anything";
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace selfology::gamification

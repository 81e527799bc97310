#include "services/growth/gamification/ledger/ledger_service.h"

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "common/status/status.h"
#include "services/growth/gamification/gamification_fixture_test.h"

namespace selfology::gamification {
namespace {

using events::v1::CurrencyMoved;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr v1::TransferResult kCreated = v1::TRANSFER_RESULT_CREATED;

using LedgerServiceTest = GamificationTest;

TEST_F(LedgerServiceTest, MovesTellsAndRemembers) {
  EXPECT_THAT(
      Create({Transfer("1", Mint(), Wallet(kUser), 30), Transfer("2", Wallet(kUser), Wallet(7), 10),
              Transfer("3", Wallet(kUser), Wallet(7), 21)}),
      ElementsAre(kCreated, kCreated, v1::TRANSFER_RESULT_BELOW_FLOOR));
  EXPECT_EQ(BalanceOf(kUser, "coins"), 20);
  EXPECT_EQ(BalanceOf(7, "coins"), 10);
  EXPECT_THAT(Create({Transfer("1", Mint(), Wallet(kUser), 30)}),
              ElementsAre(v1::TRANSFER_RESULT_EXISTS));
  EXPECT_EQ(BalanceOf(kUser, "coins"), 20);
  const auto moved = Published<CurrencyMoved>();
  ASSERT_THAT(moved, SizeIs(3)) << "two of the first transfers' three accounts' wallets, and one";
  EXPECT_EQ(moved[1].change(), -10);
  EXPECT_EQ(moved[1].balance(), 20);
  ExpectSound();
}

TEST_F(LedgerServiceTest, ListsEntriesPageByPageWithTheBalanceAfterEach) {
  for (int i = 1; i <= 5; ++i) {
    ASSERT_THAT(Create({Transfer(absl::StrCat(i), Mint(), Wallet(kUser), i)}),
                ElementsAre(kCreated));
  }
  v1::ListEntriesRequest request;
  request.set_user_id(kUser);
  request.set_currency("coins");
  request.set_page_size(2);
  std::vector<int64_t> balances;
  do {
    const auto page = ledger_->ListEntries(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Entry& entry : page->entries()) balances.push_back(entry.balance());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(balances, (std::vector<int64_t>{15, 10, 6, 3, 1}));
}

TEST_F(LedgerServiceTest, KnowsTheBalanceAtAnyTime) {
  const absl::Time start = absl::Now();
  ASSERT_THAT(Create({Transfer("1", Mint(), Wallet(kUser), 30)}), ElementsAre(kCreated));
  Pass(absl::Hours(1));
  ASSERT_THAT(Create({Transfer("2", Wallet(kUser), Wallet(7), 10)}), ElementsAre(kCreated));
  Pass(absl::Hours(1));
  ASSERT_THAT(Create({Transfer("3", Mint(), Wallet(kUser), 5)}), ElementsAre(kCreated));
  EXPECT_EQ(BalanceOf(kUser, "coins", start - absl::Hours(1)), 0);
  EXPECT_EQ(BalanceOf(kUser, "coins", start + absl::Minutes(30)), 30);
  EXPECT_EQ(BalanceOf(kUser, "coins", start + absl::Minutes(90)), 20);
  EXPECT_EQ(BalanceOf(kUser, "coins", start + absl::Hours(3)), 25);
}

TEST_F(LedgerServiceTest, NobodySpendsTwiceHoweverManyTry) {
  ASSERT_THAT(Create({Transfer("start", Mint(), Wallet(kUser), 100)}), ElementsAre(kCreated));
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const auto results =
            Create({Transfer(absl::StrCat(t, "/", i), Wallet(kUser), Wallet(1000 + t), 3)});
        if (results == std::vector<v1::TransferResult>{kCreated}) ++made;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 33);
  EXPECT_EQ(BalanceOf(kUser, "coins"), 1);
  ExpectSound();
}

// Random requests from several threads, every one sent twice: the books balance, and what each answer
// said is what happened.
TEST_F(LedgerServiceTest, BooksBalanceUnderRandomTransfersFromManyThreads) {
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      const auto account = [&] {
        const auto n = static_cast<int64_t>(random() % 6);
        return n == 0 ? Mint() : Wallet(n);
      };
      for (int i = 0; i < 25; ++i) {
        std::vector<v1::NewTransfer> transfers;
        for (int k = 0; k < 6; ++k) {
          v1::NewTransfer transfer = Transfer(absl::StrCat(t, "/", i, "/", k), account(), account(),
                                              1 + static_cast<int64_t>(random() % 50));
          if (transfer.debit().user_id() == transfer.credit().user_id()) {
            *transfer.mutable_debit() = Mint();
            *transfer.mutable_credit() = Wallet(1 + static_cast<int64_t>(random() % 5));
          }
          if (random() % 5 == 0) transfer.set_kind(v1::TRANSFER_KIND_PENDING);
          if (random() % 6 == 0 && i > 0) {
            transfer.clear_debit();
            transfer.clear_credit();
            transfer.set_amount(0);
            transfer.set_kind(random() % 2 == 0 ? v1::TRANSFER_KIND_POST : v1::TRANSFER_KIND_VOID);
            transfer.set_pending_transfer_id(
                Id(absl::StrCat(t, "/", random() % i, "/", random() % 6)).ToString());
          }
          transfer.set_linked(k < 5 && random() % 4 == 0);
          transfers.push_back(transfer);
        }
        const auto first = Create(transfers);
        const auto again = Create(transfers);
        for (size_t k = 0; k < first.size() && k < again.size(); ++k) {
          EXPECT_EQ(first[k] == kCreated, again[k] == v1::TRANSFER_RESULT_EXISTS ||
                                              (first[k] == kCreated && again[k] == kCreated));
          if (first[k] == kCreated) EXPECT_EQ(again[k], v1::TRANSFER_RESULT_EXISTS);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectSound();
  for (int64_t user = 1; user <= 5; ++user) {
    v1::GetBalancesRequest request;
    request.set_user_id(user);
    const auto balances = ledger_->GetBalances(Deadline(), request);
    ASSERT_TRUE(balances.ok()) << balances.status();
    for (const v1::Balance& balance : balances->balances()) {
      EXPECT_GE(balance.balance() - balance.held(), 0);
    }
  }
}

TEST_F(LedgerServiceTest, HeldTransfersThatAreLinkedTimeOutTogether) {
  ASSERT_THAT(Create({Transfer("start", Mint(), Wallet(kUser), 100)}), ElementsAre(kCreated));
  v1::AccountRef escrow = Wallet(0);
  escrow.set_code("escrow:1");
  std::vector<v1::NewTransfer> chain = {Transfer("a", Wallet(kUser), escrow, 30),
                                        Transfer("b", Wallet(kUser), Wallet(7), 20)};
  for (v1::NewTransfer& transfer : chain) {
    transfer.set_kind(v1::TRANSFER_KIND_PENDING);
    transfer.mutable_timeout()->set_seconds(3600);
  }
  chain[0].set_linked(true);
  ASSERT_THAT(Create(chain), Each(kCreated));
  EXPECT_THAT(Create({Transfer("c", Wallet(kUser), Wallet(7), 51)}),
              ElementsAre(v1::TRANSFER_RESULT_BELOW_FLOOR));
  Pass(absl::Hours(2));
  Await("what is held to be let go", [&] {
    v1::GetBalancesRequest request;
    request.set_user_id(kUser);
    return ledger_->GetBalances(Deadline(), request)->balances(0).held() == 0;
  });
  v1::NewTransfer post;
  post.set_transfer_id(Id("post").ToString());
  post.set_kind(v1::TRANSFER_KIND_POST);
  post.set_pending_transfer_id(Id("b").ToString());
  post.set_code("test");
  EXPECT_THAT(Create({post}), ElementsAre(v1::TRANSFER_RESULT_EXPIRED));
  EXPECT_EQ(BalanceOf(kUser, "coins"), 100);
  ExpectSound();
}

TEST_F(LedgerServiceTest, ReversesTogetherOrNotAtAll) {
  ASSERT_THAT(
      Create({Transfer("1", Mint(), Wallet(kUser), 30), Transfer("2", Wallet(kUser), Wallet(7), 25),
              Transfer("3", Mint(), Wallet(8), 4)}),
      Each(kCreated));
  v1::ReverseTransfersRequest request;
  request.add_transfer_ids(Id("3").ToString());
  request.add_transfer_ids(Id("1").ToString());
  request.set_code("mistake");
  const auto refused = ledger_->ReverseTransfers(Deadline(), request);
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_THAT(refused->results(),
              ElementsAre(v1::TRANSFER_RESULT_LINKED_FAILED, v1::TRANSFER_RESULT_BELOW_FLOOR));
  EXPECT_THAT(refused->reversals(), SizeIs(0));
  EXPECT_EQ(BalanceOf(8, "coins"), 4);
  request.set_allow_debt(true);
  const auto reversed = ledger_->ReverseTransfers(Deadline(), request);
  ASSERT_TRUE(reversed.ok()) << reversed.status();
  EXPECT_THAT(reversed->results(), Each(kCreated));
  EXPECT_THAT(reversed->reversals(), SizeIs(2));
  EXPECT_EQ(BalanceOf(kUser, "coins"), -25);
  EXPECT_EQ(BalanceOf(8, "coins"), 0);
  EXPECT_THAT(ledger_->ReverseTransfers(Deadline(), request)->results(),
              Each(v1::TRANSFER_RESULT_EXISTS));
  ExpectSound();
}

TEST_F(LedgerServiceTest, LimitsAreOfEachAccount) {
  v1::SetLimitsRequest limits;
  *limits.mutable_account() = Wallet(kUser);
  limits.set_floor(-10);
  limits.set_ceiling(5);
  ASSERT_TRUE(ledger_->SetLimits(Deadline(), limits).ok());
  EXPECT_THAT(
      Create({Transfer("1", Wallet(kUser), Wallet(7), 11),
              Transfer("2", Wallet(kUser), Wallet(7), 10),
              Transfer("3", Mint(), Wallet(kUser), 16)}),
      ElementsAre(v1::TRANSFER_RESULT_BELOW_FLOOR, kCreated, v1::TRANSFER_RESULT_ABOVE_CEILING));
}

TEST_F(LedgerServiceTest, NamesAllThatIsWrongWithARequest) {
  v1::CreateTransfersRequest request;
  v1::NewTransfer& transfer = *request.add_transfers();
  transfer = Transfer("1", Wallet(kUser), Wallet(kUser), 0);
  transfer.set_transfer_id("no uuid");
  transfer.set_code("Not A Code");
  const absl::Status bad = ledger_->CreateTransfers(Deadline(), request).status();
  EXPECT_EQ(bad.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::Violations(bad), SizeIs(4)) << bad;
  EXPECT_FALSE(ledger_->CreateTransfers(Deadline(), v1::CreateTransfersRequest()).ok());
}

}  // namespace
}  // namespace selfology::gamification

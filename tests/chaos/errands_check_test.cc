// The checker of errands is tested as the other one is: it finds nothing after errands that went
// well, and each harm that is done afterwards to what became of them.

#include "tests/chaos/errands_check.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/postgres/connection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::chaos {
namespace {

using ::testing::IsEmpty;

using journey::Mesh;

constexpr absl::Duration kErrands = absl::Seconds(4);
constexpr absl::Duration kQuiet = absl::Minutes(1);

class ErrandsCheckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto mesh = Mesh::Start({.shape = journey::Shape::kOneProcess, .flags = Flags()});
    ASSERT_TRUE(mesh.ok()) << mesh.status();
    mesh_ = *std::move(mesh);
    Errands errands(*mesh_, {.seed = 3});
    const absl::Status started = errands.Start();
    ASSERT_TRUE(started.ok()) << started;
    Run("INSERT INTO outbox (id, type, partition_key, payload) VALUES"
        " (gen_random_uuid(), 'level.changed', 7, '')");
    absl::SleepFor(kErrands);
    errands.StopAsking();
    const auto settled = SettleErrands(*mesh_, errands, kQuiet);
    ASSERT_TRUE(settled.ok()) << settled.status();
    EXPECT_TRUE(*settled);
    ledger_ = errands.Stop();
    ASSERT_GT(ledger_.completed.size(), 10);
  }

  // All in one program.
  static std::map<std::string, std::vector<std::string>, std::less<>> Flags() {
    std::vector<std::string> all;
    for (const auto& [program, flags] : Errands::Flags()) {
      all.insert(all.end(), flags.begin(), flags.end());
    }
    return {{"selfology", all}};
  }

  std::vector<Violation> Violations(const ErrandsLedger& ledger) {
    Findings findings;
    const absl::Status checked = CheckErrands(*mesh_, ledger, findings);
    EXPECT_TRUE(checked.ok()) << checked;
    return findings.violations;
  }
  // Changes what the ledger says.
  void ExpectFound(std::string_view what, Harm harm,
                   const std::function<void(ErrandsLedger&)>& tamper) {
    ErrandsLedger ledger = ledger_;
    tamper(ledger);
    ExpectHarm(what, harm, Violations(ledger));
  }
  // Changes the database for a moment.
  void ExpectFoundIn(std::string_view what, Harm harm, const std::string& sql,
                     const std::string& undo) {
    Run(sql);
    ExpectHarm(what, harm, Violations(ledger_));
    Run(undo);
    EXPECT_THAT(Violations(ledger_), IsEmpty()) << what << " was not undone";
  }
  static void ExpectHarm(std::string_view what, Harm harm, const std::vector<Violation>& found) {
    EXPECT_TRUE(std::any_of(found.begin(), found.end(),
                            [&](const Violation& violation) { return violation.harm == harm; }))
        << what << " is not found";
  }
  void Run(const std::string& sql) {
    const auto connection =
        postgres::Connection::Open(Mesh::Deadline(), {.url = mesh_->postgres().url()});
    ASSERT_TRUE(connection.ok()) << connection.status();
    const absl::Status done =
        (*connection)->Script(Mesh::Deadline(), absl::StrCat("SET search_path = selfology;", sql));
    ASSERT_TRUE(done.ok()) << done;
  }

  std::unique_ptr<Mesh> mesh_;
  ErrandsLedger ledger_;
};

TEST_F(ErrandsCheckTest, FindsEachHarm) {
  ASSERT_THAT(Violations(ledger_), IsEmpty());
  Promised& ann = ledger_.promised[0];
  ASSERT_GT(ann.jobs.size(), 2);
  ASSERT_GT(ann.deliveries.size(), 2);

  ExpectFound("a job that is not there", Harm::kLost,
              [](ErrandsLedger& ledger) { ledger.promised[0].jobs.push_back(1'000'000); });
  ExpectFound("a job that nobody was promised", Harm::kTwice,
              [](ErrandsLedger& ledger) { ledger.promised[0].jobs.pop_back(); });
  ExpectFound("a job completed by two", Harm::kTwice,
              [](ErrandsLedger& ledger) { ++ledger.completed[ledger.promised[0].jobs[0]]; });
  ExpectFound("a job that nobody completed", Harm::kLost,
              [](ErrandsLedger& ledger) { ledger.completed.erase(ledger.promised[0].jobs[0]); });
  ExpectFound("jobs of a key in another order", Harm::kOutOfOrder, [](ErrandsLedger& ledger) {
    for (auto& [job, moment] : ledger.completing) moment += 1'000'000;
  });
  ExpectFound("a webhook that did not come", Harm::kLost,
              [](ErrandsLedger& ledger) { ledger.taken[ledger.promised[0].path].pop_back(); });
  ExpectFound("webhooks in another order", Harm::kOutOfOrder, [](ErrandsLedger& ledger) {
    auto& taken = ledger.taken[ledger.promised[0].path];
    std::swap(taken[0], taken[1]);
  });
  ExpectFound("a webhook that is none", Harm::kWrong, [](ErrandsLedger& ledger) {
    ledger.taken[ledger.promised[0].path].push_back("msg_of_somebody");
  });
  ExpectFound("a webhook more", Harm::kTwice,
              [](ErrandsLedger& ledger) { ledger.promised[0].deliveries.pop_back(); });
  ExpectFound("a notification that is not there", Harm::kLost,
              [](ErrandsLedger& ledger) { ledger.promised[0].notifications.push_back(1'000'000); });

  const std::string his = absl::StrCat(" WHERE user_id = ", ann.user_id);
  ExpectFoundIn(
      "a job that is dead", Harm::kParked,
      "INSERT INTO queue_jobs (queue, kind, state, priority, max_attempts, user_id, run_at,"
      " enqueued_at, announce, payload) VALUES ('chaos', 'errand', 8, 5, 5, 0, now(),"
      " now(), false, '')",
      "DELETE FROM queue_jobs WHERE queue = 'chaos'");
  ExpectFoundIn("an inbox that counts wrong", Harm::kTwice,
                "UPDATE notification_people SET unread = unread + 1" + his,
                "UPDATE notification_people SET unread = unread - 1" + his);
  ExpectFoundIn(
      "a delivery that was not sent", Harm::kNotSent,
      "UPDATE notification_deliveries SET status = 'FAILED'" + his + " AND channel = 'SMS'",
      "UPDATE notification_deliveries SET status = 'SENT'" + his + " AND channel = 'SMS'");
  ExpectFoundIn("an attempt that was not written down", Harm::kTwice,
                "UPDATE notification_deliveries SET attempts = attempts + 1" + his,
                "UPDATE notification_deliveries SET attempts = attempts - 1" + his);
  ExpectFoundIn("a webhook that waits", Harm::kNotSent,
                absl::StrCat("UPDATE webhook_endpoints SET state = 2 WHERE endpoint_id = '",
                             ann.endpoint_id, "'; UPDATE webhook_deliveries SET state = 1",
                             " WHERE delivery_id = ", ann.deliveries[0]),
                absl::StrCat("UPDATE webhook_deliveries SET state = 2 WHERE delivery_id = ",
                             ann.deliveries[0]));
  ExpectFoundIn(
      "an event that no webhook told of", Harm::kLost,
      "CREATE TABLE kept AS SELECT d.* FROM webhook_deliveries d JOIN webhook_messages m"
      " USING (message_id) WHERE m.event_type = 'level.changed';"
      "DELETE FROM webhook_deliveries WHERE delivery_id IN (SELECT delivery_id FROM kept)",
      "INSERT INTO webhook_deliveries OVERRIDING SYSTEM VALUE SELECT * FROM kept");
}

}  // namespace
}  // namespace selfology::chaos

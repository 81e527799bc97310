#include "services/platform/queue/maintenance.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/observe/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/queue/queue_fixture_test.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {
namespace {

class MaintenanceTest : public QueueTest {
 protected:
  int64_t Count(std::string_view sql) {
    const auto row = DatabaseAs("selfology_queue").Read(Deadline(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>(sql);
    });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? std::get<0>(row->value()) : -1;
  }
};

// A fast queue finishes more in a minute than fits into one transaction.
TEST_F(MaintenanceTest, ForgetsAllThatIsOldInOneTurn) {
  postgres::Database& database = DatabaseAs("selfology_queue");
  const absl::Status made = database.Write(Deadline(), [](postgres::Transaction& tx) {
    tx.Queue(
        "INSERT INTO queue_finished (id, queue, kind, state, priority, attempt, max_attempts,"
        " fence, user_id, run_at, enqueued_at, finished_at, progress, payload)"
        " SELECT n, 'work', 'old', 6, 5, 1, 1, 1, 0, t, t, t, 100, ''"
        " FROM generate_series(1000001, 1045001) n,"
        " LATERAL (SELECT now() - CASE WHEN n = 1045001 THEN interval '6 days'"
        " ELSE interval '8 days' END) o (t)");
    return tx
        .Execute(
            "INSERT INTO queue_requests (key, job_ids, enqueued_at)"
            " SELECT n::text, '{}', now() - interval '8 days' FROM generate_series(1, 25000) n")
        .status();
  });
  ASSERT_TRUE(made.ok()) << made;
  observe::Metrics metrics;
  const auto clock = [this] { return Now(); };
  ReadySignal signal([](const std::vector<std::string>&) { return ReadySignal::Found(); }, clock);
  Maintenance maintenance(database, clock, metrics, signal);
  const absl::Status forgotten = maintenance.Forget(Call::Background(absl::Minutes(1)));
  ASSERT_TRUE(forgotten.ok()) << forgotten;
  EXPECT_EQ(Count("SELECT count(*) FROM queue_finished"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM queue_requests"), 0);
}

}  // namespace
}  // namespace selfology::queue

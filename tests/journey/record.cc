#include "tests/journey/record.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/postgres/types.h"
#include "gtest/gtest.h"
#include "selfology/relay/v1/outbox_relay_service_client.h"

namespace selfology::journey {

int64_t Record::Number(const std::string& sql, int64_t user) {
  const auto row = mesh_.database().Read(
      Mesh::Deadline(), [&](postgres::Transaction& tx) { return tx.Query<int64_t>(sql, user); });
  EXPECT_TRUE(row.ok()) << row.status() << "\n" << sql;
  return row.ok() && row->size() == 1 ? std::get<0>(row->front()) : -1;
}

void Record::Await(std::string_view what, const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > end) {
      ADD_FAILURE() << "gave up waiting for " << what << "\n" << mesh_.Logs();
      return;
    }
    absl::SleepFor(absl::Milliseconds(50));  // A database tells nobody who only looks.
  }
}

void Record::AwaitEvents(int64_t user, std::string_view type, int count) {
  Await(absl::StrCat(count, " × ", type),
        [&] { return EventCounts(user)[std::string(type)] >= count; });
}

void Record::AwaitHandled(int64_t user, std::string_view type, std::string_view group) {
  Await(absl::StrCat(group, " to handle ", type), [&] {
    return Number(
               absl::StrCat(
                   "SELECT count(*) FROM selfology.outbox o WHERE partition_key = $1 AND type = '",
                   type,
                   "' AND NOT EXISTS (SELECT FROM selfology.inbox i WHERE i.event_id = o.id"
                   " AND i.consumer_group = '",
                   group, "')"),
               user) == 0;
  });
}

void Record::AwaitPassed() {
  const relay::v1::OutboxRelayServiceClient client(mesh_.Peer("outbox_relay"));
  Await("all groups to pass all entries", [&] {
    const auto status = client.GetStatus(Mesh::Deadline(), {});
    return status.ok() && status->status().pending_events() == 0 && !status->group_lags().empty() &&
           std::all_of(status->group_lags().begin(), status->group_lags().end(),
                       [](const relay::v1::GroupLag& lag) { return lag.entries() == 0; });
  });
}

std::map<std::string, int> Record::EventCounts(int64_t user) {
  const auto rows = mesh_.database().Read(Mesh::Deadline(), [&](postgres::Transaction& tx) {
    return tx.Query<std::string, int64_t>(
        "SELECT type, count(*) FROM selfology.outbox WHERE partition_key = $1 GROUP BY type", user);
  });
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::map<std::string, int> counts;
  if (rows.ok()) {
    for (const auto& [type, count] : *rows) counts[type] = static_cast<int>(count);
  }
  return counts;
}

std::vector<std::string> Record::Payloads(int64_t user, std::string_view type) {
  const auto rows = mesh_.database().Read(Mesh::Deadline(), [&](postgres::Transaction& tx) {
    return tx.Query<postgres::Bytes>(
        "SELECT payload FROM selfology.outbox WHERE partition_key = $1 AND type = $2 ORDER BY seq",
        user, type);
  });
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::vector<std::string> payloads;
  if (rows.ok()) {
    for (const auto& [payload] : *rows) payloads.push_back(payload.value);
  }
  return payloads;
}

std::set<std::string> Record::Traces(int64_t user) {
  const auto rows = mesh_.database().Read(Mesh::Deadline(), [&](postgres::Transaction& tx) {
    return tx.Query<std::string>(
        "SELECT DISTINCT trace_id FROM selfology.outbox WHERE partition_key = $1", user);
  });
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::set<std::string> traces;
  if (rows.ok()) {
    for (const auto& [trace] : *rows) traces.insert(trace);
  }
  return traces;
}

int64_t Record::Answers(int64_t user) {
  return Number("SELECT count(*) FROM selfology.user_answers_new WHERE user_id = $1", user);
}

int64_t Record::DeadLetters() {
  return Number("SELECT count(*) FROM selfology.dead_letters WHERE $1 = 0", 0);
}

}  // namespace selfology::journey

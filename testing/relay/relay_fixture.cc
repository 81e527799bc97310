#include "testing/relay/relay_fixture.h"

#include <atomic>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/events/migrations.h"
#include "common/postgres/codec.h"
#include "common/postgres/migrations.h"

namespace selfology::relay {
namespace {

constexpr char kSchema[] = R"(
CREATE TABLE users (id bigint PRIMARY KEY, events bigint NOT NULL DEFAULT 0);
CREATE TABLE elsewhere (n int);
-- A user's events, numbered under that user's lock.
CREATE FUNCTION emit(who bigint, how_many int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first bigint;
BEGIN
  INSERT INTO users (id) VALUES (who) ON CONFLICT DO NOTHING;
  UPDATE users SET events = events + how_many WHERE id = who RETURNING events - how_many INTO first;
  FOR i IN 1..how_many LOOP
    INSERT INTO selfology.outbox (id, type, partition_key, trace_id, payload)
    VALUES ((lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
             substr(md5(random()::text), 1, 19))::uuid,
            'test.happened', who, 'trace_' || who, convert_to((first + i)::text, 'UTF8'));
  END LOOP;
END $$;
)";

}  // namespace

bool Eventually(const std::function<bool()>& condition, absl::Duration most) {
  const absl::Time deadline = absl::Now() + most;
  absl::Notification never;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    never.WaitForNotificationWithTimeout(absl::Milliseconds(2));
  }
  return true;
}

void RelayFixture::SetUp() {
  static std::atomic<int> count = 0;
  slot_ = absl::StrCat("relay_test_", ++count);
  database_url_ = servers::FreshDatabase();
  ASSERT_EQ(
      postgres::Migrate(Soon(), database_url_, "mesh", events::Migrations(), "selfology_mesh"),
      absl::OkStatus());
  auto admin = postgres::Connection::Open(Soon(), {.url = database_url_, .keywords = {}});
  ASSERT_TRUE(admin.ok()) << admin.status();
  admin_ = *std::move(admin);
  Sql(kSchema);

  auto folder = servers::ScratchFolder::Make();
  ASSERT_TRUE(folder.ok()) << folder.status();
  redis_folder_ = std::make_unique<servers::ScratchFolder>(*std::move(folder));
  std::filesystem::create_directory(redis_folder_->path() + "/data");
  auto server = servers::RedisServer::Start({.data_folder = redis_folder_->path() + "/data"});
  ASSERT_TRUE(server.ok()) << server.status();
  redis_server_ = *std::move(server);
  auto client = redis::Client::Open(redis_server_->url());
  ASSERT_TRUE(client.ok()) << client.status();
  redis_ = *std::move(client);
}

void RelayFixture::TearDown() {
  // Slots belong to the cluster and are few.
  EXPECT_TRUE(Eventually([&] {
    return admin_
        ->Script(Soon(), absl::StrCat("SELECT pg_drop_replication_slot(slot_name) FROM"
                                      " pg_replication_slots WHERE slot_name = '",
                                      slot_, "'"))
        .ok();
  }));
}

Options RelayFixture::DefaultOptions() const {
  Options options{.database_url = database_url_};
  options.partitions = kPartitions;
  options.preference = preference();
  options.slot = options.publication = slot_;
  options.check = absl::Milliseconds(100);
  options.standby_poll = absl::Milliseconds(20);
  options.count_every = absl::Milliseconds(100);
  options.backoff = {absl::Milliseconds(20), absl::Milliseconds(100)};
  return options;
}

std::unique_ptr<Relay> RelayFixture::StartRelay(const Options& options) {
  auto relay = std::make_unique<Relay>(options, *redis_, metrics_);
  relay->Start();
  return relay;
}

std::unique_ptr<servers::Process> RelayFixture::StartProcess() {
  const std::string runfiles = getenv("TEST_SRCDIR");
  auto process = servers::Process::Start(
      // With the locked loader and libraries.
      {.argv = {runfiles + "/debian_sysroot/run",
                runfiles + "/selfology/testing/relay/relay_process", database_url_,
                redis_server_->url(), slot_, absl::StrCat(kPartitions),
                preference() == Preference::kSnapshot ? "snapshot" : "auto"},
       .environment = {},
       .directory = {}});
  EXPECT_TRUE(process.ok()) << process.status();
  const absl::Status started =
      (*process)->WaitForOutput("started", absl::Now() + absl::Seconds(30));
  EXPECT_TRUE(started.ok()) << started << (*process)->output();
  return *std::move(process);
}

void RelayFixture::AwaitMode(const Relay& relay, Mode mode) {
  ASSERT_TRUE(Eventually([&] { return relay.status().mode == mode; })) << relay.status().last_error;
}

void RelayFixture::Sql(const std::string& sql) {
  ASSERT_EQ(admin_->Script(Soon(), sql), absl::OkStatus()) << sql;
}

std::string RelayFixture::SqlText(const std::string& sql) {
  admin_->Add(sql, {});
  const auto result = admin_->RoundTrip(Soon());
  if (!result.ok()) return std::string(result.status().message());
  if (result->rows() == 0) return "";
  return std::string(result->cell(0, 0).value_or("NULL"));
}

void RelayFixture::Emit(int64_t user, int events) {
  Sql(absl::StrCat("SELECT emit(", user, ", ", events, ")"));
  emitted_ += events;
}

void RelayFixture::EmitConcurrently(int threads, int transactions, int each, int users) {
  std::atomic<int> left = transactions;
  std::vector<std::thread> writers;
  for (int thread = 0; thread < threads; ++thread) {
    writers.emplace_back([&, thread] {
      auto connection = postgres::Connection::Open(Soon(), {.url = database_url_, .keywords = {}});
      ASSERT_TRUE(connection.ok()) << connection.status();
      uint32_t random = 12345 + thread;
      while (--left >= 0) {
        random = random * 1664525 + 1013904223;
        const int user = 1 + static_cast<int>((random >> 8) % users);
        std::string sql = absl::StrCat("BEGIN; SELECT emit(", user, ", ", each, "); COMMIT");
        if ((random >> 3) % 50 == 0) {
          // Has its transaction id long before its user's lock.
          sql = absl::StrCat("BEGIN; INSERT INTO elsewhere VALUES (1); SELECT pg_sleep(0.05);",
                             "SELECT emit(", user, ", ", each, "); COMMIT");
        }
        ASSERT_EQ((*connection)->Script(Soon(), sql), absl::OkStatus());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  emitted_ += int64_t{transactions} * each;
}

redis::Reply RelayFixture::Redis(const redis::Args& args) {
  auto reply = redis_->Command(Soon(), args);
  EXPECT_TRUE(reply.ok()) << reply.status();
  return reply.ok() ? *std::move(reply) : redis::Reply();
}

std::vector<Delivered> RelayFixture::Entries() {
  std::vector<Delivered> entries;
  for (int partition = 0; partition < kPartitions; ++partition) {
    const redis::Reply reply =
        Redis({"XRANGE", events::StreamName(partition, kPartitions), "-", "+"});
    const absl::Span<const redis::Reply> range = *reply.Array();
    for (const redis::Reply& entry : range) {
      std::vector<std::string> fields;
      const absl::Span<const redis::Reply> values = *(*entry.Array())[1].Array();
      for (const redis::Reply& field : values) fields.emplace_back(*field.String());
      auto event = events::DecodeEntry(fields);
      EXPECT_TRUE(event.ok()) << event.status();
      Delivered delivered{.partition = partition,
                          .id = *events::EntryId::Parse(*(*entry.Array())[0].String()),
                          .event = *event,
                          .number = 0};
      EXPECT_TRUE(absl::SimpleAtoi(event->payload, &delivered.number));
      entries.push_back(std::move(delivered));
    }
  }
  return entries;
}

int64_t RelayFixture::EntryCount() {
  int64_t count = 0;
  for (int partition = 0; partition < kPartitions; ++partition) {
    const auto length =
        redis_->Command(Soon(), {"XLEN", events::StreamName(partition, kPartitions)});
    if (length.ok()) count += length->Integer().value_or(0);
  }
  return count;
}

bool RelayFixture::AllArrived() {
  if (EntryCount() < emitted_) return false;
  std::set<std::pair<int64_t, int64_t>> different;
  for (const Delivered& entry : Entries()) {
    different.insert({entry.event.partition_key, entry.number});
  }
  return static_cast<int64_t>(different.size()) >= emitted_;
}

int64_t RelayFixture::ExpectAllInOrder() {
  std::map<int64_t, int64_t> newest;
  const std::vector<Delivered> entries = Entries();
  int64_t different = 0;
  for (const Delivered& entry : entries) {
    EXPECT_EQ(entry.partition, events::PartitionOf(entry.event.partition_key, kPartitions));
    int64_t& last = newest[entry.event.partition_key];
    if (entry.number <= last) continue;  // Again.
    EXPECT_EQ(entry.number, last + 1) << "user " << entry.event.partition_key;
    last = entry.number;
    ++different;
  }
  EXPECT_EQ(different, emitted_);
  return static_cast<int64_t>(entries.size()) - different;
}

}  // namespace selfology::relay

#include "absl/strings/str_cat.h"
#include "common/postgres/connection.h"
#include "common/service/migrate.h"
#include "common/status/status_macros.h"
#include "testing/eventually.h"
#include "testing/mesh_test.h"

namespace selfology::testing {
namespace {

constexpr int kPartitions = 4;

// The name of a database with the tables of these modules, made once for all tests of the binary:
// copying it is quicker than migrating again.
absl::StatusOr<std::string> Migrated(const ModuleList& modules) {
  std::string key;
  for (const auto& module : modules) {
    const service::ModuleInfo info = module->info();
    absl::StrAppend(&key, info.name, "\n", info.requests_table, "\n");
    for (const postgres::Migration& migration : info.migrations) {
      absl::StrAppend(&key, migration.name, migration.sql, "\n");
    }
  }
  static auto& databases = *new std::map<std::string, std::string>;
  const auto found = databases.find(key);
  if (found != databases.end()) return found->second;
  const std::string name = absl::StrCat("migrated_", databases.size());
  servers::PostgresServer& server = servers::TestPostgres();
  ASSIGN_OR_RETURN(const auto connection,
                   postgres::Connection::Open(Call::Background(kPatience), {.url = server.url()}));
  RETURN_IF_ERROR(
      connection->Script(Call::Background(kPatience), absl::StrCat("CREATE DATABASE ", name)));
  RETURN_IF_ERROR(service::MigrateAll(server.url(name), modules));
  return databases[key] = name;
}

}  // namespace

MeshTest::~MeshTest() { StopMesh(); }

void MeshTest::StartMesh(ModuleList modules,
                         const std::function<void(service::Settings&)>& adjust) {
  if (redis_ == nullptr) {
    redis_ = *redis::Client::Open(servers::TestRedis().url());
    ASSERT_TRUE(redis_->Command(Deadline(), {"FLUSHALL"}).ok());
  }
  const absl::StatusOr<std::string> migrated = Migrated(modules);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  BeginAs(*migrated);
  service::Settings settings;
  settings.database_url = url();
  settings.redis_url = servers::TestRedis().url();
  settings.event_partitions = kPartitions;
  settings.drain_timeout = absl::Seconds(10);
  if (adjust) adjust(settings);
  absl::StatusOr<std::unique_ptr<service::Host>> host =
      service::Host::Start(std::move(settings), std::move(modules));
  ASSERT_TRUE(host.ok()) << host.status();
  host_ = *std::move(host);
  // By snapshots: they need no replication slot, of which a server has few.
  relay_ =
      std::make_unique<relay::Relay>(relay::Options{.database_url = url(),
                                                    .partitions = kPartitions,
                                                    .preference = relay::Preference::kSnapshot},
                                     *redis_, metrics_);
  relay_->Start();
}

void MeshTest::StopMesh() {
  host_.reset();
  relay_.reset();
}

std::shared_ptr<rpc::Channel> MeshTest::Peer(std::string_view name) {
  auto channel = std::make_shared<rpc::Channel>(std::string(name), calls_);
  channel->Bind(host_->InProcessChannel());
  return channel;
}

postgres::Database& MeshTest::DatabaseAs(const std::string& role) {
  if (database_ == nullptr) database_ = *postgres::Database::Open({.url = url()});
  std::unique_ptr<postgres::Database>& database = databases_[role];
  if (database == nullptr) database = database_->WithRole(role);
  return *database;
}

void MeshTest::PublishPayload(const std::string& type, events::EventKey key, std::string payload) {
  const absl::Status status =
      DatabaseAs("selfology_mesh").Write(Deadline(), [&](postgres::Transaction& tx) {
        return events::PublishEncoded(tx, type, key, payload);
      });
  ASSERT_TRUE(status.ok()) << status;
}

std::vector<std::string> MeshTest::PublishedPayloads(const std::string& type) {
  std::vector<std::string> payloads;
  const auto rows = DatabaseAs("selfology_mesh").Read(Deadline(), [&](postgres::Transaction& tx) {
    return tx.Query<postgres::Bytes>("SELECT payload FROM outbox WHERE type = $1 ORDER BY seq",
                                     type);
  });
  EXPECT_TRUE(rows.ok()) << rows.status();
  if (rows.ok()) {
    for (const auto& [payload] : *rows) payloads.push_back(payload.value);
  }
  return payloads;
}

void MeshTest::AwaitHandled(std::string_view group, size_t events) {
  Await(absl::StrCat(group, " to handle ", events, " events"), [&] {
    const auto row = DatabaseAs("selfology_mesh").Read(Deadline(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(*) FROM inbox WHERE consumer_group = $1", group);
    });
    return row.ok() && std::get<0>(**row) >= static_cast<int64_t>(events);
  });
}

int64_t MeshTest::Republish() {
  const absl::StatusOr<int64_t> events = relay_->Replay(Deadline(), {});
  EXPECT_TRUE(events.ok()) << events.status();
  return events.value_or(0);
}

void MeshTest::Await(std::string_view what, const std::function<bool()>& condition) {
  ASSERT_TRUE(Eventually(condition, kPatience)) << "gave up waiting for " << what;
}

}  // namespace selfology::testing

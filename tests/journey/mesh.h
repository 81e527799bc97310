// The whole mesh as its operators run it: our linked programs as real processes, with PostgreSQL,
// Redis and the Telegram emulator of their own. Tests talk to it as the outside does: as people in
// Telegram, by gRPC, by SQL.
//
//   ASSIGN_OR_RETURN(auto mesh, Mesh::Start(Shape::kSplit));
//   Person ann(*mesh, "en");
//   mesh->Kill("session");                                     // as a crash would
//   RETURN_IF_ERROR(mesh->Restart("session"));
//   session::v1::SessionServiceClient sessions(mesh->Peer("session"));
//
// Errors: those of starting a program; FAILED_PRECONDITION with its last output when it ended
// instead of serving. Threads: Kill and Restart belong to one thread, the rest may be called from
// any.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "testing/servers/binaries.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/process.h"
#include "testing/servers/redis_server.h"
#include "testing/servers/tcp_gate.h"
#include "tools/telegram_emulator/emulator.h"

namespace selfology::journey {

// How long anything may take before a test gives up: machines that run tests are busy.
inline constexpr absl::Duration kPatience = absl::Seconds(90);

// One process for all services, or one for each.
enum class Shape { kOneProcess, kSplit };

// A second relay, which stands by until the first is gone: for Kill and Restart.
inline constexpr std::string_view kSecondRelay = "outbox_relay_2";

struct MeshOptions {
  Shape shape = Shape::kSplit;
  bool second_relay = false;
  // PostgreSQL and Redis are reached through gates, and Redis keeps what it has in a file.
  bool gates = false;
  std::string log_folder = "";  // What each program says is kept there; empty: only its beginning.
  // More flags, by program.
  std::map<std::string, std::vector<std::string>, std::less<>> flags = {};
};

class Mesh {
 public:
  static absl::StatusOr<std::unique_ptr<Mesh>> Start(Shape shape) {
    return Start(MeshOptions{.shape = shape});
  }
  static absl::StatusOr<std::unique_ptr<Mesh>> Start(MeshOptions options);
  ~Mesh();

  // Split: one service's. With one process: that one, whatever the name.
  void Kill(std::string_view service);
  // Starts it again, and returns once it serves.
  absl::Status Restart(std::string_view service);
  // As after a disaster: everything is killed, PostgreSQL and Redis are gone and new, empty ones there. Once `fill` has put
  // something in, the programs are started. Telegram and the folders stay as they are.
  absl::Status StartOver(const std::function<absl::Status()>& fill);
  // What runs there, for signals and for looking at.
  servers::Process& process(std::string_view service) { return *processes_[ProgramOf(service)]; }
  // The programs, the second relay among them.
  std::vector<std::string> Programs() const;

  servers::PostgresServer& postgres() { return *postgres_; }
  servers::RedisServer& redis() { return *redis_; }
  // Another server takes over, at once for new connections; the old one is gone.
  void ReplaceRedis(std::unique_ptr<servers::RedisServer> redis);
  // Null without gates.
  servers::TcpGate* postgres_gate() { return postgres_gate_.get(); }
  servers::TcpGate* redis_gate() { return redis_gate_.get(); }
  // Of a Redis behind the gate: what it has is in the folder, and never rewritten.
  static servers::RedisOptions RedisOptions(const std::string& data_folder);
  std::string redis_data() const { return absl::StrCat(scratch_.path(), "/redis-data"); }
  // A folder of the mesh's own, for sockets and servers' data.
  const std::string& scratch() const { return scratch_.path(); }

  telegram_emulator::Emulator& telegram() { return *telegram_; }
  // For generated clients.
  std::shared_ptr<rpc::Channel> Peer(std::string_view service);
  // Where the services are, as tools/up announces it to other programs.
  std::string EndpointsJson() const;
  // The words that start a program of ours, given by its path in the project. It has to be among
  // the test's data.
  static std::vector<std::string> ProgramCommand(std::string_view path);
  // As the superuser, who sees all tables; they are in the schema "selfology".
  postgres::Database& database() { return *database_; }
  const std::string& database_url() const { return database_url_; }
  const std::string& redis_url() const { return redis_url_; }
  std::string file_folder() const { return absl::StrCat(scratch_.path(), "/files"); }
  std::string media_folder() const { return absl::StrCat(scratch_.path(), "/telegram_media"); }

  // What the programs have said so far, for messages about failures.
  std::string Logs() const;

  // A call with patience.
  static Call Deadline() { return Call::Background(kPatience); }

 private:
  explicit Mesh(MeshOptions options) : options_(std::move(options)) {}
  absl::Status StartServers();
  absl::Status StartStores();
  absl::Status StartPrograms();
  absl::Status OpenGates();
  std::string ProgramOf(std::string_view service) const;
  std::string AddressOf(std::string_view program) const;
  absl::Status Launch(const std::string& program);
  absl::Status AwaitServing(const std::string& program);

  const MeshOptions options_;
  servers::ScratchFolder scratch_;
  std::string database_url_;
  std::string redis_url_;
  std::unique_ptr<servers::PostgresServer> postgres_;
  std::unique_ptr<servers::RedisServer> redis_;
  std::unique_ptr<servers::TcpGate> postgres_gate_;
  std::unique_ptr<servers::TcpGate> redis_gate_;
  std::unique_ptr<telegram_emulator::Emulator> telegram_;
  std::unique_ptr<postgres::Database> database_;
  observe::Requests calls_{nullptr, "test_client"};
  std::map<std::string, std::unique_ptr<servers::Process>, std::less<>> processes_;
};

}  // namespace selfology::journey

// A service as the kernel sees it: what it is called, which tables it owns, and how it plugs in.
//
//   class SessionModule : public service::Module {
//    public:
//     service::ModuleInfo info() const override {
//       return {.name = "session", .group = "session_management", .migrations = Migrations()};
//     }
//     absl::Status Start(service::Mesh& mesh) override {
//       auto sessions = std::make_shared<SessionService>(mesh.database(), mesh.clock());
//       mesh.Serve(sessions);
//       mesh.On(&OpenSession);
//       mesh.Every(absl::Minutes(5), "timeouts",
//                  [sessions](const Call& call) { return sessions->Expire(call); });
//       return absl::OkStatus();
//     }
//   };
//
// The same module runs in a process of its own or beside others; main.h starts it.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/postgres/migrations.h"

namespace selfology::service {

class Mesh;

struct ModuleInfo {
  std::string_view name;  // "session": role selfology_session, peer name, flag prefix.
  // Its consumer group, "session_management"; the service's name in /health.
  std::string_view group;
  absl::Span<const postgres::Migration> migrations = {};
  // Where it remembers requests (common/idempotency); empty: it remembers none. The kernel makes
  // the table after the migrations, and forgets in it what is old or an erased person's.
  std::string_view requests_table = {};
};

class Module {
 public:
  virtual ~Module() = default;
  virtual ModuleInfo info() const = 0;
  // Called once, when the database is migrated, before anything is served. Must not call peers yet.
  virtual absl::Status Start(Mesh& mesh) = 0;
};

}  // namespace selfology::service

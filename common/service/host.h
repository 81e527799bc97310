// A process of the mesh: some modules with everything they share.
//
//   ASSIGN_OR_RETURN(auto host, service::Host::Start(settings, std::move(modules)));
//   ... host->grpc_address() ...
//   host->Drain();
//
// Start migrates the database, starts the modules, one gRPC server for all of them (grpc_server.h), the
// consumers, the timers and the admin HTTP server. Modules of one process reach each other through
// gRPC's in-process channel, others by Settings::peers; by TLS if Settings::tls has files.
// Drain: readiness goes off, loops and consumers finish what they are doing and stop, RPCs finish,
// all within Settings::drain_timeout.
// Threads: Start and Drain belong to one thread; the rest may be called from any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/service/module.h"
#include "common/service/settings.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace selfology::service {

class Host {
 public:
  static absl::StatusOr<std::unique_ptr<Host>> Start(Settings settings,
                                                     std::vector<std::unique_ptr<Module>> modules);

  virtual ~Host() = default;  // Drains.

  virtual void Drain() = 0;

  virtual const std::string& grpc_address() const = 0;  // "127.0.0.1:41234"
  virtual const std::string& http_address() const = 0;
  // Empty: there is no such port.
  virtual const std::string& operators_address() const = 0;
  virtual const std::string& health_address() const = 0;
  // To this process's own services, without a socket. For rpc::Channel::Bind, and for gRPC's own
  // stubs.
  virtual std::shared_ptr<grpc::Channel> InProcessChannel() = 0;
  virtual bool ready() const = 0;
};

}  // namespace selfology::service

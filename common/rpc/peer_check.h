// Which process may call which method of this one, by the names in its certificate (tls.h) and the list
// of edges (edges.h). What a caller may do once it is let in, and in whose name, is AccessControl's.
//
//   const rpc::PeerCheck check(tls, edges, metrics);
//   RETURN_IF_ERROR(check.Check(check.NamesOf(*context.auth_context()), binding, method));
//
// - A service may call what is served by one that its code asks, but not at operators' port, and
//   not what is for one other service only (MethodContract).
// - An operator, whose certificate's name is "selfologyctl", may call operators' methods (MethodContract)
//   at any port, and nothing else.
//
// Errors: PERMISSION_DENIED. Metrics: peer_denied_total{caller}. Threads: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/observe/metrics.h"
#include "common/rpc/contract.h"
#include "common/rpc/edges.h"
#include "common/rpc/tls.h"
#include "grpcpp/security/auth_context.h"

namespace selfology::rpc {

// Where a contract is served, and by whom.
struct Binding {
  std::vector<std::string> services = {};  // "session"
  Port port = Port::kAll;
};

inline constexpr char kOperator[] = "selfologyctl";

class PeerCheck {
 public:
  PeerCheck(std::shared_ptr<const Tls> tls, Edges edges, observe::Metrics& metrics)
      : tls_(std::move(tls)), edges_(std::move(edges)), metrics_(metrics) {}

  std::vector<std::string> NamesOf(const grpc::AuthContext& context) const {
    return tls_->NamesOf(context);
  }

  // Whether others let this process call the service.
  bool MayAsk(std::string_view service) const;

  absl::Status Check(const std::vector<std::string>& certified, const Binding& binding,
                     const MethodContract& method) const;

 private:
  bool Allows(const std::string& name, const Binding& binding, const MethodContract& method) const;

  const std::shared_ptr<const Tls> tls_;
  const Edges edges_;
  observe::Metrics& metrics_;
};

}  // namespace selfology::rpc

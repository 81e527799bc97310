#include "common/rpc/peer_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::rpc {

bool PeerCheck::Allows(const std::string& name, const Binding& binding,
                       const MethodContract& method) const {
  if (name == kOperator) return method.for_operators;
  if (binding.port == Port::kOperators) return false;
  if (!method.only_for.empty() && name != method.only_for) return false;
  return std::any_of(binding.services.begin(), binding.services.end(),
                     [&](const std::string& asked) { return edges_.Allows(name, asked); });
}

bool PeerCheck::MayAsk(std::string_view service) const {
  const std::vector<std::string>& own = tls_->own_names();
  return std::any_of(own.begin(), own.end(), [&](const std::string& name) {
    return name == service || edges_.Allows(name, service);
  });
}

absl::Status PeerCheck::Check(const std::vector<std::string>& certified, const Binding& binding,
                              const MethodContract& method) const {
  const bool allowed =
      std::any_of(certified.begin(), certified.end(),
                  [&](const std::string& name) { return Allows(name, binding, method); });
  if (allowed) return absl::OkStatus();
  // Names are those that an authority of ours signed, so there are few of them.
  const std::string caller = certified.empty() ? "" : certified.front();
  metrics_
      .Counter("peer_denied_total", "Calls of services that are not among those that may call",
               {{"caller", caller}})
      .Increment();
  return status::Error(mesh::v1::ERROR_CODE_PERMISSION_DENIED,
                       absl::StrCat("\"", caller, "\" may not call this method of ",
                                    absl::StrJoin(binding.services, ", ")),
                       {{"caller", caller}});
}

}  // namespace selfology::rpc

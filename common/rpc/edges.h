// Which service may call which: the one list that `tools/k8s` makes of what the services' code asks, and
// that NetworkPolicies are made of, too.
//
//   ASSIGN_OR_RETURN(const rpc::Edges edges, rpc::Edges::Read("/etc/selfology/edges/edges.txt"));
//   edges.Allows("coaching_dialog", "session")
//
// A line of the file is "coaching_dialog -> session"; what follows a # is a comment. A name's hyphens
// are underscores, as Kubernetes has the first only and code the second.
// Errors: INVALID_ARGUMENT, with the line. Threads: values that do not change.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace selfology::rpc {

// "coaching-dialog" as "coaching_dialog".
std::string ServiceNameOf(std::string_view name);

class Edges {
 public:
  static absl::StatusOr<Edges> Read(const std::string& path);
  static absl::StatusOr<Edges> Parse(std::string_view text);

  bool Allows(std::string_view caller, std::string_view asked) const;

 private:
  std::set<std::pair<std::string, std::string>> edges_;
};

}  // namespace selfology::rpc

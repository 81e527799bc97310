// What a contract says about its methods, read from the descriptors once.
//
//   const rpc::ServiceContract contract("selfology.session.v1.SessionService");
//   contract.method(0).deadline                       // absl::Milliseconds(500)
//
// Thread-safe, as nothing of it changes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace google::protobuf {
class MethodDescriptor;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace selfology::rpc {

struct MethodContract {
  explicit MethodContract(const google::protobuf::MethodDescriptor& method);

  const google::protobuf::MethodDescriptor* descriptor;
  std::string name;  // As in metrics and logs: "selfology.session.v1.SessionService/SubmitAnswer".
  std::string path;  // As in HTTP/2: the name with a slash before it.
  // Of (selfology.mesh.v1.deadline), above 0. None when the contract has no such option, or says
  // that the method is a stream without limit.
  std::optional<absl::Duration> deadline;
  // Its permission is one of operators' ("mesh.…"), and services do not ask it of each other.
  bool for_operators;
  // The one service that may ask it of another process, where certificates say who asks; empty: any
  // whose code asks its service.
  std::string_view only_for;
};

// Which methods a port of a process serves.
enum class Port { kAll, kServices, kOperators };
bool ServesAt(Port port, const MethodContract& method);

class ServiceContract {
 public:
  // `full_name`: of a service whose generated C++ is linked in; the program ends if it is not.
  explicit ServiceContract(std::string_view full_name);

  const google::protobuf::ServiceDescriptor& descriptor() const { return *descriptor_; }
  // By its place in the .proto file, from 0.
  const MethodContract& method(int index) const { return methods_[static_cast<size_t>(index)]; }
  const std::vector<MethodContract>& methods() const { return methods_; }

 private:
  const google::protobuf::ServiceDescriptor* descriptor_;
  std::vector<MethodContract> methods_;
};

// gRPC's service config (JSON) for clients of the service that do not come from our own generator:
// per method its deadline as "timeout", and the retries of Channel (channel.h) unless the contract
// leaves open whether the method may be repeated. `grace` is added to each timeout.
std::string ServiceConfig(const google::protobuf::ServiceDescriptor& service,
                          absl::Duration grace = absl::ZeroDuration());

// The one of Channel itself: every method waits for the peer and is retried. None has a timeout, of
// which gRPC would take the sooner one: a Call's deadline may be later than the contract's.
std::string ServiceConfigOfChannel();

}  // namespace selfology::rpc

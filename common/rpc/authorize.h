// Who may call a method: what its contract says (selfology.mesh.v1.access), applied to a caller.
//
//   const rpc::AccessRule rule(*contract.descriptor);
//   RETURN_IF_ERROR(rpc::Authorize(caller, rule, request));
//
// - A public method is everybody's.
// - Else the caller needs the permission. A caller without a token: UNAUTHENTICATED; one without the
//   permission: PERMISSION_DENIED.
// - Services, and people who have it by a role other than "user" (common/identity/roles.h), may then
//   name anybody in the subject's field. Other people, apps that act for a person, and machines (API
//   keys) may name only themselves, or the key's owner: another is PERMISSION_DENIED, nobody
//   INVALID_ARGUMENT. Before that the kernel names them where they name nobody (NameCaller), for
//   paths such as /api/users/profile.
// - A machine has no more than its owner would have by the role "user".
// - Where the contract has selfology.mesh.v1.grants and the request names a team or a thing that is
//   another's, people and machines need a role in that team or a grant: `granted` is asked.
// - A method without the option, or with a subject that is no field of the request's, is for services
//   only.
//
// Threads: pure functions and values that do not change; `granted` is called on the caller's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/identity/caller.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
class MethodDescriptor;
}  // namespace google::protobuf

namespace selfology::rpc {

// Whether a team's role or a grant gives the caller the permission for one of the things: "team/9",
// "content/42".
using Granted = absl::FunctionRef<absl::StatusOr<bool>(absl::Span<const std::string> resources)>;

// Nobody was granted anything.
absl::StatusOr<bool> NothingGranted(absl::Span<const std::string> resources);

class AccessRule {
 public:
  explicit AccessRule(const google::protobuf::MethodDescriptor& method);

  bool is_public() const { return public_; }
  const std::string& permission() const { return permission_; }
  // The path of the subject's field; empty: none.
  const std::string& subject() const { return subject_; }

  // Whether the method changes nothing.
  bool reads() const { return reads_; }
  // Whom the request names; 0: nobody.
  int64_t SubjectOf(const google::protobuf::Message& request) const;

  // What can be said before the request is read. OK is not yet all.
  absl::Status CheckCaller(const identity::Caller& caller) const;
  // Makes a request that names nobody one about the caller, if they may name only themselves.
  void NameCaller(const identity::Caller& caller, google::protobuf::Message& request) const;
  // The rest, of a caller for whom CheckCaller was OK. Errors: also `granted`'s.
  absl::Status CheckSubject(const identity::Caller& caller,
                            const google::protobuf::Message& request,
                            Granted granted = &NothingGranted) const;

 private:
  using Path = std::vector<const google::protobuf::FieldDescriptor*>;

  // What of the request is named that could be granted.
  std::vector<std::string> ResourcesOf(const google::protobuf::Message& request) const;

  bool public_ = false;
  bool reads_ = false;
  std::string permission_;
  std::string subject_;
  // From the request down to the field; empty: there is no such path.
  Path path_;
  Path team_;                  // Likewise; empty: it is nothing of a team's.
  Path resource_;              // Likewise; empty: nothing is granted one by one.
  std::string resource_kind_;  // "content/"
};

absl::Status Authorize(const identity::Caller& caller, const AccessRule& rule,
                       const google::protobuf::Message& request, Granted granted = &NothingGranted);

}  // namespace selfology::rpc

#include "common/rpc/authorize.h"

#include <cstdint>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/identity/roles.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/message.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/mesh/v1/grants.pb.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using identity::Caller;

std::vector<const FieldDescriptor*> Resolve(const Descriptor* type, const std::string& path) {
  std::vector<const FieldDescriptor*> fields;
  for (const std::string_view name : absl::StrSplit(path, '.')) {
    const FieldDescriptor* const field =
        type == nullptr ? nullptr : type->FindFieldByName(std::string(name));
    if (field == nullptr || field->is_repeated()) return {};
    fields.push_back(field);
    type = field->message_type();  // Null for what is no message.
  }
  if (fields.back()->cpp_type() != FieldDescriptor::CPPTYPE_INT64) return {};
  return fields;
}

// 0 where there is no path.
int64_t Read(const Message& request, const std::vector<const FieldDescriptor*>& path) {
  if (path.empty()) return 0;
  const Message* message = &request;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    message = &message->GetReflection()->GetMessage(*message, path[i]);
  }
  return message->GetReflection()->GetInt64(*message, path.back());
}

void Write(Message& request, const std::vector<const FieldDescriptor*>& path, int64_t value) {
  Message* message = &request;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, path[i]);
  }
  message->GetReflection()->SetInt64(message, path.back(), value);
}

absl::Status Denied(std::string_view why, const std::string& permission) {
  return status::Error(mesh::v1::ERROR_CODE_PERMISSION_DENIED, why, {{"permission", permission}});
}

// Whether it may name anybody as the subject.
bool ActsForOthers(const Caller& caller, const std::string& permission) {
  switch (caller.kind) {
    case Caller::Kind::kService:
      return true;
    case Caller::Kind::kPerson:
      return caller.client_id.empty() && identity::StaffAllows(caller.roles, permission);
    case Caller::Kind::kAnonymous:
    case Caller::Kind::kMachine:
      return false;
  }
  return false;
}

}  // namespace

absl::StatusOr<bool> NothingGranted(absl::Span<const std::string>) { return false; }

AccessRule::AccessRule(const MethodDescriptor& method) {
  const auto& access = method.options().GetExtension(mesh::v1::access);
  public_ = access.public_();
  reads_ = method.options().idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
  permission_ = access.permission();
  subject_ = access.subject();
  if (!subject_.empty()) path_ = Resolve(method.input_type(), subject_);
  const auto& grants = method.options().GetExtension(mesh::v1::grants);
  if (!grants.team().empty()) team_ = Resolve(method.input_type(), grants.team());
  const std::string& resource = grants.resource();
  if (const size_t brace = resource.find('{'); brace != std::string::npos) {
    resource_kind_ = resource.substr(0, brace);
    resource_ =
        Resolve(method.input_type(), resource.substr(brace + 1, resource.size() - brace - 2));
  }
}

int64_t AccessRule::SubjectOf(const Message& request) const { return Read(request, path_); }

std::vector<std::string> AccessRule::ResourcesOf(const Message& request) const {
  std::vector<std::string> resources;
  if (const int64_t team = Read(request, team_); team > 0) {
    resources.push_back(absl::StrCat("team/", team));
  }
  if (const int64_t number = Read(request, resource_); number > 0) {
    resources.push_back(absl::StrCat(resource_kind_, number));
  }
  return resources;
}

absl::Status AccessRule::CheckCaller(const Caller& caller) const {
  if (public_) return absl::OkStatus();
  if (caller.kind == Caller::Kind::kAnonymous) {
    return status::Error(mesh::v1::ERROR_CODE_UNAUTHENTICATED, "the method needs a token");
  }
  if (caller.kind == Caller::Kind::kService && permission_.empty() && !Allows(caller, "*")) {
    return Denied("the method has no permission of its own", permission_);
  }
  if (caller.kind != Caller::Kind::kService &&
      (permission_.empty() || path_.empty() != subject_.empty())) {
    return Denied("the method is for services only", permission_);
  }
  // What a person has by a team or a grant only is known when the request is read.
  const bool may_be_granted = caller.kind == Caller::Kind::kPerson && caller.client_id.empty() &&
                              !path_.empty() && (!team_.empty() || !resource_.empty());
  if (!permission_.empty() && !may_be_granted && !Allows(caller, permission_)) {
    return Denied("the caller lacks the permission", permission_);
  }
  if (caller.kind == Caller::Kind::kMachine && !identity::UserAllows(permission_)) {
    return Denied("the permission is not for machines", permission_);
  }
  return absl::OkStatus();
}

void AccessRule::NameCaller(const Caller& caller, Message& request) const {
  if (public_ || path_.empty() || caller.user_id == 0) return;
  if (ActsForOthers(caller, permission_) || Read(request, path_) != 0) return;
  Write(request, path_, caller.user_id);
}

absl::Status AccessRule::CheckSubject(const Caller& caller, const Message& request,
                                      Granted granted) const {
  if (public_ || subject_.empty() || ActsForOthers(caller, permission_)) return absl::OkStatus();
  const int64_t subject = Read(request, path_);
  if (subject < 1) return status::InvalidField(subject_, "must be above 0");
  const bool own = subject == caller.user_id;
  const bool of_team = Read(request, team_) != 0;
  const bool allowed = Allows(caller, permission_);
  if (own && allowed && !of_team) return absl::OkStatus();
  // Who does something in a team is named, not whose it was.
  if (!own && of_team) return Denied("the caller may name only themselves", permission_);
  const std::vector<std::string> resources = ResourcesOf(request);
  if (!resources.empty()) {
    ASSIGN_OR_RETURN(const bool may, granted(resources));
    if (may) return absl::OkStatus();
  }
  if (of_team) return Denied("no role in the team and no grant allows it", permission_);
  return allowed ? Denied("the caller may do this for themselves only", permission_)
                 : Denied("the caller lacks the permission", permission_);
}

absl::Status Authorize(const Caller& caller, const AccessRule& rule, const Message& request,
                       Granted granted) {
  RETURN_IF_ERROR(rule.CheckCaller(caller));
  return rule.CheckSubject(caller, request, granted);
}

}  // namespace selfology::rpc

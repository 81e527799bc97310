// Methods and services: whether calls may be repeated, who may call, how long it may take, and how
// a person is erased.

#include <map>
#include <regex>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/rules/rule_set.h"
#include "selfology/mesh/v1/grants.pb.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::contracts {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;
using mesh::v1::Access;
using mesh::v1::Deadline;

constexpr char kErase[] = "DeleteUserData";

const Access& AccessOf(const MethodDescriptor& method) {
  return method.options().GetExtension(mesh::v1::access);
}

void CheckPages(const MethodDescriptor& method, Waivers& waivers, FaultList& faults) {
  if (!absl::StartsWith(method.name(), "List")) return;
  const bool has_pages = method.input_type()->FindFieldByName("page_size") != nullptr &&
                         method.input_type()->FindFieldByName("page_token") != nullptr &&
                         method.output_type()->FindFieldByName("next_page_token") != nullptr;
  if (!has_pages && !waivers.Has(method.full_name())) {
    faults.Add(method.full_name(), "lists without pages");
  }
}

// Operators' permissions, of which any service may have some.
constexpr char kOperators[] = "mesh";

void CheckDomain(const MethodDescriptor& method, const Domains& domains, FaultList& faults) {
  const std::string& permission = AccessOf(method).permission();
  const std::string domain = permission.substr(0, permission.find('.'));
  const auto own = domains.find(method.file()->package());
  if (domain != kOperators && (own == domains.end() || domain != own->second)) {
    faults.Add(method.full_name(),
               absl::StrCat("the permission \"", permission, "\" is of another domain"));
  }
}

void CheckPermission(const MethodDescriptor& method, const Domains& domains, FaultList& faults) {
  static const std::regex& shape = *new std::regex("[a-z]+\\.[a-z]+(_[a-z]+)*\\.[a-z]+(_[a-z]+)*");
  const Access& access = AccessOf(method);
  switch (access.who_case()) {
    case Access::kPublic:
      if (!access.public_()) faults.Add(method.full_name(), "is public: false");
      if (HoldsPersonal(*method.output_type())) {
        faults.Add(method.full_name(), "is public and tells something personal");
      }
      return;
    case Access::kPermission:
      if (!std::regex_match(access.permission(), shape)) {
        faults.Add(method.full_name(), absl::StrCat("the permission \"", access.permission(),
                                                    "\" is not <domain>.<things>.<verb>"));
      }
      CheckDomain(method, domains, faults);
      return;
    case Access::WHO_NOT_SET:
      faults.Add(method.full_name(), "does not say who may call");
  }
}

void CheckSubject(const MethodDescriptor& method, FaultList& faults) {
  const std::string& subject = AccessOf(method).subject();
  const FieldDescriptor* const user = FindField(*method.input_type(), "user_id");
  if (subject.empty()) {
    if (user != nullptr) faults.Add(method.full_name(), "has a user_id and no subject");
    return;
  }
  const FieldDescriptor* const field = FindField(*method.input_type(), subject);
  if (field == nullptr) {
    faults.Add(method.full_name(), absl::StrCat("has no field ", subject, " for its subject"));
  } else if (field->type() != FieldDescriptor::TYPE_INT64) {
    faults.Add(method.full_name(), absl::StrCat("its subject ", subject, " is no int64"));
  }
}

// A field that is not found would be one that nobody is asked about.
void CheckGrants(const MethodDescriptor& method, FaultList& faults) {
  static const std::regex& shape = *new std::regex("[a-z]+/\\{([a-z_.]+)\\}");
  if (!method.options().HasExtension(mesh::v1::grants)) return;
  const mesh::v1::Grants& grants = method.options().GetExtension(mesh::v1::grants);
  if (AccessOf(method).subject().empty()) {
    faults.Add(method.full_name(), "can be granted and has no subject");
  }
  const auto check = [&](const std::string& path) {
    const FieldDescriptor* const field = FindField(*method.input_type(), path);
    if (field == nullptr || field->is_repeated() || field->type() != FieldDescriptor::TYPE_INT64) {
      faults.Add(method.full_name(), absl::StrCat("has no int64 ", path, " for its grants"));
    }
  };
  if (!grants.team().empty()) check(grants.team());
  std::smatch thing;
  if (std::regex_match(grants.resource(), thing, shape)) {
    check(thing[1]);
  } else if (!grants.resource().empty()) {
    faults.Add(method.full_name(), absl::StrCat("what is granted, \"", grants.resource(),
                                                "\", is not <kind>/{<field>}"));
  }
}

void CheckDeadline(const MethodDescriptor& method, FaultList& faults) {
  const Deadline& deadline = method.options().GetExtension(mesh::v1::deadline);
  switch (deadline.limit_case()) {
    case Deadline::kMilliseconds:
      if (deadline.milliseconds() <= 0) faults.Add(method.full_name(), "has a deadline of nothing");
      return;
    case Deadline::kUnlimited:
      if (!deadline.unlimited()) faults.Add(method.full_name(), "is unlimited: false");
      if (!method.server_streaming() && !method.client_streaming()) {
        faults.Add(method.full_name(), "is unlimited and no stream");
      }
      return;
    case Deadline::LIMIT_NOT_SET:
      faults.Add(method.full_name(), "has no deadline");
  }
}

// Whoever may do something to one person, given a permission, must not be able to do it to another:
// what has no subject needs a permission of its own.
void CheckPermissionsAgainstSubjects(const Files& files, FaultList& faults) {
  std::map<std::string, const MethodDescriptor*> without_subject;
  const auto each = [&](auto visit) {
    for (const ServiceDescriptor* service : Services(files)) {
      for (int i = 0; i < service->method_count(); ++i) visit(*service->method(i));
    }
  };
  each([&](const MethodDescriptor& method) {
    const Access& access = AccessOf(method);
    if (access.subject().empty()) without_subject.emplace(access.permission(), &method);
  });
  each([&](const MethodDescriptor& method) {
    const Access& access = AccessOf(method);
    const auto other = without_subject.find(access.permission());
    if (!access.subject().empty() && !access.permission().empty() &&
        other != without_subject.end()) {
      faults.Add(method.full_name(), absl::StrCat("has a subject; ", other->second->full_name(),
                                                  " with the same permission reaches everybody"));
    }
  });
}

void CheckErasure(const ServiceDescriptor& service, Waivers& waivers, FaultList& faults) {
  bool is_about_people = false;
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& method = *service.method(i);
    is_about_people |= !AccessOf(method).subject().empty() || HoldsPersonal(*method.input_type()) ||
                       HoldsPersonal(*method.output_type());
  }
  const MethodDescriptor* const erase = service.FindMethodByName(kErase);
  if (erase == nullptr) {
    if (is_about_people && !waivers.Has(service.full_name())) {
      faults.Add(service.full_name(), "deals with people and cannot erase them");
    }
    return;
  }
  if (AccessOf(*erase).subject() != "user_id") {
    faults.Add(erase->full_name(), "does not erase user_id");
  }
  if (!absl::EndsWith(AccessOf(*erase).permission(), ".erase")) {
    faults.Add(erase->full_name(), "erases without a permission to erase");
  }
}

void CheckExport(const MethodDescriptor& method, FaultList& faults) {
  if (!method.options().GetExtension(mesh::v1::exported)) return;
  if (method.options().idempotency_level() != MethodOptions::NO_SIDE_EFFECTS) {
    faults.Add(method.full_name(), "is exported and has side effects");
  }
  if (AccessOf(method).subject().empty()) {
    faults.Add(method.full_name(), "is exported and has no subject");
  }
  if (method.server_streaming() || method.client_streaming()) {
    faults.Add(method.full_name(), "is exported and a stream");
  }
}

// What can be erased can be had before.
void CheckExports(const ServiceDescriptor& service, Waivers& waivers, FaultList& faults) {
  if (service.FindMethodByName(kErase) == nullptr) return;
  for (int i = 0; i < service.method_count(); ++i) {
    if (service.method(i)->options().GetExtension(mesh::v1::exported)) return;
  }
  if (!waivers.Has(service.full_name())) {
    faults.Add(service.full_name(), "erases people and exports nothing of them");
  }
}

}  // namespace

void CheckMethods(const Files& files, const Domains& domains, const Exceptions& exceptions,
                  FaultList& faults) {
  Waivers unpaged(exceptions.unpaged);
  for (const ServiceDescriptor* service : Services(files)) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      if (method.options().idempotency_level() == MethodOptions::IDEMPOTENCY_UNKNOWN) {
        faults.Add(method.full_name(), "does not say whether it may be repeated");
      }
      CheckPages(method, unpaged, faults);
      CheckPermission(method, domains, faults);
      CheckSubject(method, faults);
      CheckGrants(method, faults);
      CheckDeadline(method, faults);
      CheckExport(method, faults);
    }
  }
  CheckPermissionsAgainstSubjects(files, faults);
  unpaged.AddUnused(faults);
}

void CheckServices(const Files& files, const Exceptions& exceptions, FaultList& faults) {
  Waivers not_erasing(exceptions.not_erasing);
  Waivers not_exporting(exceptions.not_exporting);
  for (const ServiceDescriptor* service : Services(files)) {
    CheckErasure(*service, not_erasing, faults);
    CheckExports(*service, not_exporting, faults);
  }
  not_erasing.AddUnused(faults);
  not_exporting.AddUnused(faults);
}

}  // namespace selfology::contracts

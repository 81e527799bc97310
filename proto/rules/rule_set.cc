#include "proto/rules/rule_set.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::contracts {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

void Append(const Descriptor& message, std::vector<const Descriptor*>& messages) {
  if (message.options().map_entry()) return;
  messages.push_back(&message);
  for (int i = 0; i < message.nested_type_count(); ++i) Append(*message.nested_type(i), messages);
}

bool HoldsPersonal(const Descriptor& message, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&message).second) return false;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.options().GetExtension(mesh::v1::personal)) return true;
    const Descriptor* const inner = field.message_type();
    if (inner != nullptr && HoldsPersonal(*inner, seen)) return true;
  }
  return false;
}

}  // namespace

void FaultList::Add(std::string_view name, std::string_view what) {
  faults_.push_back(absl::StrCat(name, ": ", what));
}

bool Waivers::Has(const std::string& name) {
  if (!reasons_.contains(name)) return false;
  used_.insert(name);
  return true;
}

void Waivers::AddUnused(FaultList& faults) const {
  for (const auto& [name, reason] : reasons_) {
    if (!used_.contains(name)) faults.Add(name, "has an exception that it does not need");
    if (reason.empty()) faults.Add(name, "has an exception without a reason");
  }
}

std::vector<const Descriptor*> Messages(const Files& files) {
  std::vector<const Descriptor*> messages;
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) Append(*file->message_type(i), messages);
  }
  return messages;
}

std::vector<const ServiceDescriptor*> Services(const Files& files) {
  std::vector<const ServiceDescriptor*> services;
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

bool HoldsPersonal(const Descriptor& message) {
  std::set<const Descriptor*> seen;
  return HoldsPersonal(message, seen);
}

const FieldDescriptor* FindField(const Descriptor& message, std::string_view path) {
  const Descriptor* within = &message;
  const FieldDescriptor* field = nullptr;
  for (const std::string_view step : absl::StrSplit(path, '.')) {
    field = within == nullptr ? nullptr : within->FindFieldByName(std::string(step));
    if (field == nullptr || field->is_repeated()) return nullptr;
    within = field->message_type();
  }
  return field;
}

std::vector<std::string> Faults(const Files& files, const Domains& domains,
                                const Exceptions& exceptions) {
  FaultList faults;
  CheckEvents(files, faults);
  CheckFields(files, exceptions, faults);
  CheckMethods(files, domains, exceptions, faults);
  CheckRoutes(files, exceptions, faults);
  CheckServices(files, exceptions, faults);
  return faults.Take();
}

}  // namespace selfology::contracts

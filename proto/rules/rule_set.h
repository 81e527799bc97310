// What the rules share: walking descriptors, and taking down faults.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "proto/rules/contract_rules.h"

namespace selfology::contracts {

class FaultList {
 public:
  // `name`: the full name of what breaks a rule.
  void Add(std::string_view name, std::string_view what);
  std::vector<std::string> Take() { return std::move(faults_); }

 private:
  std::vector<std::string> faults_;
};

// The exceptions to one rule. Remembers which were needed.
class Waivers {
 public:
  explicit Waivers(const Reasons& reasons) : reasons_(reasons) {}
  // Whether `name` is excepted; if so, the exception counts as needed.
  bool Has(const std::string& name);
  // Adds the exceptions that were not needed, and those without a reason.
  void AddUnused(FaultList& faults) const;

 private:
  const Reasons& reasons_;
  std::set<std::string> used_;
};

// All messages, nested ones too.
std::vector<const google::protobuf::Descriptor*> Messages(const Files& files);

std::vector<const google::protobuf::ServiceDescriptor*> Services(const Files& files);

// Whether a field is personal, or one within it, at any depth.
bool HoldsPersonal(const google::protobuf::Descriptor& message);

// The field that a path such as "filter.user_id" names; null if there is none.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& message,
                                                   std::string_view path);

void CheckEvents(const Files& files, FaultList& faults);
void CheckFields(const Files& files, const Exceptions& exceptions, FaultList& faults);
void CheckMethods(const Files& files, const Domains& domains, const Exceptions& exceptions,
                  FaultList& faults);
void CheckRoutes(const Files& files, const Exceptions& exceptions, FaultList& faults);
void CheckServices(const Files& files, const Exceptions& exceptions, FaultList& faults);

}  // namespace selfology::contracts

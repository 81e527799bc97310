#include "services/edge/api_gateway/contracts.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "google/protobuf/descriptor_database.h"
#include "services/edge/api_gateway/contract_owners.h"

namespace selfology::api_gateway {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr std::string_view kKernelPackage = "selfology.mesh.v1";
constexpr std::string_view kSelf = "api_gateway";

// Empty: nobody's.
std::string_view OwnerByList(const ServiceDescriptor& contract) {
  std::string_view owner;
  for (const ContractOwner& entry : kContractOwners) {
    if (entry.contract == contract.full_name()) return entry.service;
    if (entry.contract == contract.file()->package()) owner = entry.service;
  }
  return owner;
}

}  // namespace

std::vector<const ServiceDescriptor*> LinkedContracts() {
  // Descriptors are built when first asked for; only the database knows the names of all files.
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::sort(names.begin(), names.end());
  std::vector<const ServiceDescriptor*> contracts;
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, "selfology/")) continue;
    const FileDescriptor* const file = DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; file != nullptr && i < file->service_count(); ++i) {
      const ServiceDescriptor& contract = *file->service(i);
      if (file->package() == kKernelPackage || !OwnerByList(contract).empty()) {
        contracts.push_back(&contract);
      }
    }
  }
  return contracts;
}

std::string_view OwnerOf(const ServiceDescriptor& contract) {
  const std::string_view owner = OwnerByList(contract);
  return owner.empty() ? kSelf : owner;
}

std::vector<std::string_view> AllServices() {
  return std::vector<std::string_view>(std::begin(kServices), std::end(kServices));
}

}  // namespace selfology::api_gateway

// The rules of the contracts that lint cannot check, over any set of .proto files.
//
//   EXPECT_THAT(Faults(files, {{"selfology.session.v1", "coaching"}}, {}), IsEmpty());
//
// Nothing here lists services, methods or events: what a rule needs is read from the descriptors.
// Threads: pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace selfology::contracts {

using Files = std::vector<const google::protobuf::FileDescriptor*>;

// Full names that are excepted from a rule, each with the reason. An exception that is not needed
// is a fault itself.
using Reasons = std::map<std::string, std::string>;

struct Exceptions {
  Reasons unpaged = {};        // Methods that list without pages.
  Reasons unrouted = {};       // Methods without a REST route.
  Reasons not_erasing = {};    // Services that deal with people and have no DeleteUserData.
  Reasons not_exporting = {};  // Services that keep what is personal and export none of it.
  // Fields with the name of a personal one; also by bare name, for all alike.
  Reasons not_personal = {};
};

// The domain of each service, by the package of its contract: {"selfology.session.v1", "coaching"}.
using Domains = std::map<std::string, std::string>;

// One line for each breach, for example "selfology.session.v1.SessionService.GetSession: has no
// deadline". Empty when every rule is kept.
std::vector<std::string> Faults(const Files& files, const Domains& domains,
                                const Exceptions& exceptions);

// The package of the events, whose files the catalogue must import.
inline constexpr char kEventPackage[] = "selfology.events.v1";

}  // namespace selfology::contracts

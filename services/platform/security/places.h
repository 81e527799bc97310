// Where a network address is, by a file in MaxMind's format.
//
//   ASSIGN_OR_RETURN(const auto places, Places::Open("country.mmdb"));
//   places->Find("203.0.113.7").country   // "NL"
//
// Reads records with "country.iso_code", as MaxMind's, or "country_code", and "location.latitude"
// and ".longitude" or "latitude" and "longitude" where there are some.
// Threads: thread-safe.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/platform/security/threats.h"

namespace selfology::security {

class Places {
 public:
  // INVALID_ARGUMENT for what is no such file.
  static absl::StatusOr<std::unique_ptr<Places>> Open(const std::string& path);
  ~Places();

  // Empty for what is no address, or one that the file does not know.
  Place Find(const std::string& address) const;

 private:
  struct Database;
  explicit Places(std::unique_ptr<Database> database);

  std::unique_ptr<Database> database_;
};

}  // namespace selfology::security

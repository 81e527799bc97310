#include "services/platform/user/accounts/password_hash.h"

#include <argon2.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::user {
namespace {

constexpr uint32_t kHashBytes = 32;

}  // namespace

std::string HashPassword(std::string_view password, std::string_view salt,
                         const HashParameters& parameters) {
  std::string encoded(argon2_encodedlen(parameters.passes, parameters.memory_kib, parameters.lanes,
                                        static_cast<uint32_t>(salt.size()), kHashBytes, Argon2_id),
                      '\0');
  const int result = argon2id_hash_encoded(
      parameters.passes, parameters.memory_kib, parameters.lanes, password.data(), password.size(),
      salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) return "";
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool MatchesHash(std::string_view password, const std::string& hash) {
  return argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool NeedsRehash(std::string_view hash, const HashParameters& parameters) {
  return !absl::StartsWith(hash, absl::StrCat("$argon2id$v=19$m=", parameters.memory_kib, ",t=",
                                              parameters.passes, ",p=", parameters.lanes, "$"));
}

}  // namespace selfology::user

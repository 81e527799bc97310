#include "common/crypto/seal_key.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::crypto {

absl::StatusOr<std::string> ReadSealKey(const std::string& path, std::string_view flag) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return absl::InvalidArgumentError(absl::StrCat(flag, " cannot be read"));
  std::string key = content.str();
  if (key.size() == Sealer::kKeyBytes) return key;
  const std::string digits(absl::StripAsciiWhitespace(key));
  const bool is_hex = digits.size() == 2 * Sealer::kKeyBytes &&
                      std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit);
  if (!is_hex) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " must have 32 bytes, or 64 hexadecimal digits"));
  }
  return absl::HexStringToBytes(digits);
}

absl::StatusOr<Sealer> SealKey::Get(const Call& call) {
  {
    absl::MutexLock lock(&mutex_);
    if (sealer_.has_value()) return *sealer_;
  }
  std::string key = key_;
  if (key.empty()) {
    observe::Warning("no key file: the key that seals secrets is kept beside them in the database",
                     {{"table", table_}});
    ASSIGN_OR_RETURN(
        key, database_.Write(call, [&](postgres::Transaction& tx) -> absl::StatusOr<std::string> {
          tx.Queue(
              absl::StrCat("INSERT INTO ", table_, " (key) VALUES ($1) ON CONFLICT DO NOTHING"),
              postgres::BytesView{RandomBytes(Sealer::kKeyBytes)});
          ASSIGN_OR_RETURN(const auto row,
                           tx.QueryOne<postgres::Bytes>(absl::StrCat("SELECT key FROM ", table_)));
          if (!row.has_value()) return absl::InternalError("there is no seal key");
          return std::get<0>(*row).value;
        }));
  }
  ASSIGN_OR_RETURN(Sealer sealer, Sealer::Of(std::move(key)));
  absl::MutexLock lock(&mutex_);
  if (!sealer_.has_value()) sealer_ = std::move(sealer);
  return *sealer_;
}

}  // namespace selfology::crypto

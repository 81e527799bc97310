#include "common/crypto/seal_key.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::crypto {

absl::StatusOr<SealKeys> ReadSealKeys(const std::string& path, std::string_view flag) {
  if (path.empty()) return SealKeys();
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return absl::InvalidArgumentError(absl::StrCat(flag, " cannot be read"));
  std::string text = content.str();
  if (text.size() == Sealer::kKeyBytes) return SealKeys{std::move(text)};
  SealKeys keys;
  for (std::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.starts_with('#')) continue;
    const bool is_hex = line.size() == 2 * Sealer::kKeyBytes &&
                        std::all_of(line.begin(), line.end(), absl::ascii_isxdigit);
    if (!is_hex) {
      keys.clear();
      break;
    }
    keys.push_back(absl::HexStringToBytes(line));
  }
  if (keys.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " must have 32 bytes, or lines of 64 hexadecimal digits"));
  }
  return keys;
}

absl::StatusOr<Sealer> SealKey::Get(const Call& call) {
  {
    absl::MutexLock lock(&mutex_);
    if (sealer_.has_value()) return *sealer_;
  }
  if (keys_.empty()) {
    observe::Warning("no key file: the key that seals secrets is kept beside them in the database",
                     {{"table", table_}});
  }
  SealKeys keys = keys_;
  const auto read = [&](postgres::Transaction& tx) -> absl::StatusOr<std::optional<std::string>> {
    if (keys_.empty()) {
      tx.Queue(absl::StrCat("INSERT INTO ", table_, " (key) VALUES ($1) ON CONFLICT DO NOTHING"),
               postgres::BytesView{RandomBytes(Sealer::kKeyBytes)});
    }
    ASSIGN_OR_RETURN(auto row,
                     tx.QueryOne<postgres::Bytes>(absl::StrCat("SELECT key FROM ", table_)));
    if (!row.has_value()) return std::nullopt;
    return std::move(std::get<0>(*row).value);
  };
  ASSIGN_OR_RETURN(std::optional<std::string> kept, database_.Write(call, read));
  if (kept.has_value()) keys.push_back(*std::move(kept));
  ASSIGN_OR_RETURN(Sealer sealer, Sealer::Of(std::move(keys)));
  absl::MutexLock lock(&mutex_);
  if (!sealer_.has_value()) sealer_ = std::move(sealer);
  return *sealer_;
}

}  // namespace selfology::crypto

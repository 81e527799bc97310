#include "services/feed/miniapp/init_data.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/http/url.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::miniapp {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;

absl::Status Refused(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_INIT_DATA_REFUSED, why);
}

absl::StatusOr<http::Parameters> Fields(std::string_view text) {
  if (text.empty() || text.size() > kMaxInitDataBytes) return Refused("it is empty or too long");
  absl::StatusOr<http::Parameters> fields = http::ParseForm(text);
  if (!fields.ok()) return Refused("it is no query string");
  std::sort(fields->begin(), fields->end());
  for (size_t i = 1; i < fields->size(); ++i) {
    if ((*fields)[i - 1].first == (*fields)[i].first) return Refused("it has a field twice");
  }
  return fields;
}

std::string_view ValueOf(const http::Parameters& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return "";
}

bool Verifies(std::string_view key, std::string_view signature, std::string_view text) {
  const auto bytes = [](std::string_view data) {
    return reinterpret_cast<const unsigned char*>(data.data());
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(key), key.size()),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  return public_key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text),
                          text.size()) == 1;
}

}  // namespace

absl::StatusOr<InitData> ParseInitData(std::string_view text) {
  ASSIGN_OR_RETURN(const http::Parameters fields, Fields(text));
  InitData data;
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(ValueOf(fields, "auth_date"), &seconds) || seconds < 0) {
    return Refused("it has no date");
  }
  data.signed_at = absl::FromUnixSeconds(seconds);
  data.start_parameter = std::string(ValueOf(fields, "start_param"));
  const nlohmann::json user = nlohmann::json::parse(ValueOf(fields, "user"), nullptr, false);
  if (user.is_object()) {
    const auto id = user.find("id");
    if (id != user.end() && id->is_number_integer()) data.user_id = id->get<int64_t>();
  }
  return data;
}

absl::Status CheckSignature(std::string_view text, int64_t bot_id, std::string_view key) {
  ASSIGN_OR_RETURN(const http::Parameters fields, Fields(text));
  if (key.size() != 2 * kKeyBytes) return absl::InternalError("the key is malformed");
  const std::string raw_key = absl::HexStringToBytes(key);
  std::string signature;
  if (!absl::WebSafeBase64Unescape(ValueOf(fields, "signature"), &signature) ||
      signature.size() != kSignatureBytes) {
    return Refused("it has no signature");
  }
  std::vector<std::string> lines = {absl::StrCat(bot_id, ":WebAppData")};
  for (const auto& [name, value] : fields) {
    if (name != "hash" && name != "signature") lines.push_back(absl::StrCat(name, "=", value));
  }
  if (!Verifies(raw_key, signature, absl::StrJoin(lines, "\n"))) {
    return Refused("it is not signed by Telegram for this bot");
  }
  return absl::OkStatus();
}

}  // namespace selfology::miniapp

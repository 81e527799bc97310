#include "services/platform/user/foreign/id_token.h"

#include <cjose/cjose.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::user {
namespace {

using Tree = nlohmann::json;

constexpr absl::Duration kSkew = absl::Minutes(1);
constexpr size_t kMaxSubject = 255;
constexpr size_t kMaxToken = 16 * 1024;

struct FreeJws {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
struct FreeJwk {
  void operator()(cjose_jwk_t* jwk) const { cjose_jwk_release(jwk); }
};
using Jws = std::unique_ptr<cjose_jws_t, FreeJws>;
using Jwk = std::unique_ptr<cjose_jwk_t, FreeJwk>;

std::string Text(const Tree& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The type of key that an algorithm takes; empty: it is not taken here.
std::string KeyTypeOf(std::string_view alg) {
  static constexpr std::string_view kRsa[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
  static constexpr std::string_view kEc[] = {"ES256", "ES384", "ES512"};
  if (std::find(std::begin(kRsa), std::end(kRsa), alg) != std::end(kRsa)) return "RSA";
  return std::find(std::begin(kEc), std::end(kEc), alg) != std::end(kEc) ? "EC" : "";
}

std::string HeaderOf(cjose_jws_t* jws, const char* name) {
  cjose_err error;
  const char* const value = cjose_header_get(cjose_jws_get_protected(jws), name, &error);
  return value == nullptr ? "" : value;
}

bool Fits(const Tree& key, const std::string& type, const std::string& alg,
          const std::string& kid) {
  const std::string own_alg = Text(key, "alg");
  const std::string use = Text(key, "use");
  return Text(key, "kty") == type && (own_alg.empty() || own_alg == alg) &&
         (use.empty() || use == "sig") && (kid.empty() || Text(key, "kid") == kid);
}

absl::StatusOr<std::string> CheckedPayload(const std::string& token, std::string_view jwks) {
  cjose_err error;
  if (token.size() > kMaxToken) return ForeignLoginFailed("the id token is too large");
  const Jws jws(cjose_jws_import(token.data(), token.size(), &error));
  if (jws == nullptr) return ForeignLoginFailed("the id token is malformed");
  const std::string alg = HeaderOf(jws.get(), "alg");
  const std::string type = KeyTypeOf(alg);
  if (type.empty()) return ForeignLoginFailed("the id token's algorithm is not taken");
  const std::string kid = HeaderOf(jws.get(), "kid");
  const Tree set = Tree::parse(jwks, nullptr, /*allow_exceptions=*/false);
  const auto keys = set.is_object() ? set.find("keys") : set.end();
  if (!set.is_object() || keys == set.end() || !keys->is_array()) {
    return ForeignLoginFailed("the provider's keys are malformed");
  }
  for (const Tree& key : *keys) {
    if (!key.is_object() || !Fits(key, type, alg, kid)) continue;
    const std::string text = key.dump(-1, ' ', false, Tree::error_handler_t::replace);
    const Jwk jwk(cjose_jwk_import(text.data(), text.size(), &error));
    if (jwk == nullptr || !cjose_jws_verify(jws.get(), jwk.get(), &error)) continue;
    uint8_t* payload = nullptr;
    size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &payload, &size, &error)) break;
    return std::string(reinterpret_cast<const char*>(payload), size);
  }
  return ForeignLoginFailed("no key of the provider has signed the id token");
}

std::optional<absl::Time> TimeOf(const Tree& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds < 1e11)) return std::nullopt;
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

bool IsFor(const Tree& claims, const std::string& client_id) {
  const auto aud = claims.find("aud");
  const std::string azp = Text(claims, "azp");
  if (aud == claims.end()) return false;
  if (aud->is_string()) {
    return aud->get<std::string>() == client_id && (azp.empty() || azp == client_id);
  }
  if (!aud->is_array()) return false;
  const bool named = std::any_of(aud->begin(), aud->end(), [&](const Tree& one) {
    return one.is_string() && one.get<std::string>() == client_id;
  });
  // For several, it must say which of them asked.
  return named && (aud->size() == 1 ? (azp.empty() || azp == client_id) : azp == client_id);
}

bool IsTrue(const Tree& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return false;
  // Some providers write it as a word.
  return found->is_boolean() ? found->get<bool>() : *found == "true";
}

}  // namespace

absl::Status ForeignLoginFailed(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_FOREIGN_LOGIN_FAILED, why);
}

absl::StatusOr<ForeignIdentity> CheckIdToken(const std::string& token, std::string_view jwks,
                                             const ExpectedToken& expected) {
  ASSIGN_OR_RETURN(const std::string payload, CheckedPayload(token, jwks));
  const Tree claims = Tree::parse(payload, nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object()) return ForeignLoginFailed("the id token has no claims");
  if (Text(claims, "iss") != expected.issuer) return ForeignLoginFailed("it is another issuer's");
  if (!IsFor(claims, expected.client_id)) return ForeignLoginFailed("it is for another client");
  const std::optional<absl::Time> exp = TimeOf(claims, "exp");
  if (!exp.has_value() || *exp + kSkew <= expected.now) return ForeignLoginFailed("it is expired");
  const std::optional<absl::Time> iat = TimeOf(claims, "iat");
  if (!iat.has_value() || *iat > expected.now + kSkew) {
    return ForeignLoginFailed("it says no time of issue, or one to come");
  }
  if (expected.nonce.empty() || Text(claims, "nonce") != expected.nonce) {
    return ForeignLoginFailed("it belongs to another login");
  }
  ForeignIdentity identity;
  identity.subject = Text(claims, "sub");
  if (identity.subject.empty() || identity.subject.size() > kMaxSubject) {
    return ForeignLoginFailed("it says of nobody");
  }
  identity.email = Text(claims, "email");
  identity.email_verified = IsTrue(claims, "email_verified");
  identity.first_name = Text(claims, "given_name");
  if (identity.first_name.empty()) identity.first_name = Text(claims, "name");
  return identity;
}

}  // namespace selfology::user

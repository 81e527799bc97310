// Signs id tokens for tests, as another provider does.
#pragma once

#include <cjose/cjose.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"

namespace selfology::user {

class ForeignSigner {
 public:
  explicit ForeignSigner(std::string kid, bool rsa = true) : kid_(std::move(kid)) {
    cjose_err error;
    key_.reset(rsa ? cjose_jwk_create_RSA_random(2048, nullptr, 0, &error)
                   : cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error));
    cjose_jwk_set_kid(key_.get(), kid_.data(), kid_.size(), &error);
    alg_ = rsa ? "RS256" : "ES256";
  }

  // {"keys": [...]}
  std::string Jwks() const {
    cjose_err error;
    const std::unique_ptr<char, decltype(&free)> json(
        cjose_jwk_to_json(key_.get(), /*priv=*/false, &error), &free);
    return absl::StrCat("{\"keys\":[", json.get(), "]}");
  }

  std::string Sign(const nlohmann::json& claims) const {
    cjose_err error;
    cjose_header_t* const header = cjose_header_new(&error);
    cjose_header_set(header, "alg", alg_.c_str(), &error);
    cjose_header_set(header, "kid", kid_.c_str(), &error);
    const std::string text = claims.dump();
    cjose_jws_t* const jws = cjose_jws_sign(
        key_.get(), header, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &error);
    const char* compact = nullptr;
    cjose_jws_export(jws, &compact, &error);
    std::string token(compact);
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
  }

 private:
  struct Free {
    void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
  };
  std::string kid_;
  std::string alg_;
  std::unique_ptr<cjose_jwk_t, Free> key_;
};

}  // namespace selfology::user

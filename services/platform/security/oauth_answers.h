// HTTP answers of the OAuth provider.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "selfology/mesh/v1/http_response.pb.h"
#include "selfology/security/v1/token_service.pb.h"
#include "selfology/user/v1/user.pb.h"

namespace selfology::security {

// Not to be cached (RFC 6749 section 5.1).
mesh::v1::HttpResponse JsonAnswer(int status, const nlohmann::json& body);
mesh::v1::HttpResponse Redirect(std::string_view location);
// A page; `nonce`: of its script, if it has one.
mesh::v1::HttpResponse PageAnswer(int status, std::string page, std::string_view nonce);

// A refusal in the form of RFC 6749 section 5.2; any other status stays an error.
absl::StatusOr<mesh::v1::HttpResponse> ErrorAnswer(const absl::Status& status);

// Members of RFC 6749 section 5.1.
nlohmann::json TokenMembers(const v1::Tokens& tokens);
// Members of RFC 7662 section 2.2, those that are known.
nlohmann::json IntrospectionMembers(const v1::IntrospectTokenResponse& token);
// Members of OpenID Connect Core section 5.1, those that are known and granted.
nlohmann::json UserInfoMembers(const user::v1::User& user, int64_t user_id, bool profile,
                               bool email);
// OpenID Connect Discovery, RFC 8414.
nlohmann::json ProviderMetadata(std::string_view base_url);

}  // namespace selfology::security

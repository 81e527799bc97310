#include "services/platform/user/accounts/token_issuer.h"

#include <utility>

#include "common/status/status_macros.h"
#include "selfology/security/v1/token_service_client.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

namespace security_v1 = ::selfology::security::v1;

class SecurityTokens final : public TokenIssuer {
 public:
  explicit SecurityTokens(std::shared_ptr<rpc::Channel> security) : tokens_(std::move(security)) {}

  absl::StatusOr<v1::Tokens> OpenSession(const Call& call, const NewSession& session) override {
    security_v1::IssueTokensRequest request;
    request.set_user_id(session.user_id);
    request.mutable_client()->set_device_name(session.device_name);
    request.mutable_client()->set_network_address(session.network_address);
    request.set_method(session.method);
    request.set_idempotency_key(NewCode());
    ASSIGN_OR_RETURN(const auto issued, tokens_.IssueTokens(call, request));
    v1::Tokens tokens;
    tokens.set_access_token(issued.tokens().access_token());
    tokens.set_refresh_token(issued.tokens().refresh_token());
    tokens.set_expires_in(issued.tokens().expires_in());
    tokens.set_token_type(issued.tokens().token_type());
    return tokens;
  }

  absl::Status EndSessions(const Call& call, int64_t user_id,
                           std::string_view kept_session_id) override {
    security_v1::RevokeSessionsRequest request;
    request.set_user_id(user_id);
    request.set_except_session_id(std::string(kept_session_id));
    return tokens_.RevokeSessions(call, request).status();
  }

 private:
  security_v1::TokenServiceClient tokens_;
};

}  // namespace

std::unique_ptr<TokenIssuer> MakeTokenIssuer(std::shared_ptr<rpc::Channel> security) {
  return std::make_unique<SecurityTokens>(std::move(security));
}

}  // namespace selfology::user

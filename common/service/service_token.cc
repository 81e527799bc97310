#include "common/service/service_token.h"

#include <utility>

#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kAskTimeout = absl::Seconds(2);
constexpr absl::Duration kAskPause = absl::Seconds(1);
// Who is called may read it later, by another clock.
constexpr absl::Duration kMargin = absl::Seconds(30);

absl::Status WhyNone(const absl::Status& failure) {
  if (status::ErrorCodeOf(failure) == mesh::v1::ERROR_CODE_SERVICE_REFUSED) {
    return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE,
                         "security does not take this process's account or secret");
  }
  return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE,
                       "a token of this process cannot be had at the moment");
}

}  // namespace

ServiceToken::ServiceToken(Options options, std::shared_ptr<rpc::Channel> security)
    : options_(std::move(options)), security_(std::move(security)) {}

ServiceToken::Held ServiceToken::held() const {
  absl::ReaderMutexLock lock(&mutex_);
  return held_;
}

absl::StatusOr<std::string> ServiceToken::Get(const Call& call) {
  const absl::Time now = options_.clock();
  const auto good = [now](const Held& held) { return now + kMargin < held.expires_at; };
  Held held = this->held();
  if (now < held.renew_at) return std::move(held.token);
  if (good(held)) {
    if (asking_.TryLock()) {
      Renew(call);
      asking_.Unlock();
    }
    return this->held().token;
  }
  absl::MutexLock lock(&asking_);
  // Others may have asked meanwhile.
  if (held = this->held(); good(held)) return std::move(held.token);
  RETURN_IF_ERROR(Ask(call));
  return this->held().token;
}

void ServiceToken::Renew(const Call& call) {
  const absl::StatusCode before = last_.code();
  const absl::Status asked = Ask(call);
  if (!asked.ok() && asked.code() != before) {
    observe::Warning("service token not renewed",
                     {{"account", options_.account}, {"status", asked}});
  }
}

absl::Status ServiceToken::Ask(const Call& call) {
  const absl::Time now = options_.clock();
  if (now < ask_again_at_ && !last_.ok()) return last_;
  const bool may_take_long = call.Remaining() >= kAskTimeout;
  security::v1::IssueServiceTokenRequest request;
  request.set_service(options_.account);
  request.set_secret(options_.secret);
  const auto response =
      security_.IssueServiceToken(call.WithTimeout(kAskTimeout).InOwnName(), request);
  // That this call had no time left says nothing of security: the next one asks.
  if (absl::IsDeadlineExceeded(response.status()) && !may_take_long) {
    return WhyNone(response.status());
  }
  // From the end: security that does not answer would else be waited for by one after another.
  ask_again_at_ = options_.clock() + kAskPause;
  last_ = response.ok() ? absl::OkStatus() : WhyNone(response.status());
  RETURN_IF_ERROR(last_);
  const absl::Duration life = absl::Seconds(response->tokens().expires_in());
  absl::MutexLock lock(&mutex_);
  held_ = {.token = response->tokens().access_token(),
           .renew_at = now + life / 2,
           .expires_at = now + life};
  return absl::OkStatus();
}

std::function<absl::StatusOr<std::string>(const Call&)> ServiceTokenOf(
    ServiceToken::Options options, const std::string& security_target,
    std::shared_ptr<grpc::ChannelCredentials> credentials) {
  struct Source {
    Source(ServiceToken::Options options, const std::string& target,
           std::shared_ptr<grpc::ChannelCredentials> credentials)
        : token(std::move(options),
                rpc::Channel::Connect("security", target, requests, std::move(credentials))) {}
    observe::Requests requests{nullptr, "service_token"};
    ServiceToken token;
  };
  const auto source =
      std::make_shared<Source>(std::move(options), security_target, std::move(credentials));
  return [source](const Call& call) { return source->token.Get(call); };
}

}  // namespace selfology::service

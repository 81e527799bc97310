#include "services/platform/notification/push/push_senders.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/http/public_address.h"
#include "common/http/url.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/notification/push/apns.h"
#include "services/platform/notification/push/web_push.h"

namespace selfology::notification {
namespace {

// A token is renewed before it expires on its way.
constexpr absl::Duration kTokenSlack = absl::Minutes(5);
constexpr size_t kMostAnswerBytes = 64 << 10;

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  // OpenSSL fails here only without randomness: nothing would be safe.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    std::abort();
  }
  return bytes;
}

std::optional<absl::Duration> RetryAfterOf(const http::ClientResponse& response) {
  return status::RetryAfter(http::ToStatus(response));
}

}  // namespace

Outcome JudgeFailure(const absl::Status& failure) {
  const std::string reason = status::Reason(failure);
  // Past the deadline, or with the connection lost, it may have been taken.
  const bool unknown = reason == "CONNECTION_LOST" || absl::IsDeadlineExceeded(failure) ||
                       absl::IsCancelled(failure);
  return {.outcome = unknown ? v1::ATTEMPT_OUTCOME_UNKNOWN : v1::ATTEMPT_OUTCOME_NOT_REACHED,
          .code = reason};
}

absl::StatusOr<std::string> FcmSender::Token(const Call& call) {
  const absl::Time now = clock_();
  {
    absl::MutexLock lock(&mutex_);
    if (!token_.token.empty() && token_.expires_at - kTokenSlack > now) return token_.token;
  }
  ASSIGN_OR_RETURN(const std::string form, FcmTokenForm(account_, now));
  ASSIGN_OR_RETURN(
      const http::ClientResponse response,
      client_.Send(call, {.method = "POST",
                          .url = account_.token_uri,
                          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                          .body = form,
                          .target = "fcm token",
                          .max_response_bytes = kMostAnswerBytes}));
  RETURN_IF_ERROR(http::ToStatus(response));
  ASSIGN_OR_RETURN(AccessToken token, ParseAccessToken(response.body, now));
  absl::MutexLock lock(&mutex_);
  token_ = std::move(token);
  return token_.token;
}

Outcome FcmSender::Send(const Call& call, const OutgoingMessage& message) {
  const absl::StatusOr<std::string> token = Token(call);
  // Nothing of the message was sent yet.
  if (!token.ok()) return {.outcome = v1::ATTEMPT_OUTCOME_NOT_REACHED, .code = "no access token"};
  const auto response =
      client_.Send(call, {.method = "POST",
                          .url = absl::StrCat(base_url_, "/v1/projects/",
                                              http::Encode(account_.project), "/messages:send"),
                          .headers = {{"Authorization", absl::StrCat("Bearer ", *token)},
                                      {"Content-Type", std::string(http::kJson)}},
                          .body = FcmJson(message.device.token(), message.push),
                          .http2 = true,
                          .target = "fcm send",
                          .max_response_bytes = kMostAnswerBytes});
  if (!response.ok()) return JudgeFailure(response.status());
  if (response->status == 401) {  // It was revoked: the next attempt has a new one.
    absl::MutexLock lock(&mutex_);
    token_ = {};
  }
  Outcome outcome = JudgeFcm(response->status, response->body);
  outcome.retry_after = RetryAfterOf(*response);
  return outcome;
}

absl::StatusOr<std::string> ApnsSender::Token() {
  const absl::Time now = clock_();
  absl::MutexLock lock(&mutex_);
  if (token_.token.empty() || token_.expires_at <= now) {
    ASSIGN_OR_RETURN(token_.token, ApnsToken(key_, options_.key_id, options_.team_id, now));
    token_.expires_at = now + kApnsTokenLasts;
  }
  return token_.token;
}

Outcome ApnsSender::Send(const Call& call, const OutgoingMessage& message) {
  const absl::StatusOr<std::string> token = Token();
  if (!token.ok()) return {.outcome = v1::ATTEMPT_OUTCOME_NOT_REACHED, .code = "no token"};
  const auto response = client_.Send(
      call, {.method = "POST",
             .url = absl::StrCat(options_.base_url, "/3/device/", message.device.token()),
             .headers = ApnsHeaders(message.push, *token, options_.topic, clock_()),
             .body = ApnsJson(message.push),
             .http2 = true,
             .target = "apns send",
             .max_response_bytes = kMostAnswerBytes});
  if (!response.ok()) return JudgeFailure(response.status());
  Outcome outcome = JudgeApns(response->status, response->body);
  outcome.retry_after = RetryAfterOf(*response);
  return outcome;
}

WebPushSender::WebPushSender(http::Client::Options options, bool may_reach_any, Clock clock,
                             Keys& keys, std::string contact)
    : client_([&] {
        if (!may_reach_any) options.may_connect = &http::IsPublicAddress;
        return options;
      }()),
      clock_(std::move(clock)),
      keys_(keys),
      contact_(std::move(contact)) {}

absl::StatusOr<http::ClientRequest> WebPushSender::Request(const Call& call,
                                                           const OutgoingMessage& message) {
  const v1::Device& device = message.device;
  ASSIGN_OR_RETURN(const BrowserKeys browser, ParseBrowserKeys(device.p256dh(), device.auth()));
  http::ClientRequest request{.method = "POST",
                              .url = device.token(),
                              .headers = WebPushHeaders(message.push),
                              .http2 = true,
                              .target = "web push",
                              .max_response_bytes = kMostAnswerBytes};
  ASSIGN_OR_RETURN(request.body, EncryptForBrowser(WebPushJson(message.push), browser,
                                                   PrivateKey::Generate(), RandomBytes(16)));
  ASSIGN_OR_RETURN(const PrivateKey key, keys_.Vapid(call));
  ASSIGN_OR_RETURN(const std::string authorization,
                   VapidHeader(key, device.token(), contact_, clock_()));
  request.headers.Add("Authorization", authorization);
  return request;
}

Outcome WebPushSender::Send(const Call& call, const OutgoingMessage& message) {
  const absl::StatusOr<http::ClientRequest> request = Request(call, message);
  if (!request.ok()) {
    if (status::IsRetryable(request.status())) {
      return {.outcome = v1::ATTEMPT_OUTCOME_NOT_REACHED, .code = "no key"};
    }
    return {.outcome = v1::ATTEMPT_OUTCOME_REFUSED, .code = "bad keys", .device_gone = true};
  }
  const auto response = client_.Send(call, *request);
  if (status::Reason(response.status()) == "ADDRESS_NOT_ALLOWED") {
    return {
        .outcome = v1::ATTEMPT_OUTCOME_REFUSED, .code = "address not allowed", .device_gone = true};
  }
  if (!response.ok()) return JudgeFailure(response.status());
  const int status = response->status;
  Outcome outcome{.code = absl::StrCat(status), .retry_after = RetryAfterOf(*response)};
  // RFC 8030, 5: 201; a subscription that has ended is 404 or 410.
  if (status >= 200 && status < 300) {
    outcome.outcome = v1::ATTEMPT_OUTCOME_ACCEPTED;
  } else if (status == 429 || status >= 500) {
    outcome.outcome = v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW;
  } else {
    outcome.outcome = v1::ATTEMPT_OUTCOME_REFUSED;
    outcome.device_gone = status == 404 || status == 410;
  }
  return outcome;
}

}  // namespace selfology::notification

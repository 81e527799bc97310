#include "services/edge/webhook/inbound/receiver.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/security.pb.h"
#include "services/edge/webhook/inbound/facts.h"
#include "services/edge/webhook/inbound/kinds.h"
#include "services/edge/webhook/inbound/routing.h"
#include "services/edge/webhook/inbound/source_rules.h"

namespace selfology::webhook {
namespace {

using postgres::Transaction;

constexpr std::string_view kPrefix = "/webhooks/";
constexpr absl::Duration kDefaultWindow = absl::Minutes(5);
constexpr absl::Duration kQuiet = absl::Minutes(1);  // One audit entry a minute for a source.
constexpr size_t kMaxCertificates = 16;
constexpr size_t kMaxCertificateBytes = size_t{64} << 10;

Incoming IncomingOf(const http::Request& request) {
  Incoming incoming{.body = request.body};
  for (const auto& [name, value] : request.headers) {
    incoming.headers.emplace(absl::AsciiStrToLower(name), value);
  }
  for (const auto& [name, value] : request.query) incoming.query.emplace(name, value);
  return incoming;
}

http::Response Told(int status, std::string_view word) {
  return http::Response::Json(absl::StrCat("{\"status\":\"", word, "\"}"), status);
}

http::Response Answered(Answer answer) {
  return answer.json ? http::Response::Json(std::move(answer.body))
                     : http::Response::Text(std::move(answer.body));
}

int StatusOf(std::string_view refusal) {
  return refusal == "SIGNATURE_MISSING" || refusal == "SIGNATURE_MALFORMED" ? 400 : 401;
}

}  // namespace

Receiver::Receiver(const Parts& parts)
    : parts_(parts),
      limiter_(&parts.redis, {.limit = parts.per_minute,
                              .window = absl::Minutes(1),
                              .prefix = "rate_limit:webhook:",
                              .metrics = &parts.metrics}),
      taken_(parts.metrics.Counter("webhook_received_total", "Incoming webhooks",
                                   {{"outcome", "taken"}})),
      repeated_(parts.metrics.Counter("webhook_received_total", "Incoming webhooks",
                                      {{"outcome", "repeated"}})),
      refused_(parts.metrics.Counter("webhook_received_total", "Incoming webhooks",
                                     {{"outcome", "refused"}})) {}

std::vector<http::Route> Receiver::Routes() {
  return {{.method = "*", .path = "/webhooks/*", .handler = [this](const http::Request& request) {
             return Handle(request);
           }}};
}

absl::StatusOr<http::Response> Receiver::Handle(const http::Request& request) {
  std::string_view path = request.path;
  TakePrefix(path, kPrefix);
  const std::vector<std::string_view> parts = absl::StrSplit(path, '/');
  // What cannot be an id costs neither Redis nor PostgreSQL anything.
  if (parts.size() != 2 || !IsEndpointId(parts[1]) ||
      ProviderOfWord(parts[0]) == v1::PROVIDER_UNSPECIFIED) {
    return Told(404, "unknown");
  }
  if (request.method != "GET" && request.method != "POST") {
    http::Response response = Told(405, "method");
    response.headers.Set("Allow", "GET, POST");
    return response;
  }
  const auto decision = limiter_.Allow(request.call, parts[1]);
  if (!decision.allowed) {
    http::Response response = Told(429, "rate_limited");
    response.headers.Set(
        "Retry-After",
        absl::StrCat(absl::ToInt64Seconds(absl::Ceil(decision.retry_after, absl::Seconds(1)))));
    return response;
  }
  ASSIGN_OR_RETURN(const auto source, Find(request.call, parts[0], parts[1]));
  if (!source.has_value()) return Told(404, "unknown");
  const bool is_post = request.method == "POST";
  const Incoming incoming = IncomingOf(request);
  ASSIGN_OR_RETURN(const Verification verification,
                   VerificationOf(request.call, *source, incoming, is_post));
  if (!is_post) {
    auto answer = AnswerChallenge(incoming, verification);
    return answer.has_value() ? Answered(*std::move(answer)) : Told(403, "challenge_refused");
  }
  const Verdict verdict = Verify(incoming, verification, parts_.clock());
  if (!verdict.genuine) {
    refused_.Increment();
    RETURN_IF_ERROR(Refuse(request.call, *source, verdict.refusal, incoming.body.size()));
    return Told(StatusOf(verdict.refusal), absl::AsciiStrToLower(verdict.refusal));
  }
  if (auto answer = AnswerPing(incoming, verification.provider)) {
    return Answered(*std::move(answer));
  }
  ASSIGN_OR_RETURN(const bool is_new, Take(request.call, *source, incoming));
  (is_new ? taken_ : repeated_).Increment();
  // Discord wants to be answered in its own words; those of a deferred reply say the least.
  if (verification.provider == v1::PROVIDER_DISCORD) {
    return http::Response::Json(R"({"type":5})");
  }
  // What Slack is answered is shown to who typed the command.
  if (verification.provider == v1::PROVIDER_SLACK) return http::Response::Text("");
  return Told(200, is_new ? "taken" : "repeated");
}

absl::StatusOr<std::optional<store::SourceRow>> Receiver::Find(const Call& call,
                                                               std::string_view provider,
                                                               std::string_view endpoint_id) {
  ASSIGN_OR_RETURN(auto source,
                   parts_.database.Read(
                       call, [&](Transaction& tx) { return store::FindSource(tx, endpoint_id); },
                       {.newest = true}));
  if (!source.has_value() || !source->enabled || source->provider != ProviderOfWord(provider)) {
    return std::nullopt;
  }
  return source;
}

absl::StatusOr<Verification> Receiver::VerificationOf(const Call& call,
                                                      const store::SourceRow& source,
                                                      const Incoming& incoming, bool is_post) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  ASSIGN_OR_RETURN(const std::string opened, sealer.Open(source.endpoint_id, source.secrets.value));
  ASSIGN_OR_RETURN(Secrets secrets, DecodeSecrets(opened));
  Verification verification{.provider = static_cast<v1::Provider>(source.provider),
                            .secrets = std::move(secrets.secrets),
                            .verify_token = std::move(secrets.verify_token)};
  verification.hmac.ParseFromString(source.hmac.value);
  verification.window =
      source.window_seconds == 0 ? kDefaultWindow : absl::Seconds(source.window_seconds);
  if (verification.provider == v1::PROVIDER_PAYPAL && is_post) {
    const std::string_view url = PaypalCertificateUrl(incoming);
    if (!url.empty()) {
      ASSIGN_OR_RETURN(verification.certificate, PaypalCertificate(call, url));
    }
  }
  return verification;
}

absl::StatusOr<std::string> Receiver::PaypalCertificate(const Call& call, std::string_view url) {
  {
    absl::MutexLock lock(&mutex_);
    if (const auto known = certificates_.find(url); known != certificates_.end()) {
      return known->second;
    }
  }
  const auto response = parts_.http.Send(call, {.url = std::string(url),
                                                .target = "paypal certificate",
                                                .max_response_bytes = kMaxCertificateBytes});
  if (!response.ok()) return absl::UnavailableError("PayPal's certificate cannot be read");
  if (response->status >= 500) return absl::UnavailableError("PayPal's certificate is away");
  if (response->status != 200) return std::string();  // Which verifies nothing.
  absl::MutexLock lock(&mutex_);
  if (certificates_.size() >= kMaxCertificates) certificates_.clear();
  certificates_.emplace(std::string(url), response->body);
  return response->body;
}

absl::Status Receiver::Refuse(const Call& call, const store::SourceRow& source,
                              std::string_view refusal, size_t body_bytes) {
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const bool first,
                     store::InsertRefused(tx, source, refusal, static_cast<int64_t>(body_bytes),
                                          parts_.clock(), kQuiet));
    if (!first) return absl::OkStatus();
    events::v1::AuditFactNoted fact;
    fact.set_service("webhook");
    fact.set_action("signature.checked");
    fact.set_subject_id(source.user_id);
    fact.set_outcome("refused");
    fact.set_method(ProviderWord(static_cast<v1::Provider>(source.provider)));
    return events::Publish(tx, fact);
  });
}

absl::StatusOr<bool> Receiver::Take(const Call& call, const store::SourceRow& source,
                                    const Incoming& incoming) {
  const auto provider = static_cast<v1::Provider>(source.provider);
  v1::HmacScheme hmac;
  hmac.ParseFromString(source.hmac.value);
  v1::RuleList rules;
  rules.ParseFromString(source.rules.value);
  Json body = ReadBody(incoming);
  const bool readable = !body.is_discarded();
  if (!readable) body = nullptr;
  const auto said = WhatItSays(provider, hmac, incoming, body);
  const Json facts = Facts(source.endpoint_id, ProviderWord(provider), said, incoming, body);
  const Routed routed =
      readable ? RouteBy({rules.rules().begin(), rules.rules().end()}, facts) : Routed{};
  const auto state = !readable        ? v1::RECEIVED_STATE_UNREADABLE
                     : routed.dropped ? v1::RECEIVED_STATE_DROPPED
                                      : v1::RECEIVED_STATE_ROUTED;
  const int64_t person_id = source.user_id == 0 ? PersonNamed(routed, facts) : 0;
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const store::Taken taken,
                     store::InsertReceived(tx,
                                           {.endpoint_id = source.endpoint_id,
                                            .user_id = source.user_id,
                                            .person_id = person_id,
                                            .event_id = said.event_id,
                                            .event_kind = said.event_kind,
                                            .kind = std::string(said.kind)},
                                           incoming, parts_.clock()));
    if (!taken.is_new) return false;
    store::SetRouted(tx, taken.received_id, state, routed.matched);
    RETURN_IF_ERROR(PublishRoute(tx,
                                 {.endpoint_id = source.endpoint_id,
                                  .user_id = source.user_id,
                                  .provider = provider,
                                  .received_id = taken.received_id,
                                  .said = said,
                                  .body = incoming.body},
                                 routed, facts));
    return true;
  });
}

}  // namespace selfology::webhook

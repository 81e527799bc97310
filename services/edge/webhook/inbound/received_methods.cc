// The part of SourceMethods that is about what was received.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/webhook/errors.h"
#include "services/edge/webhook/inbound/facts.h"
#include "services/edge/webhook/inbound/routing.h"
#include "services/edge/webhook/inbound/source_methods.h"
#include "services/edge/webhook/inbound/source_store.h"
#include "services/edge/webhook/requests.h"

namespace selfology::webhook {
namespace {

using postgres::Transaction;

constexpr size_t kMaxBody = size_t{3} << 20;
constexpr int32_t kMaxSample = 100;
constexpr int32_t kDefaultSample = 20;
constexpr int64_t kMaxSampleBytes = int64_t{20} << 20;

// A stored request as it was when it came.
struct Seen {
  Json body;
  Said said;
  Json facts;
};
Seen SeenAgain(const store::SourceRow& source, const Incoming& incoming) {
  const auto provider = static_cast<v1::Provider>(source.provider);
  v1::HmacScheme hmac;
  hmac.ParseFromString(source.hmac.value);
  Seen seen;
  seen.body = ReadBody(incoming);
  if (seen.body.is_discarded()) seen.body = nullptr;
  seen.said = WhatItSays(provider, hmac, incoming, seen.body);
  seen.facts = Facts(source.endpoint_id, ProviderWord(provider), seen.said, incoming, seen.body);
  return seen;
}

std::vector<v1::Rule> RulesOf(const store::SourceRow& source) {
  v1::RuleList rules;
  rules.ParseFromString(source.rules.value);
  return {rules.rules().begin(), rules.rules().end()};
}

}  // namespace

absl::StatusOr<v1::ListReceivedResponse> SourceMethods::ListReceived(
    const Call& call, const v1::ListReceivedRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Received> received, database_.Read(call, [&](Transaction& tx) {
    return store::ListReceived(tx, {.user_id = request.user_id(),
                                    .endpoint_id = request.endpoint_id(),
                                    .state = request.state(),
                                    .before_id = before,
                                    .limit = page.limit()});
  }));
  v1::ListReceivedResponse response;
  response.set_next_page_token(page.Cut(received, &v1::Received::received_id));
  for (v1::Received& one : received) *response.add_received() = std::move(one);
  return response;
}

absl::StatusOr<v1::GetReceivedResponse> SourceMethods::GetReceived(
    const Call& call, const v1::GetReceivedRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(auto stored, database_.Read(call, [&](Transaction& tx) {
    return store::ReadReceived(tx, request.user_id(), request.received_id());
  }));
  if (!stored.has_value()) return NotFound("request");
  v1::GetReceivedResponse response;
  *response.mutable_received() = std::move(stored->received);
  for (const auto& [name, value] : stored->incoming.headers) {
    v1::HeaderField& header = *response.add_headers();
    header.set_field(name);
    header.set_value(value);
  }
  response.set_truncated(stored->incoming.body.size() > kMaxBody);
  response.set_body(stored->incoming.body.substr(0, kMaxBody));
  return response;
}

absl::StatusOr<v1::RouteReceivedResponse> SourceMethods::RouteAgain(
    Transaction& tx, const v1::RouteReceivedRequest& request, bool as_job) {
  ASSIGN_OR_RETURN(auto stored, store::ReadReceived(tx, request.user_id(), request.received_id()));
  if (!stored.has_value()) return NotFound("request");
  if (stored->received.state() == v1::RECEIVED_STATE_REFUSED) {
    return NotPossible("the request was refused");
  }
  ASSIGN_OR_RETURN(const auto source,
                   store::LockSource(tx, request.user_id(), stored->received.endpoint_id()));
  if (!source.has_value()) return NotFound("request");
  const Seen seen = SeenAgain(*source, stored->incoming);
  const Routed routed = RouteBy(RulesOf(*source), seen.facts);
  RETURN_IF_ERROR(PublishRoute(tx,
                               {.endpoint_id = source->endpoint_id,
                                .user_id = source->user_id,
                                .provider = static_cast<v1::Provider>(source->provider),
                                .received_id = request.received_id(),
                                .said = seen.said,
                                .body = stored->incoming.body,
                                .again = absl::StrCat(":", absl::ToUnixMicros(clock_())),
                                .as_job = as_job},
                               routed, seen.facts));
  const auto state = routed.dropped ? v1::RECEIVED_STATE_DROPPED : v1::RECEIVED_STATE_ROUTED;
  store::SetRouted(tx, request.received_id(), state, routed.matched);
  v1::RouteReceivedResponse response;
  *response.mutable_received() = std::move(stored->received);
  response.mutable_received()->set_state(state);
  response.mutable_received()->clear_matched_rules();
  for (const std::string& rule : routed.matched) {
    response.mutable_received()->add_matched_rules(rule);
  }
  return response;
}

absl::StatusOr<v1::RouteReceivedResponse> SourceMethods::Route(
    const Call& call, const v1::RouteReceivedRequest& request) {
  status::FieldViolations bad = CheckOwner(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::RouteReceivedResponse>(
        tx, Remembered(request, "RouteReceived", clock_()),
        [&] { return RouteAgain(tx, request, /*as_job=*/false); });
  });
}

absl::StatusOr<v1::Received> SourceMethods::RouteForJob(const Call& call, int64_t user_id,
                                                        int64_t received_id, int64_t job_id) {
  v1::RouteReceivedRequest request;
  request.set_user_id(user_id);
  request.set_received_id(received_id);
  request.set_idempotency_key(absl::StrCat("job-", job_id));
  ASSIGN_OR_RETURN(v1::RouteReceivedResponse response, database_.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::RouteReceivedResponse>(
        tx, Remembered(request, "RouteForJob", clock_()),
        [&] { return RouteAgain(tx, request, /*as_job=*/true); });
  }));
  return std::move(*response.mutable_received());
}

absl::StatusOr<v1::TryRuleResponse> SourceMethods::TryRule(const Call& call,
                                                           const v1::TryRuleRequest& request) {
  status::FieldViolations bad = CheckOwner(request);
  const auto rule = Rule::Parse(request.when());
  if (!rule.ok()) bad.Add("when", rule.status().message());
  if (request.sample_size() < 0 || request.sample_size() > kMaxSample) {
    bad.Add("sample_size", "must be 0 to 100");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::TryRuleResponse> {
    ASSIGN_OR_RETURN(const auto source,
                     store::ReadSource(tx, request.user_id(), request.endpoint_id()));
    if (!source.has_value()) return NotFound("source");
    ASSIGN_OR_RETURN(
        const std::vector<store::Stored> sample,
        store::LatestReceived(tx, source->endpoint_id,
                              request.sample_size() == 0 ? kDefaultSample : request.sample_size(),
                              kMaxSampleBytes));
    v1::TryRuleResponse response;
    for (const store::Stored& stored : sample) {
      v1::RuleTrial& trial = *response.add_trials();
      trial.set_received_id(stored.received.received_id());
      trial.set_event_kind(stored.received.event_kind());
      trial.set_matches(rule->Matches(SeenAgain(*source, stored.incoming).facts));
    }
    return response;
  });
}

}  // namespace selfology::webhook

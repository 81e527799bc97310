#include "services/edge/webhook/outbound/endpoint_methods.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/webhook/errors.h"
#include "services/edge/webhook/outbound/delivery_store.h"
#include "services/edge/webhook/outbound/endpoint_rules.h"
#include "services/edge/webhook/outbound/endpoint_store.h"
#include "services/edge/webhook/requests.h"
#include "services/edge/webhook/webhook_names.h"

namespace selfology::webhook {
namespace {

using postgres::Transaction;
using store::EndpointRow;

constexpr int64_t kMaxEndpoints = 50;  // Of one owner.
constexpr size_t kKeyBytes = 32;
constexpr int32_t kMaxOverlap = 604'800;

google::protobuf::RepeatedPtrField<std::string> TypesMeant(
    const google::protobuf::RepeatedPtrField<std::string>& words) {
  google::protobuf::RepeatedPtrField<std::string> types;
  for (const std::string& word : words) *types.Add() = TypeMeant(word);
  return types;
}

// A secret as it is kept, and as its owner sees it.
struct Secret {
  std::string text = {};
  postgres::Bytes sealed = {};
};

// Of the request's, or a new one. What it is sealed for is the endpoint.
absl::StatusOr<Secret> MakeSecret(const crypto::Sealer& sealer, std::string_view wanted,
                                  std::string_view endpoint_id) {
  std::string key;
  if (wanted.empty()) {
    key = crypto::RandomBytes(kKeyBytes);
  } else {
    ASSIGN_OR_RETURN(key, ParseSecret(wanted));
  }
  return Secret{FormatSecret(key), {sealer.Seal(endpoint_id, key)}};
}

}  // namespace

absl::StatusOr<v1::CreateEndpointResponse> EndpointMethods::Create(
    const Call& call, const v1::CreateEndpointRequest& request) {
  status::FieldViolations bad = CheckOwner(request);
  CheckUrl(request.url(), parts_.allow_http, bad);
  CheckDescription(request.description(), bad);
  const auto types = TypesMeant(request.event_types());
  CheckEventTypes(types, parts_.event_types, bad);
  CheckRetrySeconds(request.retry_seconds(), bad);
  CheckTimeout(request.timeout_seconds(), bad);
  idempotency::CheckKey(request.idempotency_key(), bad);
  if (!request.secret().empty() && !ParseSecret(request.secret()).ok()) {
    bad.Add("secret", "must be \"whsec_\" and base64 of 24 to 64 bytes");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  const absl::Time now = parts_.clock();
  // The secret is not in what is remembered of requests, which is not sealed: it is made again.
  std::string endpoint_id = absl::StrCat("ep_", crypto::ToBase64Url(crypto::RandomBytes(16)));
  ASSIGN_OR_RETURN(const Secret secret, MakeSecret(sealer, request.secret(), endpoint_id));
  const auto create = [&](Transaction& tx) -> absl::StatusOr<v1::CreateEndpointResponse> {
    ASSIGN_OR_RETURN(const int64_t count, store::CountEndpoints(tx, request.user_id()));
    if (count >= kMaxEndpoints) return NotPossible("there are 50 endpoints already");
    EndpointRow row{
        .endpoint_id = endpoint_id,
        .user_id = request.user_id(),
        .url = request.url(),
        .description = request.description(),
        .event_types = {types.begin(), types.end()},
        .retry_seconds = {request.retry_seconds().begin(), request.retry_seconds().end()},
        .timeout_seconds = request.timeout_seconds(),
        .state_since = now,
        .secret = secret.sealed,
        .created_at = now};
    store::InsertEndpoint(tx, row);
    v1::CreateEndpointResponse response;
    *response.mutable_endpoint() = store::ToProto(row, now);
    return response;
  };
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::CreateEndpointResponse> {
        ASSIGN_OR_RETURN(
            v1::CreateEndpointResponse response,
            idempotency::Once<v1::CreateEndpointResponse>(
                tx, Remembered(request, "CreateEndpoint", now), [&] { return create(tx); }));
        if (response.endpoint().endpoint_id() == endpoint_id) {
          response.set_secret(secret.text);
          return response;
        }
        ASSIGN_OR_RETURN(const auto row, store::ReadEndpoint(tx, request.user_id(),
                                                             response.endpoint().endpoint_id()));
        if (!row.has_value()) return NotFound("endpoint");
        ASSIGN_OR_RETURN(const std::string key, sealer.Open(row->endpoint_id, row->secret.value));
        response.set_secret(FormatSecret(key));
        return response;
      });
}

absl::StatusOr<v1::GetEndpointResponse> EndpointMethods::Get(
    const Call& call, const v1::GetEndpointRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(const auto row, parts_.database.Read(call, [&](Transaction& tx) {
    return store::ReadEndpoint(tx, request.user_id(), request.endpoint_id());
  }));
  if (!row.has_value()) return NotFound("endpoint");
  v1::GetEndpointResponse response;
  *response.mutable_endpoint() = store::ToProto(*row, parts_.clock());
  return response;
}

absl::StatusOr<v1::ListEndpointsResponse> EndpointMethods::List(
    const Call& call, const v1::ListEndpointsRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<EndpointRow> rows, parts_.database.Read(call, [&](Transaction& tx) {
    return store::ListEndpoints(tx, request.user_id(), after, page.limit());
  }));
  v1::ListEndpointsResponse response;
  response.set_next_page_token(page.Cut(rows, &EndpointRow::place));
  for (const EndpointRow& row : rows) {
    *response.add_endpoints() = store::ToProto(row, parts_.clock());
  }
  return response;
}

absl::StatusOr<v1::UpdateEndpointResponse> EndpointMethods::Update(
    const Call& call, const v1::UpdateEndpointRequest& request) {
  status::FieldViolations bad = CheckOwner(request);
  if (request.has_url()) CheckUrl(request.url(), parts_.allow_http, bad);
  CheckDescription(request.description(), bad);
  const auto types = TypesMeant(request.event_types().event_types());
  CheckEventTypes(types, parts_.event_types, bad);
  CheckRetrySeconds(request.retry_schedule().retry_seconds(), bad);
  CheckTimeout(request.timeout_seconds(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::UpdateEndpointResponse> {
        ASSIGN_OR_RETURN(auto row,
                         store::LockEndpoint(tx, request.user_id(), request.endpoint_id()));
        if (!row.has_value()) return NotFound("endpoint");
        if (request.has_url()) row->url = request.url();
        if (request.has_description()) row->description = request.description();
        if (request.has_timeout_seconds()) row->timeout_seconds = request.timeout_seconds();
        if (request.has_event_types()) row->event_types.assign(types.begin(), types.end());
        if (request.has_retry_schedule()) {
          const auto& pauses = request.retry_schedule().retry_seconds();
          row->retry_seconds.assign(pauses.begin(), pauses.end());
        }
        store::UpdateEndpoint(tx, *row);
        v1::UpdateEndpointResponse response;
        *response.mutable_endpoint() = store::ToProto(*row, parts_.clock());
        return response;
      });
}

absl::StatusOr<v1::EnableEndpointResponse> EndpointMethods::Enable(
    const Call& call, const v1::EnableEndpointRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::EnableEndpointResponse> {
        ASSIGN_OR_RETURN(auto row,
                         store::LockEndpoint(tx, request.user_id(), request.endpoint_id()));
        if (!row.has_value()) return NotFound("endpoint");
        if (row->state != v1::ENDPOINT_STATE_ENABLED) {
          row->state = v1::ENDPOINT_STATE_ENABLED;
          row->state_since = parts_.clock();
          row->failing_since = std::nullopt;
          row->failures = 0;
          store::UpdateEndpoint(tx, *row);
        }
        v1::EnableEndpointResponse response;
        *response.mutable_endpoint() = store::ToProto(*row, parts_.clock());
        return response;
      });
}

absl::StatusOr<v1::DisableEndpointResponse> EndpointMethods::Disable(
    const Call& call, const v1::DisableEndpointRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::DisableEndpointResponse> {
        ASSIGN_OR_RETURN(auto row,
                         store::LockEndpoint(tx, request.user_id(), request.endpoint_id()));
        if (!row.has_value()) return NotFound("endpoint");
        const absl::Time now = parts_.clock();
        if (row->state == v1::ENDPOINT_STATE_ENABLED) {
          row->state = v1::ENDPOINT_STATE_DISABLED_BY_OWNER;
          row->state_since = now;
          store::UpdateEndpoint(tx, *row);
          RETURN_IF_ERROR(
              store::GiveUpPending(tx, row->endpoint_id, v1::DELIVERY_FAILURE_DISABLED, now)
                  .status());
        }
        v1::DisableEndpointResponse response;
        *response.mutable_endpoint() = store::ToProto(*row, now);
        return response;
      });
}

absl::StatusOr<v1::DeleteEndpointResponse> EndpointMethods::Delete(
    const Call& call, const v1::DeleteEndpointRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(const bool deleted, parts_.database.Write(call, [&](Transaction& tx) {
    return store::DeleteEndpoint(tx, request.user_id(), request.endpoint_id());
  }));
  v1::DeleteEndpointResponse response;
  response.set_deleted(deleted);
  return response;
}

absl::StatusOr<v1::RotateEndpointSecretResponse> EndpointMethods::Rotate(
    const Call& call, const v1::RotateEndpointSecretRequest& request) {
  status::FieldViolations bad = CheckOwner(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  if (request.overlap_seconds() < 0 || request.overlap_seconds() > kMaxOverlap) {
    bad.Add("overlap_seconds", "must be 0 to 604800");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  ASSIGN_OR_RETURN(const Secret secret,
                   MakeSecret(sealer, request.secret(), request.endpoint_id()));
  const absl::Time now = parts_.clock();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RotateEndpointSecretResponse> {
        ASSIGN_OR_RETURN(
            v1::RotateEndpointSecretResponse response,
            idempotency::Once<v1::RotateEndpointSecretResponse>(
                tx, Remembered(request, "RotateEndpointSecret", now),
                [&]() -> absl::StatusOr<v1::RotateEndpointSecretResponse> {
                  ASSIGN_OR_RETURN(
                      auto row, store::LockEndpoint(tx, request.user_id(), request.endpoint_id()));
                  if (!row.has_value()) return NotFound("endpoint");
                  row->old_secret = row->secret;
                  row->old_secret_until = now + absl::Seconds(request.overlap_seconds());
                  row->secret = secret.sealed;
                  store::UpdateEndpoint(tx, *row);
                  v1::RotateEndpointSecretResponse made;
                  *made.mutable_endpoint() = store::ToProto(*row, now);
                  return made;
                }));
        ASSIGN_OR_RETURN(const auto row,
                         store::ReadEndpoint(tx, request.user_id(), request.endpoint_id()));
        if (!row.has_value()) return NotFound("endpoint");
        ASSIGN_OR_RETURN(const std::string key, sealer.Open(row->endpoint_id, row->secret.value));
        response.set_secret(FormatSecret(key));
        return response;
      });
}

absl::StatusOr<v1::ListEventTypesResponse> EndpointMethods::ListTypes(
    const v1::ListEventTypesRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  std::vector<std::string> types;
  for (auto type = parts_.event_types.upper_bound(page.after);
       type != parts_.event_types.end() && types.size() < static_cast<size_t>(page.limit());
       ++type) {
    types.push_back(*type);
  }
  v1::ListEventTypesResponse response;
  response.set_next_page_token(page.Cut(types, [](const std::string& type) { return type; }));
  for (std::string& type : types) response.add_event_types(std::move(type));
  return response;
}

}  // namespace selfology::webhook

#include "services/platform/integration/proxy_service.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/integration/errors.h"
#include "services/platform/integration/proxy_rules.h"

namespace selfology::integration {
namespace {

using postgres::Transaction;
using store::ConnectionRow;

constexpr absl::Duration kNearItsEnd = absl::Seconds(30);
constexpr absl::Duration kShortWait = absl::Seconds(5);  // What a caller may be made to wait for.
constexpr size_t kMaxResponse = size_t{3} << 20;
constexpr int kAttempts = 3;

absl::Status TooMany(absl::Duration wait) {
  return status::WithRetryAfter(
      status::Error(mesh::v1::ERROR_CODE_RATE_LIMITED, "the provider has asked for patience"),
      wait);
}

v1::CallProviderResponse ToResponse(const http::ClientResponse& answer) {
  v1::CallProviderResponse response;
  response.set_status(answer.status);
  for (const auto& [name, value] : answer.headers) {
    if (!IsPassedOn(name)) continue;
    v1::Pair& header = *response.add_headers();
    header.set_key(name);
    header.set_value(value);
  }
  response.set_body(answer.body);
  return response;
}

}  // namespace

absl::StatusOr<ConnectionRow> ProxyService::Usable(const Call& call,
                                                   const v1::CallProviderRequest& request) {
  ASSIGN_OR_RETURN(auto row, parts_.database.Read(call,
                                                  [&](Transaction& tx) {
                                                    return store::ReadConnection(
                                                        tx, identity::OwnerOf(request),
                                                        request.connection_id());
                                                  },
                                                  {.newest = true}));
  if (!row.has_value()) return NotFound("connection");
  if (row->state == v1::CONNECTION_STATE_BROKEN) {
    return NotPossible("the connection has ended; the person has to connect again");
  }
  const absl::Time now = parts_.clock();
  if (row->throttled_until.has_value() && *row->throttled_until > now) {
    return TooMany(*row->throttled_until - now);
  }
  if (row->refreshes && row->expires_at.has_value() && *row->expires_at < now + kNearItsEnd) {
    return parts_.renewer.Renew(call, row->owner(), row->connection_id, row->generation);
  }
  return *std::move(row);
}

absl::StatusOr<http::ClientResponse> ProxyService::Send(const Call& call, const Provider& provider,
                                                        const ConnectionRow& row,
                                                        const v1::CallProviderRequest& request) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  ASSIGN_OR_RETURN(const std::string opened, sealer.Open("tokens", row.tokens.value));
  ASSIGN_OR_RETURN(const Tokens tokens, DecodeTokens(opened));
  http::ClientRequest sent{.method = request.method(),
                           .url = absl::StrCat(provider.api_url, request.path()),
                           .body = request.body(),
                           .target = absl::StrCat(provider.id, " call"),
                           .max_response_bytes = kMaxResponse};
  http::Parameters query;
  for (const v1::Pair& pair : request.query()) query.emplace_back(pair.key(), pair.value());
  if (!query.empty()) absl::StrAppend(&sent.url, "?", http::EncodeQuery(query));
  for (const auto& [name, value] : provider.headers) sent.headers.Set(name, value);
  for (const v1::Pair& pair : request.headers()) sent.headers.Set(pair.key(), pair.value());
  sent.headers.Set("Authorization", absl::StrCat("Bearer ", tokens.access));
  return parts_.http.Send(call, sent);
}

absl::Status ProxyService::Throttled(const Call& call, const std::string& connection_id,
                                     absl::Time until) {
  return parts_.database.Write(call, [&](Transaction& tx) {
    store::SetThrottled(tx, connection_id, until);
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::CallProviderResponse> ProxyService::CallProvider(
    const Call& call, const v1::CallProviderRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckProxied(request, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(ConnectionRow row, Usable(call, request));
  const auto found = parts_.providers.find(row.provider);
  if (found == parts_.providers.end()) return NotPossible("the provider is no longer set up");
  bool renewed = false;
  for (int attempt = 1;; ++attempt) {
    const auto answer = Send(call, found->second, row, request);
    absl::Duration pause = absl::Milliseconds(200) * (1 << (attempt - 1));
    if (!answer.ok()) {
      const bool sent = status::Reason(answer.status()) != "CONNECT_FAILED";
      if (sent && !MayRepeat(request)) {
        return status::Error(absl::StatusCode::kAborted, "CONNECTION_LOST",
                             "whether the provider did it is not known");
      }
      if (attempt >= kAttempts || !status::IsRetryable(answer.status())) {
        return absl::UnavailableError("the provider is away");
      }
    } else if (const auto until = ThrottledUntil(answer->status, answer->headers, parts_.clock())) {
      RETURN_IF_ERROR(Throttled(call, row.connection_id, *until));
      pause = *until - parts_.clock();
      // It was refused, so it may be sent again, whatever it is.
      if (attempt >= kAttempts || pause > kShortWait || call.Remaining() < pause * 2) {
        return TooMany(pause);
      }
    } else if (answer->status == 401 && row.refreshes && !renewed) {
      renewed = true;
      ASSIGN_OR_RETURN(row,
                       parts_.renewer.Renew(call, row.owner(), row.connection_id, row.generation));
      continue;
    } else if (answer->status == 401) {
      RETURN_IF_ERROR(
          parts_.renewer.NoteRefused(call, row.owner(), row.connection_id, row.generation));
      return NotPossible("the provider refuses the token; the person has to connect again");
    } else if (answer->status < 500 || !MayRepeat(request) || attempt >= kAttempts) {
      return ToResponse(*answer);
    }
    if (!resilience::WaitUnlessCancelled(call, pause)) {
      return absl::CancelledError("the caller has gone away");
    }
  }
}

}  // namespace selfology::integration

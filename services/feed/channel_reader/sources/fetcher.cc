#include "services/feed/channel_reader/sources/fetcher.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/http/public_address.h"
#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/feed/channel_reader/reading/html_tree.h"
#include "services/feed/channel_reader/reading/numbers.h"
#include "services/feed/channel_reader/store/host_store.h"

namespace selfology::channel_reader {
namespace {

// What a request itself may take, once its turn has come.
constexpr absl::Duration kRequestTime = absl::Seconds(10);
constexpr absl::Duration kDefaultPause = absl::Minutes(1);

absl::Status TooOften(absl::Duration pause) {
  return status::WithRetryAfter(
      status::Error(absl::StatusCode::kResourceExhausted, "TOO_OFTEN", "the host is left alone"),
      pause);
}

// "example.org" of "https://user@example.org:8080/a".
std::string HostOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const size_t at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (!url.empty() && url[0] != '[') url = url.substr(0, url.find(':'));
  return absl::AsciiStrToLower(url);
}

// Seconds, or a date.
std::optional<absl::Duration> RetryAfterOf(const http::Headers& headers, absl::Time now) {
  const auto value = headers.Get("Retry-After");
  if (!value.has_value()) return std::nullopt;
  int64_t seconds = 0;
  if (absl::SimpleAtoi(*value, &seconds)) {
    return absl::Seconds(std::clamp<int64_t>(seconds, 0, 86'400));
  }
  const auto time = ReadTime(*value);
  if (!time.has_value()) return std::nullopt;
  return std::clamp(*time - now, absl::ZeroDuration(), absl::Hours(24));
}

}  // namespace

Fetcher::Fetcher(postgres::Database& database, http::Client& http, Options options)
    : database_(database),
      http_(http),
      options_(std::move(options)),
      public_http_(
          {.may_connect = options_.private_addresses
                              ? std::function<bool(std::string_view)>()
                              : std::function<bool(std::string_view)>(&http::IsPublicAddress),
           .metrics = options_.metrics}) {}

absl::Status Fetcher::AwaitTurn(const Call& call, const std::string& host) {
  const absl::Time now = options_.clock();
  // Whoever would have to wait for longer than the call lasts leaves the turn to others.
  const absl::Duration patience =
      std::max(call.Remaining() - absl::Seconds(1), absl::ZeroDuration());
  ASSIGN_OR_RETURN(const std::optional<store::Turn> turn,
                   database_.Write(call, [&](postgres::Transaction& tx) {
                     return store::TakeTurn(tx, host, now, options_.spacing, patience);
                   }));
  if (!turn.has_value()) return TooOften(patience);
  if (turn->refused_until > now) return TooOften(turn->refused_until - now);
  if (turn->at <= now) return absl::OkStatus();
  const bool waited = options_.wait ? options_.wait(call, turn->at - now)
                                    : resilience::WaitUnlessCancelled(call, turn->at - now);
  return waited ? absl::OkStatus() : absl::CancelledError("the call was cancelled");
}

absl::StatusOr<Fetched> Fetcher::Once(const Call& call, const Ask& ask, const std::string& url) {
  const std::string host = ask.host.empty() ? HostOf(url) : ask.host;
  if (host.empty() || host.size() > 255) return absl::InvalidArgumentError("it is no address");
  RETURN_IF_ERROR(AwaitTurn(call, host));
  http::ClientRequest request = {
      .url = url,
      .headers = {{"Accept", ask.accept}},
      .target = ask.target,
      .max_response_bytes = ask.max_bytes,
  };
  if (!ask.etag.empty()) request.headers.Add("If-None-Match", ask.etag);
  if (!ask.last_modified.empty()) request.headers.Add("If-Modified-Since", ask.last_modified);
  http::Client& client = ask.is_ours ? http_ : public_http_;
  ASSIGN_OR_RETURN(http::ClientResponse response,
                   client.Send(call.WithTimeout(kRequestTime), request));
  const absl::Time now = options_.clock();
  const std::optional<absl::Duration> after = RetryAfterOf(response.headers, now);
  if (response.status == 429 || (response.status == 503 && after.has_value())) {
    const absl::Duration pause = std::max(after.value_or(kDefaultPause), absl::Seconds(1));
    RETURN_IF_ERROR(database_.Write(call, [&](postgres::Transaction& tx) {
      store::NoteRefusal(tx, host, now, pause);
      return absl::OkStatus();
    }));
    return TooOften(pause);
  }
  if (response.status < 500) {
    RETURN_IF_ERROR(database_.Write(call, [&](postgres::Transaction& tx) {
      store::NoteAnswer(tx, host);
      return absl::OkStatus();
    }));
  }
  return Fetched{response.status, std::move(response.headers), std::move(response.body), url};
}

absl::StatusOr<Fetched> Fetcher::Get(const Call& call, const Ask& ask) {
  std::string url = ask.url;
  for (int left = ask.redirects;; --left) {
    ASSIGN_OR_RETURN(Fetched fetched, Once(call, ask, url));
    const bool moved = fetched.status == 301 || fetched.status == 302 || fetched.status == 303 ||
                       fetched.status == 307 || fetched.status == 308;
    if (!moved || ask.redirects == 0) return fetched;
    if (left == 0) {
      return status::Error(absl::StatusCode::kUnavailable, "TOO_MANY_REDIRECTS",
                           "it leads in a circle");
    }
    url = AbsoluteUrl(fetched.headers.Get("Location").value_or(""), url);
    if (url.empty() || url.starts_with("tg:")) return fetched;
  }
}

}  // namespace selfology::channel_reader

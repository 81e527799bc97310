#include "common/http/transfer.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::http {
namespace {

// Servers close what is idle for a minute or more, and a request that meets the closing is lost.
constexpr long kMostIdleSeconds = 30;

// How soon a cancelled call is noticed.
constexpr absl::Duration kGlance = absl::Milliseconds(50);
constexpr size_t kMaxHeaderBytes = 64 << 10;

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; });
}

// curl rounds to milliseconds, and takes 0 for "no limit".
long Milliseconds(absl::Duration duration) {
  constexpr absl::Duration kMost = absl::Hours(24);
  const absl::Duration rounded = absl::Ceil(std::min(duration, kMost), absl::Milliseconds(1));
  return std::max<long>(1, static_cast<long>(absl::ToInt64Milliseconds(rounded)));
}

absl::Status DeadlineExceeded() { return absl::DeadlineExceededError("no response in time"); }

}  // namespace

void InitialiseCurlOnce() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::unique_ptr<Transfer> Transfer::Make(const Client::Options& options, CURLSH* share) {
  CURLM* const multi = curl_multi_init();
  CURL* const easy = curl_easy_init();
  if (multi != nullptr && easy != nullptr) {
    return std::unique_ptr<Transfer>(new Transfer(options, share, multi, easy));
  }
  curl_easy_cleanup(easy);
  curl_multi_cleanup(multi);
  return nullptr;
}

Transfer::Transfer(const Client::Options& options, CURLSH* share, CURLM* multi, CURL* easy)
    : options_(options), share_(share), multi_(multi), easy_(easy) {}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
  curl_slist_free_all(headers_);
}

absl::StatusOr<ClientResponse> Transfer::Run(const Call& call, const ClientRequest& request,
                                             std::string_view traceparent) {
  request_ = &request;
  response_ = {};
  header_bytes_ = 0;
  header_ended_ = false;
  body_bytes_ = 0;
  body_bytes_read_ = 0;
  address_refused_ = false;
  refused_ = absl::OkStatus();
  RETURN_IF_ERROR(Prepare(call, traceparent));
  RETURN_IF_ERROR(Perform(call));
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

absl::Status Transfer::AddHeader(std::string_view name, std::string_view value) {
  if (name.empty() || HasControl(name) || absl::StrContains(name, ":") || HasControl(value)) {
    return absl::InvalidArgumentError("malformed request header");
  }
  // curl wants a semicolon where there is no value.
  const std::string line =
      value.empty() ? absl::StrCat(name, ";") : absl::StrCat(name, ": ", value);
  headers_ = curl_slist_append(headers_, line.c_str());
  return absl::OkStatus();
}

void Transfer::SetBody() {
  const ClientRequest& request = *request_;
  if (request.method == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    return;
  }
  const bool is_once = request.method == "POST" || request.method == "PATCH";
  const size_t bytes = request.read_body ? request.body_bytes : request.body.size();
  // Without a body there is none to refuse, but curl tries no new connection twice.
  if (is_once && bytes == 0) curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
  if (bytes > 0 || request.method == "POST") {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(bytes));
    if (is_once) {
      // curl would send a request again when a kept connection ends without an answer. These two
      // may have been carried out, so it reads their body from us, who do not give it twice.
      curl_easy_setopt(easy_, CURLOPT_POST, 1L);
      curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &Transfer::OnRead);
      curl_easy_setopt(easy_, CURLOPT_READDATA, this);
      curl_easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &Transfer::RefuseSeek);
    } else {
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request.body.data());
    }
    // curl would call any body a form, and ask before it sends a large one.
    if (!request.headers.Get("Content-Type").has_value()) {
      headers_ = curl_slist_append(headers_, "Content-Type:");
    }
    headers_ = curl_slist_append(headers_, "Expect:");
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

absl::Status Transfer::Prepare(const Call& call, std::string_view traceparent) {
  const ClientRequest& request = *request_;
  if (request.method.empty() || HasControl(request.method) ||
      absl::StrContains(request.method, " ") || HasControl(request.url)) {
    return absl::InvalidArgumentError("malformed request method or URL");
  }
  curl_slist_free_all(std::exchange(headers_, nullptr));
  curl_easy_reset(easy_);
  for (const auto& [name, value] : request.headers) RETURN_IF_ERROR(AddHeader(name, value));
  RETURN_IF_ERROR(AddHeader("traceparent", traceparent));
  SetBody();
  curl_easy_setopt(easy_, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(
      easy_, CURLOPT_HTTP_VERSION,
      static_cast<long>(request.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy_, CURLOPT_MAXAGE_CONN, kMostIdleSeconds);
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) curl_easy_setopt(easy_, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (options_.may_connect) {
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &Transfer::OnOpenSocket);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");  // It would do the connecting.
  }
  curl_easy_setopt(easy_, CURLOPT_SHARE, share_);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   Milliseconds(std::min(options_.connect_timeout, call.Remaining())));
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  return absl::OkStatus();
}

absl::Status Transfer::Perform(const Call& call) {
  curl_multi_add_handle(multi_, easy_);
  int running = 1;
  CURLMcode health = CURLM_OK;
  while (health == CURLM_OK && refused_.ok()) {
    health = curl_multi_perform(multi_, &running);
    if (running == 0 || !refused_.ok()) break;
    const absl::Duration remaining = call.Remaining();
    if (remaining <= absl::ZeroDuration()) {
      refused_ = DeadlineExceeded();
    } else if (call.Cancelled()) {
      refused_ = absl::CancelledError("the caller has gone away");
    } else {
      health =
          curl_multi_poll(multi_, nullptr, 0,
                          static_cast<int>(Milliseconds(std::min(kGlance, remaining))), nullptr);
    }
  }
  absl::Status result = refused_;
  int left = 0;
  if (const CURLMsg* message = curl_multi_info_read(multi_, &left);
      result.ok() && message != nullptr) {
    result = call.Remaining() <= absl::ZeroDuration() && message->data.result != CURLE_OK
                 ? DeadlineExceeded()
                 : ToStatus(message->data.result);
  } else if (result.ok()) {
    result = absl::InternalError(curl_multi_strerror(health));
  }
  // Ends the transfer if it has not ended, and with it the connection; keeps the connection
  // otherwise.
  curl_multi_remove_handle(multi_, easy_);
  return result;
}

absl::Status Transfer::ToStatus(CURLcode code) const {
  const char* const what = curl_easy_strerror(code);
  switch (code) {
    case CURLE_OK:
      // curl takes a connection that ends within the header for the header's end.
      if (header_ended_) return absl::OkStatus();
      return status::Error(absl::StatusCode::kUnavailable, "CONNECTION_LOST",
                           "the header is cut off");
    case CURLE_URL_MALFORMAT:
      return absl::InvalidArgumentError(what);
    case CURLE_UNSUPPORTED_PROTOCOL: {
      long sent = 0;  // The URL's protocol, or that of the answer?
      curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &sent);
      if (sent == 0) return absl::InvalidArgumentError(what);
      return status::Error(absl::StatusCode::kUnavailable, "CONNECTION_LOST",
                           "the answer is not HTTP");
    }
    case CURLE_COULDNT_CONNECT:
      if (address_refused_) {
        return status::Error(absl::StatusCode::kFailedPrecondition, "ADDRESS_NOT_ALLOWED",
                             "the host is at an address that is not allowed");
      }
      [[fallthrough]];
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_OPERATION_TIMEDOUT:  // Of connecting: the deadline is watched by Perform.
      return status::Error(absl::StatusCode::kUnavailable, "CONNECT_FAILED", what);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return status::Error(absl::StatusCode::kFailedPrecondition, "TLS_NOT_TRUSTED", what);
    case CURLE_OUT_OF_MEMORY:
      return absl::ResourceExhaustedError(what);
    default:
      return status::Error(absl::StatusCode::kUnavailable, "CONNECTION_LOST", what);
  }
}

size_t Transfer::OnRead(char* data, size_t size, size_t count, void* self) {
  auto* const transfer = static_cast<Transfer*>(self);
  const ClientRequest& request = *transfer->request_;
  size_t given = 0;
  if (request.read_body) {
    const size_t rest = request.body_bytes - transfer->body_bytes_read_;
    if (rest == 0) return 0;
    const absl::StatusOr<size_t> read = request.read_body(data, std::min(size * count, rest));
    if (!read.ok() || *read == 0) {
      transfer->refused_ =
          read.ok() ? absl::InvalidArgumentError("the body ends too soon") : read.status();
      return CURL_READFUNC_ABORT;
    }
    given = *read;
  } else {
    given =
        std::string_view(request.body).substr(transfer->body_bytes_read_).copy(data, size * count);
  }
  transfer->body_bytes_read_ += given;
  return given;
}

curl_socket_t Transfer::OnOpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* const transfer = static_cast<Transfer*>(self);
  char text[INET6_ADDRSTRLEN] = {};
  const void* bytes = nullptr;
  if (address->family == AF_INET) {
    bytes = &reinterpret_cast<const sockaddr_in*>(&address->addr)->sin_addr;
  } else if (address->family == AF_INET6) {
    bytes = &reinterpret_cast<const sockaddr_in6*>(&address->addr)->sin6_addr;
  }
  if (bytes == nullptr || inet_ntop(address->family, bytes, text, sizeof text) == nullptr ||
      !transfer->options_.may_connect(text)) {
    transfer->address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Transfer::RefuseSeek(void*, curl_off_t, int) { return CURL_SEEKFUNC_FAIL; }

size_t Transfer::OnHeader(char* data, size_t size, size_t count, void* self) {
  auto* const transfer = static_cast<Transfer*>(self);
  transfer->refused_ = transfer->TakeHeader(std::string_view(data, size * count));
  return transfer->refused_.ok() ? size * count : 0;
}

absl::Status Transfer::TakeHeader(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    return status::Error(absl::StatusCode::kResourceExhausted, "RESPONSE_TOO_LARGE",
                         "the response's header is too large");
  }
  if (absl::StartsWith(line, "HTTP/")) {
    response_.headers = {};  // A proxy's or an interim response came before.
    header_ended_ = false;
    return absl::OkStatus();
  }
  if (absl::StripAsciiWhitespace(line).empty()) {
    header_ended_ = true;
    return absl::OkStatus();
  }
  const std::pair<absl::string_view, absl::string_view> field =
      absl::StrSplit(line, absl::MaxSplits(':', 1));
  response_.headers.Add(absl::StripAsciiWhitespace(field.first),
                        absl::StripAsciiWhitespace(field.second));
  return absl::OkStatus();
}

size_t Transfer::OnBody(char* data, size_t size, size_t count, void* self) {
  auto* const transfer = static_cast<Transfer*>(self);
  transfer->refused_ = transfer->TakeBody(std::string_view(data, size * count));
  return transfer->refused_.ok() ? size * count : 0;
}

absl::Status Transfer::TakeBody(std::string_view data) {
  body_bytes_ += data.size();
  if (body_bytes_ > request_->max_response_bytes) {
    return status::Error(absl::StatusCode::kResourceExhausted, "RESPONSE_TOO_LARGE",
                         "the response's body is too large");
  }
  long http_status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &http_status);
  if (request_->on_data == nullptr || http_status < 200 || http_status > 299) {
    response_.body.append(data);
    return absl::OkStatus();
  }
  try {  // Nothing may be thrown through C.
    return request_->on_data(data);
  } catch (const std::exception&) {
    return absl::InternalError("the receiver of the response threw");
  }
}

}  // namespace selfology::http

#include "common/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/http/transfer.h"
#include "common/observe/span.h"
#include "common/status/status.h"

namespace selfology::http {
namespace {

// "https://host:port": connections are kept by it.
std::string OriginOf(std::string_view url) {
  const size_t host = url.find("://");
  if (host == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, url.find_first_of("/?#", host + 3)));
}

// What all transfers share: resolved names and TLS sessions.
class CurlShare {
 public:
  CurlShare() : share_(curl_share_init()) {
    curl_share_setopt(share_, CURLSHOPT_USERDATA, this);
    curl_share_setopt(share_, CURLSHOPT_LOCKFUNC, &CurlShare::Lock);
    curl_share_setopt(share_, CURLSHOPT_UNLOCKFUNC, &CurlShare::Unlock);
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  ~CurlShare() { curl_share_cleanup(share_); }
  CurlShare(const CurlShare&) = delete;
  CurlShare& operator=(const CurlShare&) = delete;

  CURLSH* get() const { return share_; }

 private:
  static void Lock(CURL*, curl_lock_data data, curl_lock_access, void* self) {
    static_cast<CurlShare*>(self)->mutexes_[data].lock();
  }
  static void Unlock(CURL*, curl_lock_data data, void* self) {
    static_cast<CurlShare*>(self)->mutexes_[data].unlock();
  }

  std::array<std::mutex, CURL_LOCK_DATA_LAST> mutexes_;
  CURLSH* const share_;
};

}  // namespace

class Client::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)), requests_(options_.metrics, "http_client") {}

  absl::StatusOr<ClientResponse> Send(const Call& call, const ClientRequest& request) {
    const absl::Time start = absl::Now();
    const observe::Span span = Begin(call, start);
    absl::StatusOr<ClientResponse> response = Exchange(call, request, span.trace().Format());
    const absl::StatusCode code = response.ok() && response->status >= 400
                                      ? status::FromHttpCode(response->status)
                                      : response.status().code();
    const absl::Time end = absl::Now();
    requests_.Record(request.target, code, end - start);
    span.End(code, end, [&](observe::FinishedSpan& finished) {
      finished.name = absl::StrCat(request.method, " ", request.target);
      finished.Add("http.request.method", request.method);
      if (response.ok()) finished.Add("http.response.status_code", response->status);
    });
    if (response.ok()) return response;
    return status::Annotate(response.status(), request.target);
  }

 private:
  struct Idle {
    std::string origin;
    std::unique_ptr<Transfer> transfer;
  };

  absl::StatusOr<ClientResponse> Exchange(const Call& call, const ClientRequest& request,
                                          const std::string& traceparent) {
    if (call.Cancelled()) return absl::CancelledError("the caller has gone away");
    if (call.Remaining() <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("there was no time left to ask");
    }
    std::string origin = OriginOf(request.url);
    std::unique_ptr<Transfer> transfer = Take(origin);
    if (transfer == nullptr) return absl::ResourceExhaustedError("libcurl has no memory");
    absl::StatusOr<ClientResponse> response = transfer->Run(call, request, traceparent);
    Keep({std::move(origin), std::move(transfer)});
    return response;
  }

  // Every request belongs to a trace.
  static observe::Span Begin(const Call& call, absl::Time start) {
    thread_local absl::InsecureBitGen random;
    return observe::Span::Enter(call.trace().tracer, observe::SpanKind::kClient, call.trace(),
                                start, random);
  }

  std::unique_ptr<Transfer> Take(const std::string& origin) {
    {
      absl::MutexLock lock(&mutex_);
      const auto found = std::find_if(idle_.begin(), idle_.end(),
                                      [&](const Idle& idle) { return idle.origin == origin; });
      if (found != idle_.end()) {
        std::unique_ptr<Transfer> transfer = std::move(found->transfer);
        idle_.erase(found);
        return transfer;
      }
    }
    return Transfer::Make(options_, share_.get());
  }

  void Keep(Idle idle) {
    std::list<Idle> evicted;  // Closed after the lock is released.
    absl::MutexLock lock(&mutex_);
    idle_.push_front(std::move(idle));
    while (idle_.size() > static_cast<size_t>(std::max(0, options_.max_idle_connections))) {
      evicted.splice(evicted.begin(), idle_, std::prev(idle_.end()));
    }
  }

  const Options options_;
  observe::Requests requests_;
  const CurlShare share_;
  absl::Mutex mutex_;
  std::list<Idle> idle_ ABSL_GUARDED_BY(mutex_);  // The latest used first.
};

Client::Client(Options options)
    : impl_((InitialiseCurlOnce(), std::make_unique<Impl>(std::move(options)))) {}

Client::~Client() = default;

absl::StatusOr<ClientResponse> Client::Send(const Call& call, const ClientRequest& request) {
  if (absl::Status alone = call.MayWait(); !alone.ok()) return alone;
  return impl_->Send(call, request);
}

absl::Status ToStatus(const ClientResponse& response) {
  absl::Status error(status::FromHttpCode(response.status), absl::StrCat("HTTP ", response.status));
  int64_t seconds = 0;
  if (const auto after = response.headers.Get("Retry-After");
      after.has_value() && absl::SimpleAtoi(*after, &seconds) && seconds >= 0) {
    error = status::WithRetryAfter(std::move(error), absl::Seconds(seconds));
  }
  return error;
}

}  // namespace selfology::http

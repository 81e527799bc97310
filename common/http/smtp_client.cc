#include "common/http/smtp_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/http/transfer.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::http {
namespace {

constexpr int kGoodbye = 221;
constexpr int kBeginMail = 354;          // The server waits for the mail.
constexpr size_t kLongestAddress = 254;  // RFC 5321, errata 1690.

bool IsAddress(std::string_view address) {
  const auto is_good = [](char c) {
    return !absl::ascii_iscntrl(c) && c != '<' && c != '>' && c != ' ';
  };
  const size_t at = address.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
         address.size() <= kLongestAddress && std::all_of(address.begin(), address.end(), is_good);
}

// Whether what the URL says is sent over this machine's own wires.
bool IsLocal(std::string_view url) {
  for (const std::string_view host : {"127.0.0.1", "localhost", "[::1]"}) {
    const size_t place = url.find(host);
    if (place == std::string_view::npos || place == 0) continue;
    const char before = url[place - 1];
    const size_t end = place + host.size();
    if ((before == '/' || before == '@') &&
        (end == url.size() || url[end] == ':' || url[end] == '/')) {
      return true;
    }
  }
  return false;
}

long Milliseconds(absl::Duration duration) {
  return std::max<long>(
      1, static_cast<long>(absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1)))));
}

// One mail on its way.
struct Exchange {
  const Call& call;
  std::string_view rest;  // Of the mail.
  bool has_mail = false;  // The server was given the mail's last byte.
  SmtpReply last = {};
};

size_t OnRead(char* data, size_t size, size_t count, void* self) {
  auto* const exchange = static_cast<Exchange*>(self);
  const size_t given = exchange->rest.copy(data, size * count);
  exchange->rest.remove_prefix(given);
  if (exchange->rest.empty()) exchange->has_mail = true;
  return given;
}

size_t OnReply(char* data, size_t size, size_t count, void* self) {
  auto* const exchange = static_cast<Exchange*>(self);
  const SmtpReply reply = ParseSmtpReply({data, size * count});
  // curl says goodbye where it was refused: that answer tells nothing.
  if (reply.code != 0 && reply.code != kGoodbye) exchange->last = reply;
  return size * count;
}

size_t OnBody(char*, size_t size, size_t count, void*) { return size * count; }

int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(self)->call.Cancelled() ? 1 : 0;
}

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

}  // namespace

SmtpReply ParseSmtpReply(std::string_view line) {
  SmtpReply reply;
  line = absl::StripAsciiWhitespace(line);
  if (line.size() < 3 || !absl::SimpleAtoi(line.substr(0, 3), &reply.code) || reply.code < 200 ||
      reply.code > 599) {
    return {};
  }
  if (line.size() < 5) return reply;
  const std::string_view word = line.substr(4, line.find(' ', 4) - 4);
  const std::vector<std::string_view> parts = absl::StrSplit(word, '.');
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.size() <= 3 &&
           std::all_of(part.begin(), part.end(), [](char c) { return absl::ascii_isdigit(c); });
  };
  // Its class is that of the code, else it is some other number.
  if (parts.size() == 3 && std::all_of(parts.begin(), parts.end(), is_number) &&
      parts[0].size() == 1 && parts[0][0] == line[0]) {
    reply.status = std::string(word);
  }
  return reply;
}

class SmtpClient::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)), requests_(options_.metrics, "smtp_client") {}

  absl::StatusOr<SmtpReply> Send(const Call& call, const SmtpMessage& message) {
    const absl::Time start = absl::Now();
    absl::StatusOr<SmtpReply> reply = Exchanged(call, message);
    const absl::StatusCode code = !reply.ok()              ? reply.status().code()
                                  : reply->code / 100 == 2 ? absl::StatusCode::kOk
                                  : reply->code / 100 == 4 ? absl::StatusCode::kResourceExhausted
                                                           : absl::StatusCode::kFailedPrecondition;
    requests_.Record("send", code, absl::Now() - start);
    return reply;
  }

 private:
  absl::StatusOr<SmtpReply> Exchanged(const Call& call, const SmtpMessage& message) {
    if (call.Remaining() <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("there was no time left to send");
    }
    if (!IsAddress(message.from) || !IsAddress(message.to)) {
      return absl::InvalidArgumentError("malformed mail address");
    }
    Easy easy = Take();
    if (easy == nullptr) return absl::ResourceExhaustedError("libcurl has no memory");
    absl::StatusOr<SmtpReply> reply = Run(easy.get(), call, message);
    Keep(std::move(easy));
    return reply;
  }

  absl::StatusOr<SmtpReply> Run(CURL* easy, const Call& call, const SmtpMessage& message) {
    Exchange exchange{.call = call, .rest = message.message};
    curl_easy_reset(easy);
    curl_slist* const to = curl_slist_append(nullptr, absl::StrCat("<", message.to, ">").c_str());
    const std::string from = absl::StrCat("<", message.from, ">");
    curl_easy_setopt(easy, CURLOPT_URL, options_.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    const bool has_login = absl::StrContains(options_.url, "@");
    curl_easy_setopt(
        &easy, CURLOPT_USE_SSL,
        static_cast<long>(has_login && !IsLocal(options_.url) ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (!options_.ca_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(message.message.size()));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &OnRead);
    curl_easy_setopt(easy, CURLOPT_READDATA, &exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnReply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &OnProgress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &exchange);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     Milliseconds(std::min(options_.connect_timeout, call.Remaining())));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, Milliseconds(call.Remaining()));
    const CURLcode code = curl_easy_perform(easy);
    curl_slist_free_all(to);
    return ToReply(code, exchange);
  }

  static absl::StatusOr<SmtpReply> ToReply(CURLcode code, const Exchange& exchange) {
    const char* const what = curl_easy_strerror(code);
    const SmtpReply& last = exchange.last;
    switch (code) {
      case CURLE_OK:
        return last;
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
        return absl::InvalidArgumentError(what);
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_ISSUER_ERROR:
      case CURLE_USE_SSL_FAILED:
        return status::Error(absl::StatusCode::kFailedPrecondition, "TLS_NOT_TRUSTED", what);
      case CURLE_LOGIN_DENIED:
        return status::Error(absl::StatusCode::kFailedPrecondition, "LOGIN_REFUSED", what);
      case CURLE_ABORTED_BY_CALLBACK:
        return absl::CancelledError("the caller has gone away");
      case CURLE_OPERATION_TIMEDOUT:
        if (exchange.call.Remaining() > absl::ZeroDuration()) break;  // Of connecting.
        if (!exchange.has_mail) return absl::DeadlineExceededError(what);
        return status::Error(absl::StatusCode::kDeadlineExceeded, "CONNECTION_LOST", what);
      case CURLE_OUT_OF_MEMORY:
        return absl::ResourceExhaustedError(what);
      default:
        break;
    }
    // A refusal at whichever step; curl has a code of its own for each.
    if (last.code >= 400) return last;
    const bool may_have_it = exchange.has_mail && last.code == kBeginMail;
    return status::Error(absl::StatusCode::kUnavailable,
                         may_have_it ? "CONNECTION_LOST" : "CONNECT_FAILED", what);
  }

  Easy Take() {
    absl::MutexLock lock(&mutex_);
    if (idle_.empty()) return Easy(curl_easy_init());
    Easy easy = std::move(idle_.back());
    idle_.pop_back();
    return easy;
  }

  void Keep(Easy easy) {
    absl::MutexLock lock(&mutex_);
    if (idle_.size() < static_cast<size_t>(std::max(0, options_.max_idle_connections))) {
      idle_.push_back(std::move(easy));
    }
  }

  const Options options_;
  observe::Requests requests_;
  absl::Mutex mutex_;
  std::vector<Easy> idle_ ABSL_GUARDED_BY(mutex_);
};

SmtpClient::SmtpClient(Options options)
    : impl_((InitialiseCurlOnce(), std::make_unique<Impl>(std::move(options)))) {}

SmtpClient::~SmtpClient() = default;

absl::StatusOr<SmtpReply> SmtpClient::Send(const Call& call, const SmtpMessage& message) {
  if (absl::Status alone = call.MayWait(); !alone.ok()) return alone;
  return impl_->Send(call, message);
}

}  // namespace selfology::http

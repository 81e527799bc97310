// A provider on this machine, for trying connections without an account anywhere: a page to allow or refuse, tokens that
// last for a minute, refresh tokens that are good once, an account, and an API that says who asked.
//
//   ASSIGN_OR_RETURN(auto provider, LocalProvider::Start({.port = 8099}));
//   provider->Setting();      // To be one of integration_providers.
//
//   GET  /authorize           asks the person, and goes back to redirect_uri with a code
//   POST /token               codes with PKCE, refresh tokens
//   POST /revoke              RFC 7009
//   GET  /account             whose token it is
//   *    /api/...             {"method", "path", "account"}, or what `answer_api` says
//   GET  /back                shows what an app would hand in to FinishConnection
//
// All of it is in memory. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/server.h"

namespace selfology::integration {

class LocalProvider {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    uint16_t port = 0;  // 0: any free one.
    absl::Duration token_lasts = absl::Minutes(1);
    std::string account = "you";
    // Called before it answers a refresh: an answer to give instead, or nullopt.
    std::function<std::optional<http::Response>()> before_refresh = nullptr;
    // Called before it says whose a token is.
    std::function<void()> before_account = nullptr;
    // Answers /api/... of requests whose token holds.
    std::function<std::optional<http::Response>(const http::Request&)> answer_api = nullptr;
  };

  static absl::StatusOr<std::unique_ptr<LocalProvider>> Start(Options options);

  std::string base() const;
  // As an element of integration_providers, of the id "local".
  std::string Setting() const;

  // As a person who allows it would send the browser: the code. authorization_url: as
  // AuthorizationUrl gives it.
  std::string Allow(const std::string& authorization_url);

  int refreshes() const;         // Refresh tokens that were used.
  int reused_refreshes() const;  // That had been used before: what rotation is to catch.
  int revocations() const;
  // Ends all that was granted, as a person can at the provider.
  void RevokeAll();
  // Access tokens hold no more; refresh tokens do.
  void ExpireTokens();

 private:
  explicit LocalProvider(Options options) : options_(std::move(options)) {}

  struct Grant {
    std::string challenge = {};
    std::string redirect_uri = {};
    std::string scope = {};
  };
  http::Response Authorize(const http::Request& request);
  http::Response Token(const http::Request& request);
  http::Response Revoke(const http::Request& request);
  http::Response Account(const http::Request& request);
  http::Response Api(const http::Request& request);
  static http::Response Back(const http::Request& request);
  std::string Issue(const Grant& grant);
  std::string NewSecret(std::string_view prefix) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Holds(const http::Request& request) const;

  const Options options_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Grant> codes_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Grant> refresh_tokens_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> used_refresh_tokens_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> access_tokens_ ABSL_GUARDED_BY(mutex_);  // Until when.
  int refreshes_ ABSL_GUARDED_BY(mutex_) = 0;
  int reused_ ABSL_GUARDED_BY(mutex_) = 0;
  int revocations_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<http::Server> server_;  // Last: its handlers use the above.
};

}  // namespace selfology::integration

// Stand-ins for the services outside that carry pushes and SMS: one server that knows the four APIs,
// keeps what it took and answers as it is told.
//
//   StandIns outside;
//   outside.Answer("/3/device/", 410, R"({"reason":"Unregistered"})");   // from now on; 0: as usual
//   outside.Taken("/3/device/");                                         // requests, in order
//
// Threads: thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/http/server.h"
#include "gtest/gtest.h"

namespace selfology::notification {

class StandIns {
 public:
  struct Call {
    std::string method = {};
    std::string path = {};
    http::Headers headers = {};
    std::string body = {};
  };

  StandIns() {
    std::vector<http::Route> routes;
    for (const char* method : {"GET", "POST"}) {
      routes.push_back({.method = method,
                        .path = "/*",
                        .handler = [this](const http::Request& request) { return Take(request); }});
    }
    auto server = http::Server::Start({}, std::move(routes));
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

  // To paths that begin like this; 0: as usual. drop: the connection is closed instead, once the
  // request was taken.
  void Answer(const std::string& path, int status, std::string body = "", bool drop = false) {
    absl::MutexLock lock(&mutex_);
    answers_[path] = {status, std::move(body), drop};
  }
  std::vector<Call> Taken(std::string_view path) const {
    absl::MutexLock lock(&mutex_);
    std::vector<Call> taken;
    for (const Call& call : calls_) {
      if (absl::StartsWith(call.path, path)) taken.push_back(call);
    }
    return taken;
  }

 private:
  struct Wanted {
    int status = 0;
    std::string body = {};
    bool drop = false;
  };

  http::Response Take(const http::Request& request) {
    absl::MutexLock lock(&mutex_);
    calls_.push_back({request.method, request.path, request.headers, request.body});
    http::Response response;
    for (const auto& [path, wanted] : answers_) {
      if (wanted.status == 0 || !absl::StartsWith(request.path, path)) continue;
      response = http::Response::Text(wanted.body, wanted.status);
      response.drop = wanted.drop;
      return response;
    }
    if (request.path == "/token") {
      return http::Response::Json(R"({"access_token":"ya29.test","expires_in":3599})");
    }
    if (absl::StartsWith(request.path, "/2010-04-01/")) {
      if (request.method == "GET") return http::Response::Json(R"({"messages":[]})");
      return http::Response::Text(R"({"sid":"SM1"})", 201);
    }
    if (absl::StartsWith(request.path, "/push/")) return http::Response::Text("", 201);
    return http::Response::Json("{}");
  }

  std::unique_ptr<http::Server> server_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Wanted> answers_ ABSL_GUARDED_BY(mutex_);
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::notification

// A server on loopback in place of OpenAI's: every completion is what the test says.
//
//   Models models;
//   models.Be(504);                            // an HTTP status without a completion
//   models.Be(200, "{}");                      // a completion of this text
//
// Threads: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/http/server.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology {

class Models {
 public:
  Models() {
    auto server =
        http::Server::Start({}, {{.method = "POST",
                                  .path = "/v1/chat/completions",
                                  .handler = [this](const http::Request&) { return Answer(); }}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port(), "/v1"); }

  void Be(int status, std::string text = "") {
    absl::MutexLock lock(&mutex_);
    status_ = status;
    text_ = std::move(text);
  }

 private:
  http::Response Answer() {
    absl::MutexLock lock(&mutex_);
    if (status_ != 200) return {.status = status_};
    nlohmann::json choice = nlohmann::json::object();
    choice["message"]["content"] = text_;
    choice["finish_reason"] = "stop";
    nlohmann::json body = nlohmann::json::object();
    body["choices"] = nlohmann::json::array({std::move(choice)});
    body["usage"]["prompt_tokens"] = 10;
    body["usage"]["completion_tokens"] = 10;
    return http::Response::Json(body.dump());
  }

  absl::Mutex mutex_;
  int status_ ABSL_GUARDED_BY(mutex_) = 503;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology

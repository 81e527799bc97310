// A server on loopback in place of OpenAI's: every completion is what the test says. All texts have
// the same vector.
//
//   Models models;
//   models.Be(504);                            // an HTTP status without a completion
//   models.Be(200, "{}");                      // a completion of this text
//   models.RefuseVectors(400);                 // an HTTP status without vectors; 200: with them
//
// Threads: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

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
    auto server = http::Server::Start(
        {}, {{.method = "POST",
              .path = "/v1/chat/completions",
              .handler = [this](const http::Request&) { return Answer(); }},
             {.method = "POST",
              .path = "/v1/embeddings",
              .handler = [this](const http::Request& request) { return Vectors(request.body); }}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port(), "/v1"); }

  void Be(int status, std::string text = "") {
    absl::MutexLock lock(&mutex_);
    status_ = status;
    text_ = std::move(text);
  }
  void RefuseVectors(int status) {
    absl::MutexLock lock(&mutex_);
    vectors_status_ = status;
  }

 private:
  http::Response Vectors(const std::string& text) {
    absl::MutexLock lock(&mutex_);
    if (vectors_status_ != 200) return {.status = vectors_status_};
    const nlohmann::json request = nlohmann::json::parse(text);
    std::vector<double> vector(request["dimensions"].get<size_t>());
    vector[0] = 1;
    nlohmann::json body = nlohmann::json::object();
    for (size_t i = 0; i < request["input"].size(); ++i) {
      body["data"].push_back({{"index", i}, {"embedding", vector}});
    }
    return http::Response::Json(body.dump());
  }
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
  int vectors_status_ ABSL_GUARDED_BY(mutex_) = 200;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology

// A server on loopback that speaks OpenAI's and Anthropic's APIs and does what the test says.
//
//   FakeModels fake;
//   fake.Next("gpt-4o", FakeModels::Status(429, {{"Retry-After", "2"}}));   // once
//   OpenAiProvider openai(http, {.base_url = fake.openai_url(), .key = "key"});
//   ...
//   fake.asked()                                                // {"gpt-4o", "gpt-4o"}
//
// By default every model answers "Hello from <model>".
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/http/server.h"
#include "common/http/sse.h"
#include "gtest/gtest.h"
#include "services/platform/ai/json_fields.h"

namespace selfology::ai {

class FakeModels {
 public:
  // What to do with one request; `anthropic` says whose form is wanted.
  using Behaviour = std::function<http::Response(const nlohmann::json& request, bool anthropic)>;

  FakeModels() {
    const auto route = [this](const char* path, bool anthropic) {
      return http::Route{.method = "POST",
                         .path = path,
                         .handler = [this, anthropic](const http::Request& request) {
                           return Handle(request, anthropic);
                         }};
    };
    auto server =
        http::Server::Start({}, {route("/v1/chat/completions", false),
                                 route("/v1/embeddings", false), route("/v1/messages", true)});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  ~FakeModels() { released_.Notify(); }

  std::string openai_url() const { return absl::StrCat(anthropic_url(), "/v1"); }
  std::string anthropic_url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

  // The next request for the model is treated so; the one after it by what is said next.
  void Next(const std::string& model, Behaviour behaviour) {
    absl::MutexLock lock(&mutex_);
    next_[model].push_back(std::move(behaviour));
  }
  // All further requests, until told otherwise.
  void Always(const std::string& model, Behaviour behaviour) {
    absl::MutexLock lock(&mutex_);
    always_[model] = std::move(behaviour);
  }

  // Whose models were asked, in order.
  std::vector<std::string> asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }
  nlohmann::json last_body() {
    absl::MutexLock lock(&mutex_);
    return last_body_;
  }
  http::Headers last_headers() {
    absl::MutexLock lock(&mutex_);
    return last_headers_;
  }

  static Behaviour Says(std::string text) {
    return [text = std::move(text)](const nlohmann::json& request, bool anthropic) {
      if (request.value("stream", false)) return StreamOf({text}, anthropic, /*complete=*/true);
      return http::Response::Json(Dump(anthropic ? Message(text) : ChatCompletion(text)));
    };
  }
  static Behaviour Status(int status, http::Headers headers = {}) {
    return [status, headers = std::move(headers)](const nlohmann::json&, bool) {
      return http::Response{
          .status = status, .headers = headers, .body = R"({"error":{"message":"no"}})"};
    };
  }
  static Behaviour Raw(std::string body) {
    return [body = std::move(body)](const nlohmann::json&, bool) {
      return http::Response::Json(body);
    };
  }
  static Behaviour Streams(std::vector<std::string> pieces, bool complete = true) {
    return [pieces = std::move(pieces), complete](const nlohmann::json&, bool anthropic) {
      return StreamOf(pieces, anthropic, complete);
    };
  }
  // Answers only once the test is over.
  Behaviour Hangs() {
    return [this](const nlohmann::json&, bool) {
      released_.WaitForNotification();
      return http::Response{.status = 503};
    };
  }
  static Behaviour Embeds() {
    return [](const nlohmann::json& request, bool) {
      nlohmann::json data = nlohmann::json::array();
      for (size_t i = 0; i < request["input"].size(); ++i) {
        std::vector<double> vector(request["dimensions"].get<int>());
        vector[i] = 2;
        data.push_back({{"index", i}, {"embedding", vector}});
      }
      return http::Response::Json(Dump({{"data", data}, {"usage", {{"total_tokens", 1000}}}}));
    };
  }

 private:
  static nlohmann::json ChatCompletion(const std::string& text) {
    return {{"choices", {{{"message", {{"content", text}}}, {"finish_reason", "stop"}}}},
            {"usage", {{"prompt_tokens", 1000}, {"completion_tokens", 100}}}};
  }
  static nlohmann::json Message(const std::string& text) {
    return {{"content", {{{"type", "text"}, {"text", text}}}},
            {"stop_reason", "end_turn"},
            {"usage", {{"input_tokens", 1000}, {"output_tokens", 100}}}};
  }
  static http::Response StreamOf(const std::vector<std::string>& pieces, bool anthropic,
                                 bool complete) {
    return http::Response::Streaming(http::kEventStream, [=](std::shared_ptr<http::Stream> stream) {
      const auto send = [&](const nlohmann::json& data) {
        stream->Write(http::FormatEvent({.data = Dump(data)})).IgnoreError();
      };
      for (const std::string& piece : pieces) {
        anthropic ? send({{"type", "content_block_delta"}, {"delta", {{"text", piece}}}})
                  : send({{"choices", {{{"delta", {{"content", piece}}}}}}});
      }
      if (!complete) return;
      anthropic
          ? send({{"type", "message_stop"}})
          : send({{"choices", {{{"delta", nlohmann::json::object()}, {"finish_reason", "stop"}}}}});
    });
  }

  http::Response Handle(const http::Request& request, bool anthropic) {
    const nlohmann::json body = ParseJson(request.body);
    const std::string model = body.value("model", "");
    Behaviour behaviour = Says(absl::StrCat("Hello from ", model));
    {
      absl::MutexLock lock(&mutex_);
      asked_.push_back(model);
      last_body_ = body;
      last_headers_ = request.headers;
      if (const auto always = always_.find(model); always != always_.end())
        behaviour = always->second;
      if (auto& next = next_[model]; !next.empty()) {
        behaviour = std::move(next.front());
        next.pop_front();
      }
    }
    return behaviour(body, anthropic);
  }

  absl::Notification released_;
  absl::Mutex mutex_;
  std::map<std::string, std::deque<Behaviour>> next_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Behaviour> always_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mutex_);
  nlohmann::json last_body_ ABSL_GUARDED_BY(mutex_);
  http::Headers last_headers_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::ai

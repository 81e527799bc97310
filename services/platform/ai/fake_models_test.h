// A server on loopback that speaks OpenAI's and Anthropic's APIs and does what the test says.
//
//   FakeModels fake;
//   fake.Next("gpt-4o", FakeModels::Status(429, {{"Retry-After", "2"}}));   // once
//   OpenAiProvider openai(http, {.base_url = fake.openai_url(), .key = "key"});
//   ...
//   fake.asked()                                                // {"gpt-4o", "gpt-4o"}
//
// By default every model answers "Hello from <model>". Its answers, streams and errors have the
// fields that the providers document (see openai_wire.h, anthropic_wire.h and failure.h).
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
  // What they were asked, in the same order.
  std::vector<nlohmann::json> bodies() {
    absl::MutexLock lock(&mutex_);
    return bodies_;
  }
  nlohmann::json last_body() { return bodies().back(); }
  http::Headers last_headers() {
    absl::MutexLock lock(&mutex_);
    return last_headers_;
  }

  static Behaviour Says(std::string text) {
    return [text = std::move(text)](const nlohmann::json& request, bool anthropic) {
      return Stops(text, anthropic ? "end_turn" : "stop")(request, anthropic);
    };
  }
  static Behaviour Status(int status, http::Headers headers = {}) {
    return [status, headers = std::move(headers)](const nlohmann::json&, bool) {
      return http::Response{
          .status = status, .headers = headers, .body = R"({"error":{"message":"no"}})"};
    };
  }
  // As documented; `code` and `details` are OpenAI's and Anthropic's finer words.
  static Behaviour Error(int status, std::string type, http::Headers headers = {},
                         nlohmann::json code = nullptr,
                         nlohmann::json details = nlohmann::json::object()) {
    return [=](const nlohmann::json&, bool anthropic) {
      nlohmann::json error = {{"type", type}, {"message", "About: How are you?"}};
      anthropic ? error["details"] = details : error["code"] = code;
      nlohmann::json body = {{"error", error}};
      if (anthropic)
        body.update({{"type", "error"}, {"request_id", "req_011CSHoEeqs5C35K2UUqR7Fy"}});
      return http::Response{.status = status, .headers = headers, .body = Dump(body)};
    };
  }
  // An answer that ended for that reason: its stop_reason or finish_reason.
  static Behaviour Stops(std::string text, std::string reason) {
    return [=](const nlohmann::json& request, bool anthropic) {
      if (request.value("stream", false)) return StreamOf({text}, anthropic, reason);
      return http::Response::Json(
          Dump(anthropic ? Message(text, reason) : ChatCompletion(text, reason)));
    };
  }
  // As OpenAI's models do: beside the content, which is null.
  static Behaviour Refuses() {
    return [](const nlohmann::json& request, bool) {
      const nlohmann::json words = {{"content", nullptr}, {"refusal", "I can't help with that."}};
      if (!request.value("stream", false)) {
        nlohmann::json body = ChatCompletion("", "stop");
        body["choices"][0]["message"].update(words);
        return http::Response::Json(Dump(body));
      }
      return StreamOfData({Dump({{"choices", {{{"index", 0}, {"delta", words}}}}}), "[DONE]"});
    };
  }
  // A stream of such data, one event each, whoever's it is.
  static Behaviour StreamsData(std::vector<std::string> data) {
    return [=](const nlohmann::json&, bool) { return StreamOfData(data); };
  }
  static Behaviour Raw(std::string body) {
    return [body = std::move(body)](const nlohmann::json&, bool) {
      return http::Response::Json(body);
    };
  }
  // Incomplete: the connection ends after the pieces.
  static Behaviour Streams(std::vector<std::string> pieces, bool complete = true) {
    return [pieces = std::move(pieces), complete](const nlohmann::json&, bool anthropic) {
      return StreamOf(pieces, anthropic, complete ? anthropic ? "end_turn" : "stop" : "");
    };
  }
  // Answers only once the test is over.
  Behaviour Hangs() {
    return [this](const nlohmann::json&, bool) {
      released_.WaitForNotification();
      return http::Response{.status = 503};
    };
  }
  // Answers once the notification is there.
  static Behaviour SaysAfter(absl::Notification& there) {
    return [&there](const nlohmann::json& request, bool anthropic) {
      there.WaitForNotification();
      return Says("at last")(request, anthropic);
    };
  }
  // width: whatever is asked for, 0: as asked for.
  static Behaviour Embeds(int width = 0) {
    return [width](const nlohmann::json& request, bool) {
      nlohmann::json data = nlohmann::json::array();
      for (size_t i = 0; i < request["input"].size(); ++i) {
        std::vector<double> vector(width == 0 ? request["dimensions"].get<int>() : width);
        vector[i] = 2;
        data.push_back({{"index", i}, {"embedding", vector}});
      }
      return http::Response::Json(Dump({{"data", data}, {"usage", {{"total_tokens", 1000}}}}));
    };
  }

 private:
  static nlohmann::json ChatCompletion(const std::string& text, const std::string& reason) {
    return {
        {"id", "chatcmpl-1"},
        {"object", "chat.completion"},
        {"choices",
         {{{"index", 0},
           {"message", {{"role", "assistant"}, {"content", text}, {"refusal", nullptr}}},
           {"finish_reason", reason}}}},
        {"usage", {{"prompt_tokens", 1000}, {"completion_tokens", 100}, {"total_tokens", 1100}}}};
  }
  static nlohmann::json Message(const std::string& text, const std::string& reason) {
    return {{"id", "msg_1"},
            {"type", "message"},
            {"role", "assistant"},
            {"content", {{{"type", "text"}, {"text", text}}}},
            {"stop_reason", reason},
            {"stop_sequence", nullptr},
            {"usage", {{"input_tokens", 1000}, {"output_tokens", 100}}}};
  }
  static http::Response StreamOfData(std::vector<std::string> data) {
    return http::Response::Streaming(
        http::kEventStream, [data = std::move(data)](std::shared_ptr<http::Stream> stream) {
          for (const std::string& one : data) {
            stream->Write(http::FormatEvent({.data = one})).IgnoreError();
          }
        });
  }
  // Without a reason it is cut.
  static http::Response StreamOf(const std::vector<std::string>& pieces, bool anthropic,
                                 const std::string& reason) {
    std::vector<std::string> data;
    const auto send = [&](const nlohmann::json& event) { data.push_back(Dump(event)); };
    const auto chunk = [&](const nlohmann::json& delta, const nlohmann::json& finish_reason) {
      send({{"object", "chat.completion.chunk"},
            {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", finish_reason}}}}});
    };
    if (anthropic) {
      send({{"type", "message_start"},
            {"message", {{"role", "assistant"}, {"usage", {{"input_tokens", 1000}}}}}});
      send({{"type", "ping"}});
    } else {
      chunk({{"role", "assistant"}, {"content", ""}}, nullptr);
    }
    for (const std::string& piece : pieces) {
      anthropic ? send({{"type", "content_block_delta"},
                        {"index", 0},
                        {"delta", {{"type", "text_delta"}, {"text", piece}}}})
                : chunk({{"content", piece}}, nullptr);
    }
    if (!reason.empty() && anthropic) {
      send({{"type", "message_delta"},
            {"delta", {{"stop_reason", reason}, {"stop_sequence", nullptr}}},
            {"usage", {{"output_tokens", 100}}}});
      send({{"type", "message_stop"}});
    } else if (!reason.empty()) {
      chunk(nlohmann::json::object(), reason);
      send({{"choices", nlohmann::json::array()},
            {"usage", {{"prompt_tokens", 1000}, {"completion_tokens", 100}}}});
      data.emplace_back("[DONE]");
    }
    return StreamOfData(std::move(data));
  }

  http::Response Handle(const http::Request& request, bool anthropic) {
    const nlohmann::json body = ParseJson(request.body);
    const std::string model = body.value("model", "");
    Behaviour behaviour = Says(absl::StrCat("Hello from ", model));
    {
      absl::MutexLock lock(&mutex_);
      asked_.push_back(model);
      bodies_.push_back(body);
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
  std::vector<nlohmann::json> bodies_ ABSL_GUARDED_BY(mutex_);
  http::Headers last_headers_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::ai

// A bot for the emulator's own tests: calls the Bot API over HTTP and says what came back.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

class TestBot {
 public:
  struct Reply {
    int status = 0;
    Json json = {};
    std::string body = {};

    std::string description() const { return StringOr(json, "description"); }
  };

  explicit TestBot(std::string base_url, std::string token = "42:secret")
      : base_url_(std::move(base_url)),
        token_(std::move(token)),
        client_(http::Client::Options()) {}

  // POST with JSON.
  absl::StatusOr<Reply> TryCall(std::string_view method, const Json& parameters,
                                absl::Duration timeout = absl::Seconds(30)) {
    return Send("POST", absl::StrCat("/bot", token_, "/", method), Dump(parameters),
                "application/json", timeout);
  }
  Reply Call(std::string_view method, const Json& parameters = Json::object()) {
    return TryCall(method, parameters).value_or(Reply());
  }

  absl::StatusOr<Reply> Send(std::string method, std::string_view path, std::string body,
                             std::string_view content_type,
                             absl::Duration timeout = absl::Seconds(30)) {
    http::ClientRequest request{.method = std::move(method),
                                .url = absl::StrCat(base_url_, path),
                                .body = std::move(body),
                                .max_response_bytes = 128 << 20};
    if (!content_type.empty()) request.headers.Set("Content-Type", content_type);
    const auto response = client_.Send(selfology::Call::Background(timeout), request);
    if (!response.ok()) return response.status();
    return Reply{.status = response->status,
                 .json = ParseJson(response->body).value_or(Json()),
                 .body = response->body};
  }

  // POST as multipart/form-data with these text fields and one file.
  Reply Upload(std::string_view method, const Json& fields, std::string_view file_field,
               std::string_view file_name, std::string_view bytes) {
    constexpr std::string_view kBoundary = "--the-test-bots-boundary";
    std::string body;
    for (const auto& [name, value] : fields.items()) {
      absl::StrAppend(&body, kBoundary, "\r\nContent-Disposition: form-data; name=\"", name,
                      "\"\r\n\r\n", value.is_string() ? value.get<std::string>() : Dump(value),
                      "\r\n");
    }
    absl::StrAppend(&body, kBoundary, "\r\nContent-Disposition: form-data; name=\"", file_field,
                    "\"; filename=\"", file_name,
                    "\"\r\nContent-Type: application/octet-stream\r\n\r\n", bytes, "\r\n",
                    kBoundary, "--\r\n");
    return Send("POST", absl::StrCat("/bot", token_, "/", method), std::move(body),
                absl::StrCat("multipart/form-data; boundary=", kBoundary.substr(2)))
        .value_or(Reply());
  }

  // getFile and its bytes; "": refused.
  std::string Download(std::string_view file_id) {
    const Json file = Call("getFile", {{"file_id", file_id}}).json["result"];
    const auto reply =
        Send("GET", absl::StrCat("/file/bot", token_, "/", StringOr(file, "file_path")), "", "");
    return reply.ok() && reply->status == 200 ? reply->body : "";
  }

  http::Client& client() { return client_; }

 private:
  const std::string base_url_;
  const std::string token_;
  http::Client client_;
};

}  // namespace selfology::telegram_emulator

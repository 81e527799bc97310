#include "tools/load/telegram.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/call/call.h"
#include "common/http/sse.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace selfology::load {
namespace {

using Json = nlohmann::json;

constexpr absl::Duration kTimeout = absl::Seconds(10);
// Longer than any run.
constexpr absl::Duration kRun = absl::Hours(24);

Json Parse(const std::string& text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

int64_t NumberOf(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found != json.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

}  // namespace

Telegram::Telegram(std::string url, size_t connections)
    : url_(absl::StripSuffix(url, "/")),
      client_({.user_agent = "selfology-load/1.0",
               .max_idle_connections = static_cast<int>(connections)}) {}

absl::Status Telegram::Check() {
  ASSIGN_OR_RETURN(const http::ClientResponse response,
                   client_.Send(Call::Background(kTimeout),
                                {.url = url_ + "/health", .target = "telegram health"}));
  return http::ToStatus(response);
}

absl::StatusOr<std::string> Telegram::Post(const std::string& path, std::string body) {
  ASSIGN_OR_RETURN(http::ClientResponse response,
                   client_.Send(Call::Background(kTimeout),
                                {.method = "POST",
                                 .url = url_ + path,
                                 .headers = {{"Content-Type", std::string(http::kJson)}},
                                 .body = std::move(body),
                                 .target = "telegram people"}));
  RETURN_IF_ERROR(http::ToStatus(response));
  return std::move(response.body);
}

absl::StatusOr<int64_t> Telegram::AddPerson(std::string_view first_name) {
  const Json person = {{"first_name", first_name}, {"language_code", "en"}};
  ASSIGN_OR_RETURN(const std::string made, Post("/api/users", person.dump()));
  const int64_t id = NumberOf(Parse(made), "id");
  if (id == 0) return absl::InternalError("the emulator made a person without a number");
  return id;
}

absl::Status Telegram::Do(const Act& act) {
  const std::string person = absl::StrCat("/api/users/", act.person);
  if (!act.text.empty())
    return Post(person + "/messages", Json{{"text", act.text}}.dump()).status();
  const Json press = {{"message_id", act.message}, {"button", act.button}};
  return Post(person + "/callbacks", press.dump()).status();
}

absl::Status Telegram::Follow(const Heard& heard, const std::function<void()>& following,
                              const std::function<bool()>& stopped) {
  http::EventReader reader;
  bool began = false;
  const auto take = [&](std::string_view data) -> absl::Status {
    // The stream says hello once it follows.
    if (!std::exchange(began, true)) following();
    for (const http::ServerEvent& event : reader.Feed(data)) {
      if (event.type == "reset") {
        return absl::DataLossError("the emulator keeps fewer changes than happened meanwhile");
      }
      if (event.type != "message") continue;
      const Json message = Parse(event.data);
      if (!message.is_object() || !message.value("from_bot", false)) continue;
      if (message.value("deleted", false)) continue;
      heard(NumberOf(message, "user_id"), NumberOf(message, "message_id"),
            message.value("text", ""));
    }
    return absl::OkStatus();
  };
  const Call call(absl::Now() + kRun, {}, stopped);
  const absl::StatusOr<http::ClientResponse> response =
      client_.Send(call, {.url = url_ + "/api/stream",
                          .target = "telegram stream",
                          .on_data = take,
                          .max_response_bytes = std::numeric_limits<size_t>::max()});
  if (stopped()) return absl::OkStatus();
  RETURN_IF_ERROR(response);
  RETURN_IF_ERROR(http::ToStatus(*response));
  return absl::UnavailableError("the emulator ended the stream");
}

}  // namespace selfology::load

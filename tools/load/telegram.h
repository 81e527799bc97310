// People in the Telegram emulator, by its API (tools/telegram_emulator/README.md, "For people").
//
//   Telegram telegram("http://127.0.0.1:8081");
//   ASSIGN_OR_RETURN(const int64_t ann, telegram.AddPerson("Ann"));
//   RETURN_IF_ERROR(telegram.Do({.person = ann, .text = "/start"}));
//
// Errors: the HTTP client's, and those of the answers' codes. Threads: thread-safe; calls block.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/http/client.h"
#include "tools/load/people.h"

namespace selfology::load {

class Telegram {
 public:
  explicit Telegram(std::string url, size_t connections = 64);

  // What does not depend on anybody: whether the emulator is there.
  absl::Status Check();
  absl::StatusOr<int64_t> AddPerson(std::string_view first_name);
  absl::Status Do(const Act& act);

  using Heard = std::function<void(int64_t person, int64_t message, std::string_view text)>;
  // Tells of the bot's messages to all people until `stopped`; an error when the stream broke before. `following` is
  // called once nothing that is said from then on is missed.
  absl::Status Follow(const Heard& heard, const std::function<void()>& following,
                      const std::function<bool()>& stopped);

 private:
  absl::StatusOr<std::string> Post(const std::string& path, std::string body);

  const std::string url_;
  http::Client client_;
};

}  // namespace selfology::load

// The emulator as a program of its own. See emulator.h and README.md.
#include <sys/prctl.h>

#include <csignal>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "tools/telegram_emulator/emulator.h"

ABSL_FLAG(std::string, address, "127.0.0.1",
          "Address to listen on. There is no authentication: keep it on loopback.");
ABSL_FLAG(uint16_t, port, 0, "TCP port; 0: any free port");
ABSL_FLAG(std::string, token, "", "The only accepted bot token; empty: any well-formed one");
ABSL_FLAG(std::string, data, "",
          "File that keeps the chats across restarts; empty: they are kept in memory only.");
ABSL_FLAG(std::string, bot_name, "Selfology", "The bot's display name");
ABSL_FLAG(std::string, bot_username, "selfology_bot", "The bot's user name, without @");
ABSL_FLAG(double, messages_per_second, 0,
          "Messages per second that one chat accepts before it answers 429; 0: unlimited");
ABSL_FLAG(int, burst, 3, "Number of messages that may exceed --messages_per_second at once");
ABSL_FLAG(bool, lively, false, "With a dozen public channels that post now and then, at /s/NAME");

int main(int argc, char** argv) {
  using selfology::telegram_emulator::Emulator;
  prctl(PR_SET_NAME, "telegram_emulator");  // Not the locked loader, which is what was executed.
  absl::SetProgramUsageMessage("A Telegram Bot API of our own, with people and a chat page.");
  absl::ParseCommandLine(argc, argv);

  // Before any thread starts, so that all of them leave the signals to sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto emulator = Emulator::Start({
      .address = absl::GetFlag(FLAGS_address),
      .port = absl::GetFlag(FLAGS_port),
      .token = absl::GetFlag(FLAGS_token),
      .data = absl::GetFlag(FLAGS_data),
      .bot = {.first_name = absl::GetFlag(FLAGS_bot_name),
              .username = absl::GetFlag(FLAGS_bot_username)},
      .rate = {.per_second = absl::GetFlag(FLAGS_messages_per_second),
               .burst = absl::GetFlag(FLAGS_burst)},
      .lively = absl::GetFlag(FLAGS_lively),
  });
  if (!emulator.ok()) {
    std::cerr << "telegram_emulator: " << emulator.status() << std::endl;
    return 1;
  }
  std::cout << "telegram_emulator listening on " << (*emulator)->base_url() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

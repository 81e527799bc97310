#include "tools/ctl/up.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/connection.h"
#include "common/redis/client.h"
#include "gtest/gtest.h"
#include "services/services.h"
#include "testing/eventually.h"
#include "testing/servers/binaries.h"

namespace selfology::ctl {
namespace {

namespace fs = std::filesystem;

// Real PostgreSQL and Redis; in place of the mesh and the emulator, scripts that only stay alive.
class UpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = servers::ScratchFolder::Make();
    ASSERT_TRUE(folder.ok()) << folder.status();
    folder_ = *std::move(folder);
    Script("tools/telegram_emulator/telegram_emulator", "exec sleep 1000");
    MeshScript("services/selfology");
    for (const service::ListedService& service : kServices) MeshScript(service.ProcessPath());
    // For Watch, which waits for it; threads inherit the mask.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    state_ = std::make_unique<StateFolder>(absl::StrCat(folder_.path(), "/state"));
    ASSERT_TRUE(state_->Lock().ok());
  }
  void Start(bool split = false) {
    up_ = std::make_unique<Up>(
        UpOptions{.runner = {"/bin/sh"}, .programs = folder_.path(), .split = split}, *state_);
    const absl::Status started = up_->Start();
    ASSERT_TRUE(started.ok()) << started;
    watch_ = std::thread([this] { up_->Watch(); });
  }
  void TearDown() override {
    if (watch_.joinable()) {
      pthread_kill(watch_.native_handle(), SIGTERM);
      watch_.join();
    }
    up_.reset();
    unsetenv("SELFOLOGY_PEERS");
  }

  // Says in its log how it was called and, as the mesh does, where it serves.
  void MeshScript(const std::string& path) {
    Script(path,
           "for flag; do echo \"$flag\"; done\n"
           "for flag; do case $flag in --endpoints_file=*)\n"
           "  file=${flag#*=}; echo '{}' >$file.new; mv $file.new $file ;;\n"
           "esac; done\n"
           "exec sleep 1000");
  }
  void Script(const std::string& path, std::string_view text) {
    const fs::path file = fs::path(folder_.path()) / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }

  static Call Soon() { return Call::Background(absl::Seconds(5)); }
  std::string AddressOf(std::string_view name) const {
    for (const auto& [entry, address] : up_->addresses()) {
      if (entry == name) return address;
    }
    return "";
  }
  // The process id of PostgreSQL's postmaster; 0: none runs.
  int PostgresPid() const {
    std::ifstream file(state_->File("postgres/postmaster.pid"));
    int pid = 0;
    return file >> pid ? pid : 0;
  }
  bool PostgresAnswers(const std::string& url) const {
    postgres::ConnectionOptions options;
    options.url = url;
    return postgres::Connection::Open(Soon(), options).ok();
  }
  // Redis's process id; 0: it does not answer.
  int RedisPid() const {
    const auto client = redis::Client::Open(AddressOf("Redis"));
    if (!client.ok()) return 0;
    const auto info = (*client)->Command(Soon(), {"INFO", "server"});
    if (!info.ok()) return 0;
    const std::string text(info->String().value_or(""));
    constexpr std::string_view kKey = "process_id:";
    const size_t at = text.find(kKey);
    int pid = 0;
    if (at == std::string::npos) return 0;
    const size_t begin = at + kKey.size();
    return absl::SimpleAtoi(text.substr(begin, text.find('\r', begin) - begin), &pid) ? pid : 0;
  }
  // As this process of the mesh was given it.
  std::string PeersFlagOf(std::string_view service) const {
    std::ifstream log(state_->File(absl::StrCat("logs/", service, ".log")));
    std::string line;
    while (std::getline(log, line)) {
      if (absl::StartsWith(line, "--peers=")) return line;
    }
    return "";
  }
  static bool Await(const std::function<bool()>& holds) {
    return testing::Eventually(holds, absl::Seconds(60));
  }

  servers::ScratchFolder folder_;
  std::unique_ptr<StateFolder> state_;
  std::unique_ptr<Up> up_;
  std::thread watch_;
};

TEST_F(UpTest, ServersThatAreKilledAreStartedAgain) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const std::string url = AddressOf("PostgreSQL");
  ASSERT_TRUE(PostgresAnswers(url)) << url;
  const int postgres = PostgresPid();
  const int redis = RedisPid();
  ASSERT_GT(postgres, 0);
  ASSERT_GT(redis, 0);
  ASSERT_EQ(kill(postgres, SIGKILL), 0);
  ASSERT_EQ(kill(redis, SIGKILL), 0);
  EXPECT_TRUE(Await([&] { return PostgresPid() != postgres && PostgresAnswers(url); }));
  EXPECT_TRUE(Await([&] { return RedisPid() != 0 && RedisPid() != redis; }));
}

TEST_F(UpTest, OthersOfThisMachineAreKeptOut) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(fs::status(state_->File("")).permissions(), fs::perms::owner_all);
  const std::string url = AddressOf("PostgreSQL");
  EXPECT_TRUE(PostgresAnswers(url));
  EXPECT_FALSE(PostgresAnswers(url.substr(0, url.find('?')))) << "without the password";
}

TEST_F(UpTest, PeersOfOthersAreAddedToTheProcesses) {
  ASSERT_EQ(setenv("SELFOLOGY_PEERS", "echo=127.0.0.1:4711,parrot=127.0.0.1:4712", 1), 0);
  ASSERT_NO_FATAL_FAILURE(Start(/*split=*/true));
  for (const service::ListedService& service : kServices) {
    const std::string flag = PeersFlagOf(service.name);
    EXPECT_TRUE(absl::StartsWith(flag, "--peers=echo=127.0.0.1:4711,parrot=127.0.0.1:4712,"))
        << service.name << ": " << flag;
    for (const service::ListedService& peer : kServices) {
      EXPECT_TRUE(absl::StrContains(flag, absl::StrCat(",", peer.name, "=127.0.0.1:"))) << flag;
    }
  }
}

}  // namespace
}  // namespace selfology::ctl

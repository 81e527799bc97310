#include "testing/servers/process.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/binaries.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"

namespace selfology::servers {
namespace {

using ::testing::HasSubstr;

absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

ProcessOptions Shell(const std::string& script) {
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  return options;
}

TEST(ProcessTest, TellsOutputAndExitCode) {
  auto process = Process::Start(Shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_EQ((*process)->Wait(Soon()).value(), 3);
  EXPECT_EQ((*process)->output(), "out\nerr\n");
  EXPECT_FALSE((*process)->running());
}

TEST(ProcessTest, KeepsItsOutputInAFileAndAddsToWhatIsThere) {
  auto folder = ScratchFolder::Make();
  ASSERT_TRUE(folder.ok()) << folder.status();
  ProcessOptions options = Shell("echo said");
  options.output_file = absl::StrCat(folder->path(), "/log");
  for (int run = 0; run < 2; ++run) {
    auto process = Process::Start(options);
    ASSERT_TRUE(process.ok()) << process.status();
    EXPECT_EQ((*process)->Wait(Soon()).value(), 0);
  }
  std::ifstream file(options.output_file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, "said\nsaid\n");
}

TEST(ProcessTest, InheritsNothingThatIsOpen) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  auto process = Process::Start(Shell("sleep 60"));
  ASSERT_TRUE(process.ok()) << process.status();
  close(ends[1]);
  pollfd reader = {.fd = ends[0], .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&reader, 1, 30'000), 1) << "nobody but us had the other end";
  char nothing;
  EXPECT_EQ(read(ends[0], &nothing, 1), 0);
  close(ends[0]);
}

TEST(ProcessTest, TellsTheSignalThatEndedIt) {
  auto process = Process::Start(Shell("echo up; exec cat /dev/zero >/dev/null"));
  ASSERT_TRUE(process.ok()) << process.status();
  ASSERT_TRUE((*process)->WaitForOutput("up", Soon()).ok());
  EXPECT_TRUE((*process)->running());
  EXPECT_TRUE(absl::IsDeadlineExceeded((*process)->Wait(absl::Now()).status()));
  (*process)->Signal(SIGTERM);
  EXPECT_EQ((*process)->Wait(Soon()).value(), 128 + SIGTERM);
  (*process)->Signal(SIGTERM);  // Too late, and harmless.
}

TEST(ProcessTest, WaitingForOutputEndsWithTheProcess) {
  auto process = Process::Start(Shell("echo no such luck"));
  ASSERT_TRUE(process.ok()) << process.status();
  const absl::Status status = (*process)->WaitForOutput("ready", Soon());
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("no such luck"));
}

TEST(ProcessTest, AProgramThatIsNotThereExitsWith127) {
  ProcessOptions options;
  options.argv = {"/no/such/program"};
  auto process = Process::Start(options);
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_EQ((*process)->Wait(Soon()).value(), 127);
  EXPECT_THAT((*process)->output(), HasSubstr("/no/such/program: No such file"));
}

TEST(ProcessTest, EnvironmentAndFolder) {
  ProcessOptions options = Shell("echo $COLOUR; pwd; test -n \"$TEST_TMPDIR\" && echo inherited");
  options.environment = {"COLOUR=green"};
  options.directory = "/";
  auto process = Process::Start(options);
  ASSERT_TRUE(process.ok()) << process.status();
  ASSERT_TRUE((*process)->Wait(Soon()).ok());
  EXPECT_EQ((*process)->output(), "green\n/\ninherited\n");
}

// Run by the test below, in a process of its own that is then killed.
TEST(ProcessTest, DISABLED_StartServersAndHang) {
  auto postgres = PostgresServer::Start({});
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  auto redis = RedisServer::Start({});
  ASSERT_TRUE(redis.ok()) << redis.status();
  std::cout << "pids=" << (*postgres)->pid() << "," << (*redis)->pid() << "=" << std::endl;
  pause();
}

TEST(ProcessTest, ServersDieWithTheProgramThatStartedThem) {
  std::ifstream file("/proc/self/cmdline");
  const std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ProcessOptions options;
  options.argv = absl::StrSplit(line, '\0', absl::SkipEmpty());
  options.argv.push_back("--gtest_also_run_disabled_tests");
  options.argv.push_back("--gtest_filter=*StartServersAndHang");
  auto scratch = ScratchFolder::Make();  // Takes what the killed program cannot clean up.
  ASSERT_TRUE(scratch.ok());
  options.environment = {absl::StrCat("TMPDIR=", scratch->path()),
                         "GTEST_OUTPUT=", "XML_OUTPUT_FILE=", "TEST_SHARD_INDEX=0",
                         "TEST_TOTAL_SHARDS=1"};
  auto program = Process::Start(options);
  ASSERT_TRUE(program.ok()) << program.status();
  const absl::Status ready = (*program)->WaitForOutput("pids=", Soon());
  ASSERT_TRUE(ready.ok()) << ready;
  ASSERT_TRUE((*program)->WaitForOutput("=\n", Soon()).ok());
  const std::vector<std::string> parts = absl::StrSplit((*program)->output(), '=');
  std::vector<int> handles;
  for (const auto& text : absl::StrSplit(parts[parts.size() - 2], ',')) {
    int pid = 0;
    ASSERT_TRUE(absl::SimpleAtoi(text, &pid)) << text;
    handles.push_back(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    ASSERT_GE(handles.back(), 0);
  }
  (*program)->Signal(SIGKILL);
  EXPECT_EQ((*program)->Wait(Soon()).value(), 128 + SIGKILL);
  for (const int handle : handles) {
    pollfd ended = {.fd = handle, .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&ended, 1, 30'000), 1) << "the server outlived its program";
    close(handle);
  }
}

}  // namespace
}  // namespace selfology::servers

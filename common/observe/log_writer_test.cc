#include "common/observe/log_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace selfology::observe {
namespace {

class LogWriterTest : public ::testing::Test {
 protected:
  LogWriterTest() { EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~LogWriterTest() override {
    close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }
  int in() const { return ends_[1]; }
  // Waits for that many bytes.
  std::string Read(size_t bytes) {
    std::string text(bytes, '\0');
    size_t have = 0;
    while (have < bytes) {
      const ssize_t got = read(ends_[0], text.data() + have, bytes - have);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    text.resize(have);
    return text;
  }
  std::string ReadAll() {
    close(ends_[1]);
    ends_[1] = -1;
    return Read(1 << 20);
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

TEST_F(LogWriterTest, ALineComesWithoutAnybodyAsking) {
  LogWriter writer(in(), absl::Milliseconds(1));
  writer.Write("one\n");
  EXPECT_EQ(Read(4), "one\n");
  writer.Write("two\n");
  EXPECT_EQ(Read(4), "two\n");
}

TEST_F(LogWriterTest, WriteNowBringsWhatCameBeforeIt) {
  LogWriter writer(in(), absl::Hours(1));
  writer.Write("one\n");
  writer.WriteNow("two\n");
  EXPECT_EQ(Read(8), "one\ntwo\n");
  writer.Write("three\n");
  writer.Flush();
  EXPECT_EQ(Read(6), "three\n");
}

TEST_F(LogWriterTest, NothingPendingIsLeftBehind) {
  {
    LogWriter(in(), absl::Hours(1)).Write("last\n");
  }
  EXPECT_EQ(ReadAll(), "last\n");
}

// Four megabytes: the pipe holds 64 KB, and one may be pending.
TEST_F(LogWriterTest, WholeLinesInTheirThreadsOrderToASlowReader) {
  constexpr size_t kThreads = 4, kLines = 1000;
  const std::string rest(1000, 'x');
  std::string text;
  {
    LogWriter writer(in(), absl::Milliseconds(1));
    std::vector<std::thread> threads;
    for (size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (size_t i = 0; i < kLines; ++i) {
          const std::string line = absl::StrCat(t, " ", absl::Dec(i, absl::kZeroPad4), rest, "\n");
          if (i % 100 == 0) {
            writer.WriteNow(line);
          } else {
            writer.Write(line);
          }
        }
      });
    }
    text = Read(kThreads * kLines * (rest.size() + 7));
    for (std::thread& thread : threads) thread.join();
  }
  std::map<std::string, size_t> next;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    ASSERT_EQ(line.size(), rest.size() + 6);
    size_t i = kLines;
    ASSERT_TRUE(absl::SimpleAtoi(line.substr(2, 4), &i));
    EXPECT_EQ(i, next[std::string(line.substr(0, 1))]++);
  }
  for (size_t t = 0; t < kThreads; ++t) EXPECT_EQ(next[absl::StrCat(t)], kLines);
}

}  // namespace
}  // namespace selfology::observe

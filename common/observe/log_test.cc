#include "common/observe/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/observe/log_problems.h"

namespace selfology::observe {
namespace {

using ::testing::EndsWith;
using Json = nlohmann::json;

std::string FormatLogLine(const LogEntry& entry) {
  std::string line;
  AppendLogLine(entry, line);
  return line;
}

LogEntry Entry(std::string_view message) {
  return {.time = absl::FromUnixMicros(1759312800000001), .service = "session", .message = message};
}

TEST(LogTest, OneLineInAFixedOrder) {
  LogEntry entry = Entry("session opened");
  entry.trace = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true};
  const std::string rpc = "OpenSession";
  const Field fields[] = {{"session_id", 12},
                          {"rpc", rpc},
                          {"again", true},
                          {"elapsed", absl::Milliseconds(320)},
                          {"share", 0.85},
                          {"until", absl::FromUnixSeconds(0)},
                          {"status", absl::NotFoundError("gone")}};
  entry.fields = fields;
  EXPECT_EQ(FormatLogLine(entry),
            R"({"time":"2025-10-01T10:00:00.000001Z","severity":"INFO",)"
            R"("category":"application","service":"session","message":"session opened",)"
            R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7",)"
            R"("session_id":12,"rpc":"OpenSession","again":true,"elapsed":0.32,)"
            R"("share":0.85,"until":"1970-01-01T00:00:00.000000Z",)"
            R"("status":"NOT_FOUND: gone"})"
            "\n");
}

TEST(LogTest, AnyTextAndNumberGivesValidJson) {
  LogEntry entry = Entry("line\nbreak \"quote\" \xff\xfe \xd0\xb6");
  const Field fields[] = {{"bytes", std::string_view("\0\x01\x80", 3)},
                          {"nan", std::numeric_limits<double>::quiet_NaN()},
                          {"most", std::numeric_limits<uint64_t>::max()},
                          {"least", std::numeric_limits<int64_t>::min()},
                          {"forever", absl::InfiniteDuration()}};
  entry.fields = fields;
  const std::string line = FormatLogLine(entry);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const Json parsed = Json::parse(line);
  EXPECT_THAT(parsed["message"].get<std::string>(), EndsWith("\xd0\xb6"));
  EXPECT_EQ(parsed["most"], std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(parsed["least"], std::numeric_limits<int64_t>::min());
}

TEST(LogTest, AStatusIsCut) {
  LogEntry entry = Entry("rpc refused");
  const Field fields[] = {{"status", absl::InvalidArgumentError(std::string(1'000'000, 'x'))}};
  entry.fields = fields;
  EXPECT_LT(FormatLogLine(entry).size(), 1300u);
}

TEST(LogTest, AFieldCannotHideTheLinesOwnNames) {
  LogEntry entry = Entry("true message");
  const Field fields[] = {{"message", "forged"}};
  entry.fields = fields;
  EXPECT_EQ(Json::parse(FormatLogLine(entry))["message"], "true message");
}

// What `log` writes, parsed.
Json Written(const std::function<void()>& log) {
  ConfigureLog({.service = "test", .level = Severity::kInfo});
  testing::internal::CaptureStderr();
  log();
  FlushLog();
  return Json::parse(testing::internal::GetCapturedStderr(), nullptr, false);
}

TEST(LogTest, ALineHasTheCategoryOfItsSeverityOrItsOwn) {
  EXPECT_EQ(Written([] { Info("opened"); })["category"], "application");
  EXPECT_EQ(Written([] { Warning("slow"); })["category"], "application");
  EXPECT_EQ(Written([] { Error("broken"); })["category"], "error");
  const Json refused =
      Written([] { Warning(Category::kSecurity, "refused", {{"category", "x"}}); });
  EXPECT_EQ(refused["category"], "security");
  EXPECT_EQ(refused["severity"], "WARNING");
}

TEST(LogTest, ProblemsAreRememberedWithoutWhatTheySayOfTheWorld) {
  // Also what is not written.
  ConfigureLog({.service = "test", .level = Severity::kOff});
  Info("a name of nobody", {{"status", absl::InternalError("x")}});
  Error("mail not sent", {{"status", absl::UnavailableError("ann@example.org is away")}});
  {
    ScopedTrace scope({"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true});
    Error("mail not sent", {{"status", absl::UnavailableError("bob@example.org is away")}});
  }
  Error("mail not sent", {{"status", absl::InternalError("x")}, {"to", "ann"}});
  const std::vector<LoggedProblem> problems = RecentProblems();
  ASSERT_GE(problems.size(), 2u);
  EXPECT_EQ(problems[0].message, "mail not sent");
  EXPECT_EQ(problems[0].code, "INTERNAL");
  EXPECT_EQ(problems[0].trace_id, "");
  EXPECT_EQ(problems[1].code, "UNAVAILABLE");
  EXPECT_EQ(problems[1].count, 2);
  EXPECT_EQ(problems[1].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_LE(problems[1].first, problems[1].last);
  for (const LoggedProblem& problem : problems) EXPECT_NE(problem.message, "a name of nobody");
}

TEST(LogTest, OldProblemsMakeRoomForNewOnes) {
  LogProblems problems(3);
  for (const char* const message : {"a", "b", "c", "a", "d"}) {
    problems.Add({.severity = Severity::kError, .message = message});
  }
  std::vector<std::string> messages;
  for (const LoggedProblem& problem : problems.Newest()) messages.push_back(problem.message);
  EXPECT_THAT(messages, ::testing::ElementsAre("d", "a", "c"));
}

TEST(LogTest, WritesWholeLinesFromManyThreadsAndObeysTheLevel) {
  ConfigureLog({.service = "test", .level = Severity::kWarning});
  testing::internal::CaptureStderr();
  std::vector<std::thread> threads;
  const std::string text(10'000, 'x');  // Longer than a pipe takes in one piece.
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      ScopedTrace scope({"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true});
      for (int i = 0; i < 25; ++i) {
        Warning("long", {{"text", text}});
        Info("not written");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string written = testing::internal::GetCapturedStderr();
  const std::vector<std::string> lines = absl::StrSplit(written, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 100u);
  for (const std::string& line : lines) {
    const Json parsed = Json::parse(line);
    EXPECT_EQ(parsed["service"], "test");
    EXPECT_EQ(parsed["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
  }
}

}  // namespace
}  // namespace selfology::observe

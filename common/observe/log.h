// Structured logs: one JSON object a line, on standard error, without personal data.
//
//   observe::Info("session opened", {{"session_id", 12}});
//   observe::Error("event not handled", {{"group", group}, {"status", status}});
//
//   {"time":"2025-10-01T10:00:00.000001Z","severity":"INFO","category":"application",
//    "service":"session","message":"session opened","trace_id":"...","span_id":"...",
//    "session_id":12}
//
//   observe::Info(Category::kAccess, "rpc served", {{"rpc", rpc}});
//
// The category says who reads the line and how long it is kept (docs/kubernetes.md). Without one, a
// line of ERROR is "error", every other "application".
// Never a field: what a person wrote, a user id or name, a token, an address. The trace id puts the
// lines of one journey together.
// Bytes that are not UTF-8 are replaced, never refused.
// Units: durations are written in seconds, times in UTC.
// A line of INFO or less may be written up to 5 ms later, together with others; one of WARNING or
// more, and all before it, at once.
// Threads: all functions may be called from any; lines do not mix.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/observe/trace.h"

namespace selfology::observe {

enum class Severity { kDebug, kInfo, kWarning, kError, kOff };
std::string_view Name(Severity severity);  // "INFO"

// R004's kinds of logs.
enum class Category {
  kApplication,  // What the domain did.
  kAccess,       // Who asked for what, and how it was answered: RPCs, HTTP requests.
  kError,        // What failed by our fault.
  kSecurity,     // Who was refused, keys, threats: kept for longer.
  kPerformance,  // What took how long, and what holds others up: events handled, open circuits.
};
std::string_view Name(Category category);  // "access"

// A field's name and value. Views must outlive the call only.
struct Field {
  using Value = std::variant<bool, int64_t, uint64_t, double, std::string_view, std::string>;

  Field(std::string_view name, bool value) : name(name), value(value) {}
  template <std::signed_integral T>
  Field(std::string_view name, T value) : name(name), value(static_cast<int64_t>(value)) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Field(std::string_view name, T value) : name(name), value(static_cast<uint64_t>(value)) {}
  template <std::floating_point T>
  Field(std::string_view name, T value) : name(name), value(static_cast<double>(value)) {}
  Field(std::string_view name, std::string_view value) : name(name), value(value) {}
  Field(std::string_view name, const std::string& value) : Field(name, std::string_view(value)) {}
  Field(std::string_view name, const char* value) : Field(name, std::string_view(value)) {}
  Field(std::string_view name, absl::Duration value);
  Field(std::string_view name, absl::Time value);
  // "NOT_FOUND: message", the message cut after 1 KiB.
  Field(std::string_view name, const absl::Status& value);

  std::string_view name;
  Value value;
};

using Fields = std::initializer_list<Field>;

void Debug(std::string_view message, Fields fields = {});
void Info(std::string_view message, Fields fields = {});
void Warning(std::string_view message, Fields fields = {});
void Error(std::string_view message, Fields fields = {});
// A category other than that of the severity.
void Info(Category category, std::string_view message, Fields fields = {});
void Warning(Category category, std::string_view message, Fields fields = {});
void Error(Category category, std::string_view message, Fields fields = {});

// The last 50 different lines of WARNING or more of this process, the latest first, whatever the
// level that is written. Without fields but the status's code: nothing in it comes from outside.
struct LoggedProblem {
  absl::Time first = absl::UnixEpoch();
  absl::Time last = absl::UnixEpoch();
  int64_t count = 1;
  Severity severity = Severity::kWarning;
  std::string message = {};
  std::string code = {};      // Of the field "status": "UNAVAILABLE"; empty: none.
  std::string trace_id = {};  // Of the last one.
};
std::vector<LoggedProblem> RecentProblems();

// Writes what is pending: before a line is looked for.
void FlushLog();

// Set once by main, before threads start. Until then the service is "selfology", the level INFO.
struct LogOptions {
  std::string service = {};
  Severity level = Severity::kInfo;
};
void ConfigureLog(LogOptions options);

struct LogEntry {
  absl::Time time = absl::UnixEpoch();
  Severity severity = Severity::kInfo;
  Category category = Category::kApplication;
  std::string_view service = {};
  std::string_view message = {};
  TraceContext trace = {};
  absl::Span<const Field> fields = {};
};
// The line Info and its kin write, newline included.
void AppendLogLine(const LogEntry& entry, std::string& line);

}  // namespace selfology::observe

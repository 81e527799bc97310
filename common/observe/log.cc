#include "common/observe/log.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <iterator>
#include <list>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/observe/log_problems.h"
#include "common/observe/log_writer.h"

namespace selfology::observe {
namespace {

constexpr size_t kMaxStatusBytes = 1024;

const LogOptions* DefaultOptions() {
  static const LogOptions* const options = new LogOptions{.service = "selfology"};
  return options;
}

std::atomic<const LogOptions*> configured = nullptr;

const LogOptions& Options() {
  const LogOptions* options = configured.load(std::memory_order_acquire);
  return options != nullptr ? *options : *DefaultOptions();
}

// "2025-10-01T10:00:00.000001Z"
void AppendTime(absl::Time time, std::string& line) {
  // Lines come many to the second.
  thread_local int64_t second = 0;
  thread_local std::string text = "1970-01-01T00:00:00";
  const int64_t micros = absl::ToUnixMicros(time);
  const int64_t whole = absl::ToUnixSeconds(time);
  if (whole != second) {
    text = absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::UTCTimeZone());
    second = whole;
  }
  absl::StrAppend(&line, text, ".", absl::Dec(micros - whole * 1'000'000, absl::kZeroPad6), "Z");
}

constexpr std::string_view kOwnNames[] = {"time",    "severity", "category", "service",
                                          "message", "trace_id", "span_id"};

bool IsPlain(char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }

// A line is written with every RPC and every event, so what needs no thought is written as it is;
// the rest is left to the JSON library.
void AppendValue(std::string_view text, std::string& line) {
  if (std::all_of(text.begin(), text.end(), IsPlain)) {
    absl::StrAppend(&line, "\"", text, "\"");
    return;
  }
  constexpr bool kAsciiOnly = false;
  line += nlohmann::json(text).dump(-1, ' ', kAsciiOnly, nlohmann::json::error_handler_t::replace);
}
void AppendValue(bool value, std::string& line) { line += value ? "true" : "false"; }
void AppendValue(int64_t value, std::string& line) { absl::StrAppend(&line, value); }
void AppendValue(uint64_t value, std::string& line) { absl::StrAppend(&line, value); }
void AppendValue(double value, std::string& line) {
  if (!std::isfinite(value)) {
    line += "null";  // JSON has no such number.
    return;
  }
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value);
  line.append(text, end.ptr);
}

template <typename Value>
void AppendMember(std::string_view name, const Value& value, std::string& line) {
  if (line.back() != '{') line += ',';
  AppendValue(name, line);
  line += ':';
  if constexpr (std::is_same_v<Value, std::string>) {
    AppendValue(std::string_view(value), line);
  } else {
    AppendValue(value, line);
  }
}

constexpr size_t kProblems = 50;

LogProblems& Problems() {
  // Never destroyed, as threads may still log while the process exits.
  static LogProblems* const problems = new LogProblems(kProblems);
  return *problems;
}

// "NOT_FOUND" of what Field has made of a status.
std::string_view CodeOf(Fields fields) {
  for (const Field& field : fields) {
    if (field.name != "status") continue;
    const auto* const text = std::get_if<std::string>(&field.value);
    if (text != nullptr) return std::string_view(*text).substr(0, text->find(':'));
  }
  return {};
}

Category CategoryOf(Severity severity) {
  return severity == Severity::kError ? Category::kError : Category::kApplication;
}

void Log(Severity severity, Category category, std::string_view message, Fields fields) {
  const absl::Time now = absl::Now();
  if (severity >= Severity::kWarning) {
    Problems().Add({.first = now,
                    .last = now,
                    .severity = severity,
                    .message = std::string(message),
                    .code = std::string(CodeOf(fields)),
                    .trace_id = std::string(ScopedTrace::Current().trace_id.view())});
  }
  const LogOptions& options = Options();
  if (severity < options.level) return;
  // Kept from line to line, as what is written from it is copied.
  thread_local std::string line;
  line.clear();
  AppendLogLine({.time = now,
                 .severity = severity,
                 .category = category,
                 .service = options.service,
                 .message = message,
                 .trace = ScopedTrace::Current(),
                 .fields = absl::MakeConstSpan(fields.begin(), fields.size())},
                line);
  LogWriter& writer = LogWriter::ToStandardError();
  if (severity >= Severity::kWarning) {
    writer.WriteNow(line);
  } else {
    writer.Write(line);
  }
}

}  // namespace

std::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kError:
    case Severity::kOff:
      return "ERROR";
  }
  return "ERROR";
}

std::string_view Name(Category category) {
  switch (category) {
    case Category::kApplication:
      return "application";
    case Category::kAccess:
      return "access";
    case Category::kError:
      return "error";
    case Category::kSecurity:
      return "security";
    case Category::kPerformance:
      return "performance";
  }
  return "application";
}

Field::Field(std::string_view name, absl::Duration value)
    : name(name), value(absl::ToDoubleSeconds(value)) {}

Field::Field(std::string_view name, absl::Time value) : name(name), value(std::string()) {
  AppendTime(value, std::get<std::string>(this->value));
}

Field::Field(std::string_view name, const absl::Status& value)
    : name(name),
      value(value.ok() ? std::string("OK")
                       : absl::StrCat(absl::StatusCodeToString(value.code()), ": ",
                                      value.message().substr(0, kMaxStatusBytes),
                                      value.message().size() > kMaxStatusBytes ? "..." : "")) {}

void Debug(std::string_view message, Fields fields) {
  Log(Severity::kDebug, CategoryOf(Severity::kDebug), message, fields);
}
void Info(std::string_view message, Fields fields) {
  Log(Severity::kInfo, CategoryOf(Severity::kInfo), message, fields);
}
void Warning(std::string_view message, Fields fields) {
  Log(Severity::kWarning, CategoryOf(Severity::kWarning), message, fields);
}
void Error(std::string_view message, Fields fields) {
  Log(Severity::kError, CategoryOf(Severity::kError), message, fields);
}
void Info(Category category, std::string_view message, Fields fields) {
  Log(Severity::kInfo, category, message, fields);
}
void Warning(Category category, std::string_view message, Fields fields) {
  Log(Severity::kWarning, category, message, fields);
}
void Error(Category category, std::string_view message, Fields fields) {
  Log(Severity::kError, category, message, fields);
}

std::vector<LoggedProblem> RecentProblems() { return Problems().Newest(); }

void FlushLog() { LogWriter::ToStandardError().Flush(); }

void ConfigureLog(LogOptions options) {
  // Kept for good: another thread may be using the one before.
  static absl::Mutex* const mutex = new absl::Mutex;
  static auto* const all = new std::list<LogOptions>;
  absl::MutexLock lock(mutex);
  configured.store(&all->emplace_back(std::move(options)), std::memory_order_release);
}

void AppendLogLine(const LogEntry& entry, std::string& line) {
  line += '{';
  line += R"("time":")";
  AppendTime(entry.time, line);
  line += '"';
  AppendMember("severity", Name(entry.severity), line);
  AppendMember("category", Name(entry.category), line);
  AppendMember("service", entry.service, line);
  AppendMember("message", entry.message, line);
  if (entry.trace.valid()) {
    AppendMember("trace_id", entry.trace.trace_id.view(), line);
    AppendMember("span_id", entry.trace.span_id.view(), line);
  }
  for (auto field = entry.fields.begin(); field != entry.fields.end(); ++field) {
    // The line's own names win, then the first of equal ones.
    const bool taken =
        std::find(std::begin(kOwnNames), std::end(kOwnNames), field->name) != std::end(kOwnNames) ||
        std::any_of(entry.fields.begin(), field,
                    [&](const Field& before) { return before.name == field->name; });
    if (taken) continue;
    std::visit([&](const auto& value) { AppendMember(field->name, value, line); }, field->value);
  }
  line += "}\n";
}

}  // namespace selfology::observe

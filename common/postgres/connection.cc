#include "common/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "absl/cleanup/cleanup.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/postgres/error.h"
#include "common/status/status_macros.h"

namespace selfology::postgres {
namespace {

// How often a wait looks whether the call was cancelled.
constexpr absl::Duration kCancelCheck = absl::Milliseconds(100);

// How long one cancel request may take to show before another is sent.
constexpr absl::Duration kCancelPatience = absl::Seconds(1);

constexpr int kMaxParameters = 65535;  // The protocol counts them in 16 bits.

// Settings of every session. The server looks after clients that vanish: it ends statements whose
// client has gone, and transactions that hold locks while nothing is asked. Each statement is
// planned once for a session, not five times and more until the server is sure that the values do
// not matter: of the rooms' statements, which find rows by their keys, planning was a tenth of the
// work.
constexpr std::string_view kSettings =
    " -c plan_cache_mode=force_generic_plan"
    " -c search_path=selfology,public -c TimeZone=UTC -c client_connection_check_interval=2s"
    " -c idle_in_transaction_session_timeout=60s";

// The url's own `options`, which ours are added to; empty if there are none.
std::string OptionsOf(const std::string& url) {
  std::string options;
  PQconninfoOption* parsed = PQconninfoParse(url.c_str(), nullptr);
  for (auto* option = parsed; option != nullptr && option->keyword != nullptr; ++option) {
    if (strcmp(option->keyword, "options") == 0 && option->val != nullptr) options = option->val;
  }
  PQconninfoFree(parsed);
  return options;
}

// Why libpq could not connect, without the address it tried: the reason may reach a caller.
std::string ConnectFailure(PGconn* conn) {
  const std::string_view text = PQerrorMessage(conn);
  const size_t at = text.rfind("failed: ");
  const std::string_view reason = at == text.npos ? text : text.substr(at + strlen("failed: "));
  return absl::StrCat("cannot connect to the database: ", reason.substr(0, reason.find('\n')));
}

std::string_view Field(const PGresult* result, int field) {
  const char* value = PQresultErrorField(result, field);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

void DropNotice(void*, const PGresult*) {}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Call& call,
                                                             const ConnectionOptions& options) {
  // Later keywords win: the url over what stands before it.
  const std::string settings = absl::StrCat(OptionsOf(options.url), kSettings);
  std::vector<std::pair<std::string, std::string>> keywords = {
      {"fallback_application_name", options.application_name},
      {"keepalives_idle", "30"},      // Seconds.
      {"keepalives_interval", "10"},  // Seconds.
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "30000"},  // Milliseconds.
      {"dbname", options.url},
      {"client_encoding", "UTF8"},
      {"options", settings},
  };
  keywords.insert(keywords.end(), options.keywords.begin(), options.keywords.end());
  std::vector<const char*> names, values;
  for (const auto& [name, value] : keywords) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);

  PGconn* conn = PQconnectStartParams(names.data(), values.data(), /*expand_dbname=*/1);
  if (conn == nullptr) return absl::ResourceExhaustedError("out of memory");
  std::unique_ptr<Connection> connection(new Connection(conn, options.max_statements));
  RETURN_IF_ERROR(connection->Connect(call.WithTimeout(options.connect_timeout)));
  return connection;
}

Connection::~Connection() { PQfinish(conn_); }

absl::Status Connection::Connect(const Call& call) {
  PQsetNoticeReceiver(conn_, &DropNotice, nullptr);
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (PQstatus(conn_) != CONNECTION_BAD) {
    absl::Status waited = Wait(call, next == PGRES_POLLING_READING ? POLLIN : POLLOUT);
    if (absl::IsDeadlineExceeded(waited)) {
      return absl::UnavailableError("cannot connect to the database in time");
    }
    RETURN_IF_ERROR(waited);
    next = PQconnectPoll(conn_);
    if (next == PGRES_POLLING_OK) {
      if (PQsetnonblocking(conn_, 1) != 0) break;
      return absl::OkStatus();
    }
    if (next == PGRES_POLLING_FAILED) break;
  }
  return absl::UnavailableError(ConnectFailure(conn_));
}

void Connection::Add(std::string_view sql, const internal::Parameters& parameters, Kept kept) {
  if (!usable()) return;  // RoundTrip tells.
  if (parameters.size() > kMaxParameters) {
    too_many_parameters_ = true;
    return;
  }
  if (PQpipelineStatus(conn_) == PQ_PIPELINE_OFF) PQenterPipelineMode(conn_);
  const std::string name = Prepare(sql, parameters);

  absl::InlinedVector<const char*, 16> values;
  absl::InlinedVector<int, 16> lengths;
  const absl::InlinedVector<int, 16> formats(parameters.size(), 1);
  for (int i = 0; i < parameters.size(); ++i) {
    const std::optional<std::string_view> value = parameters.value(i);
    values.push_back(value.has_value() ? value->data() : nullptr);
    lengths.push_back(value.has_value() ? static_cast<int>(value->size()) : 0);
  }
  Sent(PQsendQueryPrepared(conn_, name.c_str(), parameters.size(), values.data(), lengths.data(),
                           formats.data(), /*resultFormat=*/1),
       Expect::kResult, /*key=*/{}, std::move(kept));
}

std::string Connection::Prepare(std::string_view sql, const internal::Parameters& parameters) {
  std::string key(reinterpret_cast<const char*>(parameters.oids().data()),
                  parameters.oids().size() * sizeof(Oid));
  key.append(sql);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
    return found->second->name;
  }
  if (statements_.size() >= max_statements_) EvictOldest();
  statements_.push_front({key, absl::StrCat("s", next_name_++)});
  by_key_[statements_.front().key] = statements_.begin();
  const std::string& name = statements_.front().name;
  const std::string text(sql);
  Sent(
      PQsendPrepare(conn_, name.c_str(), text.c_str(), parameters.size(), parameters.oids().data()),
      Expect::kPrepared, std::move(key));
  return name;
}

void Connection::EvictOldest() {
  // The server is told in the same batch. If the batch fails first it keeps the statement: a little
  // memory.
  const Statement& oldest = statements_.back();
  const std::string sql = absl::StrCat("DEALLOCATE ", oldest.name);
  Sent(PQsendQueryParams(conn_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1),
       Expect::kNothing);
  Forget(oldest.key);
}

void Connection::Forget(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const Statements::iterator statement = found->second;
  by_key_.erase(found);
  statements_.erase(statement);
}

void Connection::Sent(bool sent, Expect expect, std::string key, Kept kept) {
  if (sent) {
    pending_.push_back({expect, std::move(key), std::move(kept)});
  } else {
    broken_ = true;
  }
}

absl::StatusOr<Result> Connection::RoundTrip(const Call& call) {
  if (!usable()) return Lost();
  Sent(PQpipelineSync(conn_), Expect::kEnd);
  if (broken_) return Lost();
  ++round_trips_;
  Result last;
  RETURN_IF_ERROR(Flush(call));
  const absl::Status status = ReadAll(call, last);
  if (std::exchange(too_many_parameters_, false)) {
    return absl::InternalError(
        absl::StrCat("a statement has more than ", kMaxParameters, " parameters: use arrays"));
  }
  RETURN_IF_ERROR(status);
  return last;
}

void Connection::SendAndForget() {
  if (!usable()) return;
  auto batch = pending_.end();
  while (batch != pending_.begin() && std::prev(batch)->expect != Expect::kForgottenEnd) --batch;
  for (bool may_be_skipped = false; batch != pending_.end(); ++batch) {
    if (batch->expect == Expect::kPrepared && may_be_skipped) {
      // If a statement before it fails the server skips it, and the name may be used before that is
      // read. If none fails the server keeps the statement: a little memory.
      Forget(batch->key);
      batch->expect = Expect::kNothing;
    }
    may_be_skipped = may_be_skipped || batch->expect != Expect::kPrepared;
    if (batch->expect == Expect::kResult) batch->expect = Expect::kNothing;
  }
  Sent(PQpipelineSync(conn_), Expect::kForgottenEnd);
  if (!broken_ && PQflush(conn_) < 0) broken_ = true;
}

absl::Status Connection::Script(const Call& call, const std::string& sql) {
  if (!pending_.empty()) RETURN_IF_ERROR(RoundTrip(call));
  if (!usable()) return Lost();
  PQexitPipelineMode(conn_);
  if (!PQsendQuery(conn_, sql.c_str())) return Lost();
  ++round_trips_;
  RETURN_IF_ERROR(Flush(call));
  absl::Status first_error;
  while (true) {
    RETURN_IF_ERROR(WaitForResult(call));
    PGresult* raw = PQgetResult(conn_);
    if (raw == nullptr) return first_error;
    const absl::Cleanup clear = [raw] { PQclear(raw); };
    first_error.Update(Judge(raw));
    if (broken_) return first_error;
  }
}

absl::Status Connection::Flush(const Call& call) {
  while (true) {
    const int left = PQflush(conn_);
    if (left == 0) return absl::OkStatus();
    if (left < 0) return Lost();
    // The server may be waiting for us to read before it reads on.
    RETURN_IF_ERROR(Wait(call, POLLIN | POLLOUT));
    if (!PQconsumeInput(conn_)) return Lost();
  }
}

// Reads the answers to all that was sent. The status is that of the last batch: its first error.
absl::Status Connection::ReadAll(const Call& call, Result& last) {
  absl::Status first_error;
  while (!pending_.empty()) {
    const Pending pending = pending_.front();
    if (pending.expect == Expect::kEnd || pending.expect == Expect::kForgottenEnd) {
      RETURN_IF_ERROR(WaitForResult(call));
      PGresult* raw = PQgetResult(conn_);
      const bool ended = raw != nullptr && PQresultStatus(raw) == PGRES_PIPELINE_SYNC;
      PQclear(raw);
      if (!ended) return Lost();
      pending_.pop_front();
      const bool failed = std::exchange(batch_failed_, false);
      if (pending.expect == Expect::kEnd) continue;
      first_error = absl::OkStatus();
      const bool is_last = std::none_of(pending_.begin(), pending_.end(), [](const Pending& later) {
        return later.expect == Expect::kForgottenEnd;
      });
      // The transaction that was to end there did not: whatever follows would belong to it.
      if (failed && is_last) return Lost();
      continue;
    }
    while (true) {
      RETURN_IF_ERROR(WaitForResult(call));
      PGresult* raw = PQgetResult(conn_);
      if (raw == nullptr) break;
      first_error.Update(Take(pending, raw, last));
      if (broken_) return first_error;
    }
    pending_.pop_front();
  }
  return first_error;
}

absl::Status Connection::Take(const Pending& pending, pg_result* raw, Result& last) {
  Result result(raw);
  if (PQresultStatus(raw) == PGRES_PIPELINE_ABORTED) {
    // Skipped, as something before it failed.
    batch_failed_ = true;
    if (pending.expect == Expect::kPrepared) Forget(pending.key);
    return absl::OkStatus();
  }
  absl::Status status = Judge(raw);
  if (!status.ok()) batch_failed_ = true;
  if (!status.ok() && pending.expect == Expect::kPrepared) Forget(pending.key);
  if (pending.kept != nullptr) {
    if (status.ok()) *pending.kept = std::move(result);
  } else if (pending.expect == Expect::kResult) {
    last = std::move(result);
  }
  if (pending.expect == Expect::kNothing && !broken_) return absl::OkStatus();
  return status;
}

absl::Status Connection::Judge(pg_result* raw) {
  switch (PQresultStatus(raw)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return absl::OkStatus();
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
      broken_ = true;  // Simpler to drop than to lead back.
      return absl::InternalError("COPY is not supported here");
    default:
      break;
  }
  const std::string_view sqlstate = Field(raw, PG_DIAG_SQLSTATE);
  const std::string_view severity = Field(raw, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (sqlstate.empty() || PQstatus(conn_) == CONNECTION_BAD) {
    if (sqlstate.empty()) return Lost();
    broken_ = true;
  }
  if (severity == "FATAL" || severity == "PANIC") broken_ = true;
  if (IsStalePlan(sqlstate)) {
    // Under their old names the server may still hold them; new ones get new names.
    by_key_.clear();
    statements_.clear();
  }
  absl::Status status = ToStatus({
      .sqlstate = sqlstate,
      .message = Field(raw, PG_DIAG_MESSAGE_PRIMARY),
      .constraint = Field(raw, PG_DIAG_CONSTRAINT_NAME),
      .table = Field(raw, PG_DIAG_TABLE_NAME),
      .column = Field(raw, PG_DIAG_COLUMN_NAME),
  });
  // Whatever ended the session (an idle timeout, say): it is gone, and a new one may do better.
  if (broken_ && !absl::IsUnavailable(status)) {
    absl::Status lost(absl::StatusCode::kUnavailable, status.message());
    status.ForEachPayload(
        [&](absl::string_view type, const absl::Cord& payload) { lost.SetPayload(type, payload); });
    return lost;
  }
  return status;
}

absl::Status Connection::WaitForResult(const Call& call) {
  while (PQisBusy(conn_)) {
    RETURN_IF_ERROR(Wait(call, POLLIN));
    if (!PQconsumeInput(conn_)) {
      // What the server said before it hung up is still to be read: it tells more than its silence.
      if (!PQisBusy(conn_)) break;
      return Lost();
    }
  }
  return absl::OkStatus();
}

absl::Status Connection::Wait(const Call& call, short events) {
  while (true) {
    const absl::Duration left = call.Remaining();
    if (left <= absl::ZeroDuration()) {
      abandoned_ = true;
      return absl::DeadlineExceededError("the database did not answer in time");
    }
    if (call.Cancelled()) {
      abandoned_ = true;
      return absl::CancelledError("cancelled while waiting for the database");
    }
    pollfd socket = {.fd = PQsocket(conn_), .events = events, .revents = 0};
    const timespec timeout = absl::ToTimespec(std::min(left, kCancelCheck));
    const int ready = ppoll(&socket, 1, &timeout, nullptr);
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Lost();
  }
}

absl::Status Connection::Lost() {
  broken_ = true;
  return absl::UnavailableError("lost the connection to the database");
}

bool Connection::StillOpen() {
  while (usable()) {
    pollfd socket = {.fd = PQsocket(conn_), .events = POLLIN, .revents = 0};
    if (poll(&socket, 1, 0) == 0) return true;
    // Answers to what was forgotten, a notice, or the end.
    if (!PQconsumeInput(conn_)) broken_ = true;
  }
  return false;
}

bool Connection::Recover(const Call& call) {
  for (int attempt = 0; attempt < 3 && !broken_ && call.Remaining() > absl::ZeroDuration();
       ++attempt) {
    char error[256];
    PGcancel* cancel = PQgetCancel(conn_);
    if (cancel == nullptr) return false;
    const bool requested = PQcancel(cancel, error, sizeof(error));
    PQfreeCancel(cancel);
    if (!requested) return false;

    abandoned_ = false;
    const Call patience = call.WithTimeout(kCancelPatience);
    Result dropped;
    absl::Status status = Flush(patience);
    if (status.ok()) status = ReadAll(patience, dropped);
    if (broken_) return false;
    if (abandoned_) continue;
    if (PQpipelineStatus(conn_) == PQ_PIPELINE_OFF) return false;  // A script: not worth it.
    if (in_transaction()) {
      Add("ROLLBACK", {});
      if (!RoundTrip(call).ok()) return false;
    }
    return true;
  }
  return false;
}

bool Connection::in_transaction() const { return PQtransactionStatus(conn_) != PQTRANS_IDLE; }

}  // namespace selfology::postgres

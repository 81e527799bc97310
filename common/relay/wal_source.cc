#include "common/relay/wal_source.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/postgres/error.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

struct FreeCancel {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
struct FreeMemory {
  void operator()(char* memory) const { PQfreemem(memory); }
};

void DropNotice(void*, const PGresult*) {}

std::string_view Field(const PGresult* result, int code) {
  const char* const text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

absl::Status ErrorOf(const PGresult* result) {
  const std::string_view sqlstate = Field(result, PG_DIAG_SQLSTATE);
  const std::string_view message = Field(result, PG_DIAG_MESSAGE_PRIMARY);
  // None of these commands carries data, so the server's own words may be repeated.
  const std::string text = absl::StrCat("logical decoding: ", message, " (", sqlstate, ")");
  if (sqlstate == "55006") return absl::AbortedError(text);  // The slot is in use.
  if (sqlstate == "55000")
    return absl::FailedPreconditionError(text);  // wal_level; a slot that is lost.
  if (sqlstate == "53400") return absl::FailedPreconditionError(text);  // max_replication_slots.
  return absl::Status(postgres::CodeOf(sqlstate), text);
}

std::string Quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) quoted.append(c == quote ? 2 : 1, c);
  return quoted + quote;
}

void AppendNumber(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

uint64_t NumberAt(std::string_view bytes, size_t place) {
  uint64_t number = 0;
  for (const char byte : bytes.substr(place, 8)) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

}  // namespace

void WalSource::CloseConnection::operator()(pg_conn* connection) const { PQfinish(connection); }

WalSource::~WalSource() = default;

absl::StatusOr<std::unique_ptr<WalSource>> WalSource::Open(WalOptions options, Wakeup& stop) {
  std::unique_ptr<WalSource> source(new WalSource(std::move(options), stop));
  RETURN_IF_ERROR(source->Connect());
  RETURN_IF_ERROR(source->EnsurePublication());
  RETURN_IF_ERROR(source->EnsureSlot());
  return source;
}

absl::Status WalSource::Connect() {
  constexpr const char* names[] = {"fallback_application_name",
                                   "keepalives_idle",  // Seconds.
                                   "dbname",
                                   "client_encoding",
                                   "replication",
                                   nullptr};
  const char* const values[] = {"selfology_relay", "30",   options_.url.c_str(), "UTF8",
                                "database",        nullptr};
  connection_.reset(PQconnectStartParams(names, values, /*expand_dbname=*/1));
  if (connection_ == nullptr) return Lost("no memory");
  PQsetNoticeReceiver(connection_.get(), &DropNotice, nullptr);
  const absl::Time deadline = absl::Now() + kConnectTimeout;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(connection_.get()) != CONNECTION_BAD && state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) break;
    RETURN_IF_ERROR(Await(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline));
    state = PQconnectPoll(connection_.get());
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    const std::string reason(absl::StripAsciiWhitespace(PQerrorMessage(connection_.get())));
    // A login that may not replicate is refused while connecting, when libpq knows no SQLSTATE.
    if (reason.find("replication") != std::string::npos) {
      return absl::PermissionDeniedError(absl::StrCat("logical decoding: ", reason));
    }
    return absl::UnavailableError(absl::StrCat("logical decoding: ", reason));
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0) return Lost("cannot be used without blocking");
  return absl::OkStatus();
}

absl::Status WalSource::EnsurePublication() {
  ASSIGN_OR_RETURN(const Rows found,
                   Run(absl::StrCat("SELECT puballtables OR EXISTS (SELECT FROM pg_publication_rel"
                                    " WHERE prpubid = pg_publication.oid AND prrelid = ",
                                    Quoted(options_.table, '\''),
                                    "::regclass) FROM pg_publication WHERE pubname = ",
                                    Quoted(options_.publication, '\''))));
  if (!found.empty() && found[0][0] == "t") return absl::OkStatus();
  // One that is there without the table outlived it, as when a restore made the table anew.
  const std::string name = Quoted(options_.publication, '"');
  const absl::Status made =
      Run(found.empty()
              ? absl::StrCat("CREATE PUBLICATION ", name, " FOR TABLE ", options_.table,
                             " WITH (publish = 'insert', publish_via_partition_root = true)")
              : absl::StrCat("ALTER PUBLICATION ", name, " ADD TABLE ", options_.table))
          .status();
  // Another relay may have been faster.
  if (absl::IsAlreadyExists(made) || made.message().find("already exists") != std::string::npos ||
      made.message().find("already member") != std::string::npos) {
    return absl::OkStatus();
  }
  return made;
}

absl::Status WalSource::EnsureSlot() {
  const std::string name = Quoted(options_.slot, '\'');
  ASSIGN_OR_RETURN(
      const Rows found,
      Run(absl::StrCat("SELECT coalesce(confirmed_flush_lsn, '0/0')::text,"
                       " coalesce(wal_status, '') = 'lost' OR database <> current_database()"
                       " OR plugin <> 'pgoutput', coalesce(active_pid, 0)"
                       " FROM pg_replication_slots WHERE slot_name = ",
                       name)));
  if (!found.empty()) {
    const std::vector<std::string>& slot = found[0];
    if (slot[1] != "t") {
      if (slot[2] != "0") {
        // Only the leader gets here, so whoever holds it is a leader that was cut off from the
        // database without the server's noticing.
        RETURN_IF_ERROR(Run(absl::StrCat("SELECT pg_terminate_backend(", slot[2], ")")));
        return absl::AbortedError(
            absl::StrCat("logical decoding: slot ", options_.slot, " is in use"));
      }
      ASSIGN_OR_RETURN(confirmed_, ParseLsn(slot[0]));
      return absl::OkStatus();
    }
    observe::Error("replication slot lost; creating a new one", {{"slot", options_.slot}});
    RETURN_IF_ERROR(
        Run(absl::StrCat("DROP_REPLICATION_SLOT ", Quoted(options_.slot, '"'), " WAIT")));
  }
  ASSIGN_OR_RETURN(const Rows made,
                   Run(absl::StrCat("CREATE_REPLICATION_SLOT ", Quoted(options_.slot, '"'),
                                    " LOGICAL pgoutput NOEXPORT_SNAPSHOT")));
  if (made.empty() || made[0].size() < 2)
    return Lost("unexpected answer to CREATE_REPLICATION_SLOT");
  ASSIGN_OR_RETURN(confirmed_, ParseLsn(made[0][1]));
  return absl::OkStatus();
}

absl::Status WalSource::Start() {
  const std::string command =
      absl::StrCat("START_REPLICATION SLOT ", Quoted(options_.slot, '"'),
                   " LOGICAL 0/0 (proto_version '1', publication_names ",
                   Quoted(Quoted(options_.publication, '"'), '\''), ", binary 'true')");
  return Run(command).status();
}

// One command of the replication protocol or of SQL; rows as text.
absl::StatusOr<WalSource::Rows> WalSource::Run(const std::string& command) {
  PGconn* const connection = connection_.get();
  if (PQsendQuery(connection, command.c_str()) != 1) return Lost("cannot send");
  while (true) {
    const int flushed = PQflush(connection);
    if (flushed < 0) return Lost("cannot send");
    if (flushed == 0) break;
    RETURN_IF_ERROR(Await(POLLIN | POLLOUT, absl::InfiniteFuture()));
    if (PQconsumeInput(connection) != 1) return Lost("cannot receive");
  }
  Rows rows;
  absl::Status status;
  while (true) {
    while (PQisBusy(connection) == 1) {
      const absl::Status readable = Await(POLLIN, absl::InfiniteFuture());
      if (!readable.ok()) {
        // Without this the server would go on making a slot that nobody wants.
        std::array<char, 256> error;
        const std::unique_ptr<PGcancel, FreeCancel> cancel(PQgetCancel(connection));
        PQcancel(cancel.get(), error.data(), error.size());
        return readable;
      }
      if (PQconsumeInput(connection) != 1) return Lost("cannot receive");
    }
    const ResultPtr result(PQgetResult(connection));
    if (result == nullptr) break;
    switch (PQresultStatus(result.get())) {
      case PGRES_COPY_BOTH:
        return rows;
      case PGRES_TUPLES_OK:
        for (int row = 0; row < PQntuples(result.get()); ++row) {
          std::vector<std::string>& cells = rows.emplace_back();
          for (int column = 0; column < PQnfields(result.get()); ++column) {
            cells.emplace_back(PQgetvalue(result.get(), row, column));
          }
        }
        break;
      case PGRES_FATAL_ERROR:
        status.Update(ErrorOf(result.get()));
        break;
      default:
        break;
    }
  }
  if (!status.ok()) return status;
  return rows;
}

absl::StatusOr<std::optional<WalMessage>> WalSource::Next() {
  PGconn* const connection = connection_.get();
  bool consumed = false;
  while (true) {
    char* buffer = nullptr;
    const int size = PQgetCopyData(connection, &buffer, /*async=*/1);
    const std::unique_ptr<char, FreeMemory> owned(buffer);
    if (size > 0) {
      ASSIGN_OR_RETURN(std::optional<WalMessage> message,
                       Decode({buffer, static_cast<size_t>(size)}));
      if (message.has_value()) return message;
      continue;
    }
    if (size == 0) {
      if (consumed) return std::nullopt;
      if (PQconsumeInput(connection) != 1) return Lost("cannot receive");
      consumed = true;
      continue;
    }
    if (size == -1) {
      // The stream has ended: the result says why.
      const ResultPtr result(PQgetResult(connection));
      if (result != nullptr && PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
        return ErrorOf(result.get());
      }
      return absl::UnavailableError("logical decoding: the server ended the stream");
    }
    return Lost("cannot receive");
  }
}

absl::StatusOr<std::optional<WalMessage>> WalSource::Decode(std::string_view message) {
  if (message.front() == 'w' && message.size() > 25) {
    ASSIGN_OR_RETURN(Change change, decoder_.Decode(message.substr(25)));
    if (auto* begin = std::get_if<Begin>(&change)) return WalMessage(*begin);
    if (auto* insert = std::get_if<Insert>(&change)) return WalMessage(std::move(*insert));
    if (auto* commit = std::get_if<Commit>(&change)) return WalMessage(*commit);
    return std::nullopt;
  }
  if (message.front() == 'k' && message.size() >= 18) {
    return WalMessage(Keepalive{.end = NumberAt(message, 1), .reply_wanted = message[17] != 0});
  }
  return std::nullopt;
}

int WalSource::fd() const { return PQsocket(connection_.get()); }

absl::Status WalSource::Confirm(Lsn position, bool ask) {
  confirmed_ = std::max(confirmed_, position);
  std::string message = "r";
  for (int i = 0; i < 3; ++i) AppendNumber(confirmed_, message);  // Written, flushed, applied.
  AppendNumber(static_cast<uint64_t>(ToPostgresMicros(absl::Now())), message);
  message.push_back(ask ? 1 : 0);
  if (PQputCopyData(connection_.get(), message.data(), static_cast<int>(message.size())) < 0) {
    return Lost("cannot send");
  }
  // What does not fit into the socket now goes with the next one: another always follows.
  if (PQflush(connection_.get()) < 0) return Lost("cannot send");
  return absl::OkStatus();
}

absl::Status WalSource::Await(short events, absl::Time deadline) {
  while (true) {
    std::array<pollfd, 2> sources = {
        pollfd{.fd = PQsocket(connection_.get()), .events = events, .revents = 0},
        pollfd{.fd = stop_.fd(), .events = POLLIN, .revents = 0}};
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("logical decoding: no answer in time");
    }
    const int64_t wait_ms = std::min<int64_t>(
        absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1))), 60'000);
    const int ready = poll(sources.data(), sources.size(), static_cast<int>(wait_ms));
    if (ready < 0 && errno != EINTR) return Lost("cannot wait");
    if (ready <= 0) continue;
    if (sources[1].revents != 0) return absl::CancelledError("stopped");
    return absl::OkStatus();
  }
}

absl::Status WalSource::Lost(std::string_view what) const {
  return absl::UnavailableError(absl::StrCat(
      "logical decoding: ", what, ": ",
      connection_ == nullptr ? "" : absl::StripAsciiWhitespace(PQerrorMessage(connection_.get()))));
}

}  // namespace selfology::relay

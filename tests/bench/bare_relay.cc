#include "tests/bench/bare_relay.h"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::bench {
namespace {

constexpr char kSlot[] = "bare";
constexpr int kBatch = 500;

struct Closer {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(redisContext* context) const { redisFree(context); }
};

uint64_t Number(const char* bytes, int size) {
  uint64_t number = 0;
  for (int i = 0; i < size; ++i) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

std::string UuidText(const char* bytes) {
  std::string text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    absl::StrAppend(&text, absl::Hex(static_cast<uint8_t>(bytes[i]), absl::kZeroPad2));
  }
  return text;
}

// One Insert message of pgoutput into XADD's words. The outbox's columns in the table's order: id,
// seq, xid, type, partition_key, occurred_at, traceparent, trace_id, producer, payload.
void Append(redisContext* redis, const char* message, uint64_t commit, int place) {
  std::array<std::string_view, 10> cells;
  const char* at = message + 1 + 4 + 1 + 2;  // 'I', relation, 'N', number of columns.
  for (std::string_view& cell : cells) {
    const auto size = Number(at + 1, 4);
    cell = {at + 5, size};
    at += 5 + size;
  }
  const auto key = static_cast<int64_t>(Number(cells[4].data(), 8));
  const std::string stream = absl::StrCat(
      kBareStreams, events::StreamName(events::PartitionOf(key, kPartitions), kPartitions));
  const std::string id = absl::StrCat(commit, "-", place);
  const std::string uuid = UuidText(cells[0].data());
  const std::string key_text = absl::StrCat(key);
  const std::string time = absl::StrCat(Number(cells[5].data(), 8));
  const std::string_view words[] = {"XADD",     stream,   id,        "id",       uuid,
                                    "type",     cells[3], "key",     key_text,   "time",
                                    time,       "trace",  cells[6],  "trace_id", cells[7],
                                    "producer", cells[8], "payload", cells[9]};
  std::array<const char*, std::size(words)> values;
  std::array<size_t, std::size(words)> sizes;
  for (size_t i = 0; i < std::size(words); ++i) {
    values[i] = words[i].data();
    sizes[i] = words[i].size();
  }
  redisAppendCommandArgv(redis, std::size(words), values.data(), sizes.data());
}

}  // namespace

absl::Status MakeBareSlot(Ground& ground) {
  return ground.Sql("SELECT pg_create_logical_replication_slot($1, 'pgoutput')::text",
                    std::string_view(kSlot));
}

absl::Status BareRelay(Ground& ground, int64_t events,
                       const std::function<void(int64_t done)>& progress) {
  const std::unique_ptr<PGconn, Closer> database(
      PQconnectdb(absl::StrCat(ground.postgres->url(), "&replication=database").c_str()));
  const std::unique_ptr<redisContext, Closer> redis(
      redisConnectUnix(ground.redis_server->socket_path().c_str()));
  if (PQstatus(database.get()) != CONNECTION_OK) {
    return absl::UnavailableError(PQerrorMessage(database.get()));
  }
  PQclear(PQexec(database.get(),
                 "START_REPLICATION SLOT bare LOGICAL 0/0 (proto_version '1',"
                 " publication_names '\"selfology_outbox\"', binary 'true')"));
  int64_t done = 0;
  int waiting = 0, place = 0;
  uint64_t commit = 0, end = 0;
  const auto flush = [&]() -> absl::Status {
    for (; waiting > 0; --waiting, ++done) {
      void* reply = nullptr;
      if (redisGetReply(redis.get(), &reply) != REDIS_OK) return absl::UnavailableError("redis");
      const bool failed = static_cast<redisReply*>(reply)->type == REDIS_REPLY_ERROR;
      freeReplyObject(reply);
      if (failed) return absl::InternalError("XADD");
    }
    progress(done);
    return absl::OkStatus();
  };
  while (done < events) {
    char* buffer = nullptr;
    const int size = PQgetCopyData(database.get(), &buffer, /*async=*/1);
    if (size == 0) {
      RETURN_IF_ERROR(flush());
      if (done >= events) break;
      pollfd socket = {.fd = PQsocket(database.get()), .events = POLLIN, .revents = 0};
      poll(&socket, 1, 1000);
      if (PQconsumeInput(database.get()) != 1) return absl::UnavailableError("walsender");
      continue;
    }
    if (size < 0) return absl::UnavailableError(PQerrorMessage(database.get()));
    if (buffer[0] == 'w') {
      const char* message = buffer + 25;
      if (*message == 'B') {
        commit = Number(message + 1, 8);
        place = 0;
      } else if (*message == 'I') {
        Append(redis.get(), message, commit, ++place);
        ++waiting;
      } else if (*message == 'C') {
        end = Number(message + 10, 8);
      }
    }
    PQfreemem(buffer);
    if (waiting >= kBatch) RETURN_IF_ERROR(flush());
  }
  // So that the next backlog begins behind this one.
  std::array<char, 34> status = {'r'};
  for (size_t field = 0; field < 3; ++field) {
    for (size_t i = 0; i < 8; ++i) {
      status[1 + field * 8 + i] = static_cast<char>(end >> (56 - 8 * i));
    }
  }
  PQputCopyData(database.get(), status.data(), status.size());
  PQflush(database.get());
  PQputCopyEnd(database.get(), nullptr);
  while (PGresult* result = PQgetResult(database.get())) {
    const bool copying =
        PQresultStatus(result) == PGRES_COPY_BOTH || PQresultStatus(result) == PGRES_COPY_OUT;
    PQclear(result);
    char* rest = nullptr;
    while (copying && PQgetCopyData(database.get(), &rest, 0) > 0) PQfreemem(rest);
  }
  return absl::OkStatus();
}

absl::Status MakeDocumentsOutbox(Ground& ground, int64_t events) {
  RETURN_IF_ERROR(ground.Sql("DROP TABLE IF EXISTS documents_outbox"));
  RETURN_IF_ERROR(
      ground.Sql("CREATE TABLE documents_outbox (id bigserial PRIMARY KEY, event_type varchar(255)"
                 " NOT NULL, payload bytea NOT NULL, status varchar(50) NOT NULL DEFAULT 'pending',"
                 " trace_id varchar(100), created_at timestamptz NOT NULL DEFAULT now(),"
                 " published_at timestamptz, partition_key bigint NOT NULL)"));
  RETURN_IF_ERROR(ground.Sql("CREATE INDEX ON documents_outbox (id) WHERE status = 'pending'"));
  RETURN_IF_ERROR(
      ground.Sql("INSERT INTO documents_outbox (event_type, payload, trace_id, partition_key)"
                 " SELECT 'user.answer.submitted', convert_to(rpad('', 150, '.'), 'UTF8'),"
                 " '4bf92f3577b34da6a3ce929d0e0e4736', 1 + (random() * $2::int)::int"
                 " FROM generate_series(1, $1::bigint)",
                 events, int64_t{kUsers}));
  return ground.Sql("ANALYZE documents_outbox");
}

namespace {

redis::Args DocumentsAdd(int64_t key, std::string_view type, std::string_view trace,
                         std::string_view payload) {
  return {"XADD",
          absl::StrCat("documents:",
                       events::StreamName(events::PartitionOf(key, kPartitions), kPartitions)),
          "*",
          "type",
          type,
          "key",
          key,
          "trace_id",
          trace,
          "payload",
          payload};
}

using DocumentsRow = std::tuple<int64_t, std::string, postgres::Bytes, std::string, int64_t>;

absl::StatusOr<std::vector<DocumentsRow>> ReadDocuments(const postgres::Result& result) {
  return postgres::internal::ReadRows<int64_t, std::string, postgres::Bytes, std::string, int64_t>(
      result);
}

}  // namespace

absl::StatusOr<double> RunDocumentsRelay(Ground& ground, const DocumentsRelay& relay,
                                         absl::Duration most) {
  const auto redis = ground.redis->Connect();
  const absl::Time start = absl::Now();
  int64_t done = 0;
  while (absl::Now() < start + most) {
    ground.admin->Add("BEGIN", {});
    ground.admin->Add(
        "SELECT id, event_type::text, payload, trace_id::text, partition_key FROM documents_outbox"
        " WHERE status = 'pending' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
        postgres::internal::EncodeAll(int64_t{relay.batch}));
    ASSIGN_OR_RETURN(const auto result, ground.admin->RoundTrip(Patient()));
    ASSIGN_OR_RETURN(const auto rows, ReadDocuments(result));
    redis::Batch batch;
    std::vector<int64_t> ids;
    for (const auto& [id, type, payload, trace, key] : rows) {
      const redis::Args add = DocumentsAdd(key, type, trace, payload.value);
      if (relay.one_by_one) {
        RETURN_IF_ERROR(redis->Command(Patient(), add));
        RETURN_IF_ERROR(
            ground.Sql("UPDATE documents_outbox SET status = 'published',"
                       " published_at = now() WHERE id = $1",
                       id));
      } else {
        batch.Add(add);
        ids.push_back(id);
      }
    }
    if (!ids.empty()) {
      RETURN_IF_ERROR(redis->Pipeline(Patient(), batch));
      RETURN_IF_ERROR(
          ground.Sql("UPDATE documents_outbox SET status = 'published',"
                     " published_at = now() WHERE id = ANY ($1)",
                     ids));
    }
    RETURN_IF_ERROR(ground.Sql("COMMIT"));
    done += static_cast<int64_t>(rows.size());
    if (rows.empty()) break;
    if (relay.poll > absl::ZeroDuration()) Pause(relay.poll);
  }
  return static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - start);
}

absl::StatusOr<double> RunUpdateReturning(Ground& ground, Update update, absl::Duration most) {
  const bool usual = update == Update::kUsual;
  const auto redis = ground.redis->Connect();
  const absl::Time start = absl::Now();
  int64_t done = 0;
  while (absl::Now() < start + most) {
    ground.admin->Add(
        absl::StrCat(
            "UPDATE documents_outbox SET status = 'published', published_at = now() WHERE id ",
            usual ? "IN (" : "= ANY (ARRAY(",
            "SELECT id FROM documents_outbox WHERE status = 'pending' ORDER BY id LIMIT 1000"
            " FOR UPDATE SKIP LOCKED",
            usual ? ")" : "))",
            " RETURNING id, event_type::text, payload, trace_id::text, partition_key"),
        {});
    ASSIGN_OR_RETURN(const auto result, ground.admin->RoundTrip(Patient()));
    if (result.affected() == 0) break;
    if (update == Update::kPublished) {
      redis::Batch batch;
      ASSIGN_OR_RETURN(const auto rows, ReadDocuments(result));
      for (const auto& [id, type, payload, trace, key] : rows) {
        batch.Add(DocumentsAdd(key, type, trace, payload.value));
      }
      RETURN_IF_ERROR(redis->Pipeline(Patient(), batch));
    }
    done += result.affected();
  }
  return static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - start);
}

}  // namespace selfology::bench

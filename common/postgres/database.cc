#include "common/postgres/database.h"

#include <libpq-fe.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/observe/span.h"
#include "common/postgres/error.h"
#include "common/postgres/pool.h"
#include "common/postgres/transaction_impl.h"
#include "common/status/status_macros.h"

namespace selfology::postgres {
namespace {

// Transactions that lost against each other should not meet again: the pause before the n-th retry
// is random, up to this times 2^n.
constexpr absl::Duration kRetryPause = absl::Milliseconds(5);

BeginStatement WriteBegin(Isolation isolation) {
  switch (isolation) {
    case Isolation::kRepeatableRead:
      return {.sql = "BEGIN ISOLATION LEVEL REPEATABLE READ"};
    case Isolation::kSerializable:
      return {.sql = "BEGIN ISOLATION LEVEL SERIALIZABLE"};
    case Isolation::kReadCommitted:
      break;
  }
  return {.sql = "BEGIN"};
}

BeginStatement ReadBegin(Isolation isolation) {
  switch (isolation) {
    case Isolation::kRepeatableRead:
      return {.sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
              .read_only = true,
              .outcome_matters = false};
    case Isolation::kSerializable:
      return {.sql = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY", .read_only = true};
    case Isolation::kReadCommitted:
      break;
  }
  return {.sql = "BEGIN READ ONLY", .read_only = true, .outcome_matters = false};
}

void PauseBeforeRetry(const Call& call, int retry) {
  absl::BitGen random;
  const absl::Duration longest =
      std::min(kRetryPause * (1 << std::min(retry, 6)), call.Remaining());
  absl::SleepFor(longest * absl::Uniform(random, 0.0, 1.0));
}

absl::Status CheckUrl(std::string_view name, const std::string& url) {
  char* error = nullptr;
  PQconninfoOption* parsed = PQconninfoParse(url.c_str(), &error);
  PQconninfoFree(parsed);
  PQfreemem(error);  // Not repeated: it may quote the password.
  if (parsed != nullptr && !url.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, " is no PostgreSQL url"));
}

PoolOptions PoolOptionsOf(const Options& options, const std::string& url, std::string name) {
  return {
      .connection = {.url = url,
                     .application_name = options.application_name,
                     .connect_timeout = options.connect_timeout},
      .name = std::move(name),
      .min_connections = options.min_connections,
      .max_connections = options.max_connections,
      .yielding_connections = options.yielding_connections,
      .acquire_timeout = options.acquire_timeout,
      .idle_timeout = options.idle_timeout,
      .metrics = options.metrics,
  };
}

}  // namespace

struct Database::Shared {
  explicit Shared(const Options& options)
      : replica_retry(options.replica_retry),
        requests(options.metrics, "postgres"),
        primary(PoolOptionsOf(options, options.url, "primary")) {
    if (options.replica_url.empty()) return;
    replica = std::make_unique<Pool>(PoolOptionsOf(options, options.replica_url, "replica"));
  }

  bool UseReplica() const {
    return replica != nullptr &&
           absl::ToUnixMicros(absl::Now()) >= replica_again.load(std::memory_order_relaxed);
  }
  void LeaveReplicaAlone() {
    const absl::Time again = absl::Now() + replica_retry;
    replica_again.store(absl::ToUnixMicros(again), std::memory_order_relaxed);
  }

  const absl::Duration replica_retry;
  std::atomic<int64_t> replica_again = 0;  // When to try it; microseconds since 1970.
  observe::Requests requests;
  Pool primary;
  std::unique_ptr<Pool> replica;
};

absl::StatusOr<std::unique_ptr<Database>> Database::Open(Options options) {
  RETURN_IF_ERROR(CheckUrl("url", options.url));
  if (!options.replica_url.empty()) RETURN_IF_ERROR(CheckUrl("replica_url", options.replica_url));
  if (options.max_connections < 1) return absl::InvalidArgumentError("max_connections < 1");
  auto shared = std::make_shared<Shared>(options);
  return std::unique_ptr<Database>(new Database(std::move(shared), std::move(options.role)));
}

Database::Database(std::shared_ptr<Shared> shared, std::string role)
    : shared_(std::move(shared)), role_(std::move(role)) {}

Database::~Database() = default;

std::unique_ptr<Database> Database::WithRole(std::string role) const {
  return std::unique_ptr<Database>(new Database(shared_, std::move(role)));
}

Transaction Database::Begin(const Call& call, const WriteOptions& options) {
  return Transaction(std::make_unique<Transaction::Impl>(
      shared_, shared_->primary.Acquire(call, role_), call, WriteBegin(options.isolation)));
}

absl::Status Database::RunWrite(const Call& call, const WriteOptions& options, Work work) {
  if (absl::Status alone = call.MayWait(Call::Wait::kStorage); !alone.ok()) return alone;
  return Timed(call, "write", [&] {
    return Retried(call, options.retries, [&](absl::Status& failure) {
      Transaction tx = Begin(call, options);
      absl::Status status = tx.status().ok() ? work(tx) : tx.status();
      if (status.ok()) status = tx.Commit();
      failure = tx.status();
      return status;
    });
  });
}

absl::Status Database::RunRead(const Call& call, const ReadOptions& options, Work work) {
  const auto read_from = [&](Pool& pool, bool& lost) {
    return Retried(call, WriteOptions().retries, [&](absl::Status& failure) {
      Transaction tx(std::make_unique<Transaction::Impl>(shared_, pool.Acquire(call, role_), call,
                                                         ReadBegin(options.isolation)));
      absl::Status status = tx.status().ok() ? work(tx) : tx.status();
      if (status.ok()) status = tx.Commit();
      failure = tx.status();
      lost = tx.connection_lost();
      return status;
    });
  };
  if (absl::Status alone = call.MayWait(Call::Wait::kStorage); !alone.ok()) return alone;
  return Timed(call, "read", [&] {
    bool lost = false;
    if (!options.newest && shared_->UseReplica()) {
      absl::Status status = read_from(*shared_->replica, lost);
      if (!lost) return status;
      shared_->LeaveReplicaAlone();
      observe::Warning("read replica failed; reading from the primary database",
                       {{"status", status}});
    }
    return read_from(shared_->primary, lost);
  });
}

// Runs attempt until it succeeds, fails for good, or has lost against other transactions too often.
// attempt also tells why its transaction failed, if it did: the work may have turned that into an
// error of its own.
absl::Status Database::Retried(const Call& call, int retries,
                               absl::FunctionRef<absl::Status(absl::Status& failure)> attempt) {
  for (int retry = 0;; ++retry) {
    absl::Status failure;
    absl::Status status = attempt(failure);
    if (status.ok() || retry >= retries || !WorthAnotherTry(failure) || call.Cancelled()) {
      return status;
    }
    PauseBeforeRetry(call, retry);
  }
}

absl::Status Database::Timed(const Call& call, std::string_view operation,
                             absl::FunctionRef<absl::Status()> transaction) {
  thread_local absl::InsecureBitGen random;
  const absl::Time start = absl::Now();
  const observe::Span span =
      observe::Span::Within(call.trace(), observe::SpanKind::kClient, start, random);
  absl::Status status = transaction();
  const absl::Time end = absl::Now();
  shared_->requests.Record(
      role_.empty() ? std::string(operation) : absl::StrCat(role_, ".", operation), status.code(),
      end - start);
  span.End(status.code(), end, [&](observe::FinishedSpan& finished) {
    finished.name = absl::StrCat("postgresql ", operation);
    finished.Add("db.system", "postgresql");
    finished.Add("db.operation.name", operation);
  });
  return status;
}

absl::Status Database::Healthy(const Call& call) {
  Transaction tx = Begin(call);
  return tx.QueryOne<int32_t>("SELECT 1").status();
}

PoolStats Database::stats() const { return shared_->primary.stats(); }

PoolStats Database::replica_stats() const {
  return shared_->replica == nullptr ? PoolStats() : shared_->replica->stats();
}

const std::string& Database::role() const { return role_; }

}  // namespace selfology::postgres

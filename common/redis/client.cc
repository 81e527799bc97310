#include "common/redis/client.h"

#include <openssl/sha.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::redis {

Script::Script(std::string_view source) : source_(source) {
  // Redis names scripts by SHA-1; nothing secret depends on it.
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(source_.data()), source_.size(), digest.data());
  sha1_ = absl::BytesToHexString(
      std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

absl::StatusOr<std::unique_ptr<Client>> Client::Open(std::string_view url, Options options) {
  ASSIGN_OR_RETURN(Address address, Address::Parse(url));
  if (options.max_connections < 1) {
    return absl::InvalidArgumentError("Redis: max_connections must be at least 1");
  }
  return std::unique_ptr<Client>(new Client(std::move(address), std::move(options)));
}

Client::Client(Address address, Options options)
    : address_(std::move(address)),
      options_(std::move(options)),
      requests_(options_.metrics, "redis") {}

Client::~Client() = default;

absl::StatusOr<Reply> Client::Command(const Call& call, const Args& args) {
  const absl::Time begin = absl::Now();
  absl::StatusOr<Reply> reply = [&]() -> absl::StatusOr<Reply> {
    ASSIGN_OR_RETURN(Replies replies, Run(call, Batch().Add(args)));
    return std::move(replies.front());
  }();
  requests_.Record(args.name(), reply.status().code(), absl::Now() - begin);
  return reply;
}

absl::StatusOr<Replies> Client::Pipeline(const Call& call, const Batch& batch) {
  const absl::Time begin = absl::Now();
  absl::StatusOr<Replies> replies = Run(call, batch);
  absl::StatusCode code = replies.status().code();
  if (replies.ok()) {
    for (const absl::StatusOr<Reply>& reply : *replies) {
      if (!reply.ok()) code = reply.status().code();
    }
  }
  requests_.Record("pipeline", code, absl::Now() - begin);
  return replies;
}

absl::StatusOr<Reply> Client::Eval(const Call& call, const Script& script, const Args& keys,
                                   const Args& args) {
  const auto run = [&](std::string_view command, const std::string& what) {
    return Command(call, Args{command, what, keys.size()}.Append(keys).Append(args));
  };
  absl::StatusOr<Reply> reply = run("EVALSHA", script.sha1());
  if (ErrorKind(reply.status()) == "NOSCRIPT") reply = run("EVAL", script.source());
  return reply;
}

absl::Status Client::Healthy(const Call& call) { return Command(call, {"PING"}).status(); }

std::unique_ptr<Connection> Client::Connect() const {
  return std::make_unique<Connection>(address_, options_.client_name);
}

absl::StatusOr<Replies> Client::Run(const Call& call, const Batch& batch) {
  // Nobody waits for what yields, and so for nothing that shares its transaction.
  absl::Status alone = call.yields() ? absl::OkStatus() : call.MayWait(Call::Wait::kStorage);
  if (!alone.ok()) return alone;
  const Call bounded = call.WithTimeout(options_.command_timeout);
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Acquire(bounded));
  absl::StatusOr<Replies> replies = connection->Pipeline(bounded, batch);
  Release(std::move(connection));
  return replies;
}

absl::StatusOr<std::unique_ptr<Connection>> Client::Acquire(const Call& call) {
  absl::MutexLock lock(&mutex_);
  const auto one_is_free = [this] {
    mutex_.AssertReaderHeld();
    return in_use_ < options_.max_connections;
  };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&one_is_free), call.deadline())) {
    return absl::DeadlineExceededError(
        absl::StrCat("redis ", address_.target, ": no connection became free in time"));
  }
  ++in_use_;
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->Usable()) return connection;
  }
  return Connect();
}

void Client::Release(std::unique_ptr<Connection> connection) {
  absl::MutexLock lock(&mutex_);
  --in_use_;
  idle_.push_back(std::move(connection));
}

}  // namespace selfology::redis

// Redis for many threads: a pool of connections, commands, pipelines and scripts.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<redis::Client> client, redis::Client::Open(url));
//   ASSIGN_OR_RETURN(redis::Reply state, client->Command(call, {"GET", key}));
//   if (state.is_nil()) ...
//
//   ASSIGN_OR_RETURN(redis::Replies replies, client->Pipeline(call, batch));
//   for (const auto& reply : replies) ...   // each command failed by itself or not: judge each
//
//   static const redis::Script kRelease("if redis.call('GET', KEYS[1]) == ARGV[1] then ...");
//   ASSIGN_OR_RETURN(redis::Reply released, client->Eval(call, kRelease, {key}, {token}));
//
// URLs, with percent-escapes:
//   redis://[[user]:password@]host[:port][/db]
//   rediss://[[user]:password@]host[:port][/db][?ca=/path&cert=/path&key=/path]
//   unix:///path.sock[?db=n&password=p&user=u]
// rediss is TLS: the server's certificate must be for the host and signed by an authority of the PEM
// file `ca`, or without one by whom the system trusts; `cert` and `key` are for servers that ask for a
// certificate.
//
// Errors: error replies as in reply.h. No connection, or one lost on the way: UNAVAILABLE. Not
// answered in time: DEADLINE_EXCEEDED. Call cancelled: CANCELLED. After any of these three a
// command that was sent may have taken effect, so the client itself never sends anything twice.
//
// Time: everything, connecting and waiting for a free connection included, ends at the call's
// deadline, or command_timeout after it began if that is sooner. For commands that block on purpose
// use Connect().
//
// A call may forbid waiting (Call::MayWait), as that of an event handler in a transaction shared
// with other events: then nothing is sent, and its status is returned.
//
// Reconnecting needs no care: connections are made when needed, and a pooled one is looked at
// before use. Threads: thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/redis/args.h"
#include "common/redis/connection.h"
#include "common/redis/reply.h"

namespace selfology::redis {

// A Lua script; run by its hash, sent whole only to a server that does not know it yet.
class Script {
 public:
  explicit Script(std::string_view source);

  const std::string& source() const { return source_; }
  const std::string& sha1() const { return sha1_; }  // 40 hex digits.

 private:
  std::string source_;
  std::string sha1_;
};

class Client {
 public:
  struct Options {
    int max_connections = 16;  // In use at once; the idle ones are kept.
    absl::Duration command_timeout = absl::Seconds(5);
    std::string client_name = {};         // Shown by CLIENT LIST; no spaces. Empty: none.
    observe::Metrics* metrics = nullptr;  // Outlives the client; null: none.
  };

  // Checks the URL; connects to nothing yet, so that a service starts while Redis is down.
  static absl::StatusOr<std::unique_ptr<Client>> Open(std::string_view url, Options options);
  static absl::StatusOr<std::unique_ptr<Client>> Open(std::string_view url) {
    return Open(url, Options());
  }

  // All calls and dedicated connections must have ended.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  absl::StatusOr<Reply> Command(const Call& call, const Args& args);

  // One reply per command, in order. The outer Status is an error only when the connection failed:
  // then it is unknown which commands took effect.
  absl::StatusOr<Replies> Pipeline(const Call& call, const Batch& batch);

  absl::StatusOr<Reply> Eval(const Call& call, const Script& script, const Args& keys,
                             const Args& args = {});

  // OK when the server answers PING.
  absl::Status Healthy(const Call& call);

  // A connection outside of the pool, for commands that block (XREAD BLOCK). Not connected yet.
  std::unique_ptr<Connection> Connect() const;

  // Without credentials: "10.0.0.7:6379/0".
  const std::string& target() const { return address_.target; }

 private:
  Client(Address address, Options options);

  absl::StatusOr<Replies> Run(const Call& call, const Batch& batch);
  absl::StatusOr<std::unique_ptr<Connection>> Acquire(const Call& call);
  void Release(std::unique_ptr<Connection> connection);

  const Address address_;
  const Options options_;
  observe::Requests requests_;

  absl::Mutex mutex_;
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::redis

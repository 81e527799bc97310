// One connection to Redis, for one thread at a time: what Client pools, and what commands that
// block on purpose are given for themselves.
//
//   std::unique_ptr<redis::Connection> reader = client.Connect();
//   absl::StatusOr<redis::Reply> entries =
//       reader->Command(call, {"XREAD", "BLOCK", 1000, "STREAMS", stream, last_id});
//   ...
//   reader->Interrupt();   // from any thread: the wait above ends at once with CANCELLED
//
// Connects at the first command and again after an error, so the caller just goes on. Each
// command's outcome is as described in client.h; nothing is sent twice.
//
// Time: only the call's deadline counts, so for "BLOCK n" give the call n milliseconds and more.
//
// Threads: Interrupt may be called from any thread, everything else from one at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/redis/args.h"
#include "common/redis/reply.h"
#include "common/redis/tls_session.h"

struct redisContext;

namespace selfology::redis {

// One outcome per command of a batch, in order.
using Replies = std::vector<absl::StatusOr<Reply>>;

// Where Redis is and how to sign in: a parsed URL (see client.h for its forms).
struct Address {
  std::string host;  // Empty for a Unix socket.
  int port = 6379;
  std::string socket_path;
  std::string user;
  std::string password;
  int db = 0;
  bool tls = false;
  TlsFiles tls_files;
  std::string target;  // For messages and labels: no credentials.

  static absl::StatusOr<Address> Parse(std::string_view url);
};

class Connection {
 public:
  explicit Connection(Address address, std::string client_name = "");
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  absl::StatusOr<Reply> Command(const Call& call, const Args& args);
  absl::StatusOr<Replies> Pipeline(const Call& call, const Batch& batch);

  // Ends the command that is waiting now, or else the next one, with CANCELLED; several interrupts
  // before that count as one. What was asked is given up: its reply is not read.
  void Interrupt();

  // Connected, with nothing unread and the far side not gone, as far as can be told without asking.
  bool Usable() const;

 private:
  struct FreeContext {
    void operator()(redisContext* context) const;
  };

  absl::Status Open(const Call& call);
  absl::Status StartTls(const Call& call);
  absl::Status SignIn(const Call& call);
  absl::StatusOr<std::vector<Reply>> Exchange(const Call& call, const Batch& batch);
  // Sends what the socket takes now and shortens `unsent` by it.
  absl::Status Send(std::string_view* unsent);
  // Reads what the socket has now.
  absl::Status Receive();
  // Moves the next reply out of what was read; false: it is not all there yet.
  absl::StatusOr<bool> Next(Reply* reply);
  // OK until the deadline has passed or the call was cancelled.
  absl::Status StillWanted(const Call& call) const;
  // Waits until the socket is ready for one of `events` (poll's bits); gives those it is ready for.
  absl::StatusOr<int> Await(const Call& call, int events);
  absl::Status Lost(std::string_view what, int error_number = 0) const;
  void Close();

  const Address address_;
  const std::string client_name_;
  const int interrupt_fd_;
  std::unique_ptr<redisContext, FreeContext> context_;
  std::unique_ptr<TlsSession> tls_;  // Null: plain.
};

}  // namespace selfology::redis

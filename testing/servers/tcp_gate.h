// A gate in front of a server, for tests of what happens when connections do not behave: it passes
// on what comes from either side until told to delay it, to cut connections, to end them in the
// middle of a message, to let nobody in, or to lead to another server.
//
//   ASSIGN_OR_RETURN(auto gate, TcpGate::Start("unix:/tmp/x/.s.PGSQL.5432",
//                                              "unix:/tmp/real/.s.PGSQL.5432"));
//   auto database =
//       postgres::Database::Open({.url = "postgresql://postgres@/postgres?host=/tmp/x"});
//   gate->Cut(0.5);        // half of the connections, by chance
//   gate->Truncate(100);   // each open connection passes on 100 bytes more and is cut then
//   gate->SetTarget("127.0.0.1:6380");
//
// Addresses: "unix:" and a path, or "127.0.0.1:port"; port 0: a free one. When the target cannot be
// reached, a client is accepted and cut at once.
// Errors: INTERNAL when it cannot listen. Threads: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::servers {

class TcpGate {
 public:
  static absl::StatusOr<std::unique_ptr<TcpGate>> Start(const std::string& listen,
                                                        const std::string& target);
  ~TcpGate();
  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;

  // Where to connect: with the port that was found.
  const std::string& address() const;

  // For connections made from now on.
  void SetTarget(const std::string& target);
  // Of what comes from now on, in both directions. Zero: none.
  void Delay(absl::Duration delay);
  // Cuts each open connection with this probability; 1: all of them. `seed` decides which.
  void Cut(double probability, uint64_t seed = 0);
  // Open connections are cut after so many bytes more, of both directions together.
  void Truncate(size_t bytes);
  // Shut: open connections are cut, new ones refused.
  void Shut(bool shut);

  size_t connections() const;

 private:
  class Loop;
  explicit TcpGate(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace selfology::servers

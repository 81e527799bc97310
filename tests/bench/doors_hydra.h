// ory/hydra as a peer of our security service: the program that doors_peers/install builds, with a PostgreSQL of its
// own, and sessions of its users.
//
//   ASSIGN_OR_RETURN(auto hydra, Hydra::Start("FOLDER/hydra"));
//   RETURN_IF_ERROR(hydra->SignIn(1'000, 16));
//   ASSIGN_OR_RETURN(double seconds, hydra->RefreshAll(16));  // by so many clients at once
//
// It is set up to do as little as it can: access tokens without a signature, no identity tokens, a client without
// a secret to check.
// Errors: INTERNAL with what it answered. Threads: one at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/process.h"

namespace selfology::bench {

// work(i) for each number below `count`, by so many threads at once; how long it took.
absl::StatusOr<double> EachAtOnce(size_t count, size_t threads,
                                  const std::function<absl::Status(size_t)>& work);

class Hydra {
 public:
  static absl::StatusOr<std::unique_ptr<Hydra>> Start(const std::string& program);

  // So many more sessions, by the authorization code flow.
  absl::Status SignIn(size_t sessions, size_t clients);
  // A new pair of tokens for each session; seconds.
  absl::StatusOr<double> RefreshAll(size_t clients);

  size_t sessions() const { return tokens_.size(); }
  // So far, with its PostgreSQL's.
  absl::Duration Cpu() const;

 private:
  Hydra() = default;
  absl::StatusOr<http::ClientResponse> Send(const http::ClientRequest& request);
  absl::StatusOr<std::string> Accept(const std::string& what, const std::string& challenge,
                                     const std::string& body);
  absl::StatusOr<std::string> NewSession(size_t number);
  // The refresh token of the answer.
  absl::StatusOr<std::string> Tokens(const std::string& form);

  http::Client client_{{}};
  std::string public_url_;
  std::string admin_url_;
  std::string client_id_;
  std::unique_ptr<servers::PostgresServer> postgres_;
  std::unique_ptr<servers::Process> process_;
  std::vector<std::string> tokens_;
};

}  // namespace selfology::bench

// TLS over a connected socket that does not block, as a client. For Connection, which waits.
//
//   ASSIGN_OR_RETURN(auto session, TlsSession::Open(fd, "redis.example.com", files));
//   while (true) {
//     ASSIGN_OR_RETURN(const int events, session->Handshake());
//     if (events == 0) break;
//     ... poll the socket for them ...
//   }
//   ASSIGN_OR_RETURN(size_t sent, session->Send(bytes));       // 0: not now
//
// The server's certificate must be valid, signed by an authority that is trusted, and for the host that
// was asked for; TLS 1.2 or later. Errors: UNAVAILABLE, with what is wrong with the certificate.
// Threads: one at a time.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace selfology::redis {

// PEM files; each is read at every connection, so that a new one counts from the next on.
struct TlsFiles {
  std::string authority = {};    // Whom to trust; empty: whom the system trusts.
  std::string certificate = {};  // What to show, for servers that ask for it; empty: nothing.
  std::string key = {};
};

class TlsSession {
 public:
  // `host`: a DNS name or an IP address.
  static absl::StatusOr<std::unique_ptr<TlsSession>> Open(int fd, const std::string& host,
                                                          const TlsFiles& files);

  // Poll's events to wait for before it is called again; 0: done.
  absl::StatusOr<int> Handshake();
  // How much was taken, or read; 0: nothing now.
  absl::StatusOr<size_t> Send(std::string_view bytes);
  absl::StatusOr<size_t> Receive(char* bytes, size_t size);
  // Read from the socket, and not yet by Receive.
  bool HasPending() const { return SSL_has_pending(ssl_.get()) != 0; }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  explicit TlsSession(SSL* ssl) : ssl_(ssl) {}

  absl::Status Failed(std::string_view what, int result) const;

  const std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace selfology::redis

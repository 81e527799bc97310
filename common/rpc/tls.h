// TLS between the processes of the mesh, in both directions: each shows a certificate, in which its
// name is, and looks at the other's.
//
//   ASSIGN_OR_RETURN(const auto tls, rpc::Tls::Open({.certificate_file = "/etc/selfology/tls/tls.crt",
//                                                    .key_file = "/etc/selfology/tls/tls.key",
//                                                    .authority_file = "/etc/selfology/tls/ca.crt"}));
//   builder.AddListeningPort(address, tls->ForServer());
//   rpc::Channel::Connect("session", target, requests, tls->ForPeer("session"));
//
// A connection is refused whose other end shows no certificate, or one that has expired, or is not
// signed by an authority of the file, or has no name of the mesh; as a client also one that has not
// the name of the service that is asked, whatever its address. Which of the names may call what is
// PeerCheck's (peer_check.h).
//
// A name is a URI among the certificate's alternative names: the prefix, then the service's. The
// prefix of a SPIFFE id with Kubernetes' ServiceAccounts is "spiffe://cluster.local/ns/selfology/sa/".
// Files are looked at every `reload`; a new certificate is shown and a new authority trusted from the
// next connection on. While they cannot be used, such as a key that is not the certificate's, there
// are no new connections: put both there at once, as Kubernetes does.
//
// Errors: INVALID_ARGUMENT for files that cannot be used. Threads: thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"

namespace selfology::rpc {

inline constexpr char kNamePrefix[] = "spiffe://selfology/";

class Tls {
 public:
  struct Options {
    std::string certificate_file =
        {};                           // PEM: the own one, then those between it and the authority.
    std::string key_file = {};        // PEM.
    std::string authority_file = {};  // PEM: all authorities that are trusted.
    std::string name_prefix = kNamePrefix;
    absl::Duration reload = absl::Seconds(10);  // Whole seconds, 1 or more.
  };

  static absl::StatusOr<std::shared_ptr<Tls>> Open(Options options);

  // The own names, as the certificate had them when it was opened: "session".
  const std::vector<std::string>& own_names() const { return own_names_; }

  std::shared_ptr<grpc::ServerCredentials> ForServer() const;
  // The same object each time, so that channels to one address share connections.
  std::shared_ptr<grpc::ChannelCredentials> ForPeer(std::string_view service);

  // The names of who is at the other end of a connection; none if it is not a connection of TLS.
  std::vector<std::string> NamesOf(const grpc::AuthContext& context) const;

 private:
  explicit Tls(Options options);

  const Options options_;
  std::vector<std::string> own_names_;
  const std::shared_ptr<grpc::experimental::CertificateProviderInterface> files_;
  absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::ChannelCredentials>, std::less<>> peers_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::rpc

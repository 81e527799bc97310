#include "common/rpc/tls.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/certificates.h"
#include "common/observe/log.h"
#include "common/rpc/edges.h"
#include "common/status/status_macros.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace selfology::rpc {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::TlsChannelCredentialsOptions;
using grpc::experimental::TlsCustomVerificationCheckRequest;
using grpc::experimental::TlsServerCredentialsOptions;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file.is_open()) return absl::InvalidArgumentError(absl::StrCat(path, " cannot be read"));
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

// The service that a URI names; none if it is of another mesh, or of something else.
std::optional<std::string> NameIn(std::string_view uri, std::string_view prefix) {
  if (!uri.starts_with(prefix)) return std::nullopt;
  const std::string_view name = uri.substr(prefix.size());
  if (name.empty() || name.find('/') != std::string_view::npos) return std::nullopt;
  return ServiceNameOf(name);
}

template <typename Uris>
std::vector<std::string> NamesIn(const Uris& uris, std::string_view prefix) {
  std::vector<std::string> names;
  for (const auto& uri : uris) {
    if (auto name = NameIn({uri.data(), uri.size()}, prefix)) names.push_back(*std::move(name));
  }
  return names;
}

// After gRPC has verified the other's certificate.
class NameVerifier final : public ExternalCertificateVerifier {
 public:
  // `wanted`: the service it must be; empty: any.
  NameVerifier(std::string prefix, std::string wanted)
      : prefix_(std::move(prefix)), wanted_(std::move(wanted)) {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    const std::vector<std::string> names = NamesIn(request->uri_names(), prefix_);
    const bool is_right = wanted_.empty()
                              ? !names.empty()
                              : std::find(names.begin(), names.end(), wanted_) != names.end();
    if (!is_right) {
      observe::Warning("peer refused: its certificate has not the right name",
                       {{"wanted", wanted_.empty() ? "any of the mesh" : wanted_}});
      *status = {grpc::StatusCode::UNAUTHENTICATED, "the certificate has not the right name"};
    }
    return true;  // At once.
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::string prefix_;
  const std::string wanted_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<Tls>> Tls::Open(Options options) {
  if (options.reload < absl::Seconds(1)) {
    return absl::InvalidArgumentError("certificates are looked at once a second at most");
  }
  // gRPC would say what is wrong at each connection only.
  crypto::KeyedCertificate own;
  ASSIGN_OR_RETURN(own.certificate, ReadFile(options.certificate_file));
  ASSIGN_OR_RETURN(own.key, ReadFile(options.key_file));
  const auto in = [](const std::string& path, const absl::Status& status) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", status.message()));
  };
  const auto facts = crypto::ReadCertificate(own.certificate);
  if (!facts.ok()) return in(options.certificate_file, facts.status());
  if (const absl::Status fits = crypto::CheckKey(own); !fits.ok()) {
    return in(options.key_file, fits);
  }
  ASSIGN_OR_RETURN(const std::string authorities, ReadFile(options.authority_file));
  if (const auto authority = crypto::ReadCertificate(authorities); !authority.ok()) {
    return in(options.authority_file, authority.status());
  }
  std::vector<std::string> names = NamesIn(facts->uris, options.name_prefix);
  if (names.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(options.certificate_file,
                                                   ": the certificate has no URI that begins with ",
                                                   options.name_prefix));
  }
  std::shared_ptr<Tls> tls(new Tls(std::move(options)));
  tls->own_names_ = std::move(names);
  return tls;
}

Tls::Tls(Options options)
    : options_(std::move(options)),
      files_(std::make_shared<FileWatcherCertificateProvider>(
          options_.key_file, options_.certificate_file, options_.authority_file,
          static_cast<unsigned>(absl::ToInt64Seconds(options_.reload)))) {}

std::shared_ptr<grpc::ServerCredentials> Tls::ForServer() const {
  TlsServerCredentialsOptions server(files_);
  server.watch_root_certs();
  server.watch_identity_key_cert_pairs();
  server.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  server.set_certificate_verifier(
      ExternalCertificateVerifier::Create<NameVerifier>(options_.name_prefix, ""));
  server.set_check_call_host(false);
  return grpc::experimental::TlsServerCredentials(server);
}

std::shared_ptr<grpc::ChannelCredentials> Tls::ForPeer(std::string_view service) {
  absl::MutexLock lock(&mutex_);
  const auto found = peers_.find(service);
  if (found != peers_.end()) return found->second;
  TlsChannelCredentialsOptions client;
  client.set_certificate_provider(files_);
  client.watch_root_certs();
  client.watch_identity_key_cert_pairs();
  client.set_certificate_verifier(ExternalCertificateVerifier::Create<NameVerifier>(
      options_.name_prefix, ServiceNameOf(service)));
  // The name is the service's, not its address's.
  client.set_check_call_host(false);
  return peers_.emplace(service, grpc::experimental::TlsCredentials(client)).first->second;
}

std::vector<std::string> Tls::NamesOf(const grpc::AuthContext& context) const {
  return NamesIn(context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME), options_.name_prefix);
}

}  // namespace selfology::rpc

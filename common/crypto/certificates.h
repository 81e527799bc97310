// Certificates (X.509) for development and for tests: an authority, and what it signs. Production has
// an authority of its own, such as cert-manager's.
//
//   ASSIGN_OR_RETURN(const Authority authority, Authority::Make("Selfology", now, now + year));
//   ASSIGN_OR_RETURN(const KeyedCertificate session,
//                    authority.Issue({.uris = {"spiffe://selfology/session"},
//                                     .dns_names = {"session"},
//                                     .not_before = now,
//                                     .not_after = now + year}));
//
// Keys are on the curve P-256. Texts are PEM. Errors: INVALID_ARGUMENT for what is no certificate, key
// or name. Threads: values and pure functions, but for the randomness of keys and serial numbers.
// Source: RFC 5280.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::crypto {

struct KeyedCertificate {
  std::string certificate;  // PEM.
  std::string key;          // PEM, PKCS #8, not encrypted.
};

struct CertificateRequest {
  std::vector<std::string> uris = {};          // "spiffe://selfology/session"
  std::vector<std::string> dns_names = {};     // "session"
  std::vector<std::string> ip_addresses = {};  // "127.0.0.1"
  absl::Time not_before = {};
  absl::Time not_after = {};
};

class Authority {
 public:
  static absl::StatusOr<Authority> Make(std::string_view name, absl::Time not_before,
                                        absl::Time not_after);
  // One that was made before.
  static absl::StatusOr<Authority> Of(KeyedCertificate own);

  // For servers and clients alike.
  absl::StatusOr<KeyedCertificate> Issue(const CertificateRequest& request) const;

  const KeyedCertificate& own() const { return own_; }

 private:
  explicit Authority(KeyedCertificate own) : own_(std::move(own)) {}

  KeyedCertificate own_;
};

// What a certificate says of itself; of a chain, the first.
struct CertificateFacts {
  std::vector<std::string> uris;
  absl::Time not_before;
  absl::Time not_after;
};
absl::StatusOr<CertificateFacts> ReadCertificate(std::string_view certificate_pem);

// OK when the key is that of the certificate.
absl::Status CheckKey(const KeyedCertificate& own);

}  // namespace selfology::crypto

#include "common/crypto/certificates.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"

namespace selfology::crypto {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<&BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<&X509_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<&BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<&X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<&GENERAL_NAMES_free>>;

constexpr int kSerialBits = 127;  // RFC 5280 takes 20 bytes at most, above 0.
constexpr long kVersion3 = 2;     // Counted from 0.

absl::Status Bad(std::string_view what) {
  ERR_clear_error();  // Whoever calls OpenSSL next would find it.
  return absl::InvalidArgumentError(what);
}

Bio Reading(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Written(const Bio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

absl::StatusOr<Certificate> ParseCertificate(std::string_view pem) {
  Certificate certificate(PEM_read_bio_X509(Reading(pem).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return Bad("no certificate in PEM");
  return certificate;
}

absl::StatusOr<Key> ParseKey(std::string_view pem) {
  // Of an encrypted one it would ask at the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  Key key(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, no_password, nullptr));
  if (key == nullptr) return Bad("no private key in PEM, or it is encrypted");
  return key;
}

absl::StatusOr<KeyedCertificate> Encode(const Certificate& certificate, const Key& key) {
  const Bio first(BIO_new(BIO_s_mem())), second(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(first.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(second.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    return absl::InternalError("the certificate cannot be written");
  }
  return KeyedCertificate{.certificate = Written(first), .key = Written(second)};
}

bool SetTimes(X509* certificate, absl::Time not_before, absl::Time not_after) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(not_before)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(not_after)) != nullptr;
}

bool SetSerial(X509* certificate) {
  const Number serial(BN_new());
  return BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// With the authority's key identifier, where `issuer` has one.
absl::Status AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return Bad(absl::StrCat("a certificate cannot say \"", value, "\""));
  }
  return absl::OkStatus();
}

struct Fresh {
  Certificate certificate;
  Key key;
};

absl::StatusOr<Fresh> Begin(std::string_view name, absl::Time not_before, absl::Time not_after) {
  if (not_after <= not_before) return Bad("a certificate must end after it begins");
  Fresh fresh{.certificate = Certificate(X509_new()), .key = Key(EVP_EC_gen("P-256"))};
  X509* const certificate = fresh.certificate.get();
  const bool done =
      fresh.key != nullptr && X509_set_version(certificate, kVersion3) == 1 &&
      SetSerial(certificate) && SetTimes(certificate, not_before, not_after) &&
      X509_set_pubkey(certificate, fresh.key.get()) == 1 &&
      X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<int>(name.size()), -1, 0) == 1;
  if (!done) return Bad(absl::StrCat("\"", name, "\" cannot be a certificate's name"));
  return fresh;
}

std::string AlternativeNames(const CertificateRequest& request) {
  std::vector<std::string> names;
  for (const std::string& uri : request.uris) names.push_back(absl::StrCat("URI:", uri));
  for (const std::string& name : request.dns_names) names.push_back(absl::StrCat("DNS:", name));
  for (const std::string& address : request.ip_addresses) {
    names.push_back(absl::StrCat("IP:", address));
  }
  return absl::StrJoin(names, ",");
}

absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time) {
  tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Bad("the certificate's time is none");
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<Authority> Authority::Make(std::string_view name, absl::Time not_before,
                                          absl::Time not_after) {
  ASSIGN_OR_RETURN(const Fresh fresh, Begin(name, not_before, not_after));
  X509* const certificate = fresh.certificate.get();
  if (X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) != 1) {
    return absl::InternalError("the authority cannot be named");
  }
  RETURN_IF_ERROR(
      AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  RETURN_IF_ERROR(
      AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign"));
  RETURN_IF_ERROR(AddExtension(certificate, certificate, NID_subject_key_identifier, "hash"));
  if (X509_sign(certificate, fresh.key.get(), EVP_sha256()) == 0) {
    return absl::InternalError("the authority cannot be signed");
  }
  ASSIGN_OR_RETURN(KeyedCertificate own, Encode(fresh.certificate, fresh.key));
  return Authority(std::move(own));
}

absl::StatusOr<Authority> Authority::Of(KeyedCertificate own) {
  RETURN_IF_ERROR(CheckKey(own));
  ASSIGN_OR_RETURN(const Certificate certificate, ParseCertificate(own.certificate));
  if (X509_check_ca(certificate.get()) == 0) return Bad("the certificate is no authority's");
  return Authority(std::move(own));
}

absl::StatusOr<KeyedCertificate> Authority::Issue(const CertificateRequest& request) const {
  for (const auto* list : {&request.uris, &request.dns_names, &request.ip_addresses}) {
    for (const std::string& name : *list) {
      // OpenSSL would take what follows for another name.
      if (name.find(',') != std::string::npos) return Bad(absl::StrCat("a comma in ", name));
    }
  }
  const std::string names = AlternativeNames(request);
  if (names.empty()) return Bad("a certificate needs a name");
  ASSIGN_OR_RETURN(const Certificate issuer, ParseCertificate(own_.certificate));
  ASSIGN_OR_RETURN(const Key issuer_key, ParseKey(own_.key));
  // What matters are the alternative names; this one is for people who look.
  const std::string& shown = !request.dns_names.empty() ? request.dns_names.front()
                             : !request.uris.empty()    ? request.uris.front()
                                                        : request.ip_addresses.front();
  ASSIGN_OR_RETURN(const Fresh fresh, Begin(shown, request.not_before, request.not_after));
  X509* const certificate = fresh.certificate.get();
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer.get())) != 1) {
    return absl::InternalError("the issuer cannot be named");
  }
  const std::pair<int, std::string> extensions[] = {{NID_basic_constraints, "critical,CA:FALSE"},
                                                    {NID_key_usage, "critical,digitalSignature"},
                                                    {NID_ext_key_usage, "serverAuth,clientAuth"},
                                                    {NID_authority_key_identifier, "keyid"},
                                                    {NID_subject_alt_name, names}};
  for (const auto& [kind, value] : extensions) {
    RETURN_IF_ERROR(AddExtension(certificate, issuer.get(), kind, value));
  }
  if (X509_sign(certificate, issuer_key.get(), EVP_sha256()) == 0) {
    return absl::InternalError("the certificate cannot be signed");
  }
  return Encode(fresh.certificate, fresh.key);
}

absl::StatusOr<CertificateFacts> ReadCertificate(std::string_view certificate_pem) {
  ASSIGN_OR_RETURN(const Certificate certificate, ParseCertificate(certificate_pem));
  CertificateFacts facts;
  ASSIGN_OR_RETURN(facts.not_before, TimeOf(X509_get0_notBefore(certificate.get())));
  ASSIGN_OR_RETURN(facts.not_after, TimeOf(X509_get0_notAfter(certificate.get())));
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* const uri = name->d.uniformResourceIdentifier;
    facts.uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                            static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return facts;
}

absl::Status CheckKey(const KeyedCertificate& own) {
  ASSIGN_OR_RETURN(const Certificate certificate, ParseCertificate(own.certificate));
  ASSIGN_OR_RETURN(const Key key, ParseKey(own.key));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Bad("the key is not the certificate's");
  }
  return absl::OkStatus();
}

}  // namespace selfology::crypto

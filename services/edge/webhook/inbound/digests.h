// The hash and signature functions that providers use, over OpenSSL.
//
// Strings hold bytes. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "selfology/webhook/v1/source.pb.h"

namespace selfology::webhook {

std::string Hmac(v1::HashAlgorithm algorithm, std::string_view key, std::string_view data);

// public_key: 32 bytes; signature: 64 bytes.
bool VerifyEd25519(std::string_view public_key, std::string_view data, std::string_view signature);

// RSA with SHA-256 (PKCS #1 v1.5) by the key of an X.509 certificate in PEM. kUnusable: it is none.
enum class RsaResult { kGood, kBad, kUnusable };
RsaResult VerifyRsaSha256(std::string_view certificate_pem, std::string_view data,
                          std::string_view signature);

uint32_t Crc32(std::string_view data);  // ISO 3309, as in gzip.

}  // namespace selfology::webhook

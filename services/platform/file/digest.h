// SHA-256, HMAC-SHA-256 and how they are written.
//
//   Sha256 sha;
//   sha.Add(piece); ...
//   file.set_sha256(ToHex(sha.Finish()));
//
// Strings hold bytes. All of it is OpenSSL's. Threads: values and pure functions.
// Sources: FIPS 180-4, RFC 2104, RFC 4648.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace selfology::file {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;

  void Add(std::string_view bytes);
  // 32 bytes. Once, at the end.
  std::string Finish();

  static std::string Of(std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 20 bytes: only for checksums that a client asks for, never for trust.
std::string Sha1Of(std::string_view bytes);
// 16 bytes; likewise.
std::string Md5Of(std::string_view bytes);

// From the system's generator. Aborts when it has failed: nothing would be safe.
std::string RandomBytes(size_t count);

std::string HmacSha256(std::string_view key, std::string_view data);  // 32 bytes.

std::string ToHex(std::string_view bytes);  // Lower case.

// In a time that does not depend on where they differ.
bool SameBytes(std::string_view a, std::string_view b);

}  // namespace selfology::file

// Digests of what comes in pieces, or that a client asks for; common/crypto has the rest.
//
//   Sha256 sha;
//   sha.Add(piece); ...
//   file.set_sha256(ToHex(sha.Finish()));
//
// Strings hold bytes. All of it is OpenSSL's. Threads: values and pure functions.
// Sources: FIPS 180-4, RFC 1321.
#pragma once

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

std::string ToHex(std::string_view bytes);  // Lower case.

}  // namespace selfology::file

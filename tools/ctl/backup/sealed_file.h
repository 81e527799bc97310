// A file that is compressed, then sealed piece by piece, so that neither writing nor reading it needs memory for all of it.
//
//   ASSIGN_OR_RETURN(auto file, SealedWriter::Create(path, sealer, "backup 7 database"));
//   RETURN_IF_ERROR(file->Write(bytes));               // any number of times
//   ASSIGN_OR_RETURN(const Stored stored, file->Finish());
//
//   RETURN_IF_ERROR(ReadSealed(path, sealer, "backup 7 database", [&](std::string_view bytes) { ... }));
//
// Pieces: one byte (1: the last), four bytes of length, what crypto::Sealer made of at most 1 MiB of a zlib stream. Each is
// sealed for the purpose, its number and whether it is the last: none can be changed, moved, left out or taken from another
// file, and an end that is missing is noticed.
// Errors: UNAVAILABLE and RESOURCE_EXHAUSTED of the file system; DATA_LOSS for what is not as it was written, or was sealed
// with another key. Threads: one at a time.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/crypto.h"

namespace selfology::ctl {

using Bytes = absl::FunctionRef<absl::Status(std::string_view bytes)>;

struct Stored {
  int64_t bytes = 0;         // As they were given.
  int64_t stored_bytes = 0;  // In the file.
  std::string sha256 = {};   // Of the file, in hexadecimal digits.
};

class SealedWriter {
 public:
  // Readable by this user only.
  static absl::StatusOr<std::unique_ptr<SealedWriter>> Create(const std::string& path,
                                                              const crypto::Sealer& sealer,
                                                              std::string purpose);
  ~SealedWriter();
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;

  absl::Status Write(std::string_view bytes);
  // Nothing may be written after it. The file is on the disk when it returns.
  absl::StatusOr<Stored> Finish();

 private:
  struct Compression;
  SealedWriter(int file, crypto::Sealer sealer, std::string purpose);
  absl::Status Compress(std::string_view bytes, bool last);
  absl::Status Put(std::string_view piece, bool last);

  const int file_;
  const crypto::Sealer sealer_;
  const std::string purpose_;
  const std::unique_ptr<Compression> compression_;
  std::string pending_;
  int64_t piece_ = 0;
  Stored stored_;
};

absl::Status ReadSealed(const std::string& path, const crypto::Sealer& sealer,
                        std::string_view purpose, Bytes take);

// Of a file, in hexadecimal digits.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);

}  // namespace selfology::ctl

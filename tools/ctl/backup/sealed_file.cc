#include "tools/ctl/backup/sealed_file.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::ctl {
namespace {

constexpr size_t kPiece = 1 << 20;
// Dumps are text; a higher level takes longer than the dump itself.
constexpr int kLevel = 1;
constexpr size_t kHead = 5;
// Of a seal, at most.
constexpr size_t kMostOverhead = 256;

absl::Status Failed(std::string_view what, int error) {
  const std::string message =
      absl::StrCat("cannot ", what, ": ", std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

std::string PurposeOf(std::string_view purpose, int64_t piece, bool last) {
  return absl::StrCat(purpose, " ", piece, last ? " last" : "");
}

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) {
    Must(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr));
  }
  ~Digest() { EVP_MD_CTX_free(context_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void Add(std::string_view bytes) { Must(EVP_DigestUpdate(context_, bytes.data(), bytes.size())); }
  std::string Hex() {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    Must(EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(digest.data()), &size));
    digest.resize(size);
    return absl::BytesToHexString(digest);
  }

 private:
  // OpenSSL fails here only for want of memory.
  static void Must(int done) {
    if (done != 1) std::abort();
  }

  EVP_MD_CTX* const context_;
};

Bytef* In(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

struct SealedWriter::Compression {
  z_stream stream = {};
  Digest digest;
};

absl::StatusOr<std::unique_ptr<SealedWriter>> SealedWriter::Create(const std::string& path,
                                                                   const crypto::Sealer& sealer,
                                                                   std::string purpose) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return Failed(absl::StrCat("write ", path), errno);
  return std::unique_ptr<SealedWriter>(new SealedWriter(file, sealer, std::move(purpose)));
}

SealedWriter::SealedWriter(int file, crypto::Sealer sealer, std::string purpose)
    : file_(file),
      sealer_(std::move(sealer)),
      purpose_(std::move(purpose)),
      compression_(std::make_unique<Compression>()) {
  if (deflateInit(&compression_->stream, kLevel) != Z_OK) std::abort();  // For want of memory.
}

SealedWriter::~SealedWriter() {
  deflateEnd(&compression_->stream);
  close(file_);
}

absl::Status SealedWriter::Write(std::string_view bytes) {
  stored_.bytes += static_cast<int64_t>(bytes.size());
  // zlib counts in 32 bits.
  while (!bytes.empty()) {
    const std::string_view some = bytes.substr(0, kPiece);
    RETURN_IF_ERROR(Compress(some, /*last=*/false));
    bytes.remove_prefix(some.size());
  }
  return absl::OkStatus();
}

absl::Status SealedWriter::Compress(std::string_view bytes, bool last) {
  z_stream& stream = compression_->stream;
  stream.next_in = In(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  bool more = true;
  while (more) {
    const size_t before = pending_.size();
    pending_.resize(before + kPiece);
    stream.next_out = In(pending_) + before;
    stream.avail_out = kPiece;
    const int result = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    if (result == Z_STREAM_ERROR) return absl::InternalError("zlib lost its stream");
    pending_.resize(before + kPiece - stream.avail_out);
    more = stream.avail_out == 0;
    while (pending_.size() > kPiece) {
      RETURN_IF_ERROR(Put(std::string_view(pending_).substr(0, kPiece), /*last=*/false));
      pending_.erase(0, kPiece);
    }
  }
  return absl::OkStatus();
}

absl::Status SealedWriter::Put(std::string_view piece, bool last) {
  const std::string sealed = sealer_.Seal(PurposeOf(purpose_, piece_++, last), piece);
  std::string out(kHead, last ? '\1' : '\0');
  const uint32_t size = htonl(static_cast<uint32_t>(sealed.size()));
  std::memcpy(out.data() + 1, &size, sizeof(size));
  out += sealed;
  compression_->digest.Add(out);
  stored_.stored_bytes += static_cast<int64_t>(out.size());
  std::string_view rest = out;
  while (!rest.empty()) {
    const ssize_t written = write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write the backup", errno);
    rest.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<Stored> SealedWriter::Finish() {
  RETURN_IF_ERROR(Compress("", /*last=*/true));
  RETURN_IF_ERROR(Put(pending_, /*last=*/true));
  if (fsync(file_) != 0) return Failed("write the backup", errno);
  stored_.sha256 = compression_->digest.Hex();
  return stored_;
}

absl::Status ReadSealed(const std::string& path, const crypto::Sealer& sealer,
                        std::string_view purpose, Bytes take) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return Failed(absl::StrCat("read ", path), errno);
  struct Inflation {
    Inflation() {
      if (inflateInit(&stream) != Z_OK) std::abort();  // For want of memory.
    }
    ~Inflation() { inflateEnd(&stream); }
    z_stream stream = {};
  } inflation;
  z_stream& stream = inflation.stream;
  std::string sealed, out(kPiece, '\0');
  bool last = false;
  for (int64_t piece = 0; !last; ++piece) {
    char head[kHead];
    if (!file.read(head, kHead)) return absl::DataLossError("the file has no end");
    last = head[0] == '\1';
    uint32_t size = 0;
    std::memcpy(&size, head + 1, sizeof(size));
    size = ntohl(size);
    if (size > kPiece + kMostOverhead) {
      return absl::DataLossError("a piece is longer than any that is written");
    }
    sealed.resize(size);
    if (!file.read(sealed.data(), size)) return absl::DataLossError("the file has no end");
    ASSIGN_OR_RETURN(const std::string opened,
                     sealer.Open(PurposeOf(purpose, piece, last), sealed));
    stream.next_in = In(opened);
    stream.avail_in = static_cast<uInt>(opened.size());
    do {
      stream.next_out = In(out);
      stream.avail_out = static_cast<uInt>(out.size());
      const int result = inflate(&stream, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return absl::DataLossError("what was sealed is no zlib stream");
      }
      const size_t got = out.size() - stream.avail_out;
      if (got > 0) RETURN_IF_ERROR(take(std::string_view(out).substr(0, got)));
    } while (stream.avail_out == 0);
  }
  if (file.peek() != std::ifstream::traits_type::eof()) {
    return absl::DataLossError("there is more after the end");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return Failed(absl::StrCat("read ", path), errno);
  Digest digest;
  std::string some(kPiece, '\0');
  while (file) {
    file.read(some.data(), static_cast<std::streamsize>(some.size()));
    digest.Add(std::string_view(some).substr(0, static_cast<size_t>(file.gcount())));
  }
  return digest.Hex();
}

}  // namespace selfology::ctl

#include "bazel/images/layer.h"

#include <openssl/sha.h>
#include <tar.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bazel/images/packages.h"
#include "common/status/status_macros.h"

namespace selfology::images {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 512;  // Bytes.

// POSIX.1-1988's ustar: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
struct Header {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];
  char version[2];
  char user[32];
  char group[32];
  char device_major[8];
  char device_minor[8];
  char prefix[155];
  char padding[12];
};
static_assert(sizeof(Header) == kBlock);

template <size_t size>
void Put(char (&field)[size], std::string_view text) {
  std::memcpy(field, text.data(), std::min(text.size(), size));
}

// Splits a long path at a slash, as the format wants it.
bool PutPath(Header& header, std::string_view path) {
  if (path.size() <= sizeof(header.name)) {
    Put(header.name, path);
    return true;
  }
  const size_t slash = path.find('/', path.size() - sizeof(header.name) - 1);
  if (slash == path.npos || slash > sizeof(header.prefix)) return false;
  Put(header.prefix, path.substr(0, slash));
  Put(header.name, path.substr(slash + 1));
  return true;
}

}  // namespace

void Layer::AddFoldersAbove(std::string_view path) {
  for (size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    entries_.try_emplace(std::string(path.substr(0, slash)), Entry{DIRTYPE, 0755, {}});
  }
}

void Layer::AddFile(std::string path, std::string contents, int mode) {
  AddFoldersAbove(path);
  entries_[std::move(path)] = {REGTYPE, mode, std::move(contents)};
}

void Layer::AddFolder(const std::string& path, int mode) {
  AddFoldersAbove(path);
  entries_[path] = {DIRTYPE, mode, {}};
}

void Layer::AddLink(std::string path, std::string target) {
  AddFoldersAbove(path);
  entries_[std::move(path)] = {SYMTYPE, 0777, std::move(target)};
}

absl::Status Layer::AddTree(const std::string& path, const std::string& folder) {
  AddFolder(path, 0755);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = absl::StrCat(path, "/", entry.path().filename().string());
    if (entry.is_symlink()) {
      AddLink(name, fs::read_symlink(entry.path()));
    } else if (entry.is_directory()) {
      RETURN_IF_ERROR(AddTree(name, entry.path()));
    } else {
      ASSIGN_OR_RETURN(std::string contents, ReadFile(entry.path()));
      const bool runs = (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
      AddFile(name, std::move(contents), runs ? 0755 : 0644);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Layer::Tar() const {
  std::string tar;
  for (const auto& [path, entry] : entries_) {
    Header header;
    std::memset(&header, 0, sizeof(header));
    const std::string name = entry.type == DIRTYPE ? absl::StrCat(path, "/") : path;
    const bool is_link = entry.type == SYMTYPE;
    if (!PutPath(header, name) || (is_link && entry.contents.size() > sizeof(header.link))) {
      return absl::InvalidArgumentError(absl::StrCat("too long a path for a tar: ", path));
    }
    const size_t size = is_link ? 0 : entry.contents.size();
    Put(header.mode, absl::StrFormat("%07o", entry.mode));
    Put(header.uid, "0000000");
    Put(header.gid, "0000000");
    Put(header.size, absl::StrFormat("%011o", size));
    Put(header.mtime, "00000000000");
    Put(header.checksum, "        ");
    header.type = entry.type;
    if (is_link) Put(header.link, entry.contents);
    Put(header.magic, std::string_view(TMAGIC, TMAGLEN));
    Put(header.version, std::string_view(TVERSION, TVERSLEN));
    Put(header.user, "root");
    Put(header.group, "root");
    unsigned sum = 0;
    const std::string_view bytes(reinterpret_cast<const char*>(&header), sizeof(header));
    for (const char byte : bytes) sum += static_cast<unsigned char>(byte);
    Put(header.checksum, absl::StrFormat("%06o", sum));
    header.checksum[6] = '\0';
    tar.append(bytes);
    if (is_link) continue;
    tar.append(entry.contents);
    tar.append((kBlock - size % kBlock) % kBlock, '\0');
  }
  tar.append(2 * kBlock, '\0');
  return tar;
}

std::string Gzip(std::string_view bytes) {
  constexpr int kGzip = 16 + MAX_WBITS;
  constexpr int kMemory = 8;
  z_stream stream = {};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(
      std::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace selfology::images

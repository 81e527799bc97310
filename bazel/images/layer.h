// A layer of an image: files, folders and links, as a gzipped tar that is the same bytes whenever and wherever it is made
// from the same contents: sorted, owned by root, of the first second of 1970.
//
//   Layer layer;
//   layer.AddFile("usr/bin/session", bytes, 0755);
//   layer.AddLink("lib", "usr/lib");
//   const std::string tar = layer.Tar();
//   const std::string blob = Gzip(tar);
//   Sha256Hex(blob)
//
// Paths have no leading slash; the folders above a file make themselves. A path that is added again is replaced.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace selfology::images {

class Layer {
 public:
  void AddFile(std::string path, std::string contents, int mode);
  void AddFolder(const std::string& path, int mode);
  void AddLink(std::string path, std::string target);
  // All below a folder of this machine. Links stay links.
  absl::Status AddTree(const std::string& path, const std::string& folder);

  bool Has(std::string_view path) const { return entries_.find(path) != entries_.end(); }
  // Format: POSIX ustar. INVALID_ARGUMENT for a path that it cannot hold.
  absl::StatusOr<std::string> Tar() const;

 private:
  struct Entry {
    char type = '0';  // As in the tar.
    int mode = 0;
    std::string contents = {};  // A link's target.
  };
  void AddFoldersAbove(std::string_view path);

  std::map<std::string, Entry, std::less<>> entries_;
};

std::string Gzip(std::string_view bytes);
std::string Sha256Hex(std::string_view bytes);

}  // namespace selfology::images

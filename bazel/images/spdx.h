// What an image is made of, as an SPDX 2.3 document in JSON: https://spdx.github.io/spdx-spec/v2.3/
//
//   SpdxJson({.image = "session", .digest = "sha256:...", .contained = {...}, .linked = {...}})
//
// The document is the same bytes for the same image: it is dated the first second of 1970.
#pragma once

#include <string>
#include <vector>

#include "bazel/images/packages.h"

namespace selfology::images {

struct Composition {
  std::string image = {};               // "session"
  std::string digest = {};              // Of its manifest: "sha256:..."
  std::vector<Package> contained = {};  // Of which the image has files.
  std::vector<Package> linked = {};     // Of which its programs were linked statically.
};

std::string SpdxJson(const Composition& composition);

}  // namespace selfology::images

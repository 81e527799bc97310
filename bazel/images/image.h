// Images for containers, as OCI archives, made from programs of the build and files of locked packages, without a daemon and
// the same bytes each time: https://github.com/opencontainers/image-spec
//
//   ASSIGN_OR_RETURN(const BaseLayer base, MakeBase(packages, {program_a, program_b}));
//   ASSIGN_OR_RETURN(const Image image, MakeImage(packages, base, contents));
//   image.archive    // for `podman load`, `ctr images import`; image.sbom beside it
//
// The base layer has what every program needs: loader, libraries, certificates, time zones, a user, /tmp; no shell. An image
// has the base and one layer of its own: its files, and the libraries that these need beyond the base.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bazel/images/packages.h"

namespace selfology::images {

struct BaseLayer {
  std::string blob = {};                // Gzipped tar.
  std::string diff_id = {};             // "sha256:...", of the tar.
  std::set<std::string> paths = {};     // What it has.
  std::set<std::string> packages = {};  // Whose files.
};

// All but the blob, for another process.
std::string InfoOf(const BaseLayer& base);
absl::StatusOr<BaseLayer> ParseBase(const std::string& blob, const std::string& info);

// programs: contents of ELF files; the base has the libraries that all of them need.
absl::StatusOr<BaseLayer> MakeBase(const Packages& packages,
                                   const std::vector<std::string>& programs);

struct ImageContents {
  std::string name = {};                             // "session"
  std::string description = {};                      // One line.
  std::map<std::string, std::string> programs = {};  // Path in the image to contents; executable.
  std::map<std::string, std::string> from_tree =
      {};  // Path in the image to a file or folder of the packages' trees.
  std::map<std::string, std::string> links = {};  // Path in the image to a target.
  std::vector<std::string> folders = {};          // That every user may write into, for volumes.
  std::vector<std::string> archives = {};         // Linked statically: "libgrpc++.a".
  std::vector<std::string> entrypoint = {};
  std::vector<std::string> environment = {};  // "NAME=value"
};

struct Image {
  std::string archive = {};  // OCI layout in a tar.
  std::string digest = {};   // Of the manifest: "sha256:..."
  std::string sbom = {};     // SPDX 2.3
};

absl::StatusOr<Image> MakeImage(const Packages& packages, const BaseLayer& base,
                                const ImageContents& contents);

// What images are called until they are pushed: "localhost/selfology/session:latest".
std::string ReferenceOf(const std::string& name);

}  // namespace selfology::images

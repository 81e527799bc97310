#include "bazel/images/image.h"

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bazel/images/elf_file.h"
#include "bazel/images/layer.h"
#include "bazel/images/spdx.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace selfology::images {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr char kLibraries[] = "usr/lib/x86_64-linux-gnu/";
constexpr char kLoader[] = "ld-linux-x86-64.so.2";
constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kConfigType[] = "application/vnd.oci.image.config.v1+json";
constexpr char kLayerType[] = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr char kEpoch[] = "1970-01-01T00:00:00Z";
// Nobody's on any host, and what other images without root have.
constexpr char kUser[] = "65532:65532";
constexpr char kPasswd[] =
    "root:x:0:0:root:/:/usr/sbin/nologin\n"
    "selfology:x:65532:65532:selfology:/tmp:/usr/sbin/nologin\n";
constexpr char kGroup[] = "root:x:0:\nselfology:x:65532:\n";
constexpr char kNsswitch[] = "passwd: files\ngroup: files\nhosts: files dns\n";
// By which scanners choose their list of vulnerabilities.
constexpr char kOsRelease[] =
    "PRETTY_NAME=\"Selfology, of Debian 12's packages\"\nID=debian\nVERSION_ID=\"12\"\n";

std::string Digest(std::string_view bytes) { return absl::StrCat("sha256:", Sha256Hex(bytes)); }

// A layer that remembers whose files it has.
class Filling {
 public:
  explicit Filling(const Packages& packages) : packages_(packages) {}

  Layer& layer() { return layer_; }
  const std::set<std::string>& owners() const { return owners_; }

  absl::Status Add(const std::string& to, const TreeFile& file, int mode) {
    ASSIGN_OR_RETURN(std::string contents, ReadFile(file.path));
    layer_.AddFile(to, std::move(contents), mode);
    if (!file.package.empty()) owners_.insert(file.package);
    return absl::OkStatus();
  }
  absl::Status AddLibraries(const std::map<std::string, TreeFile>& libraries) {
    for (const auto& [name, file] : libraries) {
      // The kernel starts the loader.
      const int mode = name == kLoader ? 0755 : 0644;
      RETURN_IF_ERROR(Add(absl::StrCat(kLibraries, name), file, mode));
    }
    return absl::OkStatus();
  }
  absl::Status AddFolder(const std::string& to, const std::string& from, std::string_view owner) {
    ASSIGN_OR_RETURN(const std::string folder, packages_.Folder(from));
    RETURN_IF_ERROR(layer_.AddTree(to, folder));
    if (!owner.empty()) owners_.emplace(owner);
    return absl::OkStatus();
  }
  void Owned(std::string package) { owners_.insert(std::move(package)); }

  // What a package scanner reads in images without dpkg.
  absl::Status AddStatus() {
    for (const std::string& name : owners_) {
      ASSIGN_OR_RETURN(const Package package, packages_.Named(name));
      layer_.AddFile(
          absl::StrCat("var/lib/dpkg/status.d/", name),
          absl::StrCat("Package: ", name, "\nStatus: install ok installed\nArchitecture: ",
                       package.architecture, "\nVersion: ", package.version, "\n"),
          0644);
    }
    return absl::OkStatus();
  }

 private:
  const Packages& packages_;
  Layer layer_;
  std::set<std::string> owners_;
};

absl::StatusOr<std::vector<Package>> Named(const Packages& packages,
                                           const std::set<std::string>& names) {
  std::vector<Package> found;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(found.emplace_back(), packages.Named(name));
  }
  return found;
}

// The libraries that files of a layer need and that are not there yet.
absl::StatusOr<std::map<std::string, TreeFile>> Missing(const Packages& packages,
                                                        const BaseLayer& base,
                                                        const std::string& bytes) {
  if (!IsElf(bytes)) return std::map<std::string, TreeFile>();
  ASSIGN_OR_RETURN(auto libraries, packages.LibrariesOf(bytes));
  std::erase_if(libraries, [&](const auto& library) {
    return base.paths.contains(absl::StrCat(kLibraries, library.first));
  });
  return libraries;
}

Json Descriptor(const char* type, const std::string& bytes) {
  return {{"mediaType", type}, {"digest", Digest(bytes)}, {"size", bytes.size()}};
}

void AddBlob(Layer& archive, const std::string& bytes) {
  archive.AddFile(absl::StrCat("blobs/sha256/", Sha256Hex(bytes)), bytes, 0644);
}

absl::StatusOr<std::set<std::string>> Fill(const Packages& packages, const BaseLayer& base,
                                           const ImageContents& contents, Filling& filling) {
  for (const auto& [to, bytes] : contents.programs) {
    ASSIGN_OR_RETURN(const auto libraries, Missing(packages, base, bytes));
    RETURN_IF_ERROR(filling.AddLibraries(libraries));
    filling.layer().AddFile(to, bytes, 0755);
  }
  for (const auto& [to, from] : contents.from_tree) {
    if (const absl::StatusOr<std::string> folder = packages.Folder(from); folder.ok()) {
      // Whose the folder is, is said by its first file; modules in it may need libraries.
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(*folder)) {
        if (!entry.is_regular_file()) continue;
        const std::string own = entry.path().lexically_relative(*folder);
        ASSIGN_OR_RETURN(const TreeFile file, packages.Find(absl::StrCat(from, "/", own)));
        ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file.path));
        const auto libraries = Missing(packages, base, bytes);
        // A module for what the tree does not have, such as LLVM's of PostgreSQL, could not be loaded.
        if (absl::IsNotFound(libraries.status())) continue;
        RETURN_IF_ERROR(libraries.status());
        RETURN_IF_ERROR(filling.AddLibraries(*libraries));
        RETURN_IF_ERROR(filling.Add(absl::StrCat(to, "/", own), file, IsElf(bytes) ? 0755 : 0644));
      }
      continue;
    }
    ASSIGN_OR_RETURN(const TreeFile file, packages.Find(from));
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file.path));
    ASSIGN_OR_RETURN(const auto libraries, Missing(packages, base, bytes));
    RETURN_IF_ERROR(filling.AddLibraries(libraries));
    RETURN_IF_ERROR(filling.Add(to, file, 0755));
  }
  for (const auto& [path, target] : contents.links) filling.layer().AddLink(path, target);
  for (const std::string& folder : contents.folders) filling.layer().AddFolder(folder, 01777);
  std::set<std::string> linked;
  for (const std::string& archive : contents.archives) {
    ASSIGN_OR_RETURN(const TreeFile file, packages.Find(absl::StrCat(kLibraries, archive)));
    if (!file.package.empty()) linked.insert(file.package);
  }
  return linked;
}

}  // namespace

std::string InfoOf(const BaseLayer& base) {
  return Json({{"diff_id", base.diff_id}, {"paths", base.paths}, {"packages", base.packages}})
      .dump();
}

absl::StatusOr<BaseLayer> ParseBase(const std::string& blob, const std::string& info) {
  const Json json = Json::parse(info, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("the base's description is no JSON");
  return BaseLayer{.blob = blob,
                   .diff_id = json.value("diff_id", ""),
                   .paths = json.value("paths", std::set<std::string>()),
                   .packages = json.value("packages", std::set<std::string>())};
}

absl::StatusOr<BaseLayer> MakeBase(const Packages& packages,
                                   const std::vector<std::string>& programs) {
  std::optional<std::map<std::string, TreeFile>> shared;
  for (const std::string& program : programs) {
    ASSIGN_OR_RETURN(auto libraries, packages.LibrariesOf(program));
    if (!shared.has_value()) {
      shared = std::move(libraries);
    } else {
      std::erase_if(*shared, [&](const auto& one) { return !libraries.contains(one.first); });
    }
  }
  if (!shared.has_value()) return absl::InvalidArgumentError("a base for no program");

  Filling filling(packages);
  RETURN_IF_ERROR(filling.AddLibraries(*shared));
  ASSIGN_OR_RETURN(const TreeFile loader, packages.Find(absl::StrCat(kLibraries, kLoader)));
  RETURN_IF_ERROR(filling.AddLibraries({{kLoader, loader}}));
  Layer& layer = filling.layer();
  for (const char* const folder : {"bin", "lib", "lib64", "sbin"}) {
    layer.AddLink(folder, absl::StrCat("usr/", folder));
  }
  layer.AddFolder("usr/bin", 0755);
  layer.AddFolder("usr/sbin", 0755);
  layer.AddLink(absl::StrCat("usr/lib64/", kLoader),
                absl::StrCat("../lib/x86_64-linux-gnu/", kLoader));
  layer.AddFile("etc/passwd", kPasswd, 0644);
  layer.AddFile("etc/group", kGroup, 0644);
  layer.AddFile("etc/nsswitch.conf", kNsswitch, 0644);
  layer.AddFile("etc/os-release", kOsRelease, 0644);
  layer.AddFolder("tmp", 01777);
  layer.AddFolder("var/lib/selfology", 01777);
  RETURN_IF_ERROR(filling.AddFolder("usr/share/zoneinfo", "usr/share/zoneinfo", "tzdata"));
  ASSIGN_OR_RETURN(const TreeFile certificates, packages.Find("etc/ssl/certs/ca-certificates.crt"));
  RETURN_IF_ERROR(filling.Add("etc/ssl/certs/ca-certificates.crt", certificates, 0644));
  filling.Owned("ca-certificates");
  RETURN_IF_ERROR(filling.AddStatus());

  ASSIGN_OR_RETURN(const std::string tar, layer.Tar());
  BaseLayer base{.blob = Gzip(tar), .diff_id = Digest(tar), .packages = filling.owners()};
  for (const auto& [name, file] : *shared) base.paths.insert(absl::StrCat(kLibraries, name));
  base.paths.insert(absl::StrCat(kLibraries, kLoader));
  return base;
}

absl::StatusOr<Image> MakeImage(const Packages& packages, const BaseLayer& base,
                                const ImageContents& contents) {
  Filling filling(packages);
  ASSIGN_OR_RETURN(const std::set<std::string> linked, Fill(packages, base, contents, filling));
  RETURN_IF_ERROR(filling.AddStatus());
  ASSIGN_OR_RETURN(const std::string tar, filling.layer().Tar());
  const std::string blob = Gzip(tar);

  const Json labels = {
      {"org.opencontainers.image.title", absl::StrCat("selfology/", contents.name)},
      {"org.opencontainers.image.description", contents.description},
      {"org.opencontainers.image.licenses", "Apache-2.0"}};
  std::vector<std::string> environment = {"PATH=/usr/bin:/usr/sbin"};
  environment.insert(environment.end(), contents.environment.begin(), contents.environment.end());
  const std::string config =
      Json(
          {{"created", kEpoch},
           {"architecture", "amd64"},
           {"os", "linux"},
           {"config",
            {{"User", kUser},
             {"Env", environment},
             {"Entrypoint", contents.entrypoint},
             {"WorkingDir", "/tmp"},
             {"Labels", labels}}},
           {"rootfs", {{"type", "layers"}, {"diff_ids", Json::array({base.diff_id, Digest(tar)})}}},
           {"history",
            {{{"created", kEpoch}, {"created_by", "base"}},
             {{"created", kEpoch}, {"created_by", contents.name}}}}})
          .dump();
  const std::string manifest =
      Json({{"schemaVersion", 2},
            {"mediaType", kManifestType},
            {"config", Descriptor(kConfigType, config)},
            {"layers",
             Json::array({Descriptor(kLayerType, base.blob), Descriptor(kLayerType, blob)})}})
          .dump();
  Json in_index = Descriptor(kManifestType, manifest);
  // containerd takes the first for the image's name, podman the second.
  in_index["annotations"] = {{"io.containerd.image.name", ReferenceOf(contents.name)},
                             {"org.opencontainers.image.ref.name", ReferenceOf(contents.name)}};
  in_index["platform"] = {{"architecture", "amd64"}, {"os", "linux"}};

  Layer archive;
  for (const std::string& bytes : {config, manifest, base.blob, blob}) AddBlob(archive, bytes);
  archive.AddFile("oci-layout", R"({"imageLayoutVersion":"1.0.0"})", 0644);
  archive.AddFile("index.json",
                  Json({{"schemaVersion", 2},
                        {"mediaType", "application/vnd.oci.image.index.v1+json"},
                        {"manifests", Json::array({in_index})}})
                      .dump(),
                  0644);

  Image image{.digest = Digest(manifest)};
  ASSIGN_OR_RETURN(image.archive, archive.Tar());
  std::set<std::string> owners = base.packages;
  owners.insert(filling.owners().begin(), filling.owners().end());
  Composition composition{.image = contents.name, .digest = image.digest};
  ASSIGN_OR_RETURN(composition.contained, Named(packages, owners));
  ASSIGN_OR_RETURN(composition.linked, Named(packages, linked));
  image.sbom = SpdxJson(composition);
  return image;
}

std::string ReferenceOf(const std::string& name) {
  return absl::StrCat("localhost/selfology/", absl::StrReplaceAll(name, {{"_", "-"}}), ":latest");
}

}  // namespace selfology::images

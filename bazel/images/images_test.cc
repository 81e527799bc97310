// What images are made of: against the locked packages, and this test's own program.
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bazel/images/elf_file.h"
#include "bazel/images/image.h"
#include "bazel/images/layer.h"
#include "bazel/images/packages.h"
#include "bazel/images/spdx.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::images {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

// What a tar holds of a path, by the format; nullopt: it has no such file.
std::optional<std::string> InTar(std::string_view tar, std::string_view path) {
  constexpr size_t kBlock = 512;
  for (size_t at = 0; at + kBlock <= tar.size();) {
    const std::string name = tar.substr(at).data();
    const size_t size = std::strtoull(std::string(tar.substr(at + 124, 11)).c_str(), nullptr, 8);
    if (name == path) return std::string(tar.substr(at + kBlock, size));
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  return std::nullopt;
}

class ImagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string files = std::getenv("TEST_SRCDIR");
    auto packages = Packages::Open({absl::StrCat(files, "/debian_sysroot/debian.lock"),
                                    absl::StrCat(files, "/debian_operations/debian.lock")});
    ASSERT_TRUE(packages.ok()) << packages.status();
    packages_ = *std::move(packages);
    // A program of the packages: this test's own may be sanitized, and then needs what no package has.
    const auto redis = packages_.Find("usr/bin/redis-server");
    ASSERT_TRUE(redis.ok()) << redis.status();
    program_ = *ReadFile(redis->path);
  }
  // Made once: most of the time goes into compressing it.
  const absl::StatusOr<BaseLayer>& Base() const {
    static const auto* const base = new absl::StatusOr<BaseLayer>(MakeBase(packages_, {program_}));
    return *base;
  }
  ImageContents Contents() const {
    return {.name = "night_watch",
            .description = "Watches.",
            .programs = {{"usr/bin/night_watch", program_}},
            .from_tree = {{"usr/bin/psql", "usr/lib/postgresql/15/bin/psql"}},
            .links = {{"usr/bin/watch", "night_watch"}},
            .archives = {"libabsl_base.a"},
            .entrypoint = {"/usr/bin/night_watch"},
            .environment = {"A=b"}};
  }

  Packages packages_;
  std::string program_;
};

TEST_F(ImagesTest, AProgramSaysWhatItNeeds) {
  const auto elf = ReadElf(program_);
  ASSERT_TRUE(elf.ok()) << elf.status();
  EXPECT_EQ(elf->interpreter, "/lib64/ld-linux-x86-64.so.2");
  EXPECT_THAT(elf->needed, Contains("libc.so.6"));
}

TEST_F(ImagesTest, WhatIsNoProgramOrIsDamagedIsRefused) {
  EXPECT_FALSE(ReadElf("#!/bin/sh").ok());
  EXPECT_FALSE(ReadElf("").ok());
  for (const size_t size : {10, 64, 200, 600, 2000}) {
    EXPECT_FALSE(ReadElf(program_.substr(0, size)).ok()) << size;
  }
}

TEST_F(ImagesTest, LibrariesAreFoundWithTheirOwnAndWithTheirPackages) {
  const auto libraries = packages_.LibrariesOf(program_);
  ASSERT_TRUE(libraries.ok()) << libraries.status();
  ASSERT_TRUE(libraries->contains("libc.so.6"));
  EXPECT_EQ(libraries->at("libc.so.6").package, "libc6");
  ASSERT_TRUE(libraries->contains("libcrypto.so.3"));
  EXPECT_EQ(libraries->at("libcrypto.so.3").package, "libssl3");
}

TEST_F(ImagesTest, BehindALauncherIsTheProgram) {
  const auto file = packages_.Find("usr/lib/postgresql/15/bin/postgres");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(absl::EndsWith(file->path, ".real"));
  EXPECT_EQ(file->package, "postgresql-15");
  EXPECT_TRUE(absl::IsNotFound(packages_.Find("usr/bin/no-such-program").status()));
}

TEST_F(ImagesTest, ALayerIsSortedAndHasItsFolders) {
  Layer layer;
  layer.AddFile("b/c/late", "2", 0644);
  layer.AddFile("a", "1", 0755);
  layer.AddLink("b/link", "c/late");
  const auto tar = layer.Tar();
  ASSERT_TRUE(tar.ok()) << tar.status();
  EXPECT_EQ(InTar(*tar, "a"), "1");
  EXPECT_EQ(InTar(*tar, "b/c/late"), "2");
  EXPECT_TRUE(InTar(*tar, "b/c/").has_value());
  EXPECT_LT(tar->find("a"), tar->find("b/"));
  Layer other;
  other.AddLink("b/link", "c/late");
  other.AddFile("a", "1", 0755);
  other.AddFile("b/c/late", "2", 0644);
  EXPECT_EQ(*other.Tar(), *tar) << "the order in which files come does not matter";
}

TEST_F(ImagesTest, TooLongAPathIsRefused) {
  Layer layer;
  layer.AddFile(std::string(300, 'x'), "", 0644);
  EXPECT_FALSE(layer.Tar().ok());
  Layer deep;
  const std::string path = absl::StrCat(std::string(90, 'a'), "/", std::string(90, 'b'));
  deep.AddFile(path, "", 0644);
  EXPECT_TRUE(deep.Tar().ok());
}

TEST_F(ImagesTest, AnImageIsTheSameTwiceAndComplete) {
  const auto& base = Base();
  ASSERT_TRUE(base.ok()) << base.status();
  const auto image = MakeImage(packages_, *base, Contents());
  ASSERT_TRUE(image.ok()) << image.status();
  const auto parsed = ParseBase(base->blob, InfoOf(*base));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(MakeImage(packages_, *parsed, Contents())->archive, image->archive);

  // Everything is there under the digest that names it.
  const auto blob = [&](const Json& descriptor) {
    const auto digest = descriptor.at("digest").get<std::string>().substr(7);
    const auto found = InTar(image->archive, absl::StrCat("blobs/sha256/", digest));
    EXPECT_TRUE(found.has_value()) << digest;
    EXPECT_EQ(Sha256Hex(found.value_or("")), digest);
    EXPECT_EQ(found.value_or("").size(), descriptor.at("size").get<size_t>());
    return found.value_or("");
  };
  const Json index = Json::parse(*InTar(image->archive, "index.json"));
  ASSERT_EQ(index.at("manifests").size(), 1u);
  EXPECT_EQ(index.at("manifests")[0].at("digest"), image->digest);
  const Json manifest = Json::parse(blob(index.at("manifests")[0]));
  const Json config = Json::parse(blob(manifest.at("config")));
  ASSERT_EQ(manifest.at("layers").size(), 2u);
  for (const Json& layer : manifest.at("layers")) blob(layer);
  EXPECT_EQ(config.at("config").at("User"), "65532:65532");
  EXPECT_EQ(config.at("config").at("Entrypoint")[0], "/usr/bin/night_watch");
  EXPECT_EQ(config.at("rootfs").at("diff_ids").size(), 2u);
  EXPECT_EQ(index.at("manifests")[0].at("annotations").at("io.containerd.image.name"),
            "localhost/selfology/night-watch:latest");
}

TEST_F(ImagesTest, TheBaseHasWhatAllNeedAndNoShell) {
  const auto psql = packages_.Find("usr/lib/postgresql/15/bin/psql");
  ASSERT_TRUE(psql.ok());
  const auto base = MakeBase(packages_, {program_, *ReadFile(psql->path)});
  ASSERT_TRUE(base.ok()) << base.status();
  EXPECT_THAT(base->paths, Contains("usr/lib/x86_64-linux-gnu/libc.so.6"));
  EXPECT_THAT(base->paths, Not(Contains("usr/lib/x86_64-linux-gnu/libpq.so.5"))) << "one's alone";
  EXPECT_THAT(base->packages, Contains("ca-certificates"));
  EXPECT_THAT(base->packages, Contains("tzdata"));
  EXPECT_THAT(base->packages, Not(Contains("bash")));
  EXPECT_FALSE(MakeBase(packages_, {}).ok());
}

TEST_F(ImagesTest, TheSbomNamesWhatIsInsideWithItsVersionAndDigest) {
  const auto& base = Base();
  ASSERT_TRUE(base.ok()) << base.status();
  const auto image = MakeImage(packages_, *base, Contents());
  ASSERT_TRUE(image.ok()) << image.status();
  const Json sbom = Json::parse(image->sbom);
  EXPECT_EQ(sbom.at("spdxVersion"), "SPDX-2.3");
  EXPECT_THAT(sbom.at("documentNamespace").get<std::string>(), HasSubstr("night_watch"));
  std::map<std::string, Json> by_name;
  std::set<std::string> identifiers = {"SPDXRef-DOCUMENT"};
  for (const Json& package : sbom.at("packages")) {
    by_name[package.at("name")] = package;
    EXPECT_TRUE(identifiers.insert(package.at("SPDXID")).second);
  }
  for (const std::string name :
       {"libc6", "libpq5", "postgresql-client-15", "tzdata", "libabsl-dev"}) {
    ASSERT_TRUE(by_name.contains(name)) << name;
    const auto locked = packages_.Named(name);
    ASSERT_TRUE(locked.ok());
    EXPECT_EQ(by_name[name].at("versionInfo"), locked->version);
    EXPECT_EQ(by_name[name].at("checksums")[0].at("checksumValue"), locked->sha256);
  }
  EXPECT_FALSE(by_name.contains("clang-19")) << "the build's compiler is not in it";
  for (const Json& relationship : sbom.at("relationships")) {
    EXPECT_THAT(identifiers, Contains(relationship.at("spdxElementId")));
    EXPECT_THAT(identifiers, Contains(relationship.at("relatedSpdxElement")));
  }
}

}  // namespace
}  // namespace selfology::images

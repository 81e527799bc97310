#include "bazel/images/spdx.h"

#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"

namespace selfology::images {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kDocument[] = "SPDXRef-DOCUMENT";
constexpr char kImage[] = "SPDXRef-Image";
constexpr char kUnknown[] = "NOASSERTION";

// Identifiers hold letters, digits, "." and "-" only.
std::string IdOf(const Package& package) {
  return absl::StrCat("SPDXRef-Package-", absl::StrReplaceAll(package.name, {{"+", "-plus"}}));
}

// https://github.com/package-url/purl-spec: "+", ":" and "~" of versions are percent-encoded where it asks for it.
std::string PurlOf(const Package& package) {
  const auto encoded = [](std::string_view text) {
    return absl::StrReplaceAll(text, {{"+", "%2B"}, {":", "%3A"}});
  };
  return absl::StrCat("pkg:deb/debian/", encoded(package.name), "@", encoded(package.version),
                      "?arch=", package.architecture, "&distro=debian-12");
}

Json PackageJson(const Package& package) {
  return {{"SPDXID", IdOf(package)},
          {"name", package.name},
          {"versionInfo", package.version},
          {"supplier", "Organization: Debian"},
          {"downloadLocation", kUnknown},
          {"filesAnalyzed", false},
          {"licenseConcluded", kUnknown},
          {"licenseDeclared", kUnknown},
          {"copyrightText", kUnknown},
          {"checksums",
           Json::array({Json{{"algorithm", "SHA256"}, {"checksumValue", package.sha256}}})},
          {"externalRefs", Json::array({Json{{"referenceCategory", "PACKAGE-MANAGER"},
                                             {"referenceType", "purl"},
                                             {"referenceLocator", PurlOf(package)}}})}};
}

Json Relationship(std::string_view from, std::string_view type, std::string_view to) {
  return {{"spdxElementId", from}, {"relationshipType", type}, {"relatedSpdxElement", to}};
}

}  // namespace

std::string SpdxJson(const Composition& composition) {
  Json packages = Json::array();
  packages.push_back({{"SPDXID", kImage},
                      {"name", absl::StrCat("selfology/", composition.image)},
                      {"versionInfo", composition.digest},
                      {"downloadLocation", kUnknown},
                      {"filesAnalyzed", false},
                      {"licenseConcluded", kUnknown},
                      {"licenseDeclared", "Apache-2.0"},
                      {"copyrightText", kUnknown},
                      {"primaryPackagePurpose", "CONTAINER"}});
  Json relationships = Json::array();
  relationships.push_back(Relationship(kDocument, "DESCRIBES", kImage));
  std::set<std::string> listed;
  const auto add = [&](const Package& package, std::string_view relation) {
    if (listed.insert(package.name).second) packages.push_back(PackageJson(package));
    relationships.push_back(Relationship(kImage, relation, IdOf(package)));
  };
  for (const Package& package : composition.contained) add(package, "CONTAINS");
  for (const Package& package : composition.linked) add(package, "STATIC_LINK");
  const Json document = {
      {"spdxVersion", "SPDX-2.3"},
      {"dataLicense", "CC0-1.0"},
      {"SPDXID", kDocument},
      {"name", absl::StrCat("selfology-", composition.image)},
      {"documentNamespace",
       absl::StrCat("https://spdx.org/spdxdocs/selfology-", composition.image, "-",
                    absl::StrReplaceAll(composition.digest, {{"sha256:", ""}}))},
      {"creationInfo",
       {{"created", "1970-01-01T00:00:00Z"},
        {"creators", Json::array({"Tool: selfology-image_tool"})}}},
      {"packages", packages},
      {"relationships", relationships}};
  return absl::StrCat(document.dump(2), "\n");
}

}  // namespace selfology::images

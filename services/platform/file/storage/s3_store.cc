#include "services/platform/file/storage/s3_store.h"

#include <algorithm>
#include <pugixml.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/file_rules.h"

namespace selfology::file {
namespace {

// A refusal of ours is a matter of the operator, not of whoever uploads.
absl::Status Judge(const http::ClientResponse& response) {
  if (response.status / 100 == 2) return absl::OkStatus();
  if (response.status == 404) return absl::NotFoundError("no such object");
  return absl::UnavailableError(absl::StrCat("the store answered ", response.status));
}

}  // namespace

absl::StatusOr<std::vector<ObjectStore::Listed>> ReadListing(std::string_view xml,
                                                             std::string_view prefix) {
  pugi::xml_document document;
  // Without DOCTYPE and entities of its own.
  if (!document.load_buffer(xml.data(), xml.size(), pugi::parse_minimal | pugi::parse_escapes)) {
    return absl::InvalidArgumentError("the listing is no XML");
  }
  const pugi::xml_node result = document.child("ListBucketResult");
  if (!result) return absl::InvalidArgumentError("the listing is no ListBucketResult");
  std::vector<ObjectStore::Listed> listed;
  for (const pugi::xml_node object : result.children("Contents")) {
    ObjectStore::Listed one;
    std::string_view key = object.child_value("Key");
    std::string error;
    if (!TakePrefix(key, prefix) ||
        !absl::ParseTime(absl::RFC3339_full, object.child_value("LastModified"), &one.written_at,
                         &error)) {
      return absl::InvalidArgumentError("the listing has an object without a key or a time");
    }
    one.key = key;
    listed.push_back(std::move(one));
  }
  return listed;
}

absl::StatusOr<std::unique_ptr<S3Store>> S3Store::Open(Options options, http::Client& client,
                                                       Clock clock) {
  std::string_view rest = options.url;
  std::string_view scheme = "https://";
  if (!TakePrefix(rest, scheme)) {
    scheme = "http://";
    if (!TakePrefix(rest, scheme)) {
      return absl::InvalidArgumentError("must begin with https:// or http://");
    }
  }
  const size_t slash = std::min(rest.find('/'), rest.size());
  const std::string host(rest.substr(0, slash));
  std::string base(rest.substr(slash));
  if (host.empty() || absl::StrContains(rest, '?') || absl::StrContains(rest, '@')) {
    return absl::InvalidArgumentError("must be a host and a path");
  }
  if (!absl::EndsWith(base, "/")) base += '/';
  return std::unique_ptr<S3Store>(new S3Store(std::move(options), absl::StrCat(scheme, host), host,
                                              std::move(base), client, std::move(clock)));
}

S3Store::S3Store(Options options, std::string origin, std::string host, std::string base,
                 http::Client& client, Clock clock)
    : options_(std::move(options)),
      origin_(std::move(origin)),
      host_(std::move(host)),
      base_(std::move(base)),
      client_(client),
      clock_(std::move(clock)) {}

S3Request S3Store::RequestFor(std::string_view method, std::string_view key) const {
  return {.method = std::string(method),
          .host = host_,
          .path = absl::StrCat(base_, options_.prefix, key)};
}

absl::StatusOr<http::ClientResponse> S3Store::Send(const Call& call, S3Request request,
                                                   std::string_view body, std::string_view target) {
  request.payload_sha256 = ToHex(Sha256::Of(body));
  http::ClientRequest send = {.method = request.method,
                              .url = absl::StrCat(origin_, UriEncode(request.path, true)),
                              .body = std::string(body),
                              .target = std::string(target)};
  if (!request.query.empty()) {
    absl::StrAppend(&send.url, "?", CanonicalQuery(request.query));
  }
  for (const auto& [name, value] : request.headers) send.headers.Set(name, value);
  for (const auto& [name, value] : Sign(options_.keys, request, clock_())) {
    send.headers.Set(name, value);
  }
  absl::StatusOr<http::ClientResponse> response = client_.Send(call, send);
  if (!response.ok()) return absl::UnavailableError("the store cannot be reached");
  return response;
}

absl::Status S3Store::Put(const Call& call, const std::string& key, std::string_view bytes) {
  ASSIGN_OR_RETURN(const http::ClientResponse response,
                   Send(call, RequestFor("PUT", key), bytes, "s3 PutObject"));
  return Judge(response);
}

absl::StatusOr<std::string> S3Store::Get(const Call& call, const std::string& key, int64_t offset,
                                         int64_t limit) {
  S3Request request = RequestFor("GET", key);
  request.headers["range"] = absl::StrCat("bytes=", offset, "-", offset + limit - 1);
  ASSIGN_OR_RETURN(http::ClientResponse response, Send(call, request, "", "s3 GetObject"));
  if (response.status == 416) return "";  // Behind the end.
  RETURN_IF_ERROR(Judge(response));
  // One that knows no ranges sends all of it.
  if (response.status == 200 && offset > 0) {
    response.body.erase(0, std::min<size_t>(offset, response.body.size()));
  }
  if (static_cast<int64_t>(response.body.size()) > limit) response.body.resize(limit);
  return std::move(response.body);
}

absl::Status S3Store::Delete(const Call& call, const std::string& key) {
  ASSIGN_OR_RETURN(const http::ClientResponse response,
                   Send(call, RequestFor("DELETE", key), "", "s3 DeleteObject"));
  return response.status == 404 ? absl::OkStatus() : Judge(response);
}

absl::StatusOr<bool> S3Store::Exists(const Call& call, const std::string& key) {
  ASSIGN_OR_RETURN(const http::ClientResponse response,
                   Send(call, RequestFor("HEAD", key), "", "s3 HeadObject"));
  if (response.status == 404) return false;
  RETURN_IF_ERROR(Judge(response));
  return true;
}

absl::StatusOr<std::vector<ObjectStore::Listed>> S3Store::List(const Call& call,
                                                               const std::string& after,
                                                               int limit) {
  S3Request request = {.host = host_, .path = base_};
  // The bucket itself is without the "/" at its end, unless it is in the host's name.
  if (request.path.size() > 1) request.path.pop_back();
  request.query = {
      {"list-type", "2"}, {"max-keys", absl::StrCat(limit)}, {"prefix", options_.prefix}};
  if (!after.empty()) {
    request.query.emplace_back("start-after", absl::StrCat(options_.prefix, after));
  }
  ASSIGN_OR_RETURN(const http::ClientResponse response,
                   Send(call, request, "", "s3 ListObjectsV2"));
  RETURN_IF_ERROR(Judge(response));
  absl::StatusOr<std::vector<Listed>> listed = ReadListing(response.body, options_.prefix);
  if (!listed.ok()) return absl::UnavailableError(listed.status().message());
  return listed;
}

std::optional<std::string> S3Store::Presign(const std::string& key, absl::Duration lifetime,
                                            std::string_view media_type,
                                            std::string_view disposition) {
  S3Request request = RequestFor("GET", key);
  request.query = {{"response-content-type", std::string(media_type)},
                   {"response-content-disposition", std::string(disposition)}};
  return absl::StrCat(origin_, UriEncode(request.path, true), "?",
                      file::Presign(options_.keys, request, clock_(), lifetime));
}

absl::Status S3Store::Healthy(const Call& call) { return List(call, "", 1).status(); }

}  // namespace selfology::file

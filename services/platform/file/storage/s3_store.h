// Objects in a bucket of S3, or of whatever speaks its protocol.
//
//   ASSIGN_OR_RETURN(auto store, S3Store::Open({.url = "https://s3.eu-central-1.amazonaws.com/bucket",
//                                               .keys = {...}}, mesh.http(), mesh.clock()));
//
// Addresses are <url>/<key>: with the bucket in the host's name or in the path, as the URL says.
// See object_store.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/client.h"
#include "services/platform/file/storage/object_store.h"
#include "services/platform/file/storage/sigv4.h"

namespace selfology::file {

// One page of ListObjectsV2's answer. INVALID_ARGUMENT: no such XML.
absl::StatusOr<std::vector<ObjectStore::Listed>> ReadListing(std::string_view xml,
                                                             std::string_view prefix);

class S3Store final : public ObjectStore {
 public:
  struct Options {
    std::string url = {};  // http or https, a host, and perhaps a path.
    SigningKeys keys = {};
    std::string prefix = "files/";  // Before every key.
  };
  using Clock = std::function<absl::Time()>;

  // INVALID_ARGUMENT: no such URL. The client outlives it.
  static absl::StatusOr<std::unique_ptr<S3Store>> Open(Options options, http::Client& client,
                                                       Clock clock);

  absl::Status Put(const Call& call, const std::string& key, std::string_view bytes) override;
  absl::StatusOr<std::string> Get(const Call& call, const std::string& key, int64_t offset,
                                  int64_t limit) override;
  absl::Status Delete(const Call& call, const std::string& key) override;
  absl::StatusOr<bool> Exists(const Call& call, const std::string& key) override;
  absl::StatusOr<std::vector<Listed>> List(const Call& call, const std::string& after,
                                           int limit) override;
  std::optional<std::string> Presign(const std::string& key, absl::Duration lifetime,
                                     std::string_view media_type,
                                     std::string_view disposition) override;
  absl::Status Healthy(const Call& call) override;

 private:
  S3Store(Options options, std::string origin, std::string host, std::string base,
          http::Client& client, Clock clock);
  S3Request RequestFor(std::string_view method, std::string_view key) const;
  absl::StatusOr<http::ClientResponse> Send(const Call& call, S3Request request,
                                            std::string_view body, std::string_view target);

  const Options options_;
  const std::string origin_;  // "https://host:port"
  const std::string host_;
  const std::string base_;  // The path before the keys, with "/" at its end.
  http::Client& client_;
  const Clock clock_;
};

}  // namespace selfology::file

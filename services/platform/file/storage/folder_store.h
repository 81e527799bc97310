// Objects as files of a folder, which is open to its owner only. Replicas share it.
//
//   FolderStore store("/var/lib/selfology/files");
//
// See object_store.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/platform/file/storage/object_store.h"

namespace selfology::file {

class FolderStore final : public ObjectStore {
 public:
  explicit FolderStore(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Put(const Call& call, const std::string& key, std::string_view bytes) override;
  absl::StatusOr<std::string> Get(const Call& call, const std::string& key, int64_t offset,
                                  int64_t limit) override;
  absl::Status Delete(const Call& call, const std::string& key) override;
  absl::StatusOr<bool> Exists(const Call& call, const std::string& key) override;
  absl::StatusOr<std::vector<Listed>> List(const Call& call, const std::string& after,
                                           int limit) override;
  std::optional<std::string> Presign(const std::string&, absl::Duration, std::string_view,
                                     std::string_view) override {
    return std::nullopt;
  }
  absl::Status Healthy(const Call& call) override;

 private:
  std::string PathOf(const std::string& key) const;

  const std::string folder_;
};

}  // namespace selfology::file

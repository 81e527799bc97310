// Where bytes lie: named objects, a folder or S3.
//
//   RETURN_IF_ERROR(store.Put(call, key, bytes));                     // there for good when it returns
//   ASSIGN_OR_RETURN(std::string some, store.Get(call, key, 0, 1 << 20));
//   RETURN_IF_ERROR(store.Delete(call, key));                         // OK when there was none
//
// Keys are made by NewKey of file_rules.h. An object is at most 8 MiB and never changes.
// Errors: NOT_FOUND; UNAVAILABLE: the store is away or failed, it is then unknown whether a Put or
// Delete happened; RESOURCE_EXHAUSTED: the disk is full. Threads: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"

namespace selfology::file {

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual absl::Status Put(const Call& call, const std::string& key, std::string_view bytes) = 0;
  // At most `limit` bytes from `offset` on; empty behind the end.
  virtual absl::StatusOr<std::string> Get(const Call& call, const std::string& key, int64_t offset,
                                          int64_t limit) = 0;
  virtual absl::Status Delete(const Call& call, const std::string& key) = 0;
  virtual absl::StatusOr<bool> Exists(const Call& call, const std::string& key) = 0;

  struct Listed {
    std::string key = {};
    absl::Time written_at = absl::InfinitePast();
  };
  // In the order of their keys, those behind `after`, at most `limit`.
  virtual absl::StatusOr<std::vector<Listed>> List(const Call& call, const std::string& after,
                                                   int limit) = 0;

  // An address of the store's own at which anybody can read the object for so long; nullopt: it has
  // none.
  virtual std::optional<std::string> Presign(const std::string& key, absl::Duration lifetime,
                                             std::string_view media_type,
                                             std::string_view disposition) = 0;

  // OK if it can be reached.
  virtual absl::Status Healthy(const Call& call) = 0;
};

}  // namespace selfology::file

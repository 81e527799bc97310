#include "services/platform/file/cleaning.h"

#include <string>
#include <vector>

#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/platform/file/file_store.h"
#include "services/platform/file/object_row_store.h"

namespace selfology::file {
namespace {

using postgres::Transaction;

constexpr int64_t kRows = 200;  // At once.
constexpr int kListed = 1000;

}  // namespace

absl::Status Cleaning::RemoveExpired(const Call& call) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<store::Expired> expired,
                     database_.Write(call, [&](Transaction& tx) {
                       return store::ListExpired(tx, files_.now(), kRows);
                     }));
    for (const store::Expired& upload : expired) {
      RETURN_IF_ERROR(files_.Delete(call, upload.user_id, upload.id).status());
    }
    if (static_cast<int64_t>(expired.size()) < kRows) return absl::OkStatus();
  }
}

absl::StatusOr<int64_t> Cleaning::DeleteDoomed(const Call& call) {
  int64_t deleted = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<store::Doomed> doomed,
                     database_.Write(call, [&](Transaction& tx) {
                       return store::ListDoomed(tx, files_.now(), kRows);
                     }));
    for (const store::Doomed& object : doomed) {
      RETURN_IF_ERROR(files_.objects().Delete(call, object.key));
    }
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
      for (const store::Doomed& object : doomed) {
        if (object.again) {
          store::DeleteAgain(tx, object.key, files_.now() + kWriting);
        } else {
          store::ForgetDoomed(tx, object.key);
        }
      }
      return absl::OkStatus();
    }));
    deleted += static_cast<int64_t>(doomed.size());
    if (static_cast<int64_t>(doomed.size()) < kRows) return deleted;
  }
}

absl::Status Cleaning::Clean(const Call& call) {
  RETURN_IF_ERROR(RemoveExpired(call));
  ASSIGN_OR_RETURN(const int64_t pending, database_.Write(call, [&](Transaction& tx) {
    return store::DoomPending(tx, files_.now() - kWriting, files_.now());
  }));
  ASSIGN_OR_RETURN(const int64_t deleted, DeleteDoomed(call));
  if (pending + deleted > 0) {
    observe::Info("objects deleted", {{"deleted", deleted}, {"given_up", pending}});
  }
  return absl::OkStatus();
}

absl::Status Cleaning::SweepOrphans(const Call& call) {
  int64_t found = 0;
  std::string after;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<ObjectStore::Listed> listed,
                     files_.objects().List(call, after, kListed));
    std::vector<std::string> old;
    for (const ObjectStore::Listed& object : listed) {
      if (object.written_at < files_.now() - orphan_age_) old.push_back(object.key);
    }
    ASSIGN_OR_RETURN(
        const std::vector<std::string> unknown,
        database_.Write(call, [&](Transaction& tx) { return store::ListUnknown(tx, old); }));
    for (const std::string& key : unknown) {
      RETURN_IF_ERROR(files_.objects().Delete(call, key));
      ++found;
    }
    if (listed.empty()) break;
    after = listed.back().key;
  }
  metrics_.Counter("file_orphans_total", "Objects that no row knew, deleted")
      .Increment(static_cast<double>(found));
  if (found > 0) observe::Warning("orphans deleted", {{"objects", found}});
  return absl::OkStatus();
}

}  // namespace selfology::file

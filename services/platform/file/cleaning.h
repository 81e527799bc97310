// Takes away what nobody needs: uploads that were never finished, objects of which nobody knows
// whether they were written, objects of files that are gone, objects that no row knows.
//
//   RETURN_IF_ERROR(cleaning.Clean(call));        // often
//   RETURN_IF_ERROR(cleaning.SweepOrphans(call)); // seldom: it lists the whole store
//
// Errors: the store's and the database's; what was not done is done the next time. Threads:
// thread-safe.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "services/platform/file/files.h"
#include "services/platform/file/storage/object_store.h"

namespace selfology::file {

class Cleaning {
 public:
  // A write takes less than this; what has been under way for longer is given up.
  static constexpr absl::Duration kWriting = absl::Hours(1);

  Cleaning(postgres::Database& database, Files& files, observe::Metrics& metrics,
           absl::Duration orphan_age)
      : database_(database), files_(files), metrics_(metrics), orphan_age_(orphan_age) {}

  absl::Status Clean(const Call& call);
  // Deletes all that is doomed now; how many objects.
  absl::StatusOr<int64_t> DeleteDoomed(const Call& call);
  absl::Status SweepOrphans(const Call& call);

 private:
  absl::Status RemoveExpired(const Call& call);

  postgres::Database& database_;
  Files& files_;
  observe::Metrics& metrics_;
  const absl::Duration orphan_age_;
};

}  // namespace selfology::file

// What jobs about files have in common.
//
//   ASSIGN_OR_RETURN(FileRow row, FileOfJob(call, files, job, payload.file_id()));
//   return ResultOf({made});                     // {"variants": [{"variant": "thumbnail", ...}]}
//
// Errors: INVALID_ARGUMENT naming the field; NOT_FOUND, also for another person's; UNAVAILABLE while
// the file is being checked. Threads: as those of what they are given.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/jobs/worker.h"
#include "google/protobuf/struct.pb.h"
#include "services/platform/file/files.h"

namespace selfology::file {

absl::StatusOr<store::FileRow> FileOfJob(const Call& call, Files& files, const jobs::Job& job,
                                         std::string_view file_id);

google::protobuf::Struct ResultOf(const std::vector<store::ObjectRow>& made);

}  // namespace selfology::file

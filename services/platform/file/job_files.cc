#include "services/platform/file/job_files.h"

#include "common/status/status_macros.h"
#include "services/platform/file/file_rules.h"

namespace selfology::file {

absl::StatusOr<store::FileRow> FileOfJob(const Call& call, Files& files, const jobs::Job& job,
                                         std::string_view file_id) {
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("file_id", file_id));
  // Only services enqueue jobs about nobody.
  ASSIGN_OR_RETURN(store::FileRow row, job.user_id() == 0 ? files.FindAny(call, id)
                                                          : files.Find(call, job.user_id(), id));
  if (row.state == store::kChecking) return absl::UnavailableError("the file is being checked");
  return row;
}

google::protobuf::Struct ResultOf(const std::vector<store::ObjectRow>& made) {
  google::protobuf::Struct result;
  auto& variants = *(*result.mutable_fields())["variants"].mutable_list_value();
  for (const store::ObjectRow& object : made) {
    auto& variant = *variants.add_values()->mutable_struct_value()->mutable_fields();
    variant["variant"].set_string_value(object.variant);
    variant["media_type"].set_string_value(object.media_type);
    variant["size_bytes"].set_number_value(static_cast<double>(object.size));
    variant["width"].set_number_value(object.width);
    variant["height"].set_number_value(object.height);
    if (object.duration_ms > 0) variant["duration_ms"].set_number_value(object.duration_ms);
  }
  return result;
}

}  // namespace selfology::file

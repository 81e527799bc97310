#include "common/events/stream_group.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/status/status_macros.h"

namespace selfology::events {

absl::StatusOr<std::string> FieldOf(const redis::Reply& fields, std::string_view name) {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> all, fields.Array());
  for (size_t i = 0; i + 1 < all.size(); i += 2) {
    ASSIGN_OR_RETURN(const std::string_view field, all[i].String());
    if (field != name) continue;
    ASSIGN_OR_RETURN(const std::string_view value, all[i + 1].String());
    return std::string(value);
  }
  return absl::NotFoundError(absl::StrCat("no field ", name));
}

absl::StatusOr<GroupPosition> JoinGroup(redis::Client& redis, const Call& call,
                                        const std::string& stream, const std::string& group) {
  const absl::Status created =
      redis.Command(call, {"XGROUP", "CREATE", stream, group, "0", "MKSTREAM"}).status();
  if (!created.ok() && !absl::IsAlreadyExists(created)) return created;
  ASSIGN_OR_RETURN(const redis::Reply info, redis.Command(call, {"XINFO", "STREAM", stream}));
  ASSIGN_OR_RETURN(const redis::Reply groups, redis.Command(call, {"XINFO", "GROUPS", stream}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> all, groups.Array());
  for (const redis::Reply& one : all) {
    ASSIGN_OR_RETURN(const std::string name, FieldOf(one, "name"));
    if (name != group) continue;
    GroupPosition position;
    ASSIGN_OR_RETURN(const std::string handled, FieldOf(one, "last-delivered-id"));
    ASSIGN_OR_RETURN(position.handled, EntryId::Parse(handled));
    ASSIGN_OR_RETURN(const std::string newest, FieldOf(info, "last-generated-id"));
    ASSIGN_OR_RETURN(position.newest, EntryId::Parse(newest));
    return position;
  }
  return absl::InternalError(absl::StrCat("group ", group, " is not in ", stream));
}

absl::Status MoveGroup(redis::Client& redis, const Call& call, const std::string& group,
                       const std::vector<std::pair<std::string, EntryId>>& done) {
  redis::Batch batch;
  for (const auto& [stream, position] : done) {
    batch.Add({"XGROUP", "SETID", stream, group, position.ToString()});
  }
  ASSIGN_OR_RETURN(const auto replies, redis.Pipeline(call, batch));
  for (size_t i = 0; i < done.size(); ++i) {
    const std::string kind = redis::ErrorKind(replies[i].status());
    if (kind != "NOGROUP" && kind != "ERR") {
      RETURN_IF_ERROR(replies[i]);
      continue;
    }
    RETURN_IF_ERROR(redis
                        .Command(call, {"XGROUP", "CREATE", done[i].first, group,
                                        done[i].second.ToString(), "MKSTREAM"})
                        .status());
  }
  return absl::OkStatus();
}

}  // namespace selfology::events

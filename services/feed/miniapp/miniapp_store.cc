#include "services/feed/miniapp/miniapp_store.h"

#include <string>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::miniapp::store {

using postgres::Transaction;

void AddLaunch(Transaction& tx, int64_t user_id, std::string_view platform,
               std::string_view start_parameter, absl::Time now) {
  tx.Queue(
      "INSERT INTO miniapp_launches (user_id, launched_at, platform, start_parameter)"
      " VALUES ($1, $2, $3, $4)",
      user_id, now, platform, start_parameter);
}

absl::StatusOr<std::vector<v1::Launch>> ListLaunches(Transaction& tx, int64_t user_id,
                                                     int64_t before, int64_t limit) {
  struct Row {
    int64_t id;
    absl::Time launched_at;
    std::string platform;
    std::string start_parameter;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT id, launched_at, platform, start_parameter"
                                 " FROM miniapp_launches WHERE user_id = $1 AND id < $2"
                                 " ORDER BY id DESC LIMIT $3",
                                 user_id, before, limit));
  std::vector<v1::Launch> launches;
  for (const Row& row : rows) {
    v1::Launch& launch = launches.emplace_back();
    launch.set_launch_id(row.id);
    *launch.mutable_launched_at() = timestamps::ToProto(row.launched_at);
    launch.set_platform(row.platform);
    launch.set_start_parameter(row.start_parameter);
  }
  return launches;
}

absl::StatusOr<int64_t> ForgetBefore(Transaction& tx, absl::Time before) {
  return tx.Execute("DELETE FROM miniapp_launches WHERE launched_at < $1", before);
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  return tx.Execute("DELETE FROM miniapp_launches WHERE user_id = $1", user_id);
}

}  // namespace selfology::miniapp::store

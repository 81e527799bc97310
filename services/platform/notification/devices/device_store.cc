#include "services/platform/notification/devices/device_store.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::notification::store {
namespace {

using postgres::Transaction;

struct Row {
  int64_t device_id;
  int64_t user_id;
  std::string kind;
  std::string token;
  std::string p256dh;
  std::string auth;
  std::string name;
  absl::Time registered_at;
};

constexpr std::string_view kColumns =
    "device_id, user_id, kind, token, p256dh, auth, name, registered_at";

v1::Device ToProto(const Row& row) {
  v1::Device device;
  device.set_device_id(row.device_id);
  device.set_user_id(row.user_id);
  device.set_kind(enums::FromWord<v1::DeviceKind>(row.kind));
  device.set_token(row.token);
  device.set_p256dh(row.p256dh);
  device.set_auth(row.auth);
  device.set_name(row.name);
  *device.mutable_registered_at() = timestamps::ToProto(row.registered_at);
  return device;
}

}  // namespace

absl::StatusOr<v1::Device> SaveDevice(Transaction& tx, const v1::Device& device, absl::Time now) {
  const std::string kind = enums::Word(device.kind());
  // Another person's has another number, so that nothing that waits for them goes to this one.
  tx.Queue(
      "DELETE FROM notification_devices WHERE kind = $1 AND md5(token) = md5($2) AND user_id <> $3",
      kind, device.token(), device.user_id());
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<Row>(
          absl::StrCat("INSERT INTO notification_devices (user_id, kind, token, p256dh, auth, name,"
                       " registered_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                       " ON CONFLICT (kind, md5(token)) DO UPDATE SET user_id = EXCLUDED.user_id,"
                       " p256dh = EXCLUDED.p256dh,"
                       " auth = EXCLUDED.auth, name = EXCLUDED.name,"
                       " registered_at = EXCLUDED.registered_at RETURNING ",
                       kColumns),
          device.user_id(), kind, device.token(), device.p256dh(), device.auth(), device.name(),
          now));
  tx.Queue(
      "DELETE FROM notification_devices WHERE user_id = $1 AND device_id IN (SELECT device_id FROM"
      " notification_devices WHERE user_id = $1 ORDER BY registered_at DESC, device_id DESC"
      " OFFSET $2)",
      device.user_id(), static_cast<int64_t>(kMostDevices));
  return ToProto(row.value());
}

absl::StatusOr<std::vector<v1::Device>> ListDevices(Transaction& tx, int64_t user_id,
                                                    int64_t after_id, int limit) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>(absl::StrCat("SELECT ", kColumns,
                                              " FROM notification_devices WHERE user_id = $1"
                                              " AND device_id > $2 ORDER BY device_id LIMIT $3"),
                                 user_id, after_id, static_cast<int64_t>(limit)));
  std::vector<v1::Device> devices;
  for (const Row& row : rows) devices.push_back(ToProto(row));
  return devices;
}

std::function<absl::StatusOr<std::vector<v1::Device>>()> AskDevices(Transaction& tx,
                                                                    int64_t user_id) {
  auto asked = tx.Ask<Row>(
      absl::StrCat("SELECT ", kColumns,
                   " FROM notification_devices WHERE user_id = $1 ORDER BY device_id LIMIT $2"),
      user_id, static_cast<int64_t>(kMostDevices));
  return [asked = std::move(asked)]() mutable -> absl::StatusOr<std::vector<v1::Device>> {
    ASSIGN_OR_RETURN(const std::vector<Row> rows, asked.All());
    std::vector<v1::Device> devices;
    for (const Row& row : rows) devices.push_back(ToProto(row));
    return devices;
  };
}

absl::StatusOr<std::optional<v1::Device>> ReadDevice(Transaction& tx, int64_t user_id,
                                                     int64_t device_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<Row>(absl::StrCat("SELECT ", kColumns,
                                                 " FROM notification_devices"
                                                 " WHERE user_id = $1 AND device_id = $2"),
                                    user_id, device_id));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

void RemoveDevice(Transaction& tx, int64_t user_id, int64_t device_id) {
  tx.Queue("DELETE FROM notification_devices WHERE user_id = $1 AND device_id = $2", user_id,
           device_id);
}

}  // namespace selfology::notification::store

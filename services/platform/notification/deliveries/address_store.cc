#include "services/platform/notification/deliveries/address_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::notification::store {

using postgres::Transaction;

absl::StatusOr<std::string> ReadPhone(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::string>("SELECT address FROM notification_addresses"
                                            " WHERE user_id = $1 AND channel = 'SMS' AND current"
                                            " ORDER BY added_at DESC LIMIT 1",
                                            user_id));
  return row.has_value() ? std::get<0>(*row) : std::string();
}

void SavePhone(Transaction& tx, int64_t user_id, std::string_view phone, absl::Time now) {
  tx.Queue(
      "UPDATE notification_addresses SET current = false, stopped = true, stop_reason = 'removed'"
      " WHERE user_id = $1 AND channel = 'SMS' AND current AND address <> $2",
      user_id, phone);
  if (phone.empty()) return;
  tx.Queue(
      "INSERT INTO notification_addresses (user_id, channel, address, current, added_at)"
      " VALUES ($1, 'SMS', $2, true, $3) ON CONFLICT (user_id, channel, address) DO UPDATE SET"
      " current = true, stopped = false, stop_reason = ''",
      user_id, phone, now);
}

absl::StatusOr<bool> UseAddress(Transaction& tx, int64_t user_id, v1::Channel channel,
                                std::string_view address, absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<bool>("INSERT INTO notification_addresses AS known (user_id, channel, address,"
                        " current, added_at) VALUES ($1, $2, $3, true, $4)"
                        " ON CONFLICT (user_id, channel, address) DO UPDATE SET"
                        " stopped = known.stopped RETURNING stopped",
                        user_id, enums::Word(channel), address, now));
  return row.has_value() && std::get<0>(*row);
}

absl::StatusOr<std::vector<int64_t>> OwnersOf(Transaction& tx, v1::Channel channel,
                                              std::string_view address) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT user_id FROM notification_addresses"
                                     " WHERE channel = $1 AND address = $2 ORDER BY user_id",
                                     enums::Word(channel), address));
  std::vector<int64_t> owners;
  for (const auto& [user_id] : rows) owners.push_back(user_id);
  return owners;
}

absl::StatusOr<bool> SaveBounce(Transaction& tx, int64_t user_id, v1::Channel channel,
                                std::string_view address, std::string_view status_code,
                                std::string_view bounce_id, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t added,
                   tx.Execute("INSERT INTO notification_bounces (user_id, channel, address,"
                              " status_code, bounce_id, bounced_at) VALUES ($1, $2, $3, $4, $5, $6)"
                              " ON CONFLICT DO NOTHING",
                              user_id, enums::Word(channel), address, status_code, bounce_id, now));
  return added > 0;
}

absl::StatusOr<int64_t> CountSoftBounces(Transaction& tx, int64_t user_id, v1::Channel channel,
                                         std::string_view address, absl::Time since) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT count(*) FROM notification_bounces"
                                        " WHERE user_id = $1 AND channel = $2 AND address = $3"
                                        " AND status_code LIKE '4.%' AND bounced_at > $4",
                                        user_id, enums::Word(channel), address, since));
  return std::get<0>(row.value());
}

absl::StatusOr<bool> StopAddress(Transaction& tx, int64_t user_id, v1::Channel channel,
                                 std::string_view address, std::string_view reason) {
  ASSIGN_OR_RETURN(const int64_t stopped,
                   tx.Execute("UPDATE notification_addresses SET stopped = true, stop_reason = $4"
                              " WHERE user_id = $1 AND channel = $2 AND address = $3"
                              " AND NOT stopped",
                              user_id, enums::Word(channel), address, reason));
  return stopped > 0;
}

absl::StatusOr<bool> IsStopped(Transaction& tx, int64_t user_id, v1::Channel channel,
                               std::string_view address) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<bool>("SELECT stopped FROM notification_addresses"
                                     " WHERE user_id = $1 AND channel = $2 AND address = $3",
                                     user_id, enums::Word(channel), address));
  return row.has_value() && std::get<0>(*row);
}

void ForgetBounces(Transaction& tx, absl::Time before) {
  tx.Queue("DELETE FROM notification_bounces WHERE bounced_at < $1", before);
}

std::string PlaceOf(const v1::Address& address) {
  return absl::StrCat(enums::Word(address.channel()), " ", address.address());
}

absl::StatusOr<std::vector<v1::Address>> ListAddresses(Transaction& tx, int64_t user_id,
                                                       std::string_view after, int limit) {
  struct Row {
    std::string channel;
    std::string address;
    bool stopped;
    std::string stop_reason;
    absl::Time added_at;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT channel, address, stopped, stop_reason, added_at"
                                 " FROM notification_addresses WHERE user_id = $1"
                                 " AND (channel || ' ' || address) COLLATE \"C\" > $2"
                                 " ORDER BY (channel || ' ' || address) COLLATE \"C\" LIMIT $3",
                                 user_id, after, static_cast<int64_t>(limit)));
  std::vector<v1::Address> addresses;
  for (const Row& row : rows) {
    v1::Address& address = addresses.emplace_back();
    address.set_user_id(user_id);
    address.set_channel(enums::FromWord<v1::Channel>(row.channel));
    address.set_address(row.address);
    address.set_stopped(row.stopped);
    address.set_stop_reason(row.stop_reason);
    *address.mutable_added_at() = timestamps::ToProto(row.added_at);
  }
  return addresses;
}

}  // namespace selfology::notification::store

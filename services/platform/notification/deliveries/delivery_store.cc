#include "services/platform/notification/deliveries/delivery_store.h"

#include <map>
#include <tuple>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::notification::store {
namespace {

using postgres::Transaction;

std::optional<int64_t> IdColumn(int64_t id) {
  if (id == 0) return std::nullopt;
  return id;
}

}  // namespace

v1::Channel TakenDelivery::channel() const { return enums::FromWord<v1::Channel>(channel_word); }

void AddDelivery(Transaction& tx, const NewDelivery& delivery) {
  tx.Queue(
      "INSERT INTO notification_deliveries (notification_id, user_id, channel, device_id, address,"
      " status, urgent, stable_id, due_at, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, 'WAITING', $6, $7, $8, $9)",
      IdColumn(delivery.notification_id), delivery.user_id, enums::Word(delivery.channel),
      delivery.device_id, delivery.address, delivery.urgent, delivery.stable_id, delivery.due_at,
      delivery.expires_at);
}

void AddBadge(Transaction& tx, const NewDelivery& badge) {
  // One that waits for its first attempt reads the number then.
  tx.Queue(
      "INSERT INTO notification_deliveries (user_id, channel, device_id, status, urgent, stable_id,"
      " due_at, expires_at) VALUES ($1, 'PUSH', $2, 'WAITING', false, $3, $4, $5)"
      " ON CONFLICT (device_id) WHERE notification_id IS NULL AND status = 'WAITING'"
      " AND attempts = 0 DO NOTHING",
      badge.user_id, badge.device_id, badge.stable_id, badge.due_at, badge.expires_at);
}

absl::StatusOr<std::vector<TakenDelivery>> TakeDue(Transaction& tx, absl::Time now,
                                                   absl::Time lease_until, int limit) {
  return tx.Query<TakenDelivery>(
      "UPDATE notification_deliveries SET status = 'SENDING', due_at = $2, lease = lease + 1"
      " WHERE delivery_id IN (SELECT d.delivery_id FROM notification_deliveries d"
      "   WHERE d.status IN ('WAITING', 'SENDING') AND d.due_at <= $1"
      "   AND NOT EXISTS (SELECT FROM notification_deliveries e"
      "     WHERE e.user_id = d.user_id AND e.channel = d.channel AND e.device_id = d.device_id"
      "     AND e.delivery_id <> d.delivery_id AND ("
      // Under way; what a device shows last has to be the newest, so nothing overtakes there.
      "       (e.status = 'SENDING' AND e.due_at > $1 AND (NOT d.urgent OR d.channel = 'PUSH'))"
      "       OR (NOT d.urgent AND e.delivery_id < d.delivery_id"
      "           AND e.status IN ('WAITING', 'SENDING') AND (e.attempts > 0 OR e.due_at <= $1))))"
      "   ORDER BY d.due_at, d.delivery_id LIMIT $3 FOR UPDATE SKIP LOCKED)"
      " RETURNING delivery_id, coalesce(notification_id, 0), user_id, channel, device_id, address,"
      " stable_id, attempts, lease, expires_at",
      now, lease_until, static_cast<int64_t>(limit));
}

absl::StatusOr<bool> LockTaken(Transaction& tx, const TakenDelivery& taken) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT delivery_id FROM notification_deliveries"
                                        " WHERE delivery_id = $1 AND lease = $2"
                                        " AND status = 'SENDING' FOR UPDATE",
                                        taken.delivery_id, taken.lease));
  return row.has_value();
}

absl::StatusOr<std::optional<Letter>> ReadLetter(Transaction& tx, int64_t notification_id) {
  return tx.QueryOne<Letter>(
      "SELECT kind, topic, priority, language, title, body, link, read_at IS NOT NULL, secret"
      " FROM notifications WHERE notification_id = $1",
      notification_id);
}

absl::StatusOr<std::optional<absl::Time>> UnknownSince(Transaction& tx, int64_t delivery_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::optional<absl::Time>>(
                       "SELECT min(began_at) FROM notification_attempts WHERE delivery_id = $1"
                       " AND outcome IN ('', 'UNKNOWN')",
                       delivery_id));
  return row.has_value() ? std::get<0>(*row) : std::nullopt;
}

absl::StatusOr<int64_t> BeginAttempt(Transaction& tx, const TakenDelivery& taken,
                                     v1::Transport transport, std::string_view address,
                                     absl::Time now, absl::Time lease_until) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>(
                       "UPDATE notification_deliveries SET attempts = attempts + 1, transport = $2,"
                       " address = $3, due_at = $4 WHERE delivery_id = $1 RETURNING attempts",
                       taken.delivery_id, enums::Word(transport), address, lease_until));
  if (!row.has_value()) return absl::AbortedError("the delivery is gone");
  tx.Queue(
      "INSERT INTO notification_attempts (delivery_id, number, user_id, began_at)"
      " VALUES ($1, $2, $3, $4)",
      taken.delivery_id, std::get<0>(*row), taken.user_id, now);
  return std::get<0>(*row);
}

void EndAttempt(Transaction& tx, int64_t delivery_id, int64_t number, const Outcome& outcome,
                absl::Time now) {
  tx.Queue(
      "UPDATE notification_attempts SET ended_at = $3, outcome = $4, code = $5"
      " WHERE delivery_id = $1 AND number = $2",
      delivery_id, number, now, enums::Word(outcome.outcome), outcome.code);
}

void EndDelivery(Transaction& tx, int64_t delivery_id, v1::DeliveryStatus status,
                 std::string_view reason) {
  tx.Queue("UPDATE notification_deliveries SET status = $2, reason = $3 WHERE delivery_id = $1",
           delivery_id, enums::Word(status), reason);
}

void PutOff(Transaction& tx, int64_t delivery_id, absl::Time due_at) {
  tx.Queue(
      "UPDATE notification_deliveries SET status = 'WAITING', due_at = $2 WHERE delivery_id = $1",
      delivery_id, due_at);
}

absl::StatusOr<std::vector<v1::Delivery>> ListDeliveries(Transaction& tx,
                                                         const DeliveryFilter& filter) {
  struct Row {
    int64_t delivery_id;
    int64_t notification_id;
    std::string channel;
    std::string transport;
    int64_t device_id;
    std::string address;
    std::string status;
    std::string reason;
    std::string stable_id;
    absl::Time due_at;
  };
  struct AttemptRow {
    int64_t delivery_id;
    int64_t number;
    absl::Time began_at;
    std::optional<absl::Time> ended_at;
    std::string outcome;
    std::string code;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>("SELECT delivery_id, coalesce(notification_id, 0), channel, transport,"
                    " device_id, address, status, reason, stable_id, due_at"
                    " FROM notification_deliveries WHERE user_id = $1 AND delivery_id < $2"
                    " AND ($3 = 0 OR notification_id = $3) AND ($4 = '' OR channel = $4)"
                    " AND ($5 = '' OR status = $5) ORDER BY delivery_id DESC LIMIT $6",
                    filter.user_id, filter.before_id, filter.notification_id,
                    enums::Word(filter.channel), enums::Word(filter.status),
                    static_cast<int64_t>(filter.limit)));
  std::vector<v1::Delivery> deliveries;
  std::map<int64_t, size_t> places;
  std::vector<int64_t> ids;
  for (const Row& row : rows) {
    places[row.delivery_id] = deliveries.size();
    ids.push_back(row.delivery_id);
    v1::Delivery& delivery = deliveries.emplace_back();
    delivery.set_delivery_id(row.delivery_id);
    delivery.set_notification_id(row.notification_id);
    delivery.set_user_id(filter.user_id);
    delivery.set_channel(enums::FromWord<v1::Channel>(row.channel));
    delivery.set_transport(enums::FromWord<v1::Transport>(row.transport));
    delivery.set_device_id(row.device_id);
    delivery.set_address(row.address);
    delivery.set_status(enums::FromWord<v1::DeliveryStatus>(row.status));
    delivery.set_reason(row.reason);
    delivery.set_stable_id(row.stable_id);
    if (delivery.status() == v1::DELIVERY_STATUS_WAITING) {
      *delivery.mutable_due_at() = timestamps::ToProto(row.due_at);
    }
  }
  ASSIGN_OR_RETURN(
      const std::vector<AttemptRow> attempts,
      tx.Query<AttemptRow>("SELECT delivery_id, number, began_at, ended_at, outcome, code"
                           " FROM notification_attempts WHERE delivery_id = ANY($1)"
                           " ORDER BY delivery_id, number",
                           ids));
  for (const AttemptRow& row : attempts) {
    v1::DeliveryAttempt& attempt = *deliveries[places.at(row.delivery_id)].add_attempts();
    attempt.set_number(static_cast<int32_t>(row.number));
    *attempt.mutable_began_at() = timestamps::ToProto(row.began_at);
    if (row.ended_at.has_value()) *attempt.mutable_ended_at() = timestamps::ToProto(*row.ended_at);
    attempt.set_outcome(enums::FromWord<v1::AttemptOutcome>(row.outcome));
    attempt.set_code(row.code);
  }
  return deliveries;
}

absl::StatusOr<int64_t> ForgetDeliveries(Transaction& tx, absl::Time expired_before) {
  return tx.Execute(
      "DELETE FROM notification_deliveries WHERE expires_at < $1"
      " AND status NOT IN ('WAITING', 'SENDING')",
      expired_before);
}

}  // namespace selfology::notification::store

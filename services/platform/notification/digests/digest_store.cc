#include "services/platform/notification/digests/digest_store.h"

#include <tuple>

#include "common/status/status_macros.h"

namespace selfology::notification::store {

using postgres::Transaction;

absl::StatusOr<int64_t> OpenDigest(Transaction& tx, int64_t user_id, std::string_view topic,
                                   absl::Time closes_at) {
  // One that ends sooner than what was asked for stays as it is, and the other way round it ends
  // sooner: nothing waits longer than it was promised to.
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("INSERT INTO notification_digests AS d (user_id, topic, closes_at)"
                           " VALUES ($1, $2, $3) ON CONFLICT (user_id, topic)"
                           " WHERE notification_id IS NULL"
                           " DO UPDATE SET closes_at = least(d.closes_at, EXCLUDED.closes_at)"
                           " RETURNING digest_id",
                           user_id, topic, closes_at));
  return std::get<0>(row.value());
}

absl::StatusOr<std::vector<DueDigest>> ListDueDigests(Transaction& tx, absl::Time now, int limit) {
  return tx.Query<DueDigest>(
      "SELECT digest_id, user_id, topic FROM notification_digests"
      " WHERE notification_id IS NULL AND closes_at <= $1 ORDER BY closes_at, digest_id LIMIT $2",
      now, static_cast<int64_t>(limit));
}

absl::StatusOr<bool> IsOpen(Transaction& tx, int64_t digest_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT digest_id FROM notification_digests"
                                        " WHERE digest_id = $1 AND notification_id IS NULL"
                                        " FOR UPDATE",
                                        digest_id));
  return row.has_value();
}

absl::StatusOr<std::vector<DigestItem>> ListItems(Transaction& tx, int64_t digest_id) {
  return tx.Query<DigestItem>(
      "SELECT notification_id, kind, title FROM notifications"
      " WHERE collected_in = $1 AND read_at IS NULL ORDER BY notification_id",
      digest_id);
}

void CloseDigest(Transaction& tx, int64_t digest_id, int64_t notification_id) {
  tx.Queue("UPDATE notification_digests SET notification_id = $2 WHERE digest_id = $1", digest_id,
           notification_id);
}

}  // namespace selfology::notification::store

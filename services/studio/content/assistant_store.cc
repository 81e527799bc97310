#include "services/studio/content/assistant_store.h"

#include <tuple>
#include <utility>

#include "common/status/status_macros.h"

namespace selfology::content::store {

absl::StatusOr<std::optional<std::string>> FindDraft(postgres::Transaction& tx, int64_t user_id,
                                                     std::string_view key, absl::Time since) {
  ASSIGN_OR_RETURN(auto row, tx.QueryOne<postgres::Bytes>(
                                 "SELECT answer FROM content_drafts WHERE user_id = $1 AND key = $2"
                                 " AND made_at > $3",
                                 user_id, postgres::Bytes{std::string(key)}, since));
  if (!row.has_value()) return std::nullopt;
  return std::move(std::get<0>(*row).value);
}

void SaveDraft(postgres::Transaction& tx, int64_t user_id, std::string_view key,
               std::string_view answer, absl::Time now) {
  tx.Queue(
      "INSERT INTO content_drafts (user_id, key, answer, made_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (user_id, key) DO UPDATE SET answer = EXCLUDED.answer,"
      " made_at = EXCLUDED.made_at",
      user_id, postgres::Bytes{std::string(key)}, postgres::Bytes{std::string(answer)}, now);
}

absl::StatusOr<int64_t> DeleteDrafts(postgres::Transaction& tx, absl::Time before) {
  return tx.Execute("DELETE FROM content_drafts WHERE made_at <= $1", before);
}

}  // namespace selfology::content::store

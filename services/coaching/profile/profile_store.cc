#include "services/coaching/profile/profile_store.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/json/json.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/profile/evidence_store.h"

namespace selfology::profile::store {
namespace {

constexpr std::string_view kProfiles =
    "SELECT user_id, profile_data, version, created_at, updated_at FROM personality_profiles";

struct Row {
  int64_t user_id = 0;
  postgres::Json data;
  int64_t version = 0;
  absl::Time created_at;
  absl::Time updated_at;
};

absl::StatusOr<v1::Profile> FromRow(const Row& row) {
  v1::Profile profile;
  // A newer release may have written fields that this one does not know.
  RETURN_IF_ERROR(json::Parse(row.data.value, profile, {.ignore_unknown_fields = true}));
  profile.set_user_id(row.user_id);
  profile.set_version(row.version);
  *profile.mutable_created_at() = timestamps::ToProto(row.created_at);
  *profile.mutable_updated_at() = timestamps::ToProto(row.updated_at);
  return profile;
}

absl::StatusOr<std::vector<v1::Profile>> FromRows(const std::vector<Row>& rows) {
  std::vector<v1::Profile> profiles;
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(v1::Profile profile, FromRow(row));
    profiles.push_back(std::move(profile));
  }
  return profiles;
}

}  // namespace

absl::StatusOr<std::vector<v1::Profile>> ReadAll(postgres::Transaction& tx,
                                                 const std::vector<int64_t>& user_ids) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>(absl::StrCat(kProfiles, " WHERE user_id = ANY($1)"), user_ids));
  return FromRows(rows);
}

absl::StatusOr<std::optional<v1::Profile>> Read(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(std::vector<v1::Profile> found, ReadAll(tx, {user_id}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

absl::Status Save(postgres::Transaction& tx, const v1::Profile& profile) {
  v1::Profile layers = profile;
  layers.clear_user_id();
  layers.clear_version();
  layers.clear_created_at();
  layers.clear_updated_at();
  ASSIGN_OR_RETURN(std::string data, json::Print(layers));
  tx.Queue(
      "INSERT INTO personality_profiles (user_id, profile_data, version, created_at, updated_at)"
      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE SET"
      " profile_data = EXCLUDED.profile_data, version = EXCLUDED.version,"
      " updated_at = EXCLUDED.updated_at",
      profile.user_id(), postgres::Json{std::move(data)}, profile.version(),
      timestamps::FromProto(profile.created_at()), timestamps::FromProto(profile.updated_at()));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Profile>> Unindexed(postgres::Transaction& tx, int limit) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>(absl::StrCat(kProfiles,
                                              " WHERE indexed_version < version"
                                              " ORDER BY updated_at LIMIT $1"),
                                 static_cast<int64_t>(limit)));
  return FromRows(rows);
}

absl::StatusOr<std::vector<int64_t>> MarkIndexed(postgres::Transaction& tx,
                                                 const std::vector<v1::Profile>& profiles) {
  std::vector<int64_t> user_ids, versions;
  std::vector<absl::Time> created_at;
  for (const v1::Profile& profile : profiles) {
    user_ids.push_back(profile.user_id());
    versions.push_back(profile.version());
    created_at.push_back(timestamps::FromProto(profile.created_at()));
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      tx.Query<int64_t>(
          "WITH indexed AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[])"
          "   AS i (user_id, version, created_at)),"
          " marked AS (UPDATE personality_profiles p"
          "   SET indexed_version = greatest(p.indexed_version, i.version) FROM indexed i"
          "   WHERE p.user_id = i.user_id AND p.created_at = i.created_at RETURNING p.user_id)"
          " SELECT user_id FROM indexed EXCEPT SELECT user_id FROM marked",
          user_ids, versions, created_at));
  std::vector<int64_t> gone;
  for (const auto& [user_id] : rows) gone.push_back(user_id);
  return gone;
}

void MarkUnindexed(postgres::Transaction& tx, const std::vector<int64_t>& user_ids) {
  tx.Queue("UPDATE personality_profiles SET indexed_version = 0 WHERE user_id = ANY($1)", user_ids);
}

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  LockUser(tx, user_id);
  ASSIGN_OR_RETURN(const int64_t evidence, DeleteEvidence(tx, user_id));
  ASSIGN_OR_RETURN(const int64_t profiles,
                   tx.Execute("DELETE FROM personality_profiles WHERE user_id = $1", user_id));
  return evidence + profiles;
}

}  // namespace selfology::profile::store

// The part of content_store.h about slots, templates, sets of hashtags and sums.
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/studio/content/content_store.h"

namespace selfology::content::store {

absl::StatusOr<std::optional<SlotsRow>> FindSlots(postgres::Transaction& tx, int64_t user_id) {
  return tx.QueryOne<SlotsRow>(
      "SELECT time_zone, weekdays::bigint[], minutes::bigint[] FROM content_slots"
      " WHERE user_id = $1",
      user_id);
}

void SaveSlots(postgres::Transaction& tx, int64_t user_id, const SlotsRow& row) {
  tx.Queue(
      "INSERT INTO content_slots (user_id, time_zone, weekdays, minutes)"
      " VALUES ($1, $2, $3::bigint[]::integer[], $4::bigint[]::integer[])"
      " ON CONFLICT (user_id) DO UPDATE SET time_zone = EXCLUDED.time_zone,"
      " weekdays = EXCLUDED.weekdays, minutes = EXCLUDED.minutes",
      user_id, row.time_zone, row.weekdays, row.minutes);
}

absl::StatusOr<int64_t> CountNamed(postgres::Transaction& tx, std::string_view table,
                                   int64_t user_id, std::string_view but_name) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>(absl::StrCat("SELECT count(*) FROM ", table,
                                                     " WHERE user_id = $1 AND name <> $2"),
                                        user_id, but_name));
  return std::get<0>(*row);
}

absl::StatusOr<bool> DeleteNamed(postgres::Transaction& tx, std::string_view table, int64_t user_id,
                                 std::string_view name) {
  ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(absl::StrCat("DELETE FROM ", table,
                                                               " WHERE user_id = $1 AND name = $2"),
                                                  user_id, name));
  return rows == 1;
}

void SaveTemplate(postgres::Transaction& tx, int64_t user_id, const v1::Template& kept) {
  tx.Queue(
      "INSERT INTO content_templates (user_id, name, text) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id, name) DO UPDATE SET text = EXCLUDED.text",
      user_id, kept.name(), kept.text());
}

absl::StatusOr<std::vector<v1::Template>> ListTemplates(postgres::Transaction& tx,
                                                        int64_t user_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<std::string, std::string>("SELECT name, text FROM content_templates"
                                                      " WHERE user_id = $1 ORDER BY name LIMIT 100",
                                                      user_id));
  std::vector<v1::Template> templates;
  for (const auto& [name, text] : rows) {
    v1::Template& kept = templates.emplace_back();
    kept.set_name(name);
    kept.set_text(text);
  }
  return templates;
}

void SaveHashtagSet(postgres::Transaction& tx, int64_t user_id, const v1::HashtagSet& set) {
  tx.Queue(
      "INSERT INTO content_hashtag_sets (user_id, name, hashtags) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id, name) DO UPDATE SET hashtags = EXCLUDED.hashtags",
      user_id, set.name(), std::vector<std::string>(set.hashtags().begin(), set.hashtags().end()));
}

absl::StatusOr<std::vector<v1::HashtagSet>> ListHashtagSets(postgres::Transaction& tx,
                                                            int64_t user_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<std::string, std::vector<std::string>>(
                       "SELECT name, hashtags FROM content_hashtag_sets WHERE user_id = $1"
                       " ORDER BY name LIMIT 100",
                       user_id));
  std::vector<v1::HashtagSet> sets;
  for (const auto& [name, hashtags] : rows) {
    v1::HashtagSet& set = sets.emplace_back();
    set.set_name(name);
    for (const std::string& hashtag : hashtags) set.add_hashtags(hashtag);
  }
  return sets;
}

absl::StatusOr<std::vector<StateCount>> CountStates(postgres::Transaction& tx, int64_t user_id,
                                                    absl::Time since) {
  return tx.Query<StateCount>(
      "SELECT state, count(*) FROM content_posts WHERE user_id = $1 AND team_id = 0"
      " AND updated_at >= $2"
      " GROUP BY state ORDER BY state",
      user_id, since);
}

absl::StatusOr<std::vector<PlatformSums>> SumPlatforms(postgres::Transaction& tx, int64_t user_id,
                                                       absl::Time since) {
  return tx.Query<PlatformSums>(
      "SELECT r.platform, count(*) FILTER (WHERE r.state = 'published'),"
      " count(*) FILTER (WHERE r.state = 'refused'), sum(likes)::bigint, sum(reposts)::bigint,"
      " sum(replies)::bigint, sum(views)::bigint FROM content_results r"
      " JOIN content_posts p ON p.id = r.post_id WHERE p.user_id = $1 AND p.team_id = 0"
      " AND p.publish_at >= $2 GROUP BY r.platform ORDER BY r.platform",
      user_id, since);
}

absl::StatusOr<std::vector<PostRow>> ListBest(postgres::Transaction& tx, int64_t user_id,
                                              absl::Time since, int64_t limit) {
  return tx.Query<PostRow>(
      "SELECT " POST_COLUMNS
      " FROM content_posts p JOIN LATERAL (SELECT"
      " sum(likes + reposts + replies) AS loved FROM content_results WHERE post_id = p.id) r"
      " ON true WHERE p.user_id = $1 AND p.team_id = 0 AND p.publish_at >= $2 AND r.loved > 0"
      " ORDER BY r.loved DESC, p.id DESC LIMIT $3",
      user_id, since, limit);
}

}  // namespace selfology::content::store

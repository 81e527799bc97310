#include "services/platform/user/social/social_store.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::user::store {
namespace {

using postgres::Transaction;

constexpr postgres::AdvisoryLock kLockPerson("user.social");

struct RelationRow {
  int64_t other = 0;
  absl::Time since;
  bool following = false;
  bool followed_by = false;
  bool blocked = false;
};

v1::Relation ToProto(const RelationRow& row) {
  v1::Relation relation;
  relation.set_other_user_id(row.other);
  relation.set_following(row.following);
  relation.set_followed_by(row.followed_by);
  relation.set_mutual(row.following && row.followed_by);
  relation.set_blocked(row.blocked);
  if (row.since != absl::InfinitePast()) {
    *relation.mutable_since() = timestamps::ToProto(row.since);
  }
  return relation;
}

// Of a list: who is on it, since when. $1: the person.
std::string_view ListOf(Kind kind) {
  switch (kind) {
    case Kind::kFollowing:
      return "SELECT followed_id AS other, since FROM user_follows WHERE user_id = $1";
    case Kind::kFollowers:
      return "SELECT user_id AS other, since FROM user_follows WHERE followed_id = $1";
    case Kind::kMutuals:
      return "SELECT f.followed_id AS other, f.since FROM user_follows f JOIN user_follows b"
             " ON b.user_id = f.followed_id AND b.followed_id = f.user_id WHERE f.user_id = $1";
    case Kind::kBlocked:
      return "SELECT blocked_id AS other, since FROM user_blocks WHERE user_id = $1";
  }
  return "";
}

constexpr std::string_view kStanding =
    " EXISTS (SELECT 1 FROM user_follows WHERE user_id = $1 AND followed_id = other),"
    " EXISTS (SELECT 1 FROM user_follows WHERE user_id = other AND followed_id = $1),"
    " EXISTS (SELECT 1 FROM user_blocks WHERE user_id = $1 AND blocked_id = other)";

}  // namespace

void LockPair(Transaction& tx, int64_t a, int64_t b) {
  // In one order: two that change each other's at the same time must not wait for each other.
  kLockPerson(tx, std::min(a, b));
  kLockPerson(tx, std::max(a, b));
}

absl::StatusOr<bool> Follow(Transaction& tx, int64_t user_id, int64_t other, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t changed,
                   tx.Execute("INSERT INTO user_follows (user_id, followed_id, since)"
                              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                              user_id, other, now));
  return changed == 1;
}

absl::StatusOr<bool> Unfollow(Transaction& tx, int64_t user_id, int64_t other) {
  ASSIGN_OR_RETURN(const int64_t changed,
                   tx.Execute("DELETE FROM user_follows WHERE user_id = $1 AND followed_id = $2",
                              user_id, other));
  return changed == 1;
}

absl::StatusOr<bool> Block(Transaction& tx, int64_t user_id, int64_t other, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t changed,
                   tx.Execute("INSERT INTO user_blocks (user_id, blocked_id, since)"
                              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                              user_id, other, now));
  tx.Queue(
      "DELETE FROM user_follows WHERE (user_id = $1 AND followed_id = $2)"
      " OR (user_id = $2 AND followed_id = $1)",
      user_id, other);
  return changed == 1;
}

absl::StatusOr<bool> Unblock(Transaction& tx, int64_t user_id, int64_t other) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      tx.Execute("DELETE FROM user_blocks WHERE user_id = $1 AND blocked_id = $2", user_id, other));
  return changed == 1;
}

absl::StatusOr<bool> IsBlockedEitherWay(Transaction& tx, int64_t a, int64_t b) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<bool>("SELECT EXISTS (SELECT 1 FROM user_blocks WHERE"
                                     " (user_id = $1 AND blocked_id = $2)"
                                     " OR (user_id = $2 AND blocked_id = $1))",
                                     a, b));
  return std::get<0>(row.value());
}

absl::StatusOr<v1::Relation> ReadRelation(Transaction& tx, int64_t user_id, int64_t other) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<RelationRow>(absl::StrCat("SELECT other, '-infinity'::timestamptz,", kStanding,
                                            " FROM (SELECT $2::bigint AS other) AS persons"),
                               user_id, other));
  return ToProto(row.value());
}

absl::StatusOr<std::vector<v1::Relation>> ListRelations(Transaction& tx, Kind kind, int64_t user_id,
                                                        const Position& after, int limit) {
  ASSIGN_OR_RETURN(
      const std::vector<RelationRow> rows,
      tx.Query<RelationRow>(absl::StrCat("SELECT other, since,", kStanding, " FROM (", ListOf(kind),
                                         ") AS list WHERE (since, other) < ($2, $3)"
                                         " ORDER BY since DESC, other DESC LIMIT $4"),
                            user_id, after.since, after.other, limit));
  std::vector<v1::Relation> relations;
  for (const RelationRow& row : rows) relations.push_back(ToProto(row));
  return relations;
}

absl::StatusOr<std::vector<v1::Suggestion>> Suggest(Transaction& tx, int64_t user_id, int limit) {
  // Each step reads an index, newest first, and no more than 500 of a person's: who follows, or is a
  // hub for, a million others costs no more than who follows 500.
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<int64_t, int64_t>(
          "SELECT theirs.followed_id, count(*) FROM"
          " (SELECT followed_id FROM user_follows WHERE user_id = $1"
          "  ORDER BY since DESC, followed_id DESC LIMIT 500) AS mine"
          " CROSS JOIN LATERAL (SELECT followed_id FROM user_follows"
          "  WHERE user_id = mine.followed_id ORDER BY since DESC, followed_id DESC LIMIT 500)"
          "  AS theirs"
          " WHERE theirs.followed_id <> $1"
          " AND NOT EXISTS (SELECT 1 FROM user_follows f WHERE f.user_id = $1"
          "  AND f.followed_id = theirs.followed_id)"
          " AND NOT EXISTS (SELECT 1 FROM user_blocks b WHERE b.user_id = $1"
          "  AND b.blocked_id = theirs.followed_id)"
          " AND NOT EXISTS (SELECT 1 FROM user_blocks b WHERE b.user_id = theirs.followed_id"
          "  AND b.blocked_id = $1)"
          " GROUP BY theirs.followed_id ORDER BY count(*) DESC, theirs.followed_id LIMIT $2",
          user_id, limit)));
  std::vector<v1::Suggestion> suggestions;
  for (const auto& [other, common] : rows) {
    v1::Suggestion& suggestion = suggestions.emplace_back();
    suggestion.set_other_user_id(other);
    suggestion.set_common_neighbours(static_cast<int32_t>(common));
  }
  return suggestions;
}

absl::StatusOr<int64_t> DeleteSocial(Transaction& tx, int64_t user_id) {
  kLockPerson(tx, user_id);
  ASSIGN_OR_RETURN(
      const int64_t follows,
      tx.Execute("DELETE FROM user_follows WHERE user_id = $1 OR followed_id = $1", user_id));
  ASSIGN_OR_RETURN(
      const int64_t blocks,
      tx.Execute("DELETE FROM user_blocks WHERE user_id = $1 OR blocked_id = $1", user_id));
  return follows + blocks;
}

}  // namespace selfology::user::store

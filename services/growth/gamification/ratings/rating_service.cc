#include "services/growth/gamification/ratings/rating_service.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/enums/word.h"
#include "common/events/event_type.h"
#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/postgres/advisory_lock.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "openssl/sha.h"
#include "selfology/events/v1/gamification.pb.h"
#include "services/growth/gamification/boards/score_store.h"
#include "services/growth/gamification/ledger/requests.h"
#include "services/growth/gamification/ratings/match.h"
#include "services/growth/gamification/ratings/rating_store.h"

namespace selfology::gamification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kChangesPage = {.default_size = 50, .max_size = 200};
constexpr postgres::AdvisoryLock kLockPlayer("gamification.ratings");
constexpr v1::RatingSystem kSystems[] = {v1::RATING_SYSTEM_ELO, v1::RATING_SYSTEM_GLICKO2,
                                         v1::RATING_SYSTEM_OPENSKILL};

v1::Rating ToProto(const store::RatingRow& row) {
  v1::Rating rating;
  rating.set_system(static_cast<v1::RatingSystem>(row.system));
  rating.set_value(row.value);
  rating.set_deviation(row.deviation);
  rating.set_volatility(row.volatility);
  rating.set_matches(row.matches);
  return rating;
}

store::RatingRow ToRow(const PlayerKey& player, const v1::Rating& rating) {
  return {.user_id = player.first,
          .thing = player.second,
          .system = rating.system(),
          .value = rating.value(),
          .deviation = rating.deviation(),
          .volatility = rating.volatility(),
          .matches = rating.matches()};
}

std::string DigestOf(const v1::RecordMatchRequest& request) {
  const std::string bytes = request.SerializeAsString();
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

// Locks every player, also those who have no rating yet, in one order for all.
void LockPlayers(Transaction& tx, const v1::RecordMatchRequest& request) {
  std::vector<int64_t> keys;
  for (const v1::Side& side : request.sides()) {
    for (const v1::Player& player : side.players()) {
      keys.push_back(
          player.player_id() > 0
              ? player.player_id()
              : events::HashedKey("thing", absl::StrCat(request.pool(), "/", player.thing())));
    }
  }
  std::sort(keys.begin(), keys.end());
  for (const int64_t key : keys) kLockPlayer(tx, key);
}

absl::StatusOr<Ratings> ReadAll(Transaction& tx, const v1::RecordMatchRequest& request) {
  std::vector<int64_t> users;
  std::vector<std::string> things;
  for (const v1::Side& side : request.sides()) {
    for (const v1::Player& player : side.players()) {
      users.push_back(player.player_id());
      things.push_back(player.thing());
    }
  }
  ASSIGN_OR_RETURN(const std::vector<store::RatingRow> rows,
                   store::LockRatings(tx, request.pool(), users, things));
  Ratings ratings;
  for (const store::RatingRow& row : rows) {
    v1::Rating rating = ToProto(row);
    ratings[{row.user_id, row.thing}][rating.system()] = std::move(rating);
  }
  return ratings;
}

absl::Status Keep(Transaction& tx, const v1::RecordMatchRequest& request, const Moved& moved,
                  absl::Time now, const std::optional<uuid::Uuid>& trace) {
  const store::RatingRow after = ToRow(moved.player, moved.after);
  store::SaveRating(tx, request.pool(), after);
  if (moved.player.first == 0) return absl::OkStatus();
  store::SaveChange(tx, request.pool(), request.match_id(), moved.before.value(), after, now,
                    trace);
  if (moved.after.system() == v1::RATING_SYSTEM_GLICKO2) {
    store::SetScore(tx, absl::StrCat("rating:", request.pool()), moved.player.first,
                    BoardScore(moved.after), now);
  }
  events::v1::RatingChanged event;
  event.set_user_id(moved.player.first);
  event.set_pool(request.pool());
  event.set_match_id(request.match_id());
  event.set_system(enums::Word(moved.after.system()));
  event.set_value_before(moved.before.value());
  event.set_value(moved.after.value());
  event.set_deviation(moved.after.deviation());
  return events::Publish(tx, event);
}

v1::RecordMatchResponse ResponseOf(const v1::RecordMatchRequest& request, const Ratings& ratings) {
  v1::RecordMatchResponse response;
  for (const v1::Side& side : request.sides()) {
    for (const v1::Player& player : side.players()) {
      v1::PlayerRatings& one = *response.add_players();
      *one.mutable_player() = player;
      const auto found = ratings.find({player.player_id(), player.thing()});
      if (found == ratings.end()) continue;
      for (const auto& [system, rating] : found->second) *one.add_ratings() = rating;
    }
  }
  return response;
}

void CheckPool(const std::string& pool, status::FieldViolations& bad) {
  if (pool.empty() || pool.size() > 32) bad.Add("pool", "must be 1 to 32 characters");
}

}  // namespace

RatingService::RatingService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<v1::RecordMatchResponse> RatingService::RecordMatch(
    const Call& call, const v1::RecordMatchRequest& request) {
  status::FieldViolations bad;
  CheckMatch(request, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RecordMatchResponse> {
    const absl::Time now = clock_();
    ASSIGN_OR_RETURN(
        const store::MatchSaved saved,
        store::SaveMatch(tx, request.match_id(), request.pool(), DigestOf(request), now));
    if (!saved.is_new && !saved.same) {
      return absl::FailedPreconditionError("the id is another match's");
    }
    LockPlayers(tx, request);
    ASSIGN_OR_RETURN(Ratings ratings, ReadAll(tx, request));
    if (saved.is_new) {
      const std::optional<uuid::Uuid> trace = ReadTrace(call.trace().trace_id.view());
      for (const Moved& moved : Play(request, ratings)) {
        RETURN_IF_ERROR(Keep(tx, request, moved, now, trace));
        ratings[moved.player][moved.after.system()] = moved.after;
      }
    }
    return ResponseOf(request, ratings);
  });
}

absl::StatusOr<v1::GetRatingsResponse> RatingService::GetRatings(
    const Call& call, const v1::GetRatingsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckPool(request.pool(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::vector<store::RatingRow> rows,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return store::ReadRatings(tx, request.pool(),
                                                              request.user_id());
                                  },
                                  {.newest = true}));
  v1::GetRatingsResponse response;
  for (const v1::RatingSystem system : kSystems) {
    v1::Rating& rating = *response.add_ratings();
    rating = FirstRating(system);
    for (const store::RatingRow& row : rows) {
      if (row.system == system) rating = ToProto(row);
    }
  }
  return response;
}

absl::StatusOr<v1::ListRatingChangesResponse> RatingService::ListRatingChanges(
    const Call& call, const v1::ListRatingChangesRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckPool(request.pool(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kChangesPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<store::ChangeRow> rows, database_.Read(call, [&](Transaction& tx) {
    return store::ListChanges(tx, request.user_id(), request.pool(), before, page.limit());
  }));
  v1::ListRatingChangesResponse response;
  response.set_next_page_token(page.Cut(rows, &store::ChangeRow::id));
  for (const store::ChangeRow& row : rows) {
    v1::RatingChange& change = *response.add_changes();
    change.set_match_id(row.match_id);
    change.set_system(static_cast<v1::RatingSystem>(row.system));
    change.set_value_before(row.value_before);
    change.set_value_after(row.value_after);
    change.set_deviation_after(row.deviation);
    *change.mutable_changed_at() = timestamps::ToProto(row.changed_at);
    if (row.trace.has_value()) {
      change.set_trace_id(absl::StrReplaceAll(row.trace->ToString(), {{"-", ""}}));
    }
  }
  return response;
}

}  // namespace selfology::gamification

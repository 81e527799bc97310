#include "services/growth/gamification/boards/leaderboard_service.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/gamification/boards/periods.h"
#include "services/growth/gamification/boards/score_store.h"
#include "services/growth/gamification/ledger/announce.h"
#include "services/growth/gamification/rules/fact_store.h"

namespace selfology::gamification {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kSeasonsPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxPlace = 1'000'000;
constexpr int kMaxCount = 100;
constexpr int kMaxNeighbours = 25;
constexpr int kMaxFriends = 1000;
constexpr int kFriendsPage = 200;
constexpr absl::Duration kLongestSeason = absl::Hours(24 * 400);
constexpr std::string_view kRating = "rating:";

bool IsWord(std::string_view text, size_t max, std::string_view more) {
  return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || more.find(c) != more.npos;
  });
}

// The period's name; violations where the board is none.
std::string ReadBoard(const v1::BoardRef& board, absl::Time now, FieldViolations& bad) {
  const bool rating = absl::StartsWith(board.board(), kRating);
  if (rating) {
    if (!IsWord(absl::StripPrefix(board.board(), kRating), 32, "_")) {
      bad.Add("board.board", "must name a pool of 1 to 32 of a-z, 0-9 and _ after rating:");
    }
    if (board.period() > v1::BOARD_PERIOD_EVER) {
      bad.Add("board.period", "must be EVER for a rating");
    }
  } else if (board.board() != kXp) {
    bad.Add("board.board", "must be xp, or rating: and a pool");
  }
  if ((board.period() == v1::BOARD_PERIOD_SEASON) != !board.season_id().empty()) {
    bad.Add("board.season_id", "must be set exactly for SEASON");
  } else if (!board.season_id().empty() && !IsWord(board.season_id(), 32, "-")) {
    bad.Add("board.season_id", "must be 1 to 32 of a-z, 0-9 and -");
  }
  const absl::Time at = board.has_at() ? timestamps::FromProto(board.at()) : now;
  return PeriodName(board.period(), at, board.season_id());
}

v1::Standing StandingOf(const store::Scored& scored, int64_t rank) {
  v1::Standing standing;
  standing.set_member_id(scored.user_id);
  standing.set_score(scored.score);
  standing.set_rank(rank);
  return standing;
}

// Ranks of rows in order, of which `better` have more than the first, and the first is at the place
// `ordinal` from 0.
std::vector<v1::Standing> Ranked(const std::vector<store::Scored>& rows, int64_t better,
                                 int64_t ordinal) {
  std::vector<v1::Standing> standings;
  int64_t rank = better + 1;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && rows[i].score != rows[i - 1].score) rank = ordinal + static_cast<int64_t>(i) + 1;
    standings.push_back(StandingOf(rows[i], rank));
  }
  return standings;
}

// The same as the cache's, by counting: right at once, and slower the more members there are.
absl::StatusOr<Slice> FromTables(Transaction& tx, std::string_view board, std::string_view period,
                                 int64_t skip, int64_t count) {
  Slice slice;
  ASSIGN_OR_RETURN(const std::vector<store::Scored> rows,
                   store::ReadOrder(tx, board, period, skip, count));
  ASSIGN_OR_RETURN(slice.members, store::CountMembers(tx, board, period));
  if (rows.empty()) return slice;
  ASSIGN_OR_RETURN(const int64_t better, store::CountBetter(tx, board, period, rows[0].score));
  slice.standings = Ranked(rows, better, skip);
  return slice;
}

}  // namespace

LeaderboardService::LeaderboardService(postgres::Database& database, redis::Client& redis,
                                       std::shared_ptr<rpc::Channel> user, Clock clock)
    : database_(database),
      cache_(redis, database),
      social_(std::move(user)),
      clock_(std::move(clock)) {}

absl::StatusOr<v1::GetLeaderboardResponse> LeaderboardService::GetLeaderboard(
    const Call& call, const v1::GetLeaderboardRequest& request) {
  FieldViolations bad;
  const std::string period = ReadBoard(request.board(), clock_(), bad);
  if (request.from_place() < 0 || request.from_place() > kMaxPlace) {
    bad.Add("from_place", absl::StrCat("must be 0 to ", kMaxPlace));
  }
  if (request.count() < 0 || request.count() > kMaxCount) {
    bad.Add("count", absl::StrCat("must be 0 to ", kMaxCount));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int place = std::max(1, request.from_place());
  const int count = request.count() == 0 ? 10 : request.count();
  const std::string& board = request.board().board();
  absl::StatusOr<std::optional<Slice>> cached = cache_.From(call, board, period, place, count);
  Slice slice;
  if (cached.ok() && cached->has_value()) {
    slice = **std::move(cached);
  } else {
    ASSIGN_OR_RETURN(slice, database_.Read(call, [&](Transaction& tx) {
      return FromTables(tx, board, period, place - 1, count);
    }));
  }
  v1::GetLeaderboardResponse response;
  for (v1::Standing& standing : slice.standings) *response.add_standings() = std::move(standing);
  response.set_members(slice.members);
  return response;
}

absl::StatusOr<v1::GetStandingResponse> LeaderboardService::GetStanding(
    const Call& call, const v1::GetStandingRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  const std::string period = ReadBoard(request.board(), clock_(), bad);
  if (request.neighbours() < 0 || request.neighbours() > kMaxNeighbours) {
    bad.Add("neighbours", absl::StrCat("must be 0 to ", kMaxNeighbours));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int neighbours = request.neighbours() == 0 ? 2 : request.neighbours();
  const std::string& board = request.board().board();
  absl::StatusOr<std::optional<Slice>> cached =
      cache_.Around(call, board, period, request.user_id(), neighbours);
  Slice slice;
  if (cached.ok() && cached->has_value()) {
    slice = **std::move(cached);
  } else {
    ASSIGN_OR_RETURN(slice, database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<Slice> {
      ASSIGN_OR_RETURN(const std::optional<store::Place> place,
                       store::ReadPlace(tx, board, period, request.user_id()));
      if (!place.has_value()) {
        Slice nothing;
        ASSIGN_OR_RETURN(nothing.members, store::CountMembers(tx, board, period));
        return nothing;
      }
      const int64_t first = std::max<int64_t>(0, place->ordinal - neighbours);
      return FromTables(tx, board, period, first, place->ordinal - first + neighbours + 1);
    }));
  }
  v1::GetStandingResponse response;
  response.set_members(slice.members);
  response.mutable_standing()->set_member_id(request.user_id());
  for (v1::Standing& standing : slice.standings) {
    if (standing.member_id() == request.user_id()) *response.mutable_standing() = standing;
    *response.add_around() = std::move(standing);
  }
  if (response.standing().rank() > 0) return response;
  ASSIGN_OR_RETURN(const store::Person person, database_.Read(call, [&](Transaction& tx) {
    return store::ReadPerson(tx, request.user_id());
  }));
  response.set_hidden(person.hidden);
  return response;
}

absl::StatusOr<v1::GetFriendsLeaderboardResponse> LeaderboardService::GetFriendsLeaderboard(
    const Call& call, const v1::GetFriendsLeaderboardRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  const std::string period = ReadBoard(request.board(), clock_(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  std::vector<int64_t> users = {request.user_id()};
  user::v1::ListMutualsRequest list;
  list.set_user_id(request.user_id());
  list.set_page_size(kFriendsPage);
  do {
    ASSIGN_OR_RETURN(const user::v1::ListMutualsResponse page, social_.ListMutuals(call, list));
    for (const user::v1::Relation& relation : page.relations()) {
      users.push_back(relation.other_user_id());
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty() && users.size() < kMaxFriends);
  ASSIGN_OR_RETURN(const std::vector<store::Scored> rows,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ReadScores(tx, request.board().board(), period, users);
                   }));
  v1::GetFriendsLeaderboardResponse response;
  for (v1::Standing& standing : Ranked(rows, 0, 0)) {
    *response.add_standings() = std::move(standing);
  }
  return response;
}

absl::StatusOr<v1::SetVisibilityResponse> LeaderboardService::SetVisibility(
    const Call& call, const v1::SetVisibilityRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::SaveHidden(tx, request.user_id(), request.hidden());
    store::TouchScores(tx, request.user_id(), clock_());
    return absl::OkStatus();
  }));
  v1::SetVisibilityResponse response;
  response.set_hidden(request.hidden());
  return response;
}

absl::StatusOr<v1::CreateSeasonResponse> LeaderboardService::CreateSeason(
    const Call& call, const v1::CreateSeasonRequest& request) {
  FieldViolations bad;
  const v1::Season& season = request.season();
  if (!IsWord(season.season_id(), 32, "-")) {
    bad.Add("season.season_id", "must be 1 to 32 of a-z, 0-9 and -");
  }
  if (!season.has_starts_at()) bad.Add("season.starts_at", "must be set");
  if (!season.has_ends_at()) bad.Add("season.ends_at", "must be set");
  const absl::Duration length =
      timestamps::FromProto(season.ends_at()) - timestamps::FromProto(season.starts_at());
  if (season.has_starts_at() && season.has_ends_at() &&
      (length <= absl::ZeroDuration() || length > kLongestSeason)) {
    bad.Add("season.ends_at", "must be after starts_at, by at most 400 days");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::optional<v1::Season> saved,
                   database_.Write(call, [&](Transaction& tx) {
                     return store::SaveSeason(tx, season, clock_());
                   }));
  if (!saved.has_value()) return absl::FailedPreconditionError("the id is another season's");
  v1::CreateSeasonResponse response;
  *response.mutable_season() = *saved;
  return response;
}

absl::StatusOr<v1::ListSeasonsResponse> LeaderboardService::ListSeasons(
    const Call& call, const v1::ListSeasonsRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kSeasonsPage));
  ASSIGN_OR_RETURN(const int64_t skip, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<v1::Season> seasons, database_.Read(call, [&](Transaction& tx) {
    return store::ListSeasons(tx, skip, page.limit());
  }));
  v1::ListSeasonsResponse response;
  response.set_next_page_token(
      page.Cut(seasons, [&](const v1::Season&) { return skip + page.size; }));
  for (v1::Season& season : seasons) *response.add_seasons() = std::move(season);
  return response;
}

absl::Status LeaderboardService::Forget(const Call& call, int64_t user_id) {
  return cache_.Forget(call, user_id, clock_());
}

absl::Status LeaderboardService::Refresh(const Call& call) {
  return cache_.Refresh(call, clock_());
}

}  // namespace selfology::gamification

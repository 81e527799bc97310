#include "services/growth/gamification/ratings/match.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/growth/lib/rating/rating.h"

namespace selfology::gamification {
namespace {

using rating::Glicko;
using rating::Skill;
using rating::Team;

constexpr int kMaxSides = 16;
constexpr int kMaxPlayers = 32;

bool IsWord(std::string_view text, size_t max, std::string_view more) {
  return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || more.find(c) != more.npos;
  });
}

PlayerKey KeyOf(const v1::Player& player) { return {player.player_id(), player.thing()}; }

v1::Rating RatingOf(const Ratings& ratings, const PlayerKey& player, v1::RatingSystem system) {
  const auto found = ratings.find(player);
  if (found != ratings.end()) {
    const auto rating = found->second.find(system);
    if (rating != found->second.end()) return rating->second;
  }
  return FirstRating(system);
}

Glicko GlickoOf(const v1::Rating& rating) {
  return {rating.value(), rating.deviation(), rating.volatility()};
}

v1::Rating After(const v1::Rating& before, double value, double deviation, double volatility) {
  v1::Rating after = before;
  after.set_value(value);
  after.set_deviation(deviation);
  after.set_volatility(volatility);
  after.set_matches(before.matches() + 1);
  return after;
}

void PlayDuel(const v1::RecordMatchRequest& match, const Ratings& ratings,
              std::vector<Moved>& moved) {
  const PlayerKey players[] = {KeyOf(match.sides(0).players(0)), KeyOf(match.sides(1).players(0))};
  const int places[] = {match.sides(0).place(), match.sides(1).place()};
  const double score = places[0] == places[1] ? 0.5 : places[0] < places[1] ? 1 : 0;
  const v1::Rating elo[] = {RatingOf(ratings, players[0], v1::RATING_SYSTEM_ELO),
                            RatingOf(ratings, players[1], v1::RATING_SYSTEM_ELO)};
  const auto [first, second] =
      rating::Elo(elo[0].value(), elo[1].value(), score, rating::EloStep(elo[0].matches()),
                  rating::EloStep(elo[1].matches()));
  moved.push_back({players[0], elo[0], After(elo[0], first, 0, 0)});
  moved.push_back({players[1], elo[1], After(elo[1], second, 0, 0)});
  const v1::Rating glicko[] = {RatingOf(ratings, players[0], v1::RATING_SYSTEM_GLICKO2),
                               RatingOf(ratings, players[1], v1::RATING_SYSTEM_GLICKO2)};
  for (const int i : {0, 1}) {
    const v1::Rating& other = glicko[1 - i];
    const Glicko after = Glicko2(GlickoOf(glicko[i]),
                                 {{other.value(), other.deviation(), i == 0 ? score : 1 - score}});
    moved.push_back(
        {players[i], glicko[i], After(glicko[i], after.value, after.deviation, after.volatility)});
  }
}

}  // namespace

v1::Rating FirstRating(v1::RatingSystem system) {
  v1::Rating rating;
  rating.set_system(system);
  if (system == v1::RATING_SYSTEM_OPENSKILL) {
    rating.set_value(Skill().mu);
    rating.set_deviation(Skill().sigma);
  } else if (system == v1::RATING_SYSTEM_GLICKO2) {
    rating.set_value(Glicko().value);
    rating.set_deviation(Glicko().deviation);
    rating.set_volatility(Glicko().volatility);
  } else {
    rating.set_value(rating::kFirstElo);
  }
  return rating;
}

void CheckMatch(const v1::RecordMatchRequest& match, status::FieldViolations& bad) {
  if (!IsWord(match.match_id(), 64, "_-:")) {
    bad.Add("match_id", "must be 1 to 64 of a-z, 0-9, _, - and :");
  }
  if (!IsWord(match.pool(), 32, "_")) bad.Add("pool", "must be 1 to 32 of a-z, 0-9 and _");
  if (match.sides_size() < 2 || match.sides_size() > kMaxSides) {
    bad.Add("sides", absl::StrCat("must be 2 to ", kMaxSides));
  }
  std::set<PlayerKey> seen;
  for (int i = 0; i < match.sides_size(); ++i) {
    const v1::Side& side = match.sides(i);
    const std::string field = absl::StrCat("sides[", i, "]");
    if (side.players_size() < 1 || side.players_size() > kMaxPlayers) {
      bad.Add(absl::StrCat(field, ".players"), absl::StrCat("must be 1 to ", kMaxPlayers));
    }
    if (side.place() < 1 || side.place() > kMaxSides) {
      bad.Add(absl::StrCat(field, ".place"), absl::StrCat("must be 1 to ", kMaxSides));
    }
    for (int p = 0; p < side.players_size(); ++p) {
      const v1::Player& player = side.players(p);
      const std::string name = absl::StrCat(field, ".players[", p, "]");
      const bool is_person = player.player_id() > 0 && player.thing().empty();
      if (!is_person && (player.player_id() != 0 || !IsWord(player.thing(), 64, "_-:"))) {
        bad.Add(name, "must be a person, or a thing of 1 to 64 of a-z, 0-9, _, - and :");
      } else if (!seen.insert(KeyOf(player)).second) {
        bad.Add(name, "must play once");
      }
    }
  }
}

std::vector<Moved> Play(const v1::RecordMatchRequest& match, const Ratings& ratings) {
  std::vector<Moved> moved;
  if (match.sides_size() == 2 && match.sides(0).players_size() == 1 &&
      match.sides(1).players_size() == 1) {
    PlayDuel(match, ratings, moved);
  }
  std::vector<Team> teams;
  std::vector<int> places;
  for (const v1::Side& side : match.sides()) {
    Team& team = teams.emplace_back();
    for (const v1::Player& player : side.players()) {
      const v1::Rating rating = RatingOf(ratings, KeyOf(player), v1::RATING_SYSTEM_OPENSKILL);
      team.push_back({rating.value(), rating.deviation()});
    }
    places.push_back(side.place());
  }
  const std::vector<Team> after = rating::PlackettLuce(teams, places);
  for (size_t i = 0; i < after.size(); ++i) {
    const v1::Side& side = match.sides(static_cast<int>(i));
    for (size_t p = 0; p < after[i].size(); ++p) {
      const PlayerKey player = KeyOf(side.players(static_cast<int>(p)));
      const v1::Rating before = RatingOf(ratings, player, v1::RATING_SYSTEM_OPENSKILL);
      moved.push_back({player, before, After(before, after[i][p].mu, after[i][p].sigma, 0)});
    }
  }
  return moved;
}

int64_t BoardScore(const v1::Rating& rating) {
  return std::max<int64_t>(0, std::llround(rating.value() - 2 * rating.deviation()));
}

}  // namespace selfology::gamification

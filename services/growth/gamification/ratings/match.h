// A match: checked, and what it makes of its players' ratings.
//
//   Ratings ratings = {{{7, ""}, {...}}, ...};            // As they were; those without are new.
//   for (const Moved& moved : Play(request, ratings)) ...
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "selfology/gamification/v1/rating_service.pb.h"

namespace selfology::gamification {

using PlayerKey = std::pair<int64_t, std::string>;  // A person, or 0 and a thing.

// A player's ratings by system; a system that is absent has its first value (FirstRating).
using Ratings = std::map<PlayerKey, std::map<v1::RatingSystem, v1::Rating>>;

v1::Rating FirstRating(v1::RatingSystem system);

void CheckMatch(const v1::RecordMatchRequest& match, status::FieldViolations& bad);

struct Moved {
  PlayerKey player;
  v1::Rating before;
  v1::Rating after;
};
// In the order of the sides' players, each by each system that the match moves.
std::vector<Moved> Play(const v1::RecordMatchRequest& match, const Ratings& ratings);

// What a board shows of ratings: the rating less two deviations, never below 0.
int64_t BoardScore(const v1::Rating& rating);

}  // namespace selfology::gamification

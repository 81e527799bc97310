// What an account's own posts tell: the hours at which its posts do well, and its hashtags.
//
//   Insights insights = InsightsOf(posts, zone);
//   if (insights.known) insights.hours.front().hour;   // The best one.
//
// A post counts as the logarithm of its reactions, so that one that spread far does not decide alone.
// Hours beside each other help each other out, and what few posts say is drawn towards the account's
// usual. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace selfology::social {

inline constexpr int kEnoughPosts = 20;  // Of which something can be told.

struct MeasuredPost {
  std::string text = {};
  absl::Time published_at = absl::InfinitePast();
  int64_t reactions = 0;  // Likes, reposts and replies.
};

struct HourRating {
  int hour = 0;  // 0 to 23, local time.
  int posts = 0;
  double lift = 1;  // 1: as usual.
};

struct HashtagRating {
  std::string hashtag = {};  // Without "#", in lower case.
  int posts = 0;
  double lift = 1;
};

struct Insights {
  bool known = false;
  std::vector<HourRating> hours = {};        // All 24, the best first.
  std::vector<HashtagRating> hashtags = {};  // Of at least two posts, the best first.
};
Insights InsightsOf(absl::Span<const MeasuredPost> posts, const absl::TimeZone& zone);

// The next start of that hour after `now`, local time.
absl::Time NextHour(int hour, absl::Time now, const absl::TimeZone& zone);

// Words that begin with "#", without it and in lower case, each once.
std::vector<std::string> HashtagsOf(std::string_view text);

}  // namespace selfology::social

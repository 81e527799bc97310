// The order of posts for a person: what their model says, whether those like it who like what they like, what
// everybody made of the post while little is known of the person, and how new it is; and why a post stands
// where it does.
//
//   const Ranking ranking(taste, {.now = now, .rated_count = 21});
//   std::vector<Scored> order = ranking.Order(candidates);     // best first
//   std::vector<Part> parts = ranking.Parts(candidates[0]);    // what speaks for one of them
//
// Scores are in standard deviations of the probit model (taste.h). Without reactions the order is that
// of popularity and age.
//
// Threads: const after construction; taste and company must outlive it.
// Requirements: R003-5, R003-7.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "selfology/feed/v1/feed.pb.h"
#include "services/feed/feed/model/company.h"
#include "services/feed/feed/model/features.h"
#include "services/feed/feed/model/taste.h"

namespace selfology::feed {

// What all persons did with a post.
struct Popularity {
  int64_t likes = 0;
  int64_t dislikes = 0;
  int64_t skips = 0;
  int64_t saves = 0;
};

// From about -2 to 3; 0 for a post that nobody rated.
double PopularityScore(const Popularity& popularity);

struct Candidate {
  int64_t post_id = 0;
  int64_t story_id = 0;  // The same for posts that say the same.
  int64_t channel_id = 0;
  absl::Time posted_at = absl::UnixEpoch();
  Popularity popularity = {};
  std::shared_ptr<const Features> features = {};
  // Null: nobody liked it, or nothing may be learned from that.
  SharedAudience audience = {};
};

struct Scored {
  size_t candidate = 0;  // Its index.
  double score = 0;
  double relevance = 0;  // Probability that the person likes it, 0 to 1; age does not count.
};

// What speaks for a post.
struct Part {
  v1::ReasonKind kind = v1::REASON_KIND_UNSPECIFIED;
  double contribution = 0;           // To the score; above 0.
  std::vector<uint16_t> words = {};  // Of WORDS: up to three buckets, the strongest first.
};

class Ranking {
 public:
  struct Context {
    absl::Time now;
    int64_t rated_count = 0;           // Of the person.
    const Company* company = nullptr;  // Null: nobody's.
  };

  Ranking(const Taste& taste, const Context& context) : taste_(taste), context_(context) {}

  Scored Score(const Candidate& candidate) const;

  // Best first; of those that say the same only the best. Ties: the newer, then the lower id.
  std::vector<Scored> Order(absl::Span<const Candidate> candidates) const;

  // The weightiest first, at most three.
  std::vector<Part> Parts(const Candidate& candidate) const;

 private:
  double Near(const Candidate& candidate) const;
  double Fresh(absl::Time posted_at) const;
  double AgeWeight() const;
  double PopularityWeight() const;

  const Taste& taste_;
  const Context context_;
};

// The post's place, from 1, in an order of scores if its own were `score`.
int PlaceOf(absl::Span<const Scored> order, size_t candidate, double score);

}  // namespace selfology::feed

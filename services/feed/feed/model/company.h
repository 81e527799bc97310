// What those like who like what the person likes: how near a post's readers are to the person.
//
//   const Company company(user_id, likes);              // what they liked last, each with who else did
//   company.Nearness(*candidate.audience)               // 0: nobody in common; at most 1
//
// Two posts are as near as the cosine of who liked them, pulled towards 0 while few did; the nearness of a
// post is the mean over what the person liked, of which the latest counts most. Nothing is trained: it
// follows from who liked what and is the same to the bit for the same likes, whatever happened in between, so
// that taking a like back or erasing a person leaves no trace.
//
// Threads: const after construction. Requirement: R003-5.
// Source: Sarwar, Karypis, Konstan, Riedl: Item-Based Collaborative Filtering Recommendation Algorithms,
// WWW 2001. The constants are ours, chosen on ratings that are not part of the published comparison
// (docs/feed.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"

namespace selfology::feed {

// Persons who liked or saved a post, by growing id, each once.
using Audience = std::vector<int64_t>;
using SharedAudience = std::shared_ptr<const Audience>;

// Of a post with more, those who liked it last: the others no longer tell who reads it now, and a post of a million
// likes costs no more than this.
inline constexpr size_t kMostLikers = 256;
// So many of a person's likes count.
inline constexpr size_t kMostLikes = 64;

class Company {
 public:
  // Nobody: every post is as far.
  Company() = default;
  // `likes`: of posts that the person liked or saved, the last first; at most kMostLikes count. May hold nullptr.
  Company(int64_t user_id, absl::Span<const SharedAudience> likes);

  double Nearness(const Audience& audience) const;

 private:
  // Open addressing, a power of 2 of them.
  struct Slot {
    int64_t user_id = 0;  // 0: free.
    double weight = 0;
  };
  static uint64_t Hash(int64_t user_id);
  // The person's, or the free one where they belong.
  size_t Find(int64_t user_id) const;
  // Eight bits to each slot: most readers of most posts are strangers, whom these tell from the others in the fastest of
  // caches, and a thousand posts with their readers are looked up for each page.
  bool MayKnow(int64_t user_id) const;

  std::vector<Slot> slots_;
  std::vector<uint64_t> bits_;
  int shift_ = 0;  // Of 64 hashed bits, what is left is the slot's index.
};

}  // namespace selfology::feed

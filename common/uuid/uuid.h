// 128-bit identifiers (RFC 9562), above all version 7: a millisecond clock first, so that ids made
// later sort later and land at the end of an index.
//
//   uuid::Uuid key = uuid::V7(now, random);            // one id
//   uuid::Sequence ids;                                // ids that only go up
//   uuid::Uuid event_id = ids.Next(now, random);
//   ASSIGN_OR_RETURN(uuid::Uuid id, uuid::Uuid::Parse(request.id()));
//
// Units: time() has whole milliseconds. Errors: Parse gives INVALID_ARGUMENT.
//
// Threads: Uuid is a value; a Sequence may be used from any thread.
//
// Source: RFC 9562 sections 5.7 and 6.2 (method 1: a counter in rand_a).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/random/bit_gen_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::uuid {

class Uuid {
 public:
  using Bytes = std::array<uint8_t, 16>;

  constexpr Uuid() = default;  // The nil UUID: all zero.
  explicit constexpr Uuid(const Bytes& bytes) : bytes_(bytes) {}

  // "018f4e6c-7a3b-7c1d-9e2f-0123456789ab"; the digits in either case.
  static absl::StatusOr<Uuid> Parse(std::string_view text);

  std::string ToString() const;  // Lower case.
  constexpr const Bytes& bytes() const { return bytes_; }
  constexpr bool nil() const { return bytes_ == Bytes{}; }
  constexpr int version() const { return bytes_[6] >> 4; }

  // When a version 7 id was made; meaningless for other versions.
  absl::Time time() const;

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const Uuid& id) {
    return H::combine(std::move(state), id.bytes_);
  }
  friend std::ostream& operator<<(std::ostream& out, const Uuid& id) {
    return out << id.ToString();
  }

 private:
  Bytes bytes_ = {};
};

// A version 7 id. Times outside of 1970 to 10889 are taken as the nearer end.
Uuid V7(absl::Time now, absl::BitGenRef random);

// Version 7 ids, each greater than all before it, even when the clock steps back or many are made
// within a millisecond (then the ids' time runs ahead of the clock).
class Sequence {
 public:
  Uuid Next(absl::Time now, absl::BitGenRef random);

 private:
  absl::Mutex mutex_;
  uint64_t last_tick_ ABSL_GUARDED_BY(mutex_) = 0;  // Milliseconds << 12 | counter.
};

}  // namespace selfology::uuid

#include "services/feed/feed/model/company.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace selfology::feed {
namespace {

// After so many further likes, one counts half.
constexpr double kHalfAfter = 7;
// As if so many more had liked each post, and nothing else: one common reader is no proof of anything.
constexpr double kStrangers = 10;
// So much of what the person likes is as yet unknown: a first like does not say everything.
constexpr double kUnknownLikes = 3;

// 2 to this power of them.
constexpr int kBitsOfSlot = 3;

double Length(const Audience& audience) {
  return std::sqrt(static_cast<double>(audience.size()) + kStrangers);
}

}  // namespace

Company::Company(int64_t user_id, absl::Span<const SharedAudience> likes) {
  likes = likes.subspan(0, std::min(likes.size(), kMostLikes));
  size_t readers = 0;
  for (const SharedAudience& audience : likes) readers += audience ? audience->size() : 0;
  if (readers == 0) return;
  const size_t size = std::bit_ceil(2 * readers);
  slots_.resize(size);
  bits_.resize(size / 8 + 1);
  shift_ = 64 - std::countr_zero(size);
  double sum = kUnknownLikes;
  for (size_t i = 0; i < likes.size(); ++i) {
    sum += std::exp2(-static_cast<double>(i) / kHalfAfter);
  }
  for (size_t i = 0; i < likes.size(); ++i) {
    if (!likes[i]) continue;
    const double weight = std::exp2(-static_cast<double>(i) / kHalfAfter) / Length(*likes[i]) / sum;
    for (const int64_t reader : *likes[i]) {
      if (reader == user_id) continue;
      Slot& slot = slots_[Find(reader)];
      slot.user_id = reader;
      slot.weight += weight;
      const uint64_t bit = Hash(reader) >> (shift_ - kBitsOfSlot);
      bits_[bit / 64] |= uint64_t{1} << (bit % 64);
    }
  }
}

// Fibonacci hashing: ids that follow one another spread out.
uint64_t Company::Hash(int64_t user_id) {
  return static_cast<uint64_t>(user_id) * 0x9E3779B97F4A7C15;
}

size_t Company::Find(int64_t user_id) const {
  size_t at = Hash(user_id) >> shift_;
  while (slots_[at].user_id != 0 && slots_[at].user_id != user_id) {
    at = (at + 1) & (slots_.size() - 1);
  }
  return at;
}

bool Company::MayKnow(int64_t user_id) const {
  const uint64_t bit = Hash(user_id) >> (shift_ - kBitsOfSlot);
  return (bits_[bit / 64] >> (bit % 64) & 1) != 0;
}

double Company::Nearness(const Audience& audience) const {
  if (slots_.empty()) return 0;
  double sum = 0;
  for (const int64_t reader : audience) {
    if (MayKnow(reader)) sum += slots_[Find(reader)].weight;
  }
  return sum / Length(audience);
}

}  // namespace selfology::feed

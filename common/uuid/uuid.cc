#include "common/uuid/uuid.h"

#include <algorithm>

#include "absl/random/random.h"

namespace selfology::uuid {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr int kCounterBits = 12;                                // rand_a.
constexpr uint64_t kMaxMilliseconds = (uint64_t{1} << 48) - 1;  // unix_ts_ms: until the year 10889.

constexpr bool IsDash(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

uint64_t Milliseconds(absl::Time time) {
  const int64_t milliseconds = absl::ToUnixMillis(time);
  return std::clamp<int64_t>(milliseconds, 0, kMaxMilliseconds);
}

// tick: 48 bits of milliseconds, then the 12 of rand_a.
Uuid FromTick(uint64_t tick, absl::BitGenRef random) {
  const uint64_t rand_b = absl::Uniform<uint64_t>(random);
  const uint64_t high = (tick >> kCounterBits << 16) | 0x7000 | (tick & 0xfff);
  const uint64_t low = (uint64_t{0b10} << 62) | (rand_b >> 2);
  Uuid::Bytes bytes;
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<uint8_t>(low >> (56 - 8 * i));
  }
  return Uuid(bytes);
}

}  // namespace

absl::StatusOr<Uuid> Uuid::Parse(std::string_view text) {
  // The text may be anything a caller sent, so the message does not repeat it.
  const absl::Status malformed = absl::InvalidArgumentError("not a UUID");
  if (text.size() != 36) return malformed;
  Bytes bytes;
  size_t digit = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return malformed;
      continue;
    }
    const int value = HexDigit(text[i]);
    if (value < 0) return malformed;
    uint8_t& byte = bytes[digit / 2];
    byte = static_cast<uint8_t>(digit % 2 == 0 ? value << 4 : byte | value);
    ++digit;
  }
  return Uuid(bytes);
}

std::string Uuid::ToString() const {
  std::string text;
  text.reserve(36);
  for (const uint8_t byte : bytes_) {
    if (IsDash(text.size())) text.push_back('-');
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 0xf]);
  }
  return text;
}

absl::Time Uuid::time() const {
  int64_t milliseconds = 0;
  for (int i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | bytes_[i];
  return absl::FromUnixMillis(milliseconds);
}

Uuid V7(absl::Time now, absl::BitGenRef random) {
  const uint64_t rand_a = absl::Uniform<uint64_t>(random, 0, uint64_t{1} << kCounterBits);
  return FromTick(Milliseconds(now) << kCounterBits | rand_a, random);
}

Uuid Sequence::Next(absl::Time now, absl::BitGenRef random) {
  // A new millisecond starts in the lower half of the counter, so that there is room to count up.
  const uint64_t start = absl::Uniform<uint64_t>(random, 0, uint64_t{1} << (kCounterBits - 1));
  const uint64_t fresh = Milliseconds(now) << kCounterBits | start;
  uint64_t tick;
  {
    absl::MutexLock lock(&mutex_);
    const bool newer = fresh >> kCounterBits > last_tick_ >> kCounterBits;
    last_tick_ = newer ? fresh : last_tick_ + 1;
    tick = last_tick_;
  }
  return FromTick(tick, random);
}

}  // namespace selfology::uuid

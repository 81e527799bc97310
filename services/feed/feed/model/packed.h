// Numbers as bytes, little-endian on every machine.
//
//   std::string bytes;
//   PutPacked<uint16_t>(7, bytes);
//   PutPacked(1.5F, bytes);
//   GetPacked<float>(bytes.data() + 2);  // 1.5
//
// Threads: pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace selfology::feed {

template <typename Number>
using PackedBits = std::conditional_t<sizeof(Number) == 2, uint16_t, uint32_t>;

template <typename Number>
  requires(sizeof(Number) == 2 || sizeof(Number) == 4)
void PutPacked(Number number, std::string& bytes) {
  const auto bits = std::bit_cast<PackedBits<Number>>(number);
  for (size_t i = 0; i < sizeof(Number); ++i) bytes += static_cast<char>(bits >> (8 * i) & 0xFF);
}

// Reads sizeof(Number) bytes.
template <typename Number>
  requires(sizeof(Number) == 2 || sizeof(Number) == 4)
Number GetPacked(const char* bytes) {
  uint32_t bits = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    bits |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return std::bit_cast<Number>(static_cast<PackedBits<Number>>(bits));
}

}  // namespace selfology::feed

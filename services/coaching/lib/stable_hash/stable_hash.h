// A hash that is the same in every process, build and release: what was chosen or stored by it
// stays right.
//
// FNV-1a over the bytes, finished as SplitMix64 does so that all bits depend on all bytes. Not for
// adversaries. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

namespace selfology {

constexpr uint64_t StableHash(std::string_view bytes, uint64_t seed = 0) {
  uint64_t hash = 0xCBF29CE484222325 ^ seed;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
  }
  hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9;
  hash = (hash ^ hash >> 27) * 0x94D049BB133111EB;
  return hash ^ hash >> 31;
}

}  // namespace selfology

// Posts that say nearly the same: fingerprints whose bits differ little where texts differ little.
//
//   const std::optional<uint64_t> print = Fingerprint(text);
//   if (print && other && SaysTheSame(*print, *other)) ...
//
// To find such posts among many, look for those that share one of their Bands: two fingerprints that
// differ in at most 6 bits have two of their eight bytes in common, and each pair of bytes is a band.
//
// Threads: pure functions.
// Source: Charikar, Similarity Estimation Techniques from Rounding Algorithms, STOC 2002; Manku, Jain,
// Das Sarma, Detecting Near-Duplicates for Web Crawling, WWW 2007. Its 3 bits are for
// 8 billion pages; among some days of posts, where two unrelated ones differ in 32 bits, 6 are as safe and
// pass over a signature at the end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace selfology::feed {

inline constexpr int kMostDifferentBits = 6;

// Of the words of a text and their neighbours, without lines that do little but name a channel; nullopt with fewer than 8 words, of which too many
// texts consist.
std::optional<uint64_t> Fingerprint(std::string_view text);

bool SaysTheSame(uint64_t one, uint64_t other);

// 16 bits each, with the number of the band above them: 0 to 0x1BFFFF.
std::array<int64_t, 28> Bands(uint64_t fingerprint);

}  // namespace selfology::feed

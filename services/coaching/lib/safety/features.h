// What the classifier sees of a message: which words, letters and concepts are in it.
//
//   const Features features = FeaturesOf(reading, {.begin = 0, .end = reading.size()});
//   features.blocks[kWords]  // Hashes of the stems and of two and three of them in a row.
//
// Features are sets: what is there twice counts once. Threads: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "services/coaching/lib/safety/vocabulary.h"

namespace selfology::safety {

// Each block counts the same, however many features of it there are.
enum Block {
  kWords,     // One to three stems in a row, with the marks between them.
  kLetters,   // Two to five letters of a word in a row.
  kConcepts,  // Concepts, negated or not, of whom; two of them near each other.
  kBlocks,
};

struct Features {
  std::array<std::vector<uint32_t>, kBlocks> blocks;  // Hashes in order, none twice.
};

// Words of a reading, from `begin` up to `end`.
struct Window {
  int begin = 0;
  int end = 0;
  friend bool operator==(const Window&, const Window&) = default;
};

Features FeaturesOf(const Reading& reading, Window window);

// The sentences within the window; one without an end is cut.
std::vector<Window> SentencesOf(const Reading& reading, Window window);

// The whole, and of a longer text each two sentences in a row: what a message says in passing
// stands out there.
std::vector<Window> WindowsOf(const Reading& reading);

}  // namespace selfology::safety

// The words of a post: lower-case, without those that say nothing, cut to their stems.
//
//   WordReader reader;
//   for (const Word& word : reader.Read("Goals and more goals: @durov #football")) ...
//   // goal ("Goals"), goal ("goals"), #football
//
// Addresses, names behind "@", numbers and words of one or two letters are left out. English and
// Russian words are cut to stems (Snowball), those of other scripts stay as they are.
//
// Threads: a WordReader belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sb_stemmer;

namespace selfology::feed {

struct Word {
  std::string stem;     // "footbal", "#football": a hashtag is another word than its letters.
  std::string surface;  // As it was written.
};

class WordReader {
 public:
  WordReader();

  // In their order, with repetitions; at most `limit`.
  std::vector<Word> Read(std::string_view text, size_t limit = 400) const;

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const;
  };
  std::string Stem(const std::string& word) const;

  const std::unique_ptr<sb_stemmer, Delete> english_;
  const std::unique_ptr<sb_stemmer, Delete> russian_;
};

// A stable 64-bit hash (FNV-1a with a final mix): the same on every machine and in every version, since
// what it gives is stored.
uint64_t StableHash(std::string_view bytes);

}  // namespace selfology::feed

// Which known word a misspelled one was meant to be.
//
//   Spelling spelling;
//   spelling.Add("suicide");
//   spelling.Nearest("suicde")  // "suicide"
//
// One letter may be wrong, missing, too many or swapped with its neighbour in words of four letters
// and more, two in words of nine and more; the first letter may differ in words of six and more. Of
// words equally near, the one added first wins. Words that exist and only look like a known one are
// for the caller to leave alone. Threads: immutable once all words are added. Source: the symmetric
// deletion index of W. Garbe's SymSpell; optimal string alignment for the distance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace selfology::safety {

class Spelling {
 public:
  void Add(std::string_view word);

  // Empty when none is near.
  std::string_view Nearest(std::string_view word) const;

 private:
  static constexpr size_t kFilterBits = 1 << 18;

  struct Known {
    std::string utf8;
    std::u32string letters;
  };

  std::vector<Known> words_;
  absl::flat_hash_map<uint64_t, std::vector<int>> by_deletion_;
  // Most deletions lead nowhere, which this tells without a look at the map.
  std::vector<bool> filter_ = std::vector<bool>(kFilterBits);
};

// Letters inserted, removed, replaced or swapped; `most` + 1 when there are more than `most`.
int EditDistance(std::u32string_view a, std::u32string_view b, int most);

}  // namespace selfology::safety

#include "services/studio/social/conjuncts.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

namespace selfology::social {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

constexpr Range kConsonants[] = {
    {0x0915, 0x0939}, {0x0958, 0x095F}, {0x0978, 0x097F}, {0x0995, 0x09A8}, {0x09AA, 0x09B0},
    {0x09B2, 0x09B2}, {0x09B6, 0x09B9}, {0x09DC, 0x09DD}, {0x09DF, 0x09DF}, {0x09F0, 0x09F1},
    {0x0A95, 0x0AA8}, {0x0AAA, 0x0AB0}, {0x0AB2, 0x0AB3}, {0x0AB5, 0x0AB9}, {0x0AF9, 0x0AF9},
    {0x0B15, 0x0B28}, {0x0B2A, 0x0B30}, {0x0B32, 0x0B33}, {0x0B35, 0x0B39}, {0x0B5C, 0x0B5D},
    {0x0B5F, 0x0B5F}, {0x0B71, 0x0B71}, {0x0C15, 0x0C28}, {0x0C2A, 0x0C39}, {0x0C58, 0x0C5A},
    {0x0D15, 0x0D3A}};
constexpr char32_t kLinkers[] = {0x094D, 0x09CD, 0x0ACD, 0x0B4D, 0x0C4D, 0x0D4D};
constexpr char32_t kNonJoiner = 0x200C;

bool IsConsonant(char32_t c) {
  return std::any_of(std::begin(kConsonants), std::end(kConsonants),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

bool IsLinker(char32_t c) {
  return std::find(std::begin(kLinkers), std::end(kLinkers), c) != std::end(kLinkers);
}

bool Extends(char32_t c) {
  const int boundary = utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->boundclass;
  return c != kNonJoiner &&
         (boundary == UTF8PROC_BOUNDCLASS_EXTEND || boundary == UTF8PROC_BOUNDCLASS_ZWJ);
}

}  // namespace

void Conjuncts::Take(char32_t c) {
  if (IsConsonant(c)) {
    consonant_ = true;
    linker_ = false;
  } else if (IsLinker(c)) {
    linker_ = consonant_;
  } else if (!Extends(c)) {
    consonant_ = false;
    linker_ = false;
  }
}

bool Conjuncts::Joins(char32_t next) const { return linker_ && IsConsonant(next); }

}  // namespace selfology::social

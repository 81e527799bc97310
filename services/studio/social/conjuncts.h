// Conjuncts of Indic scripts, which are one grapheme each: rule GB9c of UAX #29 since Unicode 15.1, which
// utf8proc does not have yet, and Bluesky's servers count by.
//
//   Conjuncts conjuncts;
//   conjuncts.Take(c);             // Each character of a grapheme so far.
//   if (conjuncts.Joins(next)) ... // No boundary is between them.
//
// Source: Indic_Conjunct_Break in DerivedCoreProperties.txt of Unicode 15.1
// (https://www.unicode.org/Public/15.1.0/ucd/): Devanagari, Bengali, Gujarati, Oriya, Telugu, Malayalam.
// Threads: one at a time.
#pragma once

namespace selfology::social {

class Conjuncts {
 public:
  void Take(char32_t c);
  bool Joins(char32_t next) const;

 private:
  bool consonant_ = false;  // One was taken, and nothing since that ends it.
  bool linker_ = false;     // And a virama after it.
};

}  // namespace selfology::social

// A sentence as the words, numbers and marks that it is made of, each with its place in the text.
//
//   const Words words("Call mum at 5:30pm");
//   words[2].text          // "at": folded (letters.h)
//   words.IsNumber(3)      // 5, then the mark ":", the number 30 and the word "pm", all adjoining
//
// What stands in quotation marks, and addresses, is opaque: no rule looks into it.
//
// Threads: immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace selfology::task {

struct Word {
  enum Kind { kWord, kNumber, kMark };
  Kind kind = kMark;
  std::string text = {};      // Folded; the digits of a number.
  int64_t number = -1;        // Of up to 9 digits; -1 otherwise.
  size_t begin = 0, end = 0;  // Bytes of the sentence.
  bool adjoins = false;       // No space before it.
  bool opaque = false;
};

class Words {
 public:
  explicit Words(std::string_view sentence);

  size_t size() const { return words_.size(); }
  // Past the end: an empty mark.
  const Word& operator[](size_t at) const { return at < words_.size() ? words_[at] : kNothing; }

  // A word that rules may look at, equal to that or to one of those.
  bool Is(size_t at, std::string_view text) const {
    return !(*this)[at].opaque && (*this)[at].text == text && at < size();
  }
  bool IsAny(size_t at, std::initializer_list<std::string_view> texts) const;
  // It begins with that, as inflected words do.
  bool Begins(size_t at, std::string_view stem) const;
  bool IsNumber(size_t at) const {
    return (*this)[at].kind == Word::kNumber && !(*this)[at].opaque;
  }
  bool IsWord(size_t at) const { return (*this)[at].kind == Word::kWord && !(*this)[at].opaque; }
  // A number of so many digits that stands by itself or before letters, but is no part of a longer
  // one such as 2.5 or 10:30.
  bool IsWhole(size_t at) const;
  // The mark adjoins both of its neighbours, which are numbers: 10:30, 5.5, 5-6.
  bool Joins(size_t mark, std::string_view text) const;

  std::string_view sentence() const { return sentence_; }

 private:
  static const Word kNothing;

  std::string sentence_;
  std::vector<Word> words_;
};

}  // namespace selfology::task

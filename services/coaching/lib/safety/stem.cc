#include "services/coaching/lib/safety/stem.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "services/coaching/lib/safety/characters.h"

namespace selfology::safety {
namespace {

using Letters = std::u32string;
using Endings = std::initializer_list<std::u32string_view>;

bool IsVowel(char32_t c) {
  constexpr std::u32string_view kVowels = U"aeiouyаеиоуыэюя";
  return kVowels.find(c) != std::u32string_view::npos;
}

// Where the part begins that endings may be cut from: after the first vowel.
size_t AfterVowel(const Letters& word, size_t from) {
  for (size_t i = from; i < word.size(); ++i) {
    if (IsVowel(word[i])) return i + 1;
  }
  return word.size();
}

// Where the second syllable's end is: R2 of the Snowball framework.
size_t RegionTwo(const Letters& word) {
  size_t at = 0;
  for (int syllable = 0; syllable < 2; ++syllable) {
    at = AfterVowel(word, at);
    while (at < word.size() && IsVowel(word[at])) ++at;
    at = std::min(at + 1, word.size());
  }
  return at;
}

class RussianStemmer {
 public:
  explicit RussianStemmer(Letters word)
      : word_(std::move(word)), rv_(AfterVowel(word_, 0)), r2_(RegionTwo(word_)) {}

  Letters Run() && {
    if (!CutGerund()) {
      CutLongest({U"ся", U"сь"});
      if (!CutAdjective() && !CutVerb()) {
        CutLongest({U"а",  U"ев",  U"ов", U"ие",  U"ье", U"е",  U"иями", U"ями", U"ами",
                    U"еи", U"ии",  U"и",  U"ией", U"ей", U"ой", U"ий",   U"й",   U"иям",
                    U"ям", U"ием", U"ем", U"ам",  U"ом", U"о",  U"у",    U"ах",  U"иях",
                    U"ях", U"ы",   U"ь",  U"ию",  U"ью", U"ю",  U"ия",   U"ья",  U"я"});
      }
    }
    CutLongest({U"и"});
    for (const std::u32string_view ending : {U"ость", U"ост"}) {
      if (EndsWith(ending) && word_.size() - ending.size() >= r2_) {
        Cut(ending.size());
        break;
      }
    }
    CutLongest({U"ейше", U"ейш"});
    if (EndsWith(U"нн")) Cut(1);
    CutLongest({U"ь"});
    return std::move(word_);
  }

 private:
  bool EndsWith(std::u32string_view ending) const {
    return word_.size() >= rv_ + ending.size() && word_.ends_with(ending);
  }
  void Cut(size_t letters) { word_.resize(word_.size() - letters); }

  size_t Longest(Endings endings) const {
    size_t longest = 0;
    for (const std::u32string_view ending : endings) {
      if (ending.size() > longest && EndsWith(ending)) longest = ending.size();
    }
    return longest;
  }

  // Endings that count only after "а" or "я", which stays.
  size_t LongestAfterA(Endings endings) const {
    size_t longest = 0;
    for (const std::u32string_view ending : endings) {
      if (ending.size() <= longest || !EndsWith(ending)) continue;
      const size_t at = word_.size() - ending.size();
      if (at > rv_ && (word_[at - 1] == U'а' || word_[at - 1] == U'я')) longest = ending.size();
    }
    return longest;
  }

  bool CutLongest(Endings endings) {
    const size_t length = Longest(endings);
    Cut(length);
    return length > 0;
  }

  bool CutGerund() {
    const size_t length = std::max(Longest({U"ив", U"ивши", U"ившись", U"ыв", U"ывши", U"ывшись"}),
                                   LongestAfterA({U"в", U"вши", U"вшись"}));
    Cut(length);
    return length > 0;
  }

  bool CutAdjective() {
    if (!CutLongest({U"ее", U"ие", U"ые", U"ое", U"ими", U"ыми", U"ей",  U"ий",  U"ый",
                     U"ой", U"ем", U"им", U"ым", U"ом",  U"его", U"ого", U"ему", U"ому",
                     U"их", U"ых", U"ую", U"юю", U"ая",  U"яя",  U"ою",  U"ею"})) {
      return false;
    }
    Cut(std::max(Longest({U"ивш", U"ывш", U"ующ"}),
                 LongestAfterA({U"ем", U"нн", U"вш", U"ющ", U"щ"})));
    return true;
  }

  bool CutVerb() {
    const size_t length = std::max(
        Longest({U"ила", U"ыла", U"ена", U"ейте", U"уйте", U"ите", U"или", U"ыли", U"ей", U"уй",
                 U"ил",  U"ыл",  U"им",  U"ым",   U"ен",   U"ило", U"ыло", U"ено", U"ят", U"ует",
                 U"уют", U"ит",  U"ыт",  U"ены",  U"ить",  U"ыть", U"ишь", U"ую",  U"ю"}),
        LongestAfterA({U"ла", U"на", U"ете", U"йте", U"ли", U"й", U"л", U"ем", U"н", U"ло", U"но",
                       U"ет", U"ют", U"ны", U"ть", U"ешь", U"нно"}));
    Cut(length);
    return length > 0;
  }

  Letters word_;
  const size_t rv_;
  const size_t r2_;
};

bool HasVowel(std::u32string_view word) { return std::any_of(word.begin(), word.end(), IsVowel); }

Letters EnglishStem(Letters word) {
  const auto ends = [&](std::u32string_view ending, size_t least) {
    return word.size() >= ending.size() + least && word.ends_with(ending);
  };
  const auto cut = [&](size_t letters) { word.resize(word.size() - letters); };
  const auto undouble = [&] {
    const size_t n = word.size();
    if (n >= 4 && word[n - 1] == word[n - 2] && !IsVowel(word[n - 1]) && word[n - 1] != 'l' &&
        word[n - 1] != 's') {
      cut(1);
    }
  };
  if (ends(U"'s", 1)) cut(2);
  if (ends(U"'", 1)) cut(1);
  if (ends(U"ies", 2) || ends(U"ied", 2)) {
    cut(3);
    word += U'y';
  } else if (ends(U"sses", 1) || ends(U"xes", 1) || ends(U"ches", 2) || ends(U"shes", 1)) {
    cut(2);
  } else if (ends(U"s", 2) && !ends(U"ss", 1) && !ends(U"us", 1) && !ends(U"is", 1)) {
    cut(1);
  }
  const size_t n = word.size();
  if (ends(U"ing", 2) && HasVowel(std::u32string_view(word).substr(0, n - 3))) {
    cut(3);
    undouble();
  } else if (ends(U"ed", 2) && !ends(U"eed", 0) &&
             HasVowel(std::u32string_view(word).substr(0, n - 2))) {
    cut(2);
    undouble();
  }
  if (ends(U"e", 2)) cut(1);
  return word;
}

}  // namespace

std::string Stem(std::string_view word) {
  Letters letters = Utf32(word);
  if (letters.size() < 3) return std::string(word);
  const bool russian = std::any_of(letters.begin(), letters.end(), IsCyrillic);
  return Utf8(russian ? RussianStemmer(std::move(letters)).Run() : EnglishStem(std::move(letters)));
}

}  // namespace selfology::safety

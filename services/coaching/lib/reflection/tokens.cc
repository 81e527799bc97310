#include "services/coaching/lib/reflection/tokens.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"

namespace selfology::reflection {
namespace {

constexpr char32_t kApostrophes[] = {U'\'', U'’', U'ʼ', U'`', U'´'};
constexpr char32_t kDashes[] = {U'—', U'–', U'−'};
constexpr std::string_view kAbbreviations[] = {"mr", "mrs", "ms", "dr", "st", "vs", "им", "ул",
                                               "гг", "т",   "п",  "д",  "г",  "др", "пр"};

template <typename List>
bool Among(const List& list, char32_t c) {
  return std::find(std::begin(list), std::end(list), c) != std::end(list);
}

bool IsLetter(char32_t c) { return IsLatin(c) || IsCyrillic(c); }

char32_t LowerOf(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  if (c >= U'À' && c <= U'Þ' && c != U'×') return c + 32;
  if (c >= U'А' && c <= U'Я') return c + 32;
  if (c == U'Ё') return U'ё';
  return c;
}

char32_t UpperOf(char32_t c) {
  if (c >= U'a' && c <= U'z') return c - 32;
  if (c >= U'à' && c <= U'þ' && c != U'÷') return c - 32;
  if (c >= U'а' && c <= U'я') return c - 32;
  if (c == U'ё') return U'Ё';
  return c;
}

std::string WithFirst(std::string_view utf8, char32_t (*change)(char32_t)) {
  if (utf8.empty()) return "";
  std::string_view rest = utf8;
  const char32_t first = text::TakeCharacter(rest);
  if (first == 0) return std::string(utf8);
  std::string changed;
  text::AppendCharacter(change(first), changed);
  return absl::StrCat(changed, rest);
}

struct Character {
  char32_t value = 0;
  size_t begin = 0;
  size_t end = 0;
};

std::vector<Character> CharactersOf(std::string_view utf8) {
  std::vector<Character> characters;
  for (std::string_view rest = utf8; !rest.empty();) {
    const size_t begin = utf8.size() - rest.size();
    const char32_t value = text::TakeCharacter(rest);
    characters.push_back({value, begin, utf8.size() - rest.size()});
  }
  return characters;
}

class Splitter {
 public:
  explicit Splitter(std::string_view utf8) : utf8_(utf8), characters_(CharactersOf(utf8)) {}

  std::vector<Sentence> Run() && {
    for (at_ = 0; at_ < characters_.size();) {
      const char32_t c = characters_[at_].value;
      if (InWord(at_)) {
        TakeWord();
      } else if (c == U'\n') {
        EndSentence();
        ++at_;
      } else if (c == U'.' || c == U'!' || c == U'?' || c == U'…') {
        TakeTerminator();
      } else {
        TakeSign(c);
      }
    }
    EndSentence();
    return std::move(sentences_);
  }

 private:
  char32_t At(size_t i) const { return i < characters_.size() ? characters_[i].value : 0; }

  bool InWord(size_t i) const {
    const char32_t c = At(i);
    if (IsLetter(c) || IsDigit(c)) return true;
    if (i == 0) return false;
    const char32_t before = At(i - 1), after = At(i + 1);
    // "don't", "co-worker", "3.5", "7:30"
    if (Among(kApostrophes, c) || c == U'-') {
      return (IsLetter(before) || IsDigit(before)) && (IsLetter(after) || IsDigit(after));
    }
    return (c == U'.' || c == U',' || c == U':') && IsDigit(before) && IsDigit(after);
  }

  Token Between(size_t from, size_t to) const {
    Token token;
    token.begin = characters_[from].begin;
    token.end = characters_[to - 1].end;
    token.text = std::string(utf8_.substr(token.begin, token.end - token.begin));
    token.lower = Lower(token.text);
    token.quoted = quoted_;
    token.spaced = !sentence_.tokens.empty() && sentence_.tokens.back().end != token.begin;
    return token;
  }

  void TakeWord() {
    const size_t from = at_;
    while (at_ < characters_.size() && InWord(at_)) ++at_;
    Token token = Between(from, at_);
    token.word = true;
    sentence_.tokens.push_back(std::move(token));
  }

  void TakeTerminator() {
    const bool dot = At(at_) == U'.';
    size_t next = at_;
    bool question = false;
    while (At(next) == U'.' || At(next) == U'!' || At(next) == U'?' || At(next) == U'…') {
      question |= At(next) == U'?';
      ++next;
    }
    const bool abbreviation = dot && next == at_ + 1 && !sentence_.tokens.empty() &&
                              std::find(std::begin(kAbbreviations), std::end(kAbbreviations),
                                        sentence_.tokens.back().lower) != std::end(kAbbreviations);
    if (abbreviation || quoted_) {
      Token token = Between(at_, next);
      sentence_.tokens.push_back(std::move(token));
      at_ = next;
      return;
    }
    sentence_.question = question;
    at_ = next;
    EndSentence();
  }

  void TakeSign(char32_t c) {
    const bool spaced = At(at_ + 1) == U' ' && (at_ == 0 || At(at_ - 1) == U' ');
    if (Among(kDashes, c) || (c == U'-' && spaced)) {
      Token token = Between(at_, at_ + 1);
      token.lower = "—";
      sentence_.tokens.push_back(std::move(token));
    } else if (c == U'«' || c == U'“' || c == U'„') {
      sentence_.tokens.push_back(Between(at_, at_ + 1));
      quoted_ = true;
    } else if (c == U'»' || c == U'”') {
      quoted_ = false;
      sentence_.tokens.push_back(Between(at_, at_ + 1));
      if (EndedWithin()) EndSentence();
    } else if (c == U'"') {
      if (quoted_) quoted_ = false;
      sentence_.tokens.push_back(Between(at_, at_ + 1));
      quoted_ = !std::exchange(straight_, !straight_);
      if (!quoted_ && EndedWithin()) EndSentence();
    } else if (c == U',' || c == U';' || c == U':' || c == U'(' || c == U')' || c == U'%' ||
               c == U'/' || c == U'&' || c == U'№' || c == U'£' || c == U'$' || c == U'€' ||
               c == U'+') {
      sentence_.tokens.push_back(Between(at_, at_ + 1));
    } else if (Among(kApostrophes, c)) {
      sentence_.tokens.push_back(Between(at_, at_ + 1));
    }
    ++at_;
  }

  // "She says: “Eat.” It helps."
  bool EndedWithin() const {
    const std::vector<Token>& tokens = sentence_.tokens;
    if (tokens.size() < 2) return false;
    const std::string& last = tokens[tokens.size() - 2].text;
    const bool ends = last == "." || last == "!" || last == "…";
    return ends && At(at_ + 1) == U' ' && IsCapital(At(at_ + 2));
  }

  void EndSentence() {
    quoted_ = straight_ = false;
    const bool any = std::any_of(sentence_.tokens.begin(), sentence_.tokens.end(),
                                 [](const Token& token) { return token.word; });
    if (any) sentences_.push_back(std::move(sentence_));
    sentence_ = {};
  }

  const std::string_view utf8_;
  const std::vector<Character> characters_;
  size_t at_ = 0;
  bool quoted_ = false;
  bool straight_ = false;  // Within "…".
  Sentence sentence_;
  std::vector<Sentence> sentences_;
};

}  // namespace

bool IsLatin(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') ||
         (c >= U'À' && c <= U'ÿ' && c != U'×' && c != U'÷');
}
bool IsCyrillic(char32_t c) { return (c >= U'А' && c <= U'я') || c == U'ё' || c == U'Ё'; }
bool IsCapital(char32_t c) { return LowerOf(c) != c; }
bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }

std::string Lower(std::string_view utf8) {
  std::string lower;
  for (std::string_view rest = utf8; !rest.empty();) {
    char32_t c = LowerOf(text::TakeCharacter(rest));
    if (c == U'ё') c = U'е';
    if (Among(kApostrophes, c)) c = U'\'';
    if (c != 0) text::AppendCharacter(c, lower);
  }
  return lower;
}

std::string Capitalised(std::string_view utf8) { return WithFirst(utf8, &UpperOf); }
std::string Uncapitalised(std::string_view utf8) { return WithFirst(utf8, &LowerOf); }

int Capitals(std::string_view utf8) {
  int capitals = 0;
  while (!utf8.empty()) capitals += IsCapital(text::TakeCharacter(utf8));
  return capitals;
}

std::string Render(absl::Span<const Token> tokens) {
  std::string text;
  for (const Token& token : tokens) {
    const bool closes =
        !token.word && (token.lower == "," || token.lower == ";" || token.lower == ":" ||
                        token.lower == ")" || token.lower == "»" || token.lower == "”");
    if (token.spaced && !closes && !text.empty()) text += ' ';
    text += token.text;
  }
  return text;
}

std::vector<Sentence> SplitSentences(std::string_view utf8) { return Splitter(utf8).Run(); }

}  // namespace selfology::reflection

#include "services/coaching/lib/safety/tokens.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/text/utf8.h"
#include "services/coaching/lib/safety/characters.h"

namespace selfology::safety {
namespace {

bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }

// "20mg", "5th", "15летний": a number with what it counts.
bool IsMeasure(std::u32string_view word) {
  const size_t digits = std::find_if_not(word.begin(), word.end(), IsDigit) - word.begin();
  return digits > 0 && word.size() - digits <= 4;
}

Alphabet Unify(std::u32string& word) {
  int latin = 0, cyrillic = 0;
  bool only_cyrillic_fits = false;
  for (const char32_t c : word) {
    latin += IsLatin(c);
    cyrillic += IsCyrillic(c);
    only_cyrillic_fits |= IsCyrillic(c) && ToLatin(c) == 0;
  }
  if (cyrillic > 0 && (only_cyrillic_fits || cyrillic >= latin)) {
    for (char32_t& c : word) {
      if (!IsCyrillic(c) && ToCyrillic(c) != 0) c = ToCyrillic(c);
    }
    return Alphabet::kCyrillic;
  }
  if (latin == 0) return Alphabet::kNone;
  for (char32_t& c : word) {
    if (IsCyrillic(c) && ToLatin(c) != 0) c = ToLatin(c);
    if (LetterOf(c) != 0) c = LetterOf(c);
  }
  return Alphabet::kLatin;
}

// Bytes of the name or address that `rest` begins with, 0 if there is none: "@some_channel",
// "@ann@example.social", "https://t.me/some_channel". Nobody says anything with its letters.
size_t LengthOfName(std::string_view rest) {
  constexpr size_t kShortestName = 4;  // Telegram's shortest.
  if (absl::StartsWith(rest, "https://") || absl::StartsWith(rest, "http://")) {
    return std::min(rest.find_first_of(" \t\r\n"), rest.size());
  }
  if (!absl::StartsWith(rest, "@")) return 0;
  size_t end = 1;
  while (end < rest.size() && (absl::ascii_isalnum(rest[end]) || rest[end] == '_')) ++end;
  if (end > 1 && end < rest.size() && rest[end] == '@') {
    return std::min(rest.find_first_of(" \t\r\n"), rest.size());
  }
  if (end <= kShortestName) return 0;
  // Another alphabet's letter: it was a word after all.
  return end < rest.size() && static_cast<unsigned char>(rest[end]) >= 0x80 ? 0 : end;
}

class Splitter {
 public:
  explicit Splitter(std::string_view message) : message_(message) {}

  std::vector<Token> Run() && {
    std::string_view rest = message_;
    while (!rest.empty()) {
      // Within a word "@" stands for a letter.
      if (const size_t name = word_.empty() ? LengthOfName(rest) : 0; name > 0) {
        rest.remove_prefix(name);
        continue;
      }
      const size_t begin = message_.size() - rest.size();
      const char32_t c = Plain(text::TakeCharacter(rest));
      const size_t end = message_.size() - rest.size();
      Take(c, begin, end, rest);
    }
    EndWord();
    JoinSpelled();
    return std::move(tokens_);
  }

 private:
  void Take(char32_t c, size_t begin, size_t end, std::string_view rest) {
    switch (KindOf(c)) {
      case CharacterKind::kLetter:
      case CharacterKind::kDigit:
        Add(c, begin, end);
        break;
      case CharacterKind::kMask:
        if (word_.empty()) break;
        pending_ += U'*';
        break;
      case CharacterKind::kJoiner:
        if (c == '\'' && !word_.empty() && pending_.empty()) {
          pending_ = U"'";
        } else {
          EndWord();
        }
        break;
      case CharacterKind::kIgnored:
        break;
      case CharacterKind::kEmoji:
        EndWord();
        Add(c, begin, end);
        EndWord();
        break;
      case CharacterKind::kSpace:
        EndWord();
        break;
      case CharacterKind::kClauseEnd:
        EndClause(/*sentence=*/false);
        break;
      case CharacterKind::kSentenceEnd:
        EndSentence(c, rest);
        break;
    }
  }

  void Add(char32_t c, size_t begin, size_t end) {
    if (word_.empty()) begin_ = begin;
    word_ += std::exchange(pending_, U"");
    word_ += c;
    end_ = end;
  }

  void EndWord() {
    pending_.clear();
    if (word_.empty()) return;
    std::u32string word = std::exchange(word_, U"");
    Token token;
    token.begin = begin_;
    token.end = end_;
    const bool number = std::all_of(word.begin(), word.end(), IsDigit);
    if (!number && !IsMeasure(word)) token.alphabet = Unify(word);
    token.text = Utf8(word);
    tokens_.push_back(std::move(token));
  }

  void EndClause(bool sentence) {
    EndWord();
    if (tokens_.empty()) return;
    tokens_.back().ends_clause = true;
    tokens_.back().ends_sentence |= sentence;
  }

  void EndSentence(char32_t c, std::string_view rest) {
    // Between the letters of "k.i.l.l", or within "1.5".
    const char32_t next = rest.empty() ? 0 : Plain(text::TakeCharacter(rest));
    const bool letter_follows = KindOf(next) == CharacterKind::kLetter;
    if (c == '.' && word_.size() == 1 && (letter_follows || IsDigit(next))) return EndWord();
    EndClause(/*sentence=*/true);
    if (c == '?' && !tokens_.empty()) tokens_.back().question = true;
  }

  // A letter that is a word by itself, so that several in a row spell nothing.
  static bool IsWordByItself(const Token& token) {
    static constexpr std::string_view kWords[] = {"i", "a", "u", "я", "и", "в", "с",
                                                  "к", "у", "о", "а", "ж", "б"};
    return std::find(std::begin(kWords), std::end(kWords), token.text) != std::end(kWords);
  }

  static bool IsLetter(const Token& token) {
    return token.alphabet != Alphabet::kNone &&
           text::Prefix(token.text, 1).size() == token.text.size();
  }

  void JoinSpelled() {
    std::vector<Token> joined;
    for (size_t i = 0; i < tokens_.size();) {
      size_t end = i;
      bool words = true;
      while (end < tokens_.size() && IsLetter(tokens_[end]))
        words &= IsWordByItself(tokens_[end++]);
      if (end - i < 3 || (words && end - i < 5)) {
        end = std::max(end, i + 1);
        for (; i < end; ++i) joined.push_back(std::move(tokens_[i]));
        continue;
      }
      for (size_t start = i; i < end; ++i) {
        const bool new_word =
            i == start || tokens_[i].begin > tokens_[i - 1].end + 2 ||
            (tokens_[i].begin == tokens_[i - 1].end + 2 && SpacedByOne(start, end));
        if (new_word) {
          joined.push_back(std::move(tokens_[i]));
          joined.back().spelled = true;
        } else {
          Append(std::move(tokens_[i]), joined.back());
        }
      }
    }
    tokens_ = std::move(joined);
  }

  bool SpacedByOne(size_t start, size_t end) const {
    for (size_t i = start + 1; i < end; ++i) {
      if (tokens_[i].begin == tokens_[i - 1].end + 1) return true;
    }
    return false;
  }

  static void Append(Token letter, Token& word) {
    word.text += letter.text;
    word.end = letter.end;
    word.ends_clause = letter.ends_clause;
    word.ends_sentence = letter.ends_sentence;
    word.question = letter.question;
  }

  const std::string_view message_;
  std::vector<Token> tokens_;
  std::u32string word_;
  std::u32string pending_;  // Counts when a letter follows.
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace

std::vector<Token> SplitTokens(std::string_view message) { return Splitter(message).Run(); }

std::string WithoutRepeats(std::string_view word, int least, int times) {
  const std::u32string letters = Utf32(word);
  std::u32string result;
  for (size_t i = 0; i < letters.size();) {
    size_t end = i;
    while (end < letters.size() && letters[end] == letters[i]) ++end;
    const size_t run = end - i;
    result.append(run >= static_cast<size_t>(least) ? times : run, letters[i]);
    i = end;
  }
  return Utf8(result);
}

}  // namespace selfology::safety

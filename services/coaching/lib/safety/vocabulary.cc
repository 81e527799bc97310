#include "services/coaching/lib/safety/vocabulary.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "google/protobuf/text_format.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/stem.h"

namespace selfology::safety {
namespace {

constexpr size_t kShortestPrefix = 3;
constexpr size_t kShortestJoined = 7;
constexpr size_t kLongestJoined = 40;
constexpr int kMostMasked = 16;  // Words of one message; each is compared with the whole table.

size_t Letters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

bool IsNumber(std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

int Value(std::string_view number) {
  int value = 0;
  for (const char c : number) {
    if (c < '0' || c > '9' || value > 100000) break;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Calls with each beginning of the word of three letters and more.
template <typename Visit>
void ForPrefixes(std::string_view word, Visit visit) {
  std::string_view rest = word;
  for (size_t letters = 1; !rest.empty(); ++letters) {
    text::TakeCharacter(rest);
    if (letters >= kShortestPrefix) visit(word.substr(0, word.size() - rest.size()));
  }
}

}  // namespace

bool Vocabulary::Piece::Fits(const std::string& word, const std::string& stem) const {
  switch (kind) {
    case Kind::kStem:
      return stem == key || word == text;
    case Kind::kExact:
      return word == key;
    case Kind::kPrefix:
      return word.starts_with(key);
  }
  return false;
}

absl::StatusOr<Vocabulary> Vocabulary::Parse(absl::Span<const std::string_view> words,
                                             std::string_view real_words) {
  Vocabulary vocabulary;
  for (const std::string_view text : words) {
    Words table;
    if (!google::protobuf::TextFormat::ParseFromString(std::string(text), &table)) {
      return absl::InvalidArgumentError("malformed table of words");
    }
    for (const Concept& one : table.entry()) RETURN_IF_ERROR(vocabulary.Add(one));
  }
  for (const char* name : {"NUMBER", "MANY"}) vocabulary.IdOf(name);
  if (vocabulary.size() > kMostConcepts) return absl::InvalidArgumentError("too many concepts");
  for (const std::string_view line : absl::StrSplit(real_words, '\n')) {
    if (line.starts_with('#')) continue;
    for (const std::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
      vocabulary.real_words_.emplace(word);
    }
  }
  vocabulary.Remember();
  return vocabulary;
}

int Vocabulary::IdOf(std::string_view name) {
  const auto [found, added] = ids_.try_emplace(name, static_cast<int>(names_.size()));
  if (added) names_.emplace_back(name);
  return found->second;
}

std::optional<int> Vocabulary::Find(std::string_view name) const {
  const auto found = ids_.find(name);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<Vocabulary::Piece> Vocabulary::ParsePiece(std::string_view text) {
  Piece piece;
  if (text.starts_with('=')) {
    piece.kind = Kind::kExact;
    piece.key = piece.text = text.substr(1);
  } else if (text.ends_with('*')) {
    piece.kind = Kind::kPrefix;
    piece.key = piece.text = text.substr(0, text.size() - 1);
    if (Letters(piece.key) < kShortestPrefix) {
      return absl::InvalidArgumentError(absl::StrCat("too short before the *: ", text));
    }
  } else {
    piece.kind = Kind::kStem;
    piece.text = text;
    piece.key = Stem(text);
  }
  if (piece.key.empty()) return absl::InvalidArgumentError(absl::StrCat("no word: ", text));
  return piece;
}

void Vocabulary::AddKnown(const Piece& piece) {
  const bool added = (piece.kind == Kind::kExact  ? known_exact_
                      : piece.kind == Kind::kStem ? known_stem_
                                                  : known_prefix_)
                         .insert(piece.key)
                         .second;
  if (piece.kind == Kind::kStem) known_exact_.insert(piece.text);
  if (piece.kind != Kind::kPrefix) parts_.insert(piece.text);
  if (!added && piece.kind != Kind::kStem) return;
  if (piece.kind == Kind::kPrefix && Letters(piece.key) < 5) return;
  spelling_.Add(piece.text);
  known_words_.push_back(Utf32(piece.text));
}

absl::Status Vocabulary::Add(const Concept& words) {
  const int id = IdOf(words.name());
  for (const std::string_view text : absl::StrSplit(words.words(), ' ', absl::SkipEmpty())) {
    Entry entry{.concept_id = id, .absorbs = words.absorbs(), .rest = {}};
    for (const std::string_view word : absl::StrSplit(text, '_')) {
      ASSIGN_OR_RETURN(Piece piece, ParsePiece(word));
      AddKnown(piece);
      entry.rest.push_back(std::move(piece));
    }
    const Piece first = std::move(entry.rest.front());
    entry.rest.erase(entry.rest.begin());
    Index& index = first.kind == Kind::kExact  ? exact_
                   : first.kind == Kind::kStem ? stem_
                                               : prefix_;
    Append(index, first.key, entry);
    // What the stemmer makes of a form need not be what it makes of the word.
    if (first.kind == Kind::kStem && first.key != first.text) Append(exact_, first.text, entry);
  }
  return absl::OkStatus();
}

void Vocabulary::Remember() {
  const auto remember = [&](const std::string& word) {
    if (remembered_.contains(word)) return;
    Remembered one{.stem = Stem(word), .known = Knows(word), .lists = {}};
    one.lists = ListsOf(word, one.stem);
    remembered_.emplace(word, std::move(one));
  };
  for (const std::string& word : known_exact_) remember(word);
  for (const std::string& word : parts_) remember(word);
  for (const std::string& word : real_words_) remember(word);
}

void Vocabulary::Append(Index& index, const std::string& key, const Entry& entry) {
  const auto [found, added] = index.try_emplace(key, static_cast<int>(lists_.size()));
  if (added) lists_.emplace_back();
  lists_[found->second].push_back(entry);
}

std::vector<int> Vocabulary::ListsOf(const std::string& word, const std::string& stem) const {
  std::vector<int> lists;
  const auto look = [&](const Index& index, std::string_view key) {
    const auto found = index.find(key);
    if (found != index.end()) lists.push_back(found->second);
  };
  look(exact_, word);
  look(stem_, stem);
  ForPrefixes(word, [&](std::string_view start) { look(prefix_, start); });
  return lists;
}

bool Vocabulary::Knows(std::string_view word) const {
  if (const auto found = remembered_.find(word); found != remembered_.end()) {
    return found->second.known;
  }
  if (known_exact_.contains(word) || known_stem_.contains(Stem(word))) return true;
  bool known = false;
  ForPrefixes(word, [&](std::string_view start) { known |= known_prefix_.contains(start); });
  return known;
}

std::string Vocabulary::Unmasked(std::string_view word) const {
  const std::u32string letters = Utf32(word);
  const std::u32string* found = nullptr;
  for (const std::u32string& known : known_words_) {
    if (known.size() != letters.size()) continue;
    bool fits = true;
    for (size_t i = 0; fits && i < known.size(); ++i) {
      fits = letters[i] == '*' || letters[i] == known[i];
    }
    if (!fits) continue;
    if (found == nullptr) found = &known;
  }
  return found == nullptr ? std::string() : Utf8(*found);
}

std::string Vocabulary::Segmented(std::string_view word, bool spelled) const {
  const size_t letters = Letters(word);
  if (letters > kLongestJoined || (!spelled && letters < kShortestJoined)) return {};
  // The fewest known words up to each byte.
  constexpr int kUnreached = std::numeric_limits<int>::max() / 2;
  std::vector<int> parts(word.size() + 1, kUnreached);
  std::vector<size_t> starts(word.size() + 1);
  parts[0] = 0;
  for (size_t end = 1; end <= word.size(); ++end) {
    for (size_t start = 0; start < end; ++start) {
      if (parts[start] + 1 >= parts[end]) continue;
      const std::string_view part = word.substr(start, end - start);
      const bool single = Letters(part) < 2;
      if (single && part != "i" && part != "я") continue;
      if (!parts_.contains(part)) continue;
      parts[end] = parts[start] + 1;
      starts[end] = start;
    }
  }
  const int count = parts[word.size()];
  if (count > 6 || count * 6 > static_cast<int>(letters) * 2) return {};
  std::string text;
  for (size_t end = word.size(); end > 0; end = starts[end]) {
    text = absl::StrCat(word.substr(starts[end], end - starts[end]), text.empty() ? "" : " ", text);
  }
  return text;
}

std::string Vocabulary::Corrected(const Token& token) const {
  const std::string& word = token.text;
  if (token.alphabet == Alphabet::kNone || real_words_.contains(word)) return {};
  std::string plain = word;
  plain.erase(std::remove(plain.begin(), plain.end(), '\''), plain.end());
  if (plain != word && Knows(plain)) return plain;
  for (const auto& [least, times] : {std::pair(3, 2), std::pair(3, 1), std::pair(2, 1)}) {
    std::string shorter = WithoutRepeats(plain, least, times);
    if (shorter == plain) continue;
    if (Knows(shorter)) return shorter;
    if (least == 3 && times == 1) plain = std::move(shorter);
  }
  // As it is heard: "повесица".
  for (const char* heard : {"ца", "цца", "тса"}) {
    if (!plain.ends_with(heard)) continue;
    for (const char* written : {"ться", "тся"}) {
      std::string right =
          absl::StrCat(plain.substr(0, plain.size() - std::string_view(heard).size()), written);
      if (Knows(right)) return right;
    }
  }
  if (const std::string_view nearest = spelling_.Nearest(plain); !nearest.empty()) {
    return std::string(nearest);
  }
  // Beginnings of longer words.
  std::string best;
  ForPrefixes(plain, [&](std::string_view start) {
    const size_t letters = Letters(start);
    if (letters < 6 || letters > 12) return;
    const std::string_view nearest = spelling_.Nearest(start);
    if (!nearest.empty() && known_prefix_.contains(nearest) && Letters(nearest) >= 6)
      best = nearest;
  });
  if (!best.empty()) return best;
  return Segmented(plain, token.spelled);
}

bool Vocabulary::IsRussianInLatin(const std::vector<Token>& tokens) const {
  int english = 0, russian = 0, latin = 0;
  for (const Token& token : tokens) {
    if (token.alphabet != Alphabet::kLatin) continue;
    ++latin;
    const bool is_english = Knows(token.text) || real_words_.contains(token.text);
    english += is_english;
    const std::string cyrillic = FromLatin(token.text);
    russian += !cyrillic.empty() && Knows(cyrillic);
    if (latin > 60) break;
  }
  return russian >= 2 && russian > english;
}

void Vocabulary::Correct(std::vector<Token>& tokens) const {
  const bool translate = IsRussianInLatin(tokens);
  absl::flat_hash_map<std::string, std::string> seen;
  std::vector<Token> corrected;
  corrected.reserve(tokens.size());
  int masked = 0;
  for (Token& token : tokens) {
    if (translate && token.alphabet == Alphabet::kLatin) {
      std::string cyrillic = FromLatin(token.text);
      if (!cyrillic.empty()) {
        token.text = std::move(cyrillic);
        token.alphabet = Alphabet::kCyrillic;
      }
    }
    if (token.alphabet == Alphabet::kNone || Knows(token.text)) {
      corrected.push_back(std::move(token));
      continue;
    }
    const auto [found, added] = seen.try_emplace(token.text);
    if (added) {
      const bool hidden = token.text.find('*') != std::string::npos;
      if (!hidden) {
        found->second = Corrected(token);
      } else if (++masked <= kMostMasked) {
        found->second = Unmasked(token.text);
      }
    }
    if (found->second.empty()) {
      corrected.push_back(std::move(token));
      continue;
    }
    const std::vector<std::string> parts = absl::StrSplit(found->second, ' ');
    for (size_t i = 0; i < parts.size(); ++i) {
      Token part = token;
      part.text = parts[i];
      if (i + 1 < parts.size()) part.ends_clause = part.ends_sentence = part.question = false;
      corrected.push_back(std::move(part));
    }
  }
  tokens = std::move(corrected);
}

void Vocabulary::CollectAt(const std::vector<Entry>& entries, const std::vector<std::string>& stems,
                           int at, Reading& reading, std::vector<Phrase>& absorbing) const {
  for (const Entry& entry : entries) {
    const int end = at + 1 + static_cast<int>(entry.rest.size());
    if (end > reading.size()) continue;
    bool fits = true;
    for (int i = at + 1; fits && i < end; ++i) {
      fits = !reading.tokens[i - 1].ends_sentence &&
             entry.rest[i - at - 1].Fits(reading.tokens[i].text, stems[i]);
    }
    if (!fits) continue;
    if (entry.absorbs) {
      absorbing.push_back({.concept_id = entry.concept_id, .begin = at, .end = end});
    } else if (end == at + 1) {
      reading.starts[at].set(entry.concept_id);
    } else {
      reading.phrases.push_back({.concept_id = entry.concept_id, .begin = at, .end = end});
    }
  }
}

void Vocabulary::Collect(Reading& reading) const {
  const int size = reading.size();
  reading.starts.assign(size, {});
  std::vector<std::string> stems(size);
  std::vector<const Remembered*> remembered(size);
  for (int i = 0; i < size; ++i) {
    const auto found = remembered_.find(reading.tokens[i].text);
    if (found != remembered_.end()) {
      remembered[i] = &found->second;
      stems[i] = found->second.stem;
    } else {
      stems[i] = Stem(reading.tokens[i].text);
    }
  }
  std::vector<Phrase> absorbing;
  const int number = *Find("NUMBER"), many = *Find("MANY");
  const std::optional<int> ago = Find("MONTHS_AGO");  // Years: "in 2019".
  for (int i = 0; i < size; ++i) {
    const std::string& word = reading.tokens[i].text;
    if (IsNumber(word)) {
      reading.starts[i].set(number);
      const int value = Value(word);
      if (value >= 5) reading.starts[i].set(many);
      if (ago.has_value() && value >= 1980 && value <= 2100) reading.starts[i].set(*ago);
      continue;
    }
    if (remembered[i] != nullptr) {
      for (const int list : remembered[i]->lists) {
        CollectAt(lists_[list], stems, i, reading, absorbing);
      }
    } else {
      for (const int list : ListsOf(word, stems[i])) {
        CollectAt(lists_[list], stems, i, reading, absorbing);
      }
    }
  }
  // Of absorbing phrases that overlap the longest count, and within them nothing else does.
  std::sort(absorbing.begin(), absorbing.end(), [](const Phrase& a, const Phrase& b) {
    return std::tuple(b.end - b.begin, a.begin, a.concept_id) <
           std::tuple(a.end - a.begin, b.begin, b.concept_id);
  });
  std::vector<bool> taken(size);
  for (const Phrase& phrase : absorbing) {
    if (std::find(taken.begin() + phrase.begin, taken.begin() + phrase.end, true) !=
        taken.begin() + phrase.end) {
      continue;
    }
    std::fill(taken.begin() + phrase.begin, taken.begin() + phrase.end, true);
    for (int i = phrase.begin; i < phrase.end; ++i) reading.starts[i].reset();
    std::erase_if(reading.phrases, [&](const Phrase& other) {
      return other.begin < phrase.end && phrase.begin < other.end;
    });
    reading.phrases.push_back(phrase);
  }
  std::sort(reading.phrases.begin(), reading.phrases.end(), [](const Phrase& a, const Phrase& b) {
    return std::tuple(a.begin, a.end, a.concept_id) < std::tuple(b.begin, b.end, b.concept_id);
  });
  for (const Concepts& concepts : reading.starts) reading.present |= concepts;
  for (const Phrase& phrase : reading.phrases) reading.present.set(phrase.concept_id);
}

Reading Vocabulary::Read(std::string_view message) const {
  Reading reading;
  reading.tokens = SplitTokens(message);
  Correct(reading.tokens);
  Collect(reading);
  ReadScopes(*this, reading);
  return reading;
}

}  // namespace selfology::safety

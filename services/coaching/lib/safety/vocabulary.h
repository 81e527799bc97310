// The concepts that rules are made of, and the words that tell them.
//
//   ASSIGN_OR_RETURN(const Vocabulary vocabulary, Vocabulary::Parse(texts, real_words));
//   const Reading reading = vocabulary.Read("I w@nt to dieee");
//   reading.starts[1].test(*vocabulary.Find("WISH"))  // true
//
// Read understands forms (stem.h), misspellings (spelling.h), Russian in Latin letters, words
// written together or letter by letter, and letters hidden by "*". Errors: INVALID_ARGUMENT for
// tables that are malformed. Threads: immutable.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/coaching/lib/safety/safety.pb.h"
#include "services/coaching/lib/safety/spelling.h"
#include "services/coaching/lib/safety/tokens.h"

namespace selfology::safety {

inline constexpr int kMostConcepts = 512;
using Concepts = std::bitset<kMostConcepts>;

// Whom a word is said of, as far as pronouns and verb forms tell.
enum class Person { kNobody, kSelf, kOther, kYou, kPeople };

// A concept told by several words in a row.
struct Phrase {
  int concept_id;
  int begin;
  int end;
};

struct Reading {
  std::vector<Token> tokens;
  std::vector<Concepts> starts;  // Told by the token alone.
  std::vector<Phrase> phrases;   // In order of their beginnings.
  std::vector<bool> negated;
  std::vector<Person> person;
  Concepts present;  // Anywhere.

  int size() const { return static_cast<int>(tokens.size()); }
};

class Vocabulary {
 public:
  static absl::StatusOr<Vocabulary> Parse(absl::Span<const std::string_view> words,
                                          std::string_view real_words);

  Reading Read(std::string_view message) const;

  std::optional<int> Find(std::string_view name) const;
  const std::string& Name(int concept_id) const { return names_[concept_id]; }
  int size() const { return static_cast<int>(names_.size()); }

  // Whether the word is of the vocabulary in some form, without any correction.
  bool Knows(std::string_view word) const;
  // What the word is taken for when it is not known; empty: nothing.
  std::string Corrected(const Token& token) const;

 private:
  enum class Kind { kStem, kExact, kPrefix };
  struct Piece {
    Kind kind;
    std::string text;  // As written in the table.
    std::string key;   // Its stem, itself, or what words begin with.

    bool Fits(const std::string& word, const std::string& stem) const;
  };
  struct Entry {
    int concept_id;
    bool absorbs;
    std::vector<Piece> rest;  // The words after the first.
  };
  using Index = absl::flat_hash_map<std::string, int>;  // Of lists_.

  absl::Status Add(const Concept& words);
  void AddKnown(const Piece& piece);
  static absl::StatusOr<Piece> ParsePiece(std::string_view text);
  int IdOf(std::string_view name);

  // So that words often met need no stemmer.
  void Remember();
  std::vector<int> ListsOf(const std::string& word, const std::string& stem) const;
  void Append(Index& index, const std::string& key, const Entry& entry);

  std::string Segmented(std::string_view word, bool spelled) const;
  std::string Unmasked(std::string_view word) const;
  bool IsRussianInLatin(const std::vector<Token>& tokens) const;
  void Correct(std::vector<Token>& tokens) const;
  void Collect(Reading& reading) const;
  void CollectAt(const std::vector<Entry>& entries, const std::vector<std::string>& stems, int at,
                 Reading& reading, std::vector<Phrase>& absorbing) const;

  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, int> ids_;
  std::vector<std::vector<Entry>> lists_;
  Index exact_, stem_, prefix_;  // By the first word of the list's entries.
  // The words of all entries, first or not.
  absl::flat_hash_set<std::string> known_exact_, known_stem_, known_prefix_;
  std::vector<std::u32string> known_words_;  // As written in the tables.
  absl::flat_hash_set<std::string> parts_;   // Of words written together.
  Spelling spelling_;
  struct Remembered {
    std::string stem;
    bool known;
    std::vector<int> lists;  // Whose entries may begin with it.
  };
  absl::flat_hash_map<std::string, Remembered> remembered_;
  absl::flat_hash_set<std::string> real_words_;
};

// Russian in Cyrillic letters: "hochu" is "хочу". Empty for what is no word.
std::string FromLatin(std::string_view word);

// Sets Reading::negated and Reading::person from the concepts of the tokens.
void ReadScopes(const Vocabulary& vocabulary, Reading& reading);

}  // namespace selfology::safety

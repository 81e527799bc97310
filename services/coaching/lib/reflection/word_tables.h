// The words that this folder works with, by language (english.textproto, english_names.textproto,
// russian.textproto, russian_names.textproto, russian_forms.textproto).
//
//   const WordTable& words = WordTable::Of(Language::kEnglish);
//   words.Has("IRONY", tokens)               // somewhere among them
//   words.Match("LEAD_IN", tokens, 0)        // how many tokens of an entry begin there; 0: none
//   words.FormOf("VERBS", "скажу")           // "скажете"; nullptr: not among them
//
// Errors: Parse gives INVALID_ARGUMENT for malformed tables, which a test rules out for the
// built-in ones. Threads: immutable.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

class WordTable {
 public:
  static const WordTable& Of(language::Language language);
  static absl::StatusOr<WordTable> Parse(std::initializer_list<std::string_view> textprotos);

  // The longest entry that begins at tokens[at].
  size_t Match(std::string_view set, absl::Span<const Token> tokens, size_t at) const;
  bool Has(std::string_view set, absl::Span<const Token> tokens) const;
  int Count(std::string_view set, absl::Span<const Token> tokens) const;
  bool Contains(std::string_view set, std::string_view word) const;
  const std::string* FormOf(std::string_view forms, std::string_view word) const;
  // Whether it is the form of some word.
  bool IsForm(std::string_view forms, std::string_view form) const;
  // Empty for a list that there is none of.
  const std::vector<std::string>& frames(std::string_view name) const;

 private:
  // "give_up*"
  struct Entry {
    std::vector<std::string> words;
    bool open = false;  // More letters may follow the last.
  };
  struct Set {
    absl::flat_hash_map<std::string, std::vector<Entry>> by_first;
    std::vector<Entry> stems;  // Of one word.
  };

  absl::flat_hash_map<std::string, Set> sets_;
  absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, std::string>> forms_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> results_;
  absl::flat_hash_map<std::string, std::vector<std::string>> frames_;
};

}  // namespace selfology::reflection

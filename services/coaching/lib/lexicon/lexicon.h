// Word lists and phrases of English and Russian: what a program without a language model knows of
// what people write. Stems as LIWC has them ("creat*"), phrases ("give_up"), exceptions; see
// lexicon.proto for the form and *.textproto for the contents.
//
//   ASSIGN_OR_RETURN(const Lexicon lexicon, Lexicon::BuiltIn());
//   Lexicon::Match match = lexicon.Find(words, 0);  // what words[0] and perhaps some after it tell
//
// Both languages are looked up at once: their scripts tell them apart, and people mix them.
// Errors: BuiltIn and Parse give INTERNAL for lists that are malformed, which a test rules out for
// the built-in ones. Threads: immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/lib/lexicon/lexicon.pb.h"
#include "services/coaching/lib/lexicon/words.h"

namespace selfology::lexicon {

using language::Language;
using language::LanguageOf;
using language::TagOf;

class Lexicon {
 public:
  static absl::StatusOr<Lexicon> BuiltIn();
  static absl::StatusOr<Lexicon> Parse(absl::Span<const std::string_view> word_lists,
                                       std::string_view english_phrases,
                                       std::string_view russian_phrases);

  struct Match {
    int words = 1;                     // How many it takes, at least one.
    std::vector<const Group*> groups;  // Empty: nothing is known of them.
  };
  // The longest entry that begins at `start`, with all groups it belongs to.
  Match Find(absl::Span<const Word> words, size_t start) const;

  const Phrases& phrases(Language language) const {
    return language == Language::kRussian ? russian_ : english_;
  }
  const ThemePhrases& phrases(Language language, Theme theme) const;

 private:
  // A pattern such as "creat*".
  struct Pattern {
    std::string stem;
    bool open = false;  // More may follow.

    bool Fits(std::string_view word) const {
      return open ? word.substr(0, stem.size()) == stem : word == stem;
    }
  };
  static Pattern ParsePattern(std::string_view text);

  // One word or phrase of one group.
  struct Entry {
    const Group* group;
    std::vector<Pattern> rest;  // The words after the first.
  };
  using Index = absl::flat_hash_map<std::string, std::vector<Entry>>;

  void Add(const Group& group);
  bool Excepted(const Group& group, std::string_view word) const;
  void Collect(const std::vector<Entry>& entries, absl::Span<const Word> words, size_t start,
               Match& match) const;

  std::vector<std::unique_ptr<const WordList>> lists_;  // Groups are pointed to.
  Index whole_;                                         // By first word.
  Index open_;                                          // By the stem of the first word.
  absl::flat_hash_map<const Group*, std::vector<Pattern>> exceptions_;
  Phrases english_;
  Phrases russian_;
};

}  // namespace selfology::lexicon

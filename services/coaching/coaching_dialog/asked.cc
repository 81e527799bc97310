#include "services/coaching/coaching_dialog/asked.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "services/coaching/coaching_dialog/phrases.h"
#include "services/coaching/lib/safety/tokens.h"

namespace selfology::coaching_dialog {
namespace {

constexpr int kLongest = 160;  // Characters.
constexpr size_t kMostWords = 16;
constexpr size_t kMostWordsUnmarked = 10;  // Without a question mark.
constexpr int kSure = 2;                   // Votes.

constexpr std::pair<std::string_view, Intent> kTopics[] = {
    {"[topic how_long]", Intent::kHowLong}, {"[topic who_reads]", Intent::kWhoReads},
    {"[topic why]", Intent::kWhy},          {"[topic rephrase]", Intent::kRephrase},
    {"[topic example]", Intent::kExample},  {"[topic help]", Intent::kHelp},
};

// Words and beginnings of words; two in a row are joined by "_".
class WordSet {
 public:
  void Add(std::string_view word) {
    if (absl::EndsWith(word, "*")) {
      beginnings_.push_back(word.substr(0, word.size() - 1));
    } else {
      words_.insert(word);
    }
  }
  bool Has(std::string_view word) const {
    return words_.contains(word) || absl::c_any_of(beginnings_, [&](std::string_view beginning) {
             return absl::StartsWith(word, beginning);
           });
  }

 private:
  absl::flat_hash_set<std::string_view> words_;
  std::vector<std::string_view> beginnings_;
};

struct Vocabulary {
  WordSet addressed;  // "you", "this": the bot, or what goes on.
  WordSet own;        // "I", "my"
  WordSet asking;     // "what", "how"
  WordSet auxiliary;  // "is", "will": begin a question, or follow what asks.
  std::array<WordSet, std::size(kTopics)> topics;
};

void AddWords(std::string_view file, Vocabulary& vocabulary) {
  WordSet* set = nullptr;
  for (const std::string_view line : absl::StrSplit(file, '\n', absl::SkipWhitespace())) {
    if (line[0] == '#') continue;
    if (line[0] == '[') {
      set = line == "[addressed]"   ? &vocabulary.addressed
            : line == "[own]"       ? &vocabulary.own
            : line == "[asking]"    ? &vocabulary.asking
            : line == "[auxiliary]" ? &vocabulary.auxiliary
                                    : nullptr;
      for (size_t i = 0; i < std::size(kTopics); ++i) {
        if (kTopics[i].first == line) set = &vocabulary.topics[i];
      }
    } else if (set != nullptr) {
      for (const std::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
        set->Add(word);
      }
    }
  }
}

const Vocabulary& TheVocabulary() {
  static const auto& vocabulary = *new Vocabulary([] {
    Vocabulary made;
    AddWords(kIntentEnglishTxt, made);
    AddWords(kIntentRussianTxt, made);
    return made;
  }());
  return vocabulary;
}

// Whether the order of words asks: "will it ...", "what number are we on".
bool AsksByOrder(const std::vector<std::string>& words) {
  const Vocabulary& vocabulary = TheVocabulary();
  if (words.size() < 3 || words.size() > kMostWordsUnmarked) return false;
  if (vocabulary.auxiliary.Has(words[0])) return true;
  return vocabulary.asking.Has(words[0]) &&
         (vocabulary.auxiliary.Has(words[1]) || vocabulary.auxiliary.Has(words[2]));
}

}  // namespace

std::optional<Intent> IntentOfQuestion(std::string_view message) {
  message = text::Trim(message);
  if (message.empty() || text::Characters(message) > kLongest) return std::nullopt;
  const Vocabulary& vocabulary = TheVocabulary();
  std::vector<std::string> words;
  bool only_asks = true;  // Each of the sentences.
  std::vector<safety::Token> tokens = safety::SplitTokens(message);
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].ends_sentence || i + 1 == tokens.size()) only_asks &= tokens[i].question;
    if (tokens[i].alphabet == safety::Alphabet::kNone) continue;
    std::erase(tokens[i].text, '\'');
    words.push_back(std::move(tokens[i].text));
  }
  if (words.empty() || words.size() > kMostWords) return std::nullopt;
  if (!only_asks && !AsksByOrder(words)) return std::nullopt;

  const bool addressed =
      absl::c_any_of(words, [&](const auto& word) { return vocabulary.addressed.Has(word); });
  const bool own =
      absl::c_any_of(words, [&](const auto& word) { return vocabulary.own.Has(word); });
  int most = 0;
  int votes_of_second = 0;
  std::optional<Intent> about;
  for (size_t i = 0; i < std::size(kTopics); ++i) {
    int votes = 0;
    for (size_t k = 0; k < words.size(); ++k) {
      votes += vocabulary.topics[i].Has(words[k]) ||
               (k + 1 < words.size() &&
                vocabulary.topics[i].Has(absl::StrCat(words[k], "_", words[k + 1])));
    }
    votes_of_second = std::max(votes_of_second, std::min(votes, most));
    if (votes > most) {
      about = kTopics[i].second;
      most = votes;
    }
  }
  if (!addressed && (own || most < kSure)) return std::nullopt;
  if (most > votes_of_second) return about;
  return only_asks && addressed ? std::optional(Intent::kUnclear) : std::nullopt;
}

}  // namespace selfology::coaching_dialog

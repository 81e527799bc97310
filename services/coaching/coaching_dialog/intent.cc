#include "services/coaching/coaching_dialog/intent.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "common/text/text.h"
#include "services/coaching/coaching_dialog/asked.h"
#include "services/coaching/coaching_dialog/phrases.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/spelling.h"
#include "services/coaching/lib/safety/tokens.h"

namespace selfology::coaching_dialog {
namespace {

constexpr int kLongest = 160;  // Characters of a message that may be a request.
constexpr size_t kMostParts = 3;
constexpr size_t kMostAny = 5;  // Words that "..." stands for.

struct Word {
  std::string text;
  std::u32string letters;
  bool ends_clause = false;
  bool ends_sentence = false;
};
using Words = absl::Span<const Word>;

struct Known {
  std::string text;
  std::u32string letters;
  bool open = false;  // More may follow.
};

// One place of a pattern.
struct Slot {
  std::vector<Known> words = {};
  bool optional = false;
  bool any = false;
};

struct Pattern {
  Intent intent;
  std::vector<Slot> slots;
  bool asks = false;  // Needs a question mark.
};

bool TakeSuffix(std::string_view& text, char suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(1);
  return true;
}

std::vector<Slot> ParseSlots(std::string_view pattern, bool& asks) {
  std::vector<Slot> slots;
  for (std::string_view part : absl::StrSplit(pattern, ' ', absl::SkipEmpty())) {
    if (part == "??") {
      asks = true;
    } else if (part == "...") {
      slots.push_back({.optional = true, .any = true});
    } else {
      Slot slot{.optional = TakeSuffix(part, '?')};
      for (std::string_view word : absl::StrSplit(part, '|')) {
        const bool open = TakeSuffix(word, '*');
        slot.words.push_back({std::string(word), safety::Utf32(word), open});
      }
      slots.push_back(std::move(slot));
    }
  }
  return slots;
}

struct Grammar {
  std::vector<Pattern> patterns;
  std::vector<std::vector<Slot>> openings;
  std::vector<std::vector<Slot>> excuses;
  absl::flat_hash_set<std::string_view> fillers;
  absl::flat_hash_set<std::string_view> real_words;
};

constexpr std::pair<std::string_view, Intent> kSections[] = {
    {"[why]", Intent::kWhy},
    {"[rephrase]", Intent::kRephrase},
    {"[example]", Intent::kExample},
    {"[skip]", Intent::kSkip},
    {"[keep]", Intent::kKeep},
    {"[help]", Intent::kHelp},
    {"[how_long]", Intent::kHowLong},
    {"[who_reads]", Intent::kWhoReads},
    {"[pause]", Intent::kPause},
    {"[finish]", Intent::kFinish},
    {"[resume]", Intent::kResume},
    {"[yes]", Intent::kYes},
    {"[no]", Intent::kNo},
    {"[talk]", Intent::kTalk},
    {"[task]", Intent::kTask},
    {"[complaint]", Intent::kComplaint},
    {"[thanks]", Intent::kThanks},
    {"[english]", Intent::kEnglish},
    {"[russian]", Intent::kRussian},
    {"[erase]", Intent::kErase},
    {"[informal]", Intent::kInformal},
    {"[formal]", Intent::kFormal},
    {"[normal]", Intent::kNormal},
};

// The files are ours; a test looks for lines that no message fits.
void AddPhrases(std::string_view file, Grammar& grammar) {
  std::string_view section;
  for (const std::string_view line : absl::StrSplit(file, '\n', absl::SkipWhitespace())) {
    if (line[0] == '#') continue;
    if (line[0] == '[') {
      section = line;
    } else if (section == "[openings]" || section == "[excuses]") {
      bool asks = false;
      (section == "[openings]" ? grammar.openings : grammar.excuses)
          .push_back(ParseSlots(line, asks));
    } else if (section == "[fillers]" || section == "[real_words]") {
      auto& words = section == "[fillers]" ? grammar.fillers : grammar.real_words;
      for (const std::string_view word : absl::StrSplit(line, ' ')) words.insert(word);
    } else {
      const auto* const known = std::find_if(std::begin(kSections), std::end(kSections),
                                             [&](const auto& one) { return one.first == section; });
      if (known == std::end(kSections)) continue;
      Pattern pattern{.intent = known->second, .slots = {}};
      pattern.slots = ParseSlots(line, pattern.asks);
      grammar.patterns.push_back(std::move(pattern));
    }
  }
}

Grammar MakeGrammar() {
  Grammar grammar;
  AddPhrases(kIntentEnglishTxt, grammar);
  AddPhrases(kIntentRussianTxt, grammar);
  return grammar;
}

const Grammar& TheGrammar() {
  static const auto& grammar = *new Grammar(MakeGrammar());
  return grammar;
}

// "hlep" for "help", "skipp" for "skip": short words and word ends are too much like others to allow
// for more.
bool IsSwapOrDouble(std::u32string typed, std::u32string known) {
  if (typed.size() == known.size() + 1) {
    return std::adjacent_find(typed.begin(), typed.end()) != typed.end();
  }
  std::sort(typed.begin(), typed.end());
  std::sort(known.begin(), known.end());
  return typed == known;
}

bool IsMisspelling(const Word& word, const Known& meant) {
  constexpr size_t kShort = 4;
  constexpr size_t kLong = 9;
  const std::u32string& typed = word.letters;
  const std::u32string& known = meant.letters;
  if (typed.size() < kShort || known.size() < kShort) return false;
  if (typed.front() != known.front()) return false;
  if (typed.back() != known.back() && typed.size() != known.size()) return false;
  const int most = known.size() >= kLong ? 2 : 1;
  if (safety::EditDistance(typed, known, most) > most) return false;
  if (TheGrammar().real_words.contains(word.text)) return false;
  return (known.size() > kShort && typed.back() == known.back()) || IsSwapOrDouble(typed, known);
}

bool Fits(const Slot& slot, const Word& word) {
  if (slot.any) return true;
  return std::any_of(slot.words.begin(), slot.words.end(), [&](const Known& known) {
    if (known.open) return absl::StartsWith(word.text, known.text);
    return word.text == known.text || IsMisspelling(word, known);
  });
}

// "Delete my data", and neither "delete it" nor "delete everything about my boss".
bool IsOfEverything(std::string_view message) {
  static constexpr std::string_view kEverything[] = {
      "everything", "data", "account", "profile", "answers",   "history",    "me",  "все",
      "данные",     "мне",  "аккаунт", "профиль", "переписку", "информацию", "меня"};
  static constexpr std::string_view kAbout[] = {"about", "regarding", "про", "о", "об", "обо"};
  static constexpr std::string_view kThemselves[] = {"me",   "myself", "us",  "мне",
                                                     "меня", "нас",    "себя"};
  const std::vector<safety::Token> words = safety::SplitTokens(message);
  bool everything = false;
  for (size_t i = 0; i < words.size(); ++i) {
    everything |= absl::c_linear_search(kEverything, words[i].text);
    if (i + 1 < words.size() && absl::c_linear_search(kAbout, words[i].text) &&
        !absl::c_linear_search(kThemselves, words[i + 1].text)) {
      return false;
    }
  }
  return everything;
}

// The number of words that the slots take from the beginning, all of them if `whole`; -1: they do
// not fit.
int Take(absl::Span<const Slot> slots, Words words, bool whole, size_t any_left = kMostAny) {
  if (slots.empty()) return !whole || words.empty() ? 0 : -1;
  const Slot& slot = slots.front();
  if (!words.empty() && (!slot.any || any_left > 0) && Fits(slot, words.front())) {
    const int rest = slot.any ? Take(slots, words.subspan(1), whole, any_left - 1)
                              : Take(slots.subspan(1), words.subspan(1), whole);
    if (rest >= 0) return rest + 1;
  }
  return slot.optional ? Take(slots.subspan(1), words, whole) : -1;
}

class Reader {
 public:
  Reader(std::initializer_list<Intent> wanted, bool lenient) : wanted_(wanted), lenient_(lenient) {}

  std::optional<Intent> Read(std::string_view message) const {
    message = text::Trim(message);
    if (message.empty() || text::Characters(message) > kLongest) return std::nullopt;
    std::vector<Word> words;
    for (safety::Token& token : safety::SplitTokens(message)) {
      // Emoji.
      if (token.alphabet == safety::Alphabet::kNone && !absl::ascii_isdigit(token.text[0]))
        continue;
      std::erase(token.text, '\'');
      std::u32string letters = safety::Utf32(token.text);
      words.push_back(
          {std::move(token.text), std::move(letters), token.ends_clause, token.ends_sentence});
    }
    const bool asks = message.find('?') != std::string_view::npos;
    // "???"
    if (words.empty() && asks && Wants(Intent::kRephrase)) return Intent::kRephrase;
    return OfParts(words, asks, /*by_clause=*/false);
  }

 private:
  bool Wants(Intent intent) const {
    return std::find(wanted_.begin(), wanted_.end(), intent) != wanted_.end();
  }

  // As a whole, or part by part: then each has one, and the last one's counts.
  std::optional<Intent> OfParts(Words words, bool asks, bool by_clause) const {
    if (const auto whole = OfPhrase(words, asks); whole.has_value()) return whole;
    std::optional<Intent> found;
    size_t parts = 0;
    size_t begin = 0;
    for (size_t i = 0; i < words.size(); ++i) {
      const bool ends = by_clause ? words[i].ends_clause : words[i].ends_sentence;
      if (!ends && i + 1 < words.size()) continue;
      const Words part = words.subspan(begin, i + 1 - begin);
      begin = i + 1;
      if (part.size() == words.size() && by_clause) return std::nullopt;
      if (WithoutFillers(part).empty()) continue;
      const auto of_part = OfParts(part, asks, /*by_clause=*/true);
      if (!of_part.has_value() && lenient_ && IsExcuse(part)) continue;
      if (!of_part.has_value() || ++parts > kMostParts) return std::nullopt;
      // "Yes. No." is neither.
      if (!lenient_ && found.has_value() && found != of_part) return std::nullopt;
      found = of_part;
    }
    return found;
  }

  // What is said beside a request, and is none.
  bool IsExcuse(Words part) const {
    const std::vector<Word> rest = WithoutFillers(part);
    return std::any_of(
        TheGrammar().excuses.begin(), TheGrammar().excuses.end(),
        [&](const std::vector<Slot>& excuse) { return Take(excuse, rest, /*whole=*/true) > 0; });
  }

  std::vector<Word> WithoutFillers(Words words) const {
    std::vector<Word> rest(words.begin(), words.end());
    std::erase_if(rest, [](const Word& w) { return TheGrammar().fillers.contains(w.text); });
    return rest;
  }

  std::optional<Intent> OfPhrase(Words words, bool asks) const {
    if (const auto found = Match(words, asks); found.has_value()) return found;
    if (!lenient_) return std::nullopt;
    std::vector<Word> rest = WithoutFillers(words);
    // Once, and once more behind "I think I would rather".
    for (int i = 0; i < 3 && !rest.empty(); ++i) {
      if (const auto found = Match(rest, asks); found.has_value()) return found;
      int longest = 0;
      for (const std::vector<Slot>& opening : TheGrammar().openings) {
        longest = std::max(longest, Take(opening, rest, /*whole=*/false));
      }
      if (longest <= 0) return std::nullopt;
      rest.erase(rest.begin(), rest.begin() + longest);
    }
    return std::nullopt;
  }

  std::optional<Intent> Match(Words words, bool asks) const {
    for (const Pattern& pattern : TheGrammar().patterns) {
      if (!Wants(pattern.intent) || (pattern.asks && !asks)) continue;
      if (Take(pattern.slots, words, /*whole=*/true) < 0) continue;
      // "Yes?" is no yes.
      const bool decides = pattern.intent == Intent::kYes || pattern.intent == Intent::kNo;
      if (!decides || !asks) return pattern.intent;
    }
    return std::nullopt;
  }

  const std::vector<Intent> wanted_;
  const bool lenient_;  // Polite words and openings do not matter.
};

}  // namespace

std::optional<Intent> IntentAtQuestion(std::string_view words) {
  static const auto& reader = *new Reader(
      {Intent::kWhy,     Intent::kRephrase, Intent::kExample,   Intent::kSkip,   Intent::kKeep,
       Intent::kHelp,    Intent::kHowLong,  Intent::kWhoReads,  Intent::kPause,  Intent::kFinish,
       Intent::kTalk,    Intent::kTask,     Intent::kComplaint, Intent::kThanks, Intent::kEnglish,
       Intent::kRussian, Intent::kErase,    Intent::kInformal,  Intent::kFormal, Intent::kNormal},
      /*lenient=*/true);
  const std::optional<Intent> intent = reader.Read(words);
  return intent.has_value() ? intent : IntentOfQuestion(words);
}

std::optional<Intent> IntentAtConsent(std::string_view words) {
  // A consent is not to be read into polite words: "yes but", «ну да».
  static const auto& decision = *new Reader({Intent::kYes, Intent::kNo}, /*lenient=*/false);
  static const auto& question =
      *new Reader({Intent::kHowLong, Intent::kWhoReads, Intent::kHelp, Intent::kWhy,
                   Intent::kEnglish, Intent::kRussian, Intent::kErase},
                  /*lenient=*/true);
  if (const auto decided = decision.Read(words); decided.has_value()) return decided;
  return question.Read(words);
}

std::optional<Intent> IntentInPause(std::string_view words) {
  static const auto& reader =
      *new Reader({Intent::kResume, Intent::kPause, Intent::kFinish, Intent::kHowLong,
                   Intent::kWhoReads, Intent::kHelp, Intent::kErase, Intent::kEnglish,
                   Intent::kRussian, Intent::kInformal, Intent::kFormal},
                  /*lenient=*/true);
  return reader.Read(words);
}

std::optional<Intent> IntentInTalk(std::string_view words) {
  static const auto& reader = *new Reader(
      {Intent::kTalk, Intent::kTask, Intent::kErase, Intent::kEnglish, Intent::kRussian},
      /*lenient=*/true);
  const std::optional<Intent> intent = reader.Read(words);
  // The coach's own; it is read so that "remind me what I said" is no task.
  if (intent == Intent::kTalk) return std::nullopt;
  return intent == Intent::kErase && !IsOfEverything(words) ? std::nullopt : intent;
}

}  // namespace selfology::coaching_dialog

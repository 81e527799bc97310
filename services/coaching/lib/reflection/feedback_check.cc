#include "services/coaching/lib/reflection/feedback_check.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "common/text/text.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/tokens.h"
#include "services/coaching/lib/reflection/word_tables.h"
#include "services/coaching/lib/safety/reply_check.h"
#include "services/coaching/lib/safety/stem.h"

namespace selfology::reflection {
namespace {

constexpr int kMostCharacters = 300;
constexpr int kReach = 4;          // Words that a negation reaches over.
constexpr int kSharedLetters = 4;  // At the beginning, of forms of one word.

struct Said {
  bool denied = false;
  bool affirmed = false;
};
using Stems = absl::flat_hash_map<std::string, Said>;

// The words that carry something, by stem, and whether they are denied.
Stems StemsOf(const WordTable& words, const std::vector<Sentence>& sentences) {
  Stems stems;
  for (const Sentence& sentence : sentences) {
    const std::vector<Token>& tokens = sentence.tokens;
    const auto ends = [&](size_t i) {
      return !tokens[i].word || words.Contains("COORDINATING", tokens[i].lower);
    };
    const auto negates = [&](size_t i) { return words.Contains("NEGATION", tokens[i].lower); };
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (ends(i) || negates(i) || words.Contains("LITTLE", tokens[i].lower)) continue;
      bool denied = false;
      for (size_t k = i; k-- > 0 && i - k <= kReach && !ends(k);) denied |= negates(k);
      for (size_t k = i + 1; k < tokens.size() && k - i <= kReach && !ends(k); ++k) {
        denied |= negates(k);
      }
      Said& said = stems[safety::Stem(tokens[i].lower)];
      (denied ? said.denied : said.affirmed) = true;
    }
  }
  return stems;
}

// How many letters two words share at the beginning.
int SharedLetters(std::string_view a, std::string_view b) {
  size_t bytes = 0;
  while (bytes < a.size() && bytes < b.size() && a[bytes] == b[bytes]) ++bytes;
  while (bytes > 0 && bytes < a.size() && (a[bytes] & 0xC0) == 0x80) --bytes;
  return text::Characters(a.substr(0, bytes));
}

// The stem in the answer, or one that may be another form of the word.
const Said* Find(const Stems& stems, const std::string& stem) {
  if (const auto found = stems.find(stem); found != stems.end()) return &found->second;
  for (const auto& [other, said] : stems) {
    const int shared = SharedLetters(stem, other);
    const int shorter = std::min(text::Characters(stem), text::Characters(other));
    if (shared >= kSharedLetters && shared + 2 >= shorter) return &said;
  }
  return nullptr;
}

bool AssertsFeeling(const WordTable& words, const std::vector<Sentence>& feedback,
                    const Stems& theirs) {
  for (const Sentence& sentence : feedback) {
    for (const Token& token : sentence.tokens) {
      if (!words.Contains("FEELING", token.lower)) continue;
      if (Find(theirs, safety::Stem(token.lower)) == nullptr) return true;
    }
  }
  return false;
}

bool IsIn(Language language, std::string_view text) {
  int latin = 0, cyrillic = 0;
  for (const Sentence& sentence : SplitSentences(text)) {
    for (const Token& token : sentence.tokens) {
      if (!token.word) continue;
      const bool is_cyrillic = static_cast<unsigned char>(token.lower[0]) >= 0xD0;
      ++(is_cyrillic ? cyrillic : latin);
    }
  }
  return language == Language::kRussian ? cyrillic > 2 * latin : latin > 2 * cyrillic;
}

}  // namespace

std::vector<FeedbackFault> CheckFeedback(std::string_view feedback, const Answered& answer) {
  std::vector<FeedbackFault> faults;
  const WordTable& words = WordTable::Of(answer.language);
  if (text::Trim(feedback).empty()) return {FeedbackFault::kEmpty};
  if (text::Characters(feedback) > kMostCharacters) faults.push_back(FeedbackFault::kTooLong);
  if (!IsIn(answer.language, feedback)) faults.push_back(FeedbackFault::kWrongLanguage);

  const std::vector<Sentence> sentences = SplitSentences(answer.text);
  const AnswerKind kind = KindOf(answer.language, answer.question, answer.text, sentences);
  if (kind != AnswerKind::kPlain && kind != AnswerKind::kHeavy) {
    faults.push_back(FeedbackFault::kOutOfPlace);
  }
  if (kind == AnswerKind::kHeavy && absl::StrContains(feedback, "!")) {
    faults.push_back(FeedbackFault::kExclaims);
  }

  const std::vector<Sentence> said = SplitSentences(feedback);
  const Stems theirs = StemsOf(words, sentences);
  const Stems ours = StemsOf(words, said);
  int shared = 0;
  bool loses_negation = false;
  for (const auto& [stem, how] : ours) {
    const Said* as = Find(theirs, stem);
    if (as == nullptr) continue;
    ++shared;
    loses_negation |= (as->denied && !as->affirmed && how.affirmed && !how.denied) ||
                      (as->affirmed && !as->denied && how.denied && !how.affirmed);
  }
  const int enough = std::min<int>(2, static_cast<int>(theirs.size()));
  if (shared < std::max(1, enough) || 2 * shared < static_cast<int>(ours.size())) {
    faults.push_back(FeedbackFault::kNotTheirWords);
  }
  if (AssertsFeeling(words, said, theirs)) faults.push_back(FeedbackFault::kAssertsFeeling);
  if (loses_negation) faults.push_back(FeedbackFault::kLosesNegation);
  if (!safety::CheckReply(feedback, {.message = safety::Assess(answer.text, {})}).empty()) {
    faults.push_back(FeedbackFault::kUnsafe);
  }
  return faults;
}

std::string_view NameOf(FeedbackFault fault) {
  switch (fault) {
    case FeedbackFault::kEmpty:
      return "empty";
    case FeedbackFault::kTooLong:
      return "too_long";
    case FeedbackFault::kWrongLanguage:
      return "wrong_language";
    case FeedbackFault::kNotTheirWords:
      return "not_their_words";
    case FeedbackFault::kAssertsFeeling:
      return "asserts_feeling";
    case FeedbackFault::kLosesNegation:
      return "loses_negation";
    case FeedbackFault::kExclaims:
      return "exclaims";
    case FeedbackFault::kUnsafe:
      return "unsafe";
    case FeedbackFault::kOutOfPlace:
      return "out_of_place";
  }
  return "";
}

}  // namespace selfology::reflection

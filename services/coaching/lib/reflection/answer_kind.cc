#include "services/coaching/lib/reflection/answer_kind.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/text/utf8.h"
#include "services/coaching/lib/reflection/word_tables.h"
#include "services/coaching/lib/safety/safety.h"

namespace selfology::reflection {
namespace {

using language::Language;

constexpr int kRefusalWords = 12;  // A longer answer is more than a refusal.
// What is said with a wink.
constexpr std::string_view kWinks[] = {"🙃", "😏", "😜", "🤡", "😂", "🤣", "😝", "/s", ";)", ";-)"};

bool Vowel(char32_t c) {
  static constexpr std::u32string_view kVowels = U"aeiouyаеиоуыэюяё";
  return kVowels.find(c) != kVowels.npos;
}

// How many of the words belong to a set.
int Share(const WordTable& words, std::string_view set, const std::vector<Sentence>& sentences) {
  int count = 0;
  for (const Sentence& sentence : sentences) count += words.Count(set, sentence.tokens);
  return count;
}

int Words(const std::vector<Sentence>& sentences) {
  int words = 0;
  for (const Sentence& sentence : sentences) {
    words += static_cast<int>(std::count_if(sentence.tokens.begin(), sentence.tokens.end(),
                                            [](const Token& token) { return token.word; }));
  }
  return words;
}

bool IsNonAnswer(const WordTable& words, const std::vector<Sentence>& sentences) {
  for (const Sentence& sentence : sentences) {
    if (sentence.question) continue;
    for (size_t i = 0; i < sentence.tokens.size();) {
      const Token& token = sentence.tokens[i];
      if (!token.word) {
        ++i;
        continue;
      }
      const size_t none = words.Match("NON_ANSWER", sentence.tokens, i);
      const size_t filler = words.Match("LEAD_IN", sentence.tokens, i);
      if (none == 0 && filler == 0 && !IsGibberish(token)) return false;
      i += std::max<size_t>({none, filler, 1});
    }
  }
  return true;
}

// All of a short answer, or the end of a long one.
bool AsksForAnother(const WordTable& words, const std::vector<Sentence>& sentences, int count) {
  if (count <= kRefusalWords) return Share(words, "ASK_ANOTHER", sentences) > 0;
  return words.Has("ASK_ANOTHER", sentences.back().tokens);
}

bool IsForeign(Language language, std::string_view text) {
  int latin = 0, cyrillic = 0, other = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const char32_t c = text::TakeCharacter(rest);
    latin += IsLatin(c);
    cyrillic += IsCyrillic(c);
    other += c >= 0x250 && c < 0x2000 && !IsCyrillic(c);
  }
  const bool russian = language == Language::kRussian;
  const int own = russian ? cyrillic : latin, foreign = russian ? latin : cyrillic;
  return own <= 2 * foreign || other > own / 4;
}

// "Being asked about it. Sorry, that includes you": to say the first back would be deaf.
bool Apologises(const WordTable& words, const std::vector<Sentence>& sentences) {
  return std::any_of(sentences.begin() + (sentences.empty() ? 0 : 1), sentences.end(),
                     [&](const Sentence& sentence) {
                       return words.Has("ADDRESSED", sentence.tokens) ||
                              words.Match("APOLOGY", sentence.tokens, 0) > 0;
                     });
}

// Whether rules have a doubt. Doubts that are learned only are had of many an answer about oneself
// that is hard and harmless.
bool IsDoubtful(const safety::Assessment& found) {
  return std::any_of(found.reasons.begin(), found.reasons.end(), [](const safety::Reason& reason) {
    return !absl::StartsWith(reason.rule, "learned_");
  });
}

}  // namespace

bool IsGibberish(const Token& word) {
  if (!word.word) return false;
  static constexpr std::string_view kRows[] = {"asdf", "qwer", "zxcv", "hjkl", "йцук",
                                               "фыва", "ячсм", "олдж", "ппп",  "ааа"};
  if (std::any_of(std::begin(kRows), std::end(kRows),
                  [&](std::string_view row) { return absl::StrContains(word.lower, row); })) {
    return true;
  }
  int letters = 0, vowels = 0, run = 0, longest_run = 0, same = 0, longest_same = 0;
  char32_t last = 0;
  for (std::string_view rest = word.lower; !rest.empty();) {
    const char32_t c = text::TakeCharacter(rest);
    if (!IsLatin(c) && !IsCyrillic(c)) continue;
    ++letters;
    vowels += Vowel(c);
    run = Vowel(c) || c == U'ь' ? 0 : run + 1;
    longest_run = std::max(longest_run, run);
    same = c == last ? same + 1 : 1;
    longest_same = std::max(longest_same, same);
    last = c;
  }
  return longest_same >= 4 || longest_run >= 6 || (letters >= 5 && vowels == 0);
}

bool IsHypothetical(Language language, std::string_view question) {
  const WordTable& words = WordTable::Of(language);
  for (const Sentence& sentence : SplitSentences(question)) {
    if (words.Has("HYPOTHETICAL", sentence.tokens)) return true;
  }
  return false;
}

bool IsTender(Language language, std::string_view question) {
  return Share(WordTable::Of(language), "TENDER", SplitSentences(question)) > 0;
}

bool AsksWhatIsSore(Language language, std::string_view question) {
  return Share(WordTable::Of(language), "SORE_ASKED", SplitSentences(question)) > 0;
}

bool IsSore(Language language, std::string_view text) {
  const WordTable& words = WordTable::Of(language);
  for (const Sentence& sentence : SplitSentences(text)) {
    const std::vector<Token>& tokens = sentence.tokens;
    // "Nothing scares me" is not, "nobody to come home to" is.
    const bool denied = words.Contains("NEGATION", tokens[0].lower);
    for (size_t i = 0; i < (denied ? 1 : tokens.size()); ++i) {
      if (words.Match("SORE", tokens, i) > 0) return true;
    }
  }
  return false;
}

AnswerKind KindOf(Language language, std::string_view question, std::string_view text,
                  const std::vector<Sentence>& sentences) {
  const WordTable& words = WordTable::Of(language);
  const safety::Assessment found = safety::Assess(text, {.question = question});
  if (found.level >= safety::Level::kAsk) return AnswerKind::kNone;
  const int count = Words(sentences);
  int gibberish = 0, questions = 0;
  for (const Sentence& sentence : sentences) {
    for (const Token& token : sentence.tokens) gibberish += IsGibberish(token);
    questions += sentence.question;
  }
  if (count == 0 || 2 * gibberish >= count) return AnswerKind::kNone;
  if (questions == static_cast<int>(sentences.size())) return AnswerKind::kNone;
  if (IsNonAnswer(words, sentences)) return AnswerKind::kNone;
  if (count <= kRefusalWords && Share(words, "INSULT", sentences) > 0) return AnswerKind::kNone;
  if (AsksForAnother(words, sentences, count)) return AnswerKind::kNone;
  const bool winks = std::any_of(std::begin(kWinks), std::end(kWinks), [&](std::string_view wink) {
    return absl::StrContains(text, wink);
  });
  // What is meant by it nobody knows, nor in which of the sentences.
  if (winks || Share(words, "IRONY", sentences) > 0) return AnswerKind::kUnsaid;
  if (Share(words, "HEAVY", sentences) > Share(words, "NOT_HEAVY", sentences)) {
    return AnswerKind::kHeavy;
  }
  if (Share(words, "SECRET", sentences) > 0) return AnswerKind::kGuarded;
  if (IsDoubtful(found) || Apologises(words, sentences)) return AnswerKind::kUnsaid;
  if (IsForeign(language, text) || Share(words, "PROFANE", sentences) > 0) {
    return AnswerKind::kUnsaid;
  }
  return AnswerKind::kPlain;
}

bool IsInformal(Language language, std::string_view text) {
  if (language != Language::kRussian) return false;
  const WordTable& words = WordTable::Of(language);
  for (const Sentence& sentence : SplitSentences(text)) {
    if (words.Has("INFORMAL", sentence.tokens)) return true;
    // «Когда не считаешь мелочь» is said of people at large, a question to somebody.
    if (!sentence.question) continue;
    for (const Token& token : sentence.tokens) {
      if (token.lower == "лишь") continue;
      for (const std::string_view ending : {"ешь", "ишь", "ешься", "ишься"}) {
        if (token.word && absl::EndsWith(token.lower, ending)) return true;
      }
    }
  }
  return false;
}

}  // namespace selfology::reflection

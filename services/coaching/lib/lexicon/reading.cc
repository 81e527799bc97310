#include "services/coaching/lib/lexicon/reading.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace selfology::lexicon {
namespace {

using analysis::v1::Sentiment;

constexpr int kNegationReach = 3;           // Words, as in VADER.
constexpr double kNegatedSentiment = -0.6;  // "Not bad" is less than good.
constexpr double kIntensified = 1.4;
constexpr double kDiminished = 0.6;
constexpr double kBeforeContrast = 0.8;

// From here on high and low marks alternate.
constexpr bool HasOpposite(Mark mark) { return mark >= OPENNESS_HIGH && mark <= RESILIENCE_LOW; }
constexpr Mark Opposite(Mark mark) { return static_cast<Mark>(mark ^ 1); }
static_assert(Opposite(OPENNESS_HIGH) == OPENNESS_LOW &&
              Opposite(RESILIENCE_LOW) == RESILIENCE_HIGH);

bool Has(const Lexicon::Match& match, Mark mark) {
  return absl::c_any_of(match.groups, [mark](const Group* group) {
    return absl::c_linear_search(group->mark(), mark);
  });
}

class Reader {
 public:
  Reader(const Lexicon& lexicon, std::vector<Word> words)
      : lexicon_(lexicon), words_(std::move(words)) {}

  Reading Run() && {
    CountWords();
    for (size_t i = 0; i < words_.size();) {
      const Lexicon::Match match = lexicon_.Find(words_, i);
      const size_t end = i + match.words;
      if (!match.groups.empty()) reading_.known_words += match.words;
      Weigh(match, i);
      Turn(match);
      i = end;
      if (words_[end - 1].ends_clause) negated_words_ = 0;
    }
    return reading_;
  }

 private:
  void CountWords() {
    absl::flat_hash_set<std::string_view> distinct;
    int latin = 0, cyrillic = 0;
    for (const Word& word : words_) {
      distinct.insert(word.text);
      latin += word.script == Script::kLatin;
      cyrillic += word.script == Script::kCyrillic;
      reading_.sentences += word.ends_sentence;
    }
    reading_.words = static_cast<int>(words_.size());
    reading_.distinct_words = static_cast<int>(distinct.size());
    if (!words_.empty() && !words_.back().ends_sentence) ++reading_.sentences;
    if (latin + cyrillic > 0) {
      reading_.language = cyrillic > latin ? Language::kRussian : Language::kEnglish;
    }
  }

  // What the words at `start` tell.
  void Weigh(const Lexicon::Match& match, size_t start) {
    const bool negated = negated_words_ > 0;
    double sentiment = 0;
    for (const Group* group : match.groups) {
      const double weight = Repeated(*group, words_[start].text);
      if (std::abs(group->sentiment()) > std::abs(sentiment))
        sentiment = group->sentiment() * weight;
      reading_.themes[group->theme()] += weight;
      if (!negated) reading_.emotions[group->emotion()] += weight;
      for (const int number : group->mark()) {
        const Mark mark = static_cast<Mark>(number);
        // Who says that they would never harm themselves is on the subject all the same.
        if (!negated || mark == CRISIS) {
          reading_.marks[mark] += weight;
        } else if (HasOpposite(mark)) {
          reading_.marks[Opposite(mark)] += weight;
        }
      }
    }
    sentiment *= strength_ * (negated ? kNegatedSentiment : 1);
    (sentiment > 0 ? reading_.positive : reading_.negative) += std::abs(sentiment);
  }

  // What they do to the words after them.
  void Turn(const Lexicon::Match& match) {
    negated_words_ = std::max(0, negated_words_ - match.words);
    strength_ = 1;
    if (Has(match, NEGATOR)) negated_words_ = kNegationReach;
    if (Has(match, INTENSIFIER)) strength_ = kIntensified;
    if (Has(match, DIMINISHER)) strength_ = kDiminished;
    if (Has(match, CONTRAST)) {
      negated_words_ = 0;
      reading_.positive *= kBeforeContrast;
      reading_.negative *= kBeforeContrast;
    }
  }

  double Repeated(const Group& group, std::string_view word) {
    return std::ldexp(1.0, -said_[std::make_pair(&group, word)]++);
  }

  const Lexicon& lexicon_;
  const std::vector<Word> words_;
  Reading reading_;
  absl::flat_hash_map<std::pair<const Group*, std::string_view>, int> said_;
  int negated_words_ = 0;
  double strength_ = 1;
};

double Saturate(double amount, double scale) { return 1 - std::exp(-amount / scale); }

template <typename Counts>
int Kinds(const Counts& counts) {
  return static_cast<int>(
      std::count_if(counts.begin() + 1, counts.end(), [](double n) { return n > 0; }));
}

double SelfReflection(const Reading& reading) {
  return reading.mark(SELF_AWARENESS_HIGH) + reading.mark(REASONING) + reading.mark(REFLECTIVE);
}

}  // namespace

Reading Read(const Lexicon& lexicon, std::string_view text) {
  Reading reading = Reader(lexicon, SplitWords(text)).Run();
  reading.themes[THEME_UNSPECIFIED] = 0;
  reading.emotions[EMOTION_UNSPECIFIED] = 0;
  return reading;
}

Language LanguageFor(std::string_view tag, const Reading& reading) {
  return tag.empty() ? reading.language.value_or(Language::kEnglish) : LanguageOf(tag);
}

Sentiment ToneOf(const Reading& reading) {
  constexpr double kFaint = 0.5;
  constexpr double kClear = 1.0 / 3;  // Twice as much of one as of the other.
  constexpr double kBoth = 1;
  const double sum = reading.positive + reading.negative;
  if (sum < kFaint) return analysis::v1::SENTIMENT_NEUTRAL;
  const double balance = (reading.positive - reading.negative) / sum;
  if (balance > kClear) return analysis::v1::SENTIMENT_POSITIVE;
  if (balance < -kClear) return analysis::v1::SENTIMENT_NEGATIVE;
  return std::min(reading.positive, reading.negative) >= kBoth ? analysis::v1::SENTIMENT_MIXED
                                                               : analysis::v1::SENTIMENT_NEUTRAL;
}

std::vector<Theme> MainThemes(const Reading& reading, int at_most) {
  constexpr double kStandsOut = 0.6;
  std::vector<Theme> themes;
  for (int i = 1; i < Theme_ARRAYSIZE; ++i) {
    if (reading.themes[i] > 0) themes.push_back(static_cast<Theme>(i));
  }
  absl::c_sort(themes, [&](Theme a, Theme b) {
    return std::pair(-reading.theme(a), a) < std::pair(-reading.theme(b), b);
  });
  const double least = themes.empty() ? 0 : kStandsOut * reading.theme(themes.front());
  while (!themes.empty() &&
         (reading.theme(themes.back()) < least || static_cast<int>(themes.size()) > at_most)) {
    themes.pop_back();
  }
  return themes;
}

Emotion MainEmotion(const Reading& reading) {
  return static_cast<Emotion>(absl::c_max_element(reading.emotions) - reading.emotions.begin());
}

double Quality(const Reading& reading) {
  if (reading.words == 0) return 0;
  const double substance = Saturate(reading.distinct_words, 9);
  const double depth =
      Saturate(Kinds(reading.themes) + Kinds(reading.emotions) + SelfReflection(reading), 4);
  double quality = 0.55 * substance + 0.45 * depth;
  if (reading.distinct_words * 5 < reading.words * 2) quality *= 0.6;  // The same over and over.
  if (reading.known_words == 0) quality *= 0.5;                        // Perhaps no words at all.
  return quality;
}

double Complexity(const Reading& reading) {
  const double torn = std::min(reading.positive, reading.negative);
  return 0.45 * Saturate(reading.distinct_words, 45) + 0.2 * Saturate(torn, 4) +
         0.2 * Saturate(Kinds(reading.themes), 5) + 0.15 * Saturate(SelfReflection(reading), 4);
}

}  // namespace selfology::lexicon

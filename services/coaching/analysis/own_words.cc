#include "services/coaching/analysis/own_words.h"

#include <utility>
#include <vector>

#include "common/text/text.h"
#include "services/coaching/lib/lexicon/reading.h"
#include "services/coaching/lib/lexicon/words.h"
#include "services/coaching/lib/safety/stem.h"

namespace selfology::analysis {
namespace {

constexpr int kSummaryCharacters = 200;
constexpr int kEvidenceCharacters = 120;
constexpr int kTellingCharacters = 4;  // Shorter words of a pattern's name tell nothing.

// The theme of the word lists with this name; THEME_UNSPECIFIED for names that models made.
lexicon::Theme ThemeOf(const lexicon::Lexicon& lexicon, lexicon::Language language,
                       std::string_view name) {
  for (const lexicon::ThemePhrases& theme : lexicon.phrases(language).theme()) {
    if (theme.word() == name) return theme.theme();
  }
  return lexicon::THEME_UNSPECIFIED;
}

bool SharesAWord(std::string_view one, std::string_view other) {
  for (const lexicon::Word& a : lexicon::SplitWords(one)) {
    if (text::Characters(a.text) < kTellingCharacters) continue;
    for (const lexicon::Word& b : lexicon::SplitWords(other)) {
      if (safety::Stem(a.text) == safety::Stem(b.text)) return true;
    }
  }
  return false;
}

}  // namespace

reflection::Answered Answered(const Answer& answer) {
  return {.question = answer.question_text,
          .text = answer.text,
          .language = answer.language,
          .number = static_cast<uint64_t>(answer.number)};
}

std::string FeedbackOn(const Answer& answer) { return reflection::Reflect(Answered(answer)).text; }

void AddOwnWords(std::string_view text, lexicon::Language language, v1::DeepAnalysis& deep) {
  reflection::Reflection said = reflection::Reflect({.text = text, .language = language});
  if (said.kind == reflection::Kind::kTurned) deep.add_insights(std::move(said.text));
  const std::vector<std::string> quotations =
      reflection::Quotable(text, language, kSummaryCharacters);
  if (!quotations.empty()) deep.set_summary(reflection::SummaryOf(quotations.front(), language));
}

std::string EvidenceOf(const lexicon::Lexicon& lexicon, const Answer& answer,
                       std::string_view pattern) {
  const lexicon::Theme theme = ThemeOf(lexicon, answer.language, pattern);
  for (std::string& quotation :
       reflection::Quotable(answer.text, answer.language, kEvidenceCharacters)) {
    const bool shows = theme == lexicon::THEME_UNSPECIFIED
                           ? SharesAWord(pattern, quotation)
                           : lexicon::Read(lexicon, quotation).theme(theme) > 0;
    if (shows) return std::move(quotation);
  }
  return "";
}

}  // namespace selfology::analysis

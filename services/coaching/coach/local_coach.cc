#include "services/coaching/coach/local_coach.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/enums/word.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "google/protobuf/text_format.h"
#include "services/coaching/coach/coach_texts.h"
#include "services/coaching/lib/lexicon/estimates.h"
#include "services/coaching/lib/lexicon/reading.h"
#include "services/coaching/lib/lexicon/report.h"
#include "services/coaching/lib/stable_hash/stable_hash.h"

namespace selfology::coach {
namespace {

using lexicon::Language;
using lexicon::Lexicon;
using lexicon::Reading;
using lexicon::Theme;
using Texts = google::protobuf::RepeatedPtrField<std::string>;

// A message of so few words without a theme leans on what was said before.
constexpr int kShort = 4;

bool AnyBegins(const std::vector<lexicon::Word>& words,
               std::initializer_list<std::string_view> stems) {
  return absl::c_any_of(words, [&](const lexicon::Word& word) {
    return absl::c_any_of(stems,
                          [&](std::string_view stem) { return word.text.starts_with(stem); });
  });
}

// One of `count` texts, more than none.
int Pick(uint64_t seed, int count) { return static_cast<int>(seed % static_cast<uint64_t>(count)); }

// Composes one reply, sentence by sentence.
class Composer {
 public:
  Composer(const Lexicon& lexicon, const CoachPhrases& phrases, Language language,
           const ai::v1::CompletionInput& input)
      : lexicon_(lexicon),
        phrases_(phrases),
        language_(language),
        style_(StyleOf(input.system_prompt())) {
    const std::string& message = input.messages().rbegin()->content();
    now_ = lexicon::Read(lexicon, message);
    for (int i = input.messages_size() - 2; i >= 0; --i) {
      const ai::v1::ChatMessage& turn = input.messages(i);
      if (turn.role() == ai::v1::ROLE_ASSISTANT) {
        said_.push_back(turn.content());
      } else {
        const std::vector<Theme> themes =
            lexicon::MainThemes(lexicon::Read(lexicon, turn.content()), 1);
        if (!themes.empty()) earlier_themes_.push_back(themes.front());
      }
    }
    seed_ = StableHash(message) + input.messages_size();
  }

  std::string Compose() && {
    const std::vector<Theme> themes = lexicon::MainThemes(now_, 1);
    const bool short_message = now_.words <= kShort && themes.empty();
    if (now_.mark(lexicon::CRISIS) > 0) {
      Say(phrases_.crisis());
      Say(phrases_.crisis_question());
    } else if (now_.mark(lexicon::ABOUT_THE_COACH) > 0) {
      Say(phrases_.about_the_coach());
      Ask(LastTheme());
    } else if (short_message && now_.mark(lexicon::FAREWELL) > 0) {
      Say(phrases_.farewell());
    } else if (short_message && now_.mark(lexicon::GREETING) > 0) {
      Say(phrases_.greeting());
      Ask(LastTheme());
    } else if (short_message && now_.mark(lexicon::THANKS) > 0) {
      Say(phrases_.thanks());
      Ask(LastTheme());
    } else if (short_message && lexicon::MainEmotion(now_) == lexicon::EMOTION_UNSPECIFIED) {
      Say(phrases_.unsure());
      Ask(LastTheme());
    } else {
      Respond(themes.empty() ? LastTheme() : themes.front(), /*has_theme=*/!themes.empty());
    }
    return absl::StrJoin(sentences_, " ");
  }

 private:
  void Respond(Theme theme, bool has_theme) {
    Acknowledge();
    if (has_theme) Reflect(theme);
    const bool again = has_theme && absl::c_linear_search(earlier_themes_, theme);
    const bool heavy = lexicon::ToneOf(now_) == analysis::v1::SENTIMENT_NEGATIVE;
    // Who has just told of something heavy wants to be heard before they want advice.
    if (again) Say(phrases_.again());
    if (has_theme && (!heavy || again)) Suggest(theme);
    if (has_theme && !heavy && !again)
      Say(style_.energetic ? phrases_.energetic() : phrases_.calm());
    Ask(theme);
  }

  void Acknowledge() {
    const lexicon::Emotion emotion = lexicon::MainEmotion(now_);
    for (const EmotionPhrases& one : phrases_.emotion()) {
      if (one.emotion() == emotion) return Say(one.acknowledgement());
    }
    const std::string tone = enums::LowerWord(lexicon::ToneOf(now_));
    for (const TonePhrases& one : phrases_.tone()) {
      if (one.tone() == tone) return Say(one.acknowledgement());
    }
  }

  void Reflect(Theme theme) {
    const std::string& sentence =
        lexicon::SaidOf(lexicon_, theme, lexicon::ToneOf(now_), language_);
    if (LastSaid(sentence) == said_.size()) sentences_.push_back(sentence);
  }

  void Suggest(Theme theme) {
    const DomainPhrases* domain = Domain(theme);
    if (domain == nullptr) return;
    Say(style_.structured ? phrases_.structured() : phrases_.flexible());
    Say(style_.metaphors ? domain->metaphor() : domain->practical());
  }

  // The one open question. General ones when all of the domain were asked.
  void Ask(Theme theme) {
    const DomainPhrases* domain = Domain(theme);
    if (domain == nullptr) return Say(phrases_.general_question());
    const std::string& question = Choose(domain->question());
    LastSaid(question) == said_.size() ? sentences_.push_back(question)
                                       : Say(phrases_.general_question());
  }

  Theme LastTheme() const {
    return earlier_themes_.empty() ? lexicon::THEME_UNSPECIFIED : earlier_themes_.front();
  }

  const DomainPhrases* Domain(Theme theme) const {
    const std::string_view name = lexicon::DomainOf(theme);
    for (const DomainPhrases& domain : phrases_.domain()) {
      if (domain.domain() == name) return &domain;
    }
    return nullptr;
  }

  // How many replies ago; as many as there are when never.
  size_t LastSaid(std::string_view sentence) const {
    return absl::c_find_if(said_,
                           [&](std::string_view reply) {
                             return reply.find(sentence) != std::string_view::npos;
                           }) -
           said_.begin();
  }

  // What was said longest ago or never; among equals, the message decides.
  const std::string& Choose(const Texts& texts) const {
    const int count = texts.size();
    const int first = Pick(seed_, count);
    int best = first;
    for (int step = 1; step < count; ++step) {
      const int candidate = (first + step) % count;
      if (LastSaid(texts[candidate]) > LastSaid(texts[best])) best = candidate;
    }
    return texts[best];
  }

  void Say(const Texts& texts) { sentences_.push_back(Choose(texts)); }

  const Lexicon& lexicon_;
  const CoachPhrases& phrases_;
  const Language language_;
  const CoachStyle style_;
  Reading now_;
  std::vector<std::string_view> said_;  // The coach's replies, latest first.
  std::vector<Theme> earlier_themes_;   // Of the person's messages before, latest first.
  uint64_t seed_ = 0;
  std::vector<std::string> sentences_;
};

absl::Status ParsePhrases(std::string_view text, CoachPhrases& phrases) {
  if (google::protobuf::TextFormat::ParseFromString(std::string(text), &phrases)) {
    return absl::OkStatus();
  }
  return absl::InternalError("the coach's phrases are malformed");
}

}  // namespace

CoachStyle StyleOf(std::string_view system_prompt) {
  const std::vector<lexicon::Word> words = lexicon::SplitWords(system_prompt);
  return {.metaphors = AnyBegins(words, {"metaphor", "метафор"}),
          .structured = AnyBegins(words, {"structured", "структур"}),
          .energetic = AnyBegins(words, {"energetic", "inspiring", "энергичн", "вдохновля"})};
}

absl::StatusOr<LocalCoach> LocalCoach::Load(std::shared_ptr<const Lexicon> lexicon) {
  LocalCoach coach;
  coach.lexicon_ = std::move(lexicon);
  absl::Status status = ParsePhrases(kCoachEnglishTextproto, coach.english_);
  status.Update(ParsePhrases(kCoachRussianTextproto, coach.russian_));
  if (!status.ok()) return status;
  return coach;
}

std::string LocalCoach::Reply(const ai::v1::CompletionInput& input) const {
  const Language language = LanguageOf(input);
  return Composer(*lexicon_, phrases(language), language, input).Compose();
}

std::string LocalCoach::TellInsight(const ai::v1::CompletionInput& input) const {
  const std::string& insight = input.messages().rbegin()->content();
  const CoachPhrases& texts = phrases(LanguageOf(input));
  const uint64_t seed = StableHash(insight);
  return absl::StrCat(texts.insight(Pick(seed, texts.insight_size())), " ", insight, " ",
                      texts.insight_question(Pick(seed / 7, texts.insight_question_size())));
}

Language LocalCoach::LanguageOf(const ai::v1::CompletionInput& input) const {
  return lexicon::LanguageFor(input.language(),
                              lexicon::Read(*lexicon_, input.messages().rbegin()->content()));
}

}  // namespace selfology::coach

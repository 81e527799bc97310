#include "services/coaching/session/help_first.h"

#include <algorithm>
#include <string>

#include "common/language/language.h"
#include "services/coaching/lib/safety/cards.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/follow_up.h"

namespace selfology::session {
namespace {

using language::Language;
using safety::Danger;
using safety::FollowUp;
using safety::Level;

bool IsGrave(Danger danger) { return danger == Danger::kDirect || danger == Danger::kPlan; }

// The help for them asks whether they think of ending their life.
bool AsksAboutEndingLife(Danger danger) {
  return danger == Danger::kIndirect || danger == Danger::kPast;
}

Language LanguageOfWords(std::string_view words, std::string_view tag) {
  const std::u32string letters = safety::Utf32(words);
  const bool is_cyrillic = std::any_of(letters.begin(), letters.end(), [](char32_t c) {
    return safety::IsCyrillic(safety::Plain(c));
  });
  return is_cyrillic ? Language::kRussian : language::LanguageOf(tag);
}

}  // namespace

std::optional<Heard> HelpFirst(std::string_view answer, Danger open, std::string_view language,
                               std::string_view question) {
  safety::Context context;
  context.question = question;
  // "I am safe now" is no yes to the question.
  context.asked_about_ending_life =
      AsksAboutEndingLife(open) && safety::ReadFollowUp(answer, open) != FollowUp::kSafeNow;
  context.in_crisis = open != Danger::kNone;
  const safety::Assessment found = safety::Assess(answer, context);
  const bool in_danger = found.level >= Level::kAsk;
  if (!in_danger && open == Danger::kNone) return std::nullopt;
  const Language spoken = LanguageOfWords(answer, language);
  if (in_danger) {
    // What is less grave does not end what is open.
    const bool stays = IsGrave(open) && !IsGrave(found.danger);
    return Heard{.help = safety::HelpFor(found.danger, spoken, /*country=*/""),
                 .open = stays ? open : found.danger,
                 .noticed = found.danger,
                 .level = found.level,
                 .is_news = open == Danger::kNone || (IsGrave(found.danger) && !IsGrave(open))};
  }
  const FollowUp follow_up = safety::ReadFollowUp(answer, open);
  if (!IsGrave(open) && (follow_up == FollowUp::kUnclear || follow_up == FollowUp::kChangesTopic)) {
    return std::nullopt;
  }
  const bool over = IsGrave(open)
                        ? follow_up == FollowUp::kSafeNow || follow_up == FollowUp::kMisunderstood
                        : follow_up != FollowUp::kStillInDanger;
  return Heard{.help = safety::CardFor(follow_up, spoken, /*country=*/"").text,
               .open = over ? Danger::kNone : open};
}

Danger DangerNamed(std::string_view name) {
  for (const Danger danger : safety::kDangers) {
    if (safety::NameOf(danger) == name) return danger;
  }
  return Danger::kNone;
}

}  // namespace selfology::session

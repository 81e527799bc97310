#include "services/coaching/coach/help_first.h"

#include <algorithm>
#include <cstddef>

#include "services/coaching/lib/safety/cards.h"
#include "services/coaching/lib/safety/follow_up.h"
#include "services/coaching/lib/safety/safety.h"

namespace selfology::coach {
namespace {

using safety::Danger;
using safety::FollowUp;

// So far back a danger is looked for, in messages of both.
constexpr size_t kLooksBack = 16;

// Of somebody who speaks of ending their life, now.
bool IsGrave(const safety::Assessment& found) {
  return found.level == safety::Level::kAct &&
         (found.danger == Danger::kDirect || found.danger == Danger::kPlan);
}

}  // namespace

std::optional<std::string> HelpFirst(absl::Span<const Said> dialogue, language::Language language) {
  Danger open = Danger::kNone;
  const size_t first = dialogue.size() - std::min(dialogue.size(), kLooksBack);
  for (size_t i = first; i < dialogue.size(); ++i) {
    if (!dialogue[i].by_person) continue;
    const bool is_last = i + 1 == dialogue.size();
    const bool in_crisis = open != Danger::kNone;
    safety::Context context;
    context.in_crisis = in_crisis;
    const safety::Assessment found = safety::Assess(dialogue[i].text, context);
    if (IsGrave(found)) {
      open = found.danger;
      if (is_last) return safety::CardFor(open, language, "").text;
      continue;
    }
    if (!in_crisis) continue;
    const FollowUp follow_up = safety::ReadFollowUp(dialogue[i].text, open);
    if (is_last) return safety::CardFor(follow_up, language, "").text;
    if (follow_up == FollowUp::kSafeNow || follow_up == FollowUp::kMisunderstood) {
      open = Danger::kNone;
    }
  }
  return std::nullopt;
}

std::optional<Help> HelpWithoutConsent(std::string_view message, std::string_view language) {
  const safety::Assessment found = safety::Assess(message, {});
  if (found.level < safety::Level::kAsk) return std::nullopt;
  const language::Language spoken =
      LanguageByLetters(message).value_or(language::LanguageOf(language));
  return Help{.help = safety::HelpFor(found.danger, spoken, /*country=*/""),
              .danger = found.danger,
              .level = found.level,
              .language = spoken};
}

}  // namespace selfology::coach

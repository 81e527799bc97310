// Whether somebody in danger gets help instead of a reply: who talks with the coach by RPC has no
// guard before them, as people in Telegram have (coaching/safety_dialog).
//
//   HelpFirst({{true, "I took all my pills"}}, Language::kEnglish)           // where there is help
//   HelpFirst({..., {true, "which way is best?"}}, Language::kEnglish)       // the same danger still
//   HelpFirst({..., {true, "my sister is with me, I am safe"}}, ...)         // says that it is good
//   HelpFirst({{true, "I want to sleep better"}}, Language::kEnglish)        // nullopt
//
// Who has not agreed that what they write is kept has no dialogue, and gets help for one message:
//
//   HelpWithoutConsent("nobody would miss me", "en")->help                   // asks, with numbers
//
// A danger stays until the person says clearly that they are safe, or were misunderstood. Threads:
// pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/coach/understanding/listener.h"
#include "services/coaching/lib/safety/safety.h"

namespace selfology::coach {

// `dialogue`: oldest first; the last is the message to answer.
std::optional<std::string> HelpFirst(absl::Span<const Said> dialogue, language::Language language);

struct Help {
  std::string help;  // For the person: plain text with help lines.
  safety::Danger danger = safety::Danger::kNone;
  safety::Level level = safety::Level::kNone;
  language::Language language = language::Language::kEnglish;  // That they are helped in.
};

// In any danger that is worth asking about. `language` (BCP 47) counts where their letters say nothing.
std::optional<Help> HelpWithoutConsent(std::string_view message, std::string_view language);

}  // namespace selfology::coach

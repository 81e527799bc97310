// Whether somebody in danger gets help instead of a reply: who talks with the coach by RPC has no
// guard before them, as people in Telegram have (coaching/safety_dialog).
//
//   HelpFirst({{true, "I took all my pills"}}, Language::kEnglish)           // where there is help
//   HelpFirst({..., {true, "which way is best?"}}, Language::kEnglish)       // the same danger still
//   HelpFirst({..., {true, "my sister is with me, I am safe"}}, ...)         // says that it is good
//   HelpFirst({{true, "I want to sleep better"}}, Language::kEnglish)        // nullopt
//
// A danger stays until the person says clearly that they are safe, or were misunderstood. Threads:
// pure functions.
#pragma once

#include <optional>
#include <string>

#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

// `dialogue`: oldest first; the last is the message to answer.
std::optional<std::string> HelpFirst(absl::Span<const Said> dialogue, language::Language language);

}  // namespace selfology::coach

// Any bytes are read without harm, twice the same, and what is found lies within them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "services/coaching/lib/safety/follow_up.h"
#include "services/coaching/lib/safety/reply_check.h"
#include "services/coaching/lib/safety/safety.h"
#include "testing/fuzz.h"

namespace selfology::safety {
namespace {

void Check(std::string_view text) {
  const Assessment found = Assess(text, {});
  MUST((found.level == Level::kNone) == (found.danger == Danger::kNone));
  MUST(found.reasons.empty() == (found.level == Level::kNone));
  for (const Reason& reason : found.reasons) {
    MUST(reason.begin < reason.end);
    MUST(reason.end <= text.size());
  }
  const Assessment loud = Assess(absl::AsciiStrToUpper(text), {});
  MUST(loud.danger == found.danger && loud.level == found.level);
  MUST(!NameOf(ReadFollowUp(text, found.danger)).empty());
  CheckReply(text, {.message = found, .in_crisis = false});
}

}  // namespace
}  // namespace selfology::safety

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::safety::Check(selfology::testing::InputText(data, size));
  return 0;
}

// Whatever stands in /proc/<pid>/stat: a program may call itself anything.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/observe/process_stats.h"
#include "testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace observe = selfology::observe;
  const std::string text(selfology::testing::InputText(data, size));
  (void)observe::ParseProcessStat(text);
  (void)observe::ParseBootTime(text);
  (void)observe::ParseCpuMax(text);
  // As a name it changes nothing.
  const auto named = observe::ParseProcessStat(absl::StrCat(
      "1 (", text, ") S 1 1 1 0 -1 0 0 0 0 0 250 75 0 0 20 0 31 0 98765 734003200 20480 0"));
  MUST(named.ok());
  MUST(named->user_ticks == 250 && named->resident_pages == 20480);
  return 0;
}

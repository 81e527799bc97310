// Whatever somebody writes as a cron expression, its times go forward and are what it says.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/platform/queue/cron.h"
#include "testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = selfology::testing::InputText(data, size);
  const absl::StatusOr<selfology::queue::Cron> cron = selfology::queue::Cron::Parse(text);
  if (!cron.ok()) {
    MUST(!cron.status().message().empty());
    return 0;
  }
  absl::Time time = absl::FromUnixSeconds(1'774'486'800);  // Days before clocks go forward.
  for (int i = 0; i < 3; ++i) {
    const absl::Time next = cron->Next(time, absl::UTCTimeZone());
    MUST(next > time && next < time + absl::Hours(24 * 366 * 9));
    MUST(absl::ToUnixSeconds(next) % 60 == 0);
    time = next;
  }
  return 0;
}

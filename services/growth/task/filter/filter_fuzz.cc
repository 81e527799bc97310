// Any text is a filter or is refused; what is a filter can be asked, and never leaves out what it
// matches.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/timestamps/timestamp.h"
#include "services/growth/task/filter/filter.h"
#include "testing/fuzz.h"

namespace selfology::task {
namespace {

void Check(std::string_view text) {
  const auto filter = Filter::Parse(text);
  if (!filter.ok()) return;
  const absl::Time now = absl::FromUnixSeconds(1'780'000'000);
  for (const auto status :
       {v1::TASK_STATUS_OPEN, v1::TASK_STATUS_COMPLETED, v1::TASK_STATUS_DROPPED}) {
    v1::Task task;
    task.set_status(status);
    task.set_title("milk");
    *task.mutable_due_at() = timestamps::ToProto(now);
    if (!filter->Matches(task, {.now = now})) continue;
    MUST(status == v1::TASK_STATUS_OPEN ? filter->may_match_open() : filter->may_match_closed());
  }
}

}  // namespace
}  // namespace selfology::task

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::task::Check(selfology::testing::InputText(data, size));
  return 0;
}

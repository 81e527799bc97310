// Any sentence is read without harm, twice the same; what it becomes is an acceptable task.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "services/growth/task/tasks/recurrence.h"
#include "services/growth/task/understanding/understanding.h"
#include "testing/fuzz.h"

namespace selfology::task {
namespace {

void Check(std::string_view text) {
  status::FieldViolations bad;
  CheckSentence(text, "", bad);
  if (!bad.empty()) return;
  const Sentence sentence = {.text = text, .now = absl::FromUnixSeconds(1'780'000'000)};
  const v1::UnderstandTaskResponse read = Understand(sentence);
  MUST(Understand(sentence).SerializeAsString() == read.SerializeAsString());
  MUST(read.confidence() > 0 && read.confidence() <= 1);
  MUST(!text::Trim(read.title()).empty());
  if (read.has_recurrence()) {
    MUST(read.has_due_at());
    MUST(CheckRule(read.recurrence().rrule()).ok());
  }
}

}  // namespace
}  // namespace selfology::task

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::task::Check(selfology::testing::InputText(data, size));
  return 0;
}

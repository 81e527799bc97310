// A body is taken apart into parts that can be put together again, or it is refused. The first line
// of the input is the Content-Type.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "testing/fuzz.h"
#include "tools/telegram_emulator/multipart.h"

namespace selfology::telegram_emulator {
namespace {

// Quotes and backslashes, which are all that a quoted string needs escaped.
std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

void Check(std::string_view input) {
  const size_t line = input.find('\n');
  if (line == std::string_view::npos) return;
  const std::string_view body = input.substr(line + 1);
  const auto parts = ParseMultipart(input.substr(0, line), body);
  if (!parts.ok()) {
    MUST(absl::IsInvalidArgument(parts.status()) && !parts.status().message().empty());
    return;
  }
  // What is put together must not hold its own boundary.
  const std::string boundary(60, 'b');
  if (body.find(boundary) != std::string_view::npos) return;
  std::string again;
  for (const Part& part : *parts) {
    MUST(!part.name.empty());
    MUST(part.content.empty() ||
         (part.content.data() >= body.data() &&
          part.content.data() + part.content.size() <= body.data() + body.size()));
    absl::StrAppend(&again, "--", boundary,
                    "\r\nContent-Disposition: form-data; name=", Quoted(part.name));
    if (part.is_file) absl::StrAppend(&again, "; filename=", Quoted(part.file_name));
    absl::StrAppend(&again, "\r\n\r\n", part.content, "\r\n");
  }
  absl::StrAppend(&again, "--", boundary, "--\r\n");
  const auto same = ParseMultipart(absl::StrCat("multipart/form-data; boundary=", boundary), again);
  MUST(same.ok() && same->size() == parts->size());
  for (size_t i = 0; i < same->size(); ++i) {
    MUST((*same)[i].name == (*parts)[i].name && (*same)[i].is_file == (*parts)[i].is_file);
    MUST((*same)[i].content == (*parts)[i].content);
    MUST((*same)[i].file_name == (*parts)[i].file_name);
  }
}

}  // namespace
}  // namespace selfology::telegram_emulator

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::telegram_emulator::Check(selfology::testing::InputText(data, size));
  return 0;
}

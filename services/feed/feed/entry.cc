#include "services/feed/feed/entry.h"

#include "absl/strings/str_cat.h"
#include "common/text/text.h"

namespace selfology::feed {

void CheckText(std::string_view text, status::FieldViolations& bad) {
  if (text::Trim(text).empty() || text::Characters(text) > kMaxTextLength) {
    bad.Add("text", absl::StrCat("must be 1 to ", kMaxTextLength, " characters"));
  }
}

}  // namespace selfology::feed

#include "common/text/html.h"

#include "absl/strings/str_replace.h"

namespace selfology::text {

std::string EscapeHtml(std::string_view text) {
  return absl::StrReplaceAll(text,
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

}  // namespace selfology::text

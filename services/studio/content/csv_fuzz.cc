// A table of a stranger is read or refused, never more; what was read is read the same when written
// again.
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "services/studio/content/csv.h"
#include "testing/fuzz.h"

namespace selfology::content {
namespace {

void Check(std::string_view text) {
  const auto table = ReadCsv(text);
  if (table.ok()) {
    std::string written;
    for (const auto& row : *table) {
      for (size_t i = 0; i < row.size(); ++i) {
        absl::StrAppend(&written, i == 0 ? "" : ",", "\"",
                        absl::StrReplaceAll(row[i], {{"\"", "\"\""}}), "\"");
      }
      written += "\n";
    }
    const auto again = ReadCsv(written);
    MUST(again.ok() && *again == *table);
  }
  const auto rows = ReadPosts(text, absl::UTCTimeZone());
  if (rows.ok()) {
    MUST(rows->posts.size() + rows->problems.size() <= 500);
    for (const ImportedPost& post : rows->posts) {
      MUST(post.row >= 1 && (!post.publish_at.has_value() || !post.accounts.empty()));
    }
  }
}

}  // namespace
}  // namespace selfology::content

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::content::Check(selfology::testing::InputText(data, size));
  return 0;
}

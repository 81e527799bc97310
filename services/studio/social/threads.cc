#include "services/studio/social/threads.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"

namespace selfology::social {

absl::StatusOr<std::optional<store::PublicationRow>> AddThread(postgres::Transaction& tx,
                                                               const store::PublicationRow& first,
                                                               std::string_view key,
                                                               const Following& following) {
  ASSIGN_OR_RETURN(const std::optional<store::PublicationRow> added,
                   store::AddPublication(tx, first, key));
  if (!added.has_value() || added->state == store::kRefused) return added;
  std::vector<std::string> texts(following.thread.begin(), following.thread.end());
  if (!text::Trim(following.first_comment).empty()) texts.push_back(following.first_comment);
  store::PublicationRow part = first;
  part.media = {};
  part.thread_id = added->id;
  part.after_id = added->id;
  for (const std::string& text : texts) {
    part.text = text;
    part.part += 1;
    ASSIGN_OR_RETURN(const std::optional<store::PublicationRow> next,
                     store::AddPublication(tx, part, absl::StrCat(key, "#", part.part)));
    if (!next.has_value()) return std::nullopt;
    part.after_id = next->id;
  }
  return added;
}

PostToCheck ToCheck(const std::string& text, int images, const Following& following) {
  return {.text = text,
          .thread = {following.thread.begin(), following.thread.end()},
          .first_comment = following.first_comment,
          .images = images};
}

}  // namespace selfology::social

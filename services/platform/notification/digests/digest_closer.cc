#include "services/platform/notification/digests/digest_closer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "services/platform/notification/decisions/kinds.h"

namespace selfology::notification {
namespace {

using postgres::Transaction;

constexpr int kBatch = 100;
// As many lines as a mail is read for; the rest is in the inbox.
constexpr size_t kMostLines = 20;
constexpr int kLongestLine = 150;

std::string LinesOf(const std::vector<store::DigestItem>& items) {
  std::string lines;
  for (size_t i = 0; i < items.size() && i < kMostLines; ++i) {
    absl::StrAppend(&lines, lines.empty() ? "" : "\n", "• ",
                    text::Prefix(items[i].title, kLongestLine));
  }
  if (items.size() > kMostLines) absl::StrAppend(&lines, "\n… +", items.size() - kMostLines);
  return lines;
}

// Where those would have gone that it collected.
int ChannelsOf(const std::vector<store::DigestItem>& items) {
  int channels = KindOf("digest").channels;
  for (const store::DigestItem& item : items) channels |= KindOf(item.kind).channels;
  return channels;
}

}  // namespace

absl::Status DigestCloser::CloseDue(const Call& call) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<store::DueDigest> due,
                     database_.Write(call, [&](Transaction& tx) {
                       return store::ListDueDigests(tx, clock_(), kBatch);
                     }));
    for (const store::DueDigest& digest : due) {
      RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) { return Close(tx, digest); }));
    }
    if (due.size() < kBatch) return absl::OkStatus();
  }
}

absl::Status DigestCloser::Close(Transaction& tx, const store::DueDigest& digest) const {
  store::LockPerson(tx, digest.user_id);
  ASSIGN_OR_RETURN(const bool is_open, store::IsOpen(tx, digest.digest_id));
  if (!is_open) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<store::DigestItem> items,
                   store::ListItems(tx, digest.digest_id));
  int64_t notification_id = 0;
  if (!items.empty()) {
    v1::SendNotificationRequest request;
    request.set_user_id(digest.user_id);
    request.set_kind("digest");
    request.set_topic(digest.topic);
    request.set_deduplication_key(absl::StrCat("digest:", digest.digest_id));
    (*request.mutable_parameters())["count"] = absl::StrCat(items.size());
    (*request.mutable_parameters())["lines"] = LinesOf(items);
    request.set_link("/inbox");
    ASSIGN_OR_RETURN(const v1::Notification made,
                     maker_.MakeDigest(tx, request, ChannelsOf(items)));
    notification_id = made.notification_id();
  }
  store::CloseDigest(tx, digest.digest_id, notification_id);
  return absl::OkStatus();
}

}  // namespace selfology::notification

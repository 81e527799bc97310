#include "services/studio/social/hearing.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/social/account_store.h"
#include "services/studio/social/comment_store.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/timing.h"

namespace selfology::social {
namespace {

using postgres::Transaction;
using store::AccountRow;
using store::CommentRow;

constexpr absl::Duration kCallTimeout = absl::Seconds(60);
constexpr absl::Duration kLease = absl::Minutes(3);
// A platform that does not tell this account, for want of a permission, say.
constexpr absl::Duration kRefusedAgain = absl::Hours(1);
constexpr int kMaxText = 5000;
constexpr int kMaxName = 500;
constexpr int kMaxAddress = 2000;
constexpr int kMaxTold = 300;  // Characters of a comment in a notification.
// More than so many at once are told of in a digest.
constexpr size_t kMostTold = 3;

// At most `most` characters of what somebody wrote, without what a database cannot keep.
std::string Kept(std::string_view text, int most) {
  std::string kept(text);
  std::erase(kept, '\0');
  return std::string(text::Prefix(kept, most));
}

absl::Status Tell(Transaction& tx, const CommentRow& comment, bool digest) {
  const auto platform = static_cast<v1::Platform>(comment.platform);
  events::v1::SocialCommentReceived event;
  event.set_user_id(comment.user_id);
  event.set_comment_id(comment.id);
  event.set_account_id(comment.account_id);
  event.set_platform(platform);
  event.set_kind(static_cast<v1::CommentKind>(comment.kind));
  event.set_publication_id(comment.publication_id);
  event.set_post_id(comment.post_id);
  event.set_author(comment.author);
  event.set_text(comment.text);
  event.set_url(comment.url);
  *event.mutable_written_at() = timestamps::ToProto(comment.written_at);
  RETURN_IF_ERROR(events::Publish(tx, event));
  events::v1::NotificationRequested told;
  told.set_user_id(comment.user_id);
  told.set_kind(comment.kind == v1::COMMENT_KIND_COMMENT ? "social.comment" : "social.mention");
  auto& parameters = *told.mutable_parameters();
  parameters["who"] = comment.author.empty() ? "Somebody" : comment.author;
  parameters["platform"] = std::string(NameOf(platform));
  parameters["text"] = Kept(comment.text, kMaxTold);
  told.set_digest(digest);
  if (comment.url.starts_with("https://") && comment.url.size() <= 2000) told.set_link(comment.url);
  told.set_deduplication_key(absl::StrCat("social.comment/", comment.id));
  return events::Publish(tx, told);
}

}  // namespace

Ears::Ears(Around around) : around_(std::move(around)) {
  for (const v1::PlatformLimits& limits : AllLimits()) {
    const Publisher* const publisher = around_.publishers.Of(limits.platform());
    if (publisher != nullptr && publisher->Hears()) platforms_.push_back(limits.platform());
  }
}

absl::StatusOr<bool> Ears::HearNext(const Call& call) {
  const absl::Time now = around_.clock();
  const absl::Time until = timestamps::WholeMicroseconds(now + kLease);
  ASSIGN_OR_RETURN(const std::optional<AccountRow> account,
                   around_.database.Write(call, [&](Transaction& tx) {
                     return store::ClaimHear(tx, platforms_, now, until);
                   }));
  if (!account.has_value()) return false;
  ASSIGN_OR_RETURN(const Login login, around_.accounts.Open(call, *account));
  const Publisher& publisher = *around_.publishers.Of(login.platform);
  absl::StatusOr<Hearing> hearing =
      publisher.Hear(call.WithTimeout(kCallTimeout), login, account->heard_to);
  const Call writing = Call::Background(kCallTimeout, call.trace());
  if (hearing.ok()) {
    RETURN_IF_ERROR(Keep(writing, *account, *std::move(hearing), until));
    return true;
  }
  // Whether the token is good at all is found out by TokenChecks: one that may not read is no broken one.
  const bool refused = !absl::IsUnavailable(hearing.status());
  if (refused) {
    observe::Warning("comments not read",
                     {{"account_id", account->id}, {"error", hearing.status().ToString()}});
  }
  RETURN_IF_ERROR(around_.database.Write(writing, [&](Transaction& tx) -> absl::Status {
    store::SaveHearing(tx, account->id, account->heard_to, until,
                       around_.clock() + (refused ? kRefusedAgain : kHearEvery));
    return absl::OkStatus();
  }));
  return true;
}

absl::Status Ears::Keep(const Call& call, const AccountRow& account, Hearing hearing,
                        absl::Time until) {
  // In the order in which they were written, so that the newest has the highest number.
  std::stable_sort(hearing.heard.begin(), hearing.heard.end(),
                   [](const Heard& a, const Heard& b) { return a.written_at < b.written_at; });
  const absl::Time now = around_.clock();
  return around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    // Disconnected meanwhile: nothing of it is kept.
    ASSIGN_OR_RETURN(const std::optional<AccountRow> current,
                     store::LockAccount(tx, account.user_id, account.id));
    if (!current.has_value()) return absl::OkStatus();
    std::vector<CommentRow> added;
    for (const Heard& heard : hearing.heard) {
      CommentRow row = {.user_id = account.user_id,
                        .account_id = account.id,
                        .platform = account.platform,
                        .remote_id = Kept(heard.remote_id, kMaxName),
                        .kind = heard.kind,
                        .author = Kept(heard.author, kMaxName),
                        .text = Kept(heard.text, kMaxText),
                        .url = Kept(heard.url, kMaxAddress),
                        .place = Kept(heard.place, kMaxAddress),
                        .root = Kept(heard.root, kMaxAddress),
                        .audience = Kept(heard.audience, kMaxName),
                        // A platform that does not say when has just told it.
                        .written_at = std::clamp(heard.written_at, absl::UnixEpoch(), now),
                        .received_at = now};
      if (heard.written_at == absl::InfinitePast()) row.written_at = now;
      ASSIGN_OR_RETURN(std::optional<CommentRow> is_new,
                       store::AddComment(tx, row, Kept(heard.about, kMaxName)));
      if (is_new.has_value()) added.push_back(*std::move(is_new));
    }
    std::erase_if(added,
                  [&](const CommentRow& row) { return row.written_at < account.connected_at; });
    for (const CommentRow& row : added) {
      RETURN_IF_ERROR(Tell(tx, row, /*digest=*/added.size() > kMostTold));
    }
    store::SaveHearing(tx, account.id, Kept(hearing.to, kMaxName), until,
                       hearing.more ? now : now + kHearEvery);
    return absl::OkStatus();
  });
}

}  // namespace selfology::social

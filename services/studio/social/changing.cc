// The part of Publishing that changes what is published: other words, no more there, and what a person
// says of an unknown outcome.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/social/account_changes.h"
#include "services/studio/social/post_check.h"
#include "services/studio/social/publication_changes.h"
#include "services/studio/social/publishing.h"

namespace selfology::social {
namespace {

using postgres::Transaction;
using Kind = Outcome::Kind;

// Of a call that changes what is there: the same again does no harm.
absl::Status ErrorOfChange(const Outcome& outcome) {
  if (outcome.kind == Kind::kDone) return absl::OkStatus();
  if (outcome.kind == Kind::kLater || outcome.kind == Kind::kUnknown) {
    return absl::UnavailableError("the platform cannot be asked now");
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the platform refuses: ", outcome.reason.empty() ? outcome.evidence : outcome.reason));
}

}  // namespace

absl::StatusOr<Publishing::Reached> Publishing::Reach(const Call& call, const Row& row) {
  ASSIGN_OR_RETURN(std::optional<store::AccountRow> account,
                   around_.database.Write(call, [&](Transaction& tx) {
                     return store::FindAccount(tx, row.owner(), row.account_id);
                   }));
  const Publisher* const publisher = around_.publishers.Of(PlatformOf(row));
  if (!account.has_value() || publisher == nullptr || row.remote_id.empty()) {
    return absl::FailedPreconditionError("the account is not connected; change the post there");
  }
  ASSIGN_OR_RETURN(Login login, around_.accounts.Open(call, *account));
  return Reached{*std::move(account), publisher, std::move(login)};
}

absl::StatusOr<store::PublicationRow> Publishing::Settle(const Call& call,
                                                         const identity::Owner& owner, int64_t id,
                                                         bool published, std::string_view url) {
  const absl::Time now = around_.clock();
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::optional<Row> row, store::FindPublication(tx, owner, id, /*lock=*/true));
    if (!row.has_value()) return absl::NotFoundError("no such publication");
    if (row->state != store::kUnknown) {
      return absl::FailedPreconditionError("the publication's outcome is known");
    }
    store::SettleOpen(tx, id,
                      published ? v1::ATTEMPT_OUTCOME_CONFIRMED : v1::ATTEMPT_OUTCOME_NOT_DONE,
                      "its owner said so", now);
    if (published) return Confirm(tx, *row, {.url = std::string(url)}, now);
    row->state = store::kPending;
    row->reason.clear();
    store::SavePublication(tx, *row, now, std::nullopt);
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(std::optional<Row> row, around_.database.Write(call, [&](Transaction& tx) {
    return store::FindPublication(tx, owner, id, /*lock=*/false);
  }));
  if (!row.has_value()) return absl::NotFoundError("no such publication");
  return *std::move(row);
}

absl::StatusOr<store::PublicationRow> Publishing::Remove(const Call& call,
                                                         const identity::Owner& owner, int64_t id) {
  // Before it is sent it is only taken out of the queue.
  std::optional<Row> row;
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(row, store::FindPublication(tx, owner, id, /*lock=*/true));
    if (!row.has_value()) return absl::NotFoundError("no such publication");
    if (!IsWaiting(*row)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::optional<absl::Time> unsettled, store::FirstUnsettled(tx, id));
    if (unsettled.has_value()) {
      return absl::FailedPreconditionError(
          "whether the platform has it is not known yet; try again when it is");
    }
    row->state = store::kRemoved;
    row->reason.clear();
    store::SavePublication(tx, *row, std::nullopt, std::nullopt);
    store::StopPartsAfter(tx, *row, "the part before it was taken out");
    if (row->part > 0) return absl::OkStatus();
    RETURN_IF_ERROR(NoteFact(tx, owner.user_id, "social.post.removed", "ok"));
    return events::Publish(tx, About<events::v1::SocialPostRemoved>(*row));
  }));
  if (row->state != store::kPublished) return *row;
  ASSIGN_OR_RETURN(const Reached reached, Reach(call, *row));
  const Outcome outcome = reached.publisher->Remove(
      call, reached.login,
      {.publication_id = id, .remote_id = row->remote_id, .part = static_cast<int>(row->part)});
  RETURN_IF_ERROR(ErrorOfChange(outcome));
  return around_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<Row> {
    ASSIGN_OR_RETURN(std::optional<Row> current,
                     store::FindPublication(tx, owner, id, /*lock=*/true));
    if (!current.has_value()) return absl::NotFoundError("no such publication");
    if (current->state != store::kPublished) return *std::move(current);
    current->state = store::kRemoved;
    store::SavePublication(tx, *current, std::nullopt, std::nullopt);
    store::StopPartsAfter(tx, *current, "the part before it was removed");
    RETURN_IF_ERROR(NoteFact(tx, owner.user_id, "social.post.removed", "ok"));
    if (current->part == 0) {
      RETURN_IF_ERROR(events::Publish(tx, About<events::v1::SocialPostRemoved>(*current)));
    }
    return *std::move(current);
  });
}

absl::StatusOr<store::PublicationRow> Publishing::Edit(const Call& call,
                                                       const identity::Owner& owner, int64_t id,
                                                       const std::string& text) {
  ASSIGN_OR_RETURN(const std::optional<Row> row, around_.database.Write(call, [&](Transaction& tx) {
    return store::FindPublication(tx, owner, id, /*lock=*/false);
  }));
  if (!row.has_value()) return absl::NotFoundError("no such publication");
  if (row->state != store::kPublished) {
    return absl::FailedPreconditionError("the publication is not published");
  }
  if (row->text == text) return *row;
  ASSIGN_OR_RETURN(const Reached reached, Reach(call, *row));
  const int images = store::MediaOf(*row).size();
  const PostCheck check = CheckPost(PlatformOf(*row), {.text = text, .images = images},
                                    static_cast<int>(reached.account.max_text));
  if (!check.issues.empty()) {
    return absl::FailedPreconditionError(absl::StrJoin(check.issues, "; "));
  }
  const Outcome outcome = reached.publisher->Edit(call, reached.login,
                                                  {.publication_id = id,
                                                   .text = text,
                                                   .created_at = row->created_at,
                                                   .now = around_.clock(),
                                                   .remote_id = row->remote_id,
                                                   .pictures = std::vector<Picture>(images),
                                                   .part = static_cast<int>(row->part)});
  Count(PlatformOf(*row), outcome.kind == Kind::kDone ? "edited" : "not_edited");
  RETURN_IF_ERROR(ErrorOfChange(outcome));
  return around_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<Row> {
    store::SaveEdit(tx, id, text, around_.clock());
    RETURN_IF_ERROR(NoteFact(tx, owner.user_id, "social.post.edited", "ok"));
    ASSIGN_OR_RETURN(std::optional<Row> current,
                     store::FindPublication(tx, owner, id, /*lock=*/true));
    if (!current.has_value()) return absl::NotFoundError("no such publication");
    return *std::move(current);
  });
}

}  // namespace selfology::social

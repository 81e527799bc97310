// The part of ContentService that has posts approved.
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "selfology/events/v1/content.pb.h"
#include "selfology/events/v1/security.pb.h"
#include "services/studio/content/content_service.h"
#include "services/studio/content/post_rules.h"

namespace selfology::content {
namespace {

using identity::Owner;
using identity::OwnerOf;
using postgres::Transaction;
using store::PostRow;

constexpr int kMaxNote = 1000;

// What is done in a team is known to the audit.
absl::Status TellAudit(Transaction& tx, std::string_view action, int64_t actor, int64_t subject,
                       std::string_view method) {
  events::v1::AuditFactNoted fact;
  fact.set_service("content");
  fact.set_actor_id(actor);
  fact.set_action(std::string(action));
  fact.set_subject_id(subject);
  fact.set_outcome("ok");
  fact.set_method(absl::StrCat("selfology.content.v1.ContentService/", method));
  return events::Publish(tx, fact);
}

absl::Status TellReviewed(Transaction& tx, const PostRow& row, bool approved) {
  events::v1::ContentPostReviewed event;
  event.set_user_id(row.user_id);
  event.set_post_id(row.id);
  event.set_approved(approved);
  event.set_note(row.review_note);
  event.set_team_id(row.team_id);
  event.set_reviewer_user_id(row.reviewed_by);
  RETURN_IF_ERROR(events::Publish(tx, event));
  if (row.team_id == 0) return absl::OkStatus();
  return TellAudit(tx, approved ? "post.approved" : "post.sent_back", row.reviewed_by, row.user_id,
                   "ReviewPost");
}

template <typename Request>
status::FieldViolations CheckTeam(const Request& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.team_id() < 1) bad.Add("team_id", "must be above 0");
  return bad;
}

}  // namespace

absl::StatusOr<v1::SubmitPostResponse> ContentService::SubmitPost(
    const Call& call, const v1::SubmitPostRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SubmitPostResponse> {
    ASSIGN_OR_RETURN(std::optional<PostRow> row,
                     store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/true));
    if (!row.has_value()) return NoSuchPost();
    if (row->state == WordOf(v1::POST_STATE_DRAFT)) {
      row->state = WordOf(v1::POST_STATE_IN_REVIEW);
      row->review_note.clear();
      row->updated_at = Now();
      store::SaveState(tx, *row);
      events::v1::ContentPostSubmitted event;
      event.set_user_id(row->user_id);
      event.set_post_id(row->id);
      event.set_team_id(row->team_id);
      RETURN_IF_ERROR(events::Publish(tx, event));
    } else if (row->state != WordOf(v1::POST_STATE_IN_REVIEW)) {
      return absl::FailedPreconditionError("the post is no draft");
    }
    v1::SubmitPostResponse response;
    ASSIGN_OR_RETURN(*response.mutable_post(), Described(tx, *row));
    return response;
  });
}

absl::StatusOr<v1::ReviewPostResponse> ContentService::ReviewPost(
    const Call& call, const v1::ReviewPostRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.expected_revision() < 1) bad.Add("expected_revision", "must be 1 or more");
  if (text::Characters(request.note()) > kMaxNote) {
    bad.Add("note", absl::StrCat("must be at most ", kMaxNote, " characters"));
  }
  if (request.team_id() != 0 && !request.approved() && text::Trim(request.note()).empty()) {
    bad.Add("note", "must say why the post is sent back");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int64_t reviewer = ActorOf(call, OwnerOf(request));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ReviewPostResponse> {
    ASSIGN_OR_RETURN(std::optional<PostRow> row,
                     store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/true));
    if (!row.has_value()) return NoSuchPost();
    if (row->revision != request.expected_revision()) return OtherRevision(row->revision);
    const std::string wanted(
        WordOf(request.approved() ? v1::POST_STATE_APPROVED : v1::POST_STATE_DRAFT));
    const bool again = row->state == wanted && row->review_note == request.note();
    if (!again) {
      if (row->state != WordOf(v1::POST_STATE_IN_REVIEW)) {
        return absl::FailedPreconditionError("the post does not wait for approval");
      }
      if (row->team_id != 0) {
        ASSIGN_OR_RETURN(const v1::ReviewRules rules, store::ReadReviewRules(tx, row->team_id));
        RETURN_IF_ERROR(
            MayReview(rules, {.begun_by = row->user_id, .edited_by = row->edited_by}, reviewer));
      }
      row->state = wanted;
      row->review_note = request.note();
      row->reviewed_by = reviewer;
      row->updated_at = Now();
      store::SaveState(tx, *row);
      RETURN_IF_ERROR(TellReviewed(tx, *row, request.approved()));
    }
    v1::ReviewPostResponse response;
    ASSIGN_OR_RETURN(*response.mutable_post(), Described(tx, *row));
    return response;
  });
}

absl::StatusOr<v1::SetReviewRulesResponse> ContentService::SetReviewRules(
    const Call& call, const v1::SetReviewRulesRequest& request) {
  status::FieldViolations bad = CheckTeam(request);
  if (!request.has_rules()) bad.Add("rules", "must be set");
  RETURN_IF_ERROR(bad.ToStatus());
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    store::SaveReviewRules(tx, request.team_id(), request.rules());
    return TellAudit(tx, "review_rules.changed", ActorOf(call, OwnerOf(request)), 0,
                     "SetReviewRules");
  }));
  v1::SetReviewRulesResponse response;
  *response.mutable_rules() = request.rules();
  return response;
}

absl::StatusOr<v1::GetReviewRulesResponse> ContentService::GetReviewRules(
    const Call& call, const v1::GetReviewRulesRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  v1::GetReviewRulesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_rules(), database_.Read(call, [&](Transaction& tx) {
    return store::ReadReviewRules(tx, request.team_id());
  }));
  return response;
}

}  // namespace selfology::content

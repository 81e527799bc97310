#include "services/studio/social/comment_service.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "services/studio/social/comment_store.h"
#include "services/studio/social/post_check.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {
namespace {

using postgres::Transaction;
using store::AccountRow;
using store::CommentRow;
using store::PublicationRow;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxText = 15'000;  // Characters.

// Mastodon tells people only of what names them.
std::string WordsOf(const CommentRow& comment, const std::string& text) {
  const bool names =
      comment.platform != v1::PLATFORM_MASTODON || absl::StrContains(text, comment.author);
  return names ? text : absl::StrCat(comment.author, " ", text);
}

}  // namespace

absl::StatusOr<v1::ListCommentsResponse> CommentService::ListComments(
    const Call& call, const v1::ListCommentsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  std::vector<CommentRow> rows;
  std::vector<PublicationRow> answers;
  RETURN_IF_ERROR(database_.Read(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(rows, store::ListComments(tx, request.user_id(), request.account_id(),
                                               request.unanswered(), before, page.limit()));
    std::vector<int64_t> ids;
    for (const CommentRow& row : rows) ids.push_back(row.id);
    ASSIGN_OR_RETURN(answers, store::ListAnswers(tx, request.user_id(), ids));
    return absl::OkStatus();
  }));
  std::map<int64_t, const PublicationRow*> answer_of;
  for (const PublicationRow& answer : answers) answer_of[answer.comment_id] = &answer;
  v1::ListCommentsResponse response;
  response.set_next_page_token(page.Cut(rows, &CommentRow::id));
  for (const CommentRow& row : rows) {
    v1::Comment& comment = *response.add_comments();
    comment = store::ToProto(row);
    const auto answer = answer_of.find(row.id);
    if (answer != answer_of.end()) *comment.mutable_answer() = store::ToProto(*answer->second);
  }
  return response;
}

absl::StatusOr<v1::AnswerCommentResponse> CommentService::AnswerComment(
    const Call& call, const v1::AnswerCommentRequest& request) {
  const absl::Time now = clock_();
  status::FieldViolations bad = status::CheckUser(request);
  if (text::Trim(request.text()).empty() || text::Characters(request.text()) > kMaxText) {
    bad.Add("text", absl::StrCat("must be 1 to ", kMaxText, " characters"));
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::AnswerCommentResponse>(
        tx,
        {.table = store::kRequests,
         .user_id = request.user_id(),
         .rpc = "AnswerComment",
         .key = request.idempotency_key(),
         .now = now},
        [&]() -> absl::StatusOr<v1::AnswerCommentResponse> {
          ASSIGN_OR_RETURN(const std::optional<CommentRow> comment,
                           store::FindComment(tx, request.user_id(), request.comment_id()));
          if (!comment.has_value()) return absl::NotFoundError("no such comment");
          ASSIGN_OR_RETURN(
              const std::optional<AccountRow> account,
              store::FindAccount(tx, {.user_id = request.user_id()}, comment->account_id));
          if (!account.has_value()) return absl::NotFoundError("no such account");
          const std::string text = WordsOf(*comment, request.text());
          const PostCheck check = CheckPost(static_cast<v1::Platform>(account->platform),
                                            {.text = text}, static_cast<int>(account->max_text));
          if (!check.issues.empty()) {
            return absl::FailedPreconditionError(absl::StrJoin(check.issues, "; "));
          }
          // As a later part: it has no numbers, and counts among no posts.
          const PublicationRow row = {.user_id = request.user_id(),
                                      .account_id = account->id,
                                      .platform = account->platform,
                                      .text = text,
                                      .state = std::string(store::kPending),
                                      .created_at = now,
                                      .publish_at = now,
                                      .part = 1,
                                      .comment_id = comment->id};
          ASSIGN_OR_RETURN(
              const std::optional<PublicationRow> added,
              store::AddPublication(tx, row, absl::StrCat("answer:", request.idempotency_key())));
          if (!added.has_value()) {
            return absl::FailedPreconditionError("the key was used before for this account");
          }
          v1::AnswerCommentResponse response;
          *response.mutable_publication() = store::ToProto(*added);
          return response;
        });
  });
}

}  // namespace selfology::social

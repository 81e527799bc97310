#include "services/studio/content/content_service.h"

#include <limits>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/identity/caller.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/studio/content/post_rules.h"

namespace selfology::content {
namespace {

using identity::Owner;
using identity::OwnerOf;
using postgres::Transaction;
using store::PostRow;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kDefaultDays = 30;
constexpr int kMaxDays = 365;
constexpr int64_t kBest = 10;

// What a request to make or change a post says of it.
template <typename Request>
v1::Post PostOf(const Request& request) {
  v1::Post post;
  post.set_user_id(request.user_id());
  post.set_team_id(request.team_id());
  post.set_title(request.title());
  post.set_text(request.text());
  *post.mutable_versions() = request.versions();
  *post.mutable_account_ids() = request.account_ids();
  *post.mutable_tags() = request.tags();
  post.set_needs_approval(request.needs_approval() || request.team_id() != 0);
  *post.mutable_thread() = request.thread();
  post.set_first_comment(request.first_comment());
  *post.mutable_media() = request.media();
  return post;
}

void CheckPostBody(const v1::Post& post, status::FieldViolations& bad) {
  CheckBody({post.title(), post.text(), post.versions(), post.account_ids(), post.tags()}, bad);
  CheckFollowing(post, bad);
}

}  // namespace

int64_t ActorOf(const Call& call, const Owner& owner) {
  const bool is_person = call.caller()->kind == identity::Caller::Kind::kPerson;
  return is_person ? call.caller()->user_id : owner.user_id;
}

absl::Status NoSuchPost() { return absl::NotFoundError("no such post"); }

absl::Status OtherRevision(int64_t revision) {
  return status::Error(mesh::v1::ERROR_CODE_VERSION_CONFLICT, "the post was changed meanwhile",
                       {{"revision", absl::StrCat(revision)}});
}

absl::StatusOr<std::vector<int64_t>> ContentService::PlatformsOf(
    const Call& call, const Owner& owner,
    const google::protobuf::RepeatedField<int64_t>& account_ids) {
  std::vector<int64_t> platforms;
  if (account_ids.empty()) return platforms;
  social::v1::GetAccountsRequest request;
  request.set_user_id(owner.user_id);
  request.set_team_id(owner.team_id);
  ASSIGN_OR_RETURN(const social::v1::GetAccountsResponse response,
                   social_.GetAccounts(call, request));
  std::map<int64_t, int64_t> known;
  for (const social::v1::Account& account : response.accounts()) {
    known[account.account_id()] = account.platform();
  }
  for (const int64_t account : account_ids) {
    const auto at = known.find(account);
    if (at == known.end()) return absl::NotFoundError(absl::StrCat("no such account: ", account));
    platforms.push_back(at->second);
  }
  return platforms;
}

absl::StatusOr<v1::Post> ContentService::Described(Transaction& tx, const PostRow& row) {
  v1::Post post = store::ToProto(row);
  ASSIGN_OR_RETURN(const std::vector<store::ResultRow> results, store::ListResults(tx, {row.id}));
  store::AddResults(results, post);
  return post;
}

absl::StatusOr<v1::CreatePostResponse> ContentService::CreatePost(
    const Call& call, const v1::CreatePostRequest& request) {
  const v1::Post post = PostOf(request);
  status::FieldViolations bad = status::CheckUser(request);
  CheckPostBody(post, bad);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::vector<int64_t> platforms,
                   PlatformsOf(call, OwnerOf(request), request.account_ids()));
  return database_.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::CreatePostResponse>(
        tx,
        {.table = store::kRequests,
         .user_id = request.user_id(),
         .rpc = "CreatePost",
         .key = request.idempotency_key(),
         .now = Now()},
        [&]() -> absl::StatusOr<v1::CreatePostResponse> {
          PostRow row = store::FromProto(post, platforms);
          row.state = WordOf(v1::POST_STATE_DRAFT);
          row.created_at = Now();
          row.edited_by = ActorOf(call, OwnerOf(request));
          ASSIGN_OR_RETURN(const PostRow added, store::AddPost(tx, row));
          v1::CreatePostResponse response;
          *response.mutable_post() = store::ToProto(added);
          return response;
        });
  });
}

absl::StatusOr<v1::GetPostResponse> ContentService::GetPost(const Call& call,
                                                            const v1::GetPostRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetPostResponse> {
    ASSIGN_OR_RETURN(const std::optional<PostRow> row,
                     store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/false));
    if (!row.has_value()) return NoSuchPost();
    v1::GetPostResponse response;
    ASSIGN_OR_RETURN(*response.mutable_post(), Described(tx, *row));
    return response;
  });
}

absl::StatusOr<v1::ListPostsResponse> ContentService::ListPosts(
    const Call& call, const v1::ListPostsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (!v1::PostState_IsValid(request.state())) bad.Add("state", "must be a PostState");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::ListPostsResponse> {
    ASSIGN_OR_RETURN(std::vector<PostRow> rows,
                     store::ListPosts(tx, OwnerOf(request), WordOf(request.state()), request.tag(),
                                      before, page.limit()));
    v1::ListPostsResponse response;
    response.set_next_page_token(page.Cut(rows, &PostRow::id));
    std::vector<int64_t> ids;
    for (const PostRow& row : rows) ids.push_back(row.id);
    ASSIGN_OR_RETURN(const std::vector<store::ResultRow> results, store::ListResults(tx, ids));
    for (const PostRow& row : rows) {
      *response.add_posts() = store::ToProto(row);
      store::AddResults(results, *response.mutable_posts(response.posts_size() - 1));
    }
    return response;
  });
}

absl::StatusOr<v1::UpdatePostResponse> ContentService::UpdatePost(
    const Call& call, const v1::UpdatePostRequest& request) {
  const v1::Post post = PostOf(request);
  status::FieldViolations bad = status::CheckUser(request);
  CheckPostBody(post, bad);
  if (request.expected_revision() < 1) bad.Add("expected_revision", "must be 1 or more");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::vector<int64_t> platforms,
                   PlatformsOf(call, OwnerOf(request), request.account_ids()));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UpdatePostResponse> {
    ASSIGN_OR_RETURN(const std::optional<PostRow> current,
                     store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/true));
    if (!current.has_value()) return NoSuchPost();
    PostRow row = store::FromProto(post, platforms);
    row.id = current->id;
    row.user_id = current->user_id;
    v1::UpdatePostResponse response;
    // The same change again, whose answer was lost.
    const bool again = current->revision == request.expected_revision() + 1 &&
                       current->title == row.title && current->text == row.text &&
                       current->versions == row.versions &&
                       current->account_ids == row.account_ids && current->tags == row.tags &&
                       current->needs_approval == row.needs_approval;
    if (again) {
      ASSIGN_OR_RETURN(*response.mutable_post(), Described(tx, *current));
      return response;
    }
    if (current->revision != request.expected_revision()) return OtherRevision(current->revision);
    RETURN_IF_ERROR(MayChange(StateOf(current->state)));
    row.revision = current->revision + 1;
    row.state = WordOf(v1::POST_STATE_DRAFT);
    row.review_note = current->review_note;
    row.reviewed_by = current->reviewed_by;
    row.edited_by = ActorOf(call, OwnerOf(request));
    row.created_at = current->created_at;
    row.updated_at = Now();
    store::SaveBody(tx, row);
    ASSIGN_OR_RETURN(*response.mutable_post(), Described(tx, row));
    return response;
  });
}

absl::StatusOr<v1::DeletePostResponse> ContentService::DeletePost(
    const Call& call, const v1::DeletePostRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::DeletePostResponse> {
    ASSIGN_OR_RETURN(const std::optional<PostRow> row,
                     store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/true));
    v1::DeletePostResponse response;
    if (!row.has_value()) return response;
    if (row->state == WordOf(v1::POST_STATE_PUBLISHING)) {
      return absl::FailedPreconditionError("the post is being published");
    }
    ASSIGN_OR_RETURN(const bool deleted, store::DeletePost(tx, OwnerOf(request), row->id));
    response.set_deleted(deleted);
    return response;
  });
}

absl::StatusOr<v1::GetRevisionsResponse> ContentService::GetRevisions(
    const Call& call, const v1::GetRevisionsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetRevisionsResponse> {
    ASSIGN_OR_RETURN(const std::optional<PostRow> row,
                     store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/false));
    if (!row.has_value()) return NoSuchPost();
    ASSIGN_OR_RETURN(const std::vector<v1::Revision> revisions, store::ListRevisions(tx, row->id));
    v1::GetRevisionsResponse response;
    for (const v1::Revision& revision : revisions) *response.add_revisions() = revision;
    return response;
  });
}

absl::StatusOr<v1::GetContentAnalyticsResponse> ContentService::GetContentAnalytics(
    const Call& call, const v1::GetContentAnalyticsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.days() < 0 || request.days() > kMaxDays) {
    bad.Add("days", absl::StrCat("must be 0 to ", kMaxDays));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int days = request.days() == 0 ? kDefaultDays : request.days();
  const absl::Time since = Now() - absl::Hours(24 * days);
  return database_.Read(call,
                        [&](Transaction& tx) -> absl::StatusOr<v1::GetContentAnalyticsResponse> {
                          v1::GetContentAnalyticsResponse response;
                          ASSIGN_OR_RETURN(const std::vector<store::StateCount> states,
                                           store::CountStates(tx, request.user_id(), since));
                          for (const store::StateCount& state : states) {
                            v1::StateCount& count = *response.add_states();
                            count.set_state(StateOf(state.state));
                            count.set_posts(state.posts);
                          }
                          ASSIGN_OR_RETURN(const std::vector<store::PlatformSums> sums,
                                           store::SumPlatforms(tx, request.user_id(), since));
                          for (const store::PlatformSums& sum : sums) {
                            v1::PlatformTotals& totals = *response.add_platforms();
                            totals.set_platform(static_cast<social::v1::Platform>(sum.platform));
                            totals.set_published(sum.published);
                            totals.set_refused(sum.refused);
                            totals.mutable_metrics()->set_likes(sum.likes);
                            totals.mutable_metrics()->set_reposts(sum.reposts);
                            totals.mutable_metrics()->set_replies(sum.replies);
                            totals.mutable_metrics()->set_views(sum.views);
                          }
                          ASSIGN_OR_RETURN(const std::vector<PostRow> best,
                                           store::ListBest(tx, request.user_id(), since, kBest));
                          for (const PostRow& row : best) {
                            ASSIGN_OR_RETURN(*response.add_best(), Described(tx, row));
                          }
                          return response;
                        });
}

}  // namespace selfology::content

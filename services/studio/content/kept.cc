// The part of ContentService that keeps templates and sets of hashtags, and imports tables.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/content.pb.h"
#include "services/studio/content/content_service.h"
#include "services/studio/content/csv.h"
#include "services/studio/content/post_rules.h"
#include "services/studio/content/slots.h"

namespace selfology::content {
namespace {

using postgres::Transaction;
using store::PostRow;

constexpr size_t kMaxCsv = 1'000'000;  // Bytes.
constexpr int kMaxIssues = 100;
constexpr absl::Duration kFarthest = absl::Hours(366 * 24);

absl::Status TooMany() {
  return absl::ResourceExhaustedError(absl::StrCat("there are ", kMaxOfAKind, " already"));
}

void AddIssue(int row, std::string_view words, v1::ImportPostsResponse& response) {
  if (response.issues_size() >= kMaxIssues) return;
  v1::ImportIssue& issue = *response.add_issues();
  issue.set_row(row);
  issue.set_issue(std::string(words));
}

v1::Post PostOf(int64_t user_id, const ImportedPost& imported) {
  v1::Post post;
  post.set_user_id(user_id);
  post.set_title(imported.title);
  post.set_text(imported.text);
  for (const int64_t account : imported.accounts) post.add_account_ids(account);
  for (const std::string& tag : imported.tags) post.add_tags(tag);
  return post;
}

}  // namespace

absl::StatusOr<v1::SaveTemplateResponse> ContentService::SaveTemplate(
    const Call& call, const v1::SaveTemplateRequest& request) {
  const v1::Template& kept = request.template_();
  status::FieldViolations bad = status::CheckUser(request);
  CheckName(kept.name(), bad);
  CheckText("text", kept.text(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SaveTemplateResponse> {
    ASSIGN_OR_RETURN(const int64_t others,
                     store::CountNamed(tx, store::kTemplates, request.user_id(), kept.name()));
    if (others >= kMaxOfAKind) return TooMany();
    store::SaveTemplate(tx, request.user_id(), kept);
    v1::SaveTemplateResponse response;
    *response.mutable_template_() = kept;
    return response;
  });
}

absl::StatusOr<v1::GetTemplatesResponse> ContentService::GetTemplates(
    const Call& call, const v1::GetTemplatesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const std::vector<v1::Template> templates,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListTemplates(tx, request.user_id());
                   }));
  v1::GetTemplatesResponse response;
  for (const v1::Template& kept : templates) *response.add_templates() = kept;
  return response;
}

absl::StatusOr<v1::DeleteTemplateResponse> ContentService::DeleteTemplate(
    const Call& call, const v1::DeleteTemplateRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckName(request.name(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  v1::DeleteTemplateResponse response;
  ASSIGN_OR_RETURN(const bool deleted, database_.Write(call, [&](Transaction& tx) {
    return store::DeleteNamed(tx, store::kTemplates, request.user_id(), request.name());
  }));
  response.set_deleted(deleted);
  return response;
}

absl::StatusOr<v1::SaveHashtagSetResponse> ContentService::SaveHashtagSet(
    const Call& call, const v1::SaveHashtagSetRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckName(request.set().name(), bad);
  CheckHashtags(request.set().hashtags(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SaveHashtagSetResponse> {
    ASSIGN_OR_RETURN(
        const int64_t others,
        store::CountNamed(tx, store::kHashtagSets, request.user_id(), request.set().name()));
    if (others >= kMaxOfAKind) return TooMany();
    store::SaveHashtagSet(tx, request.user_id(), request.set());
    v1::SaveHashtagSetResponse response;
    *response.mutable_set() = request.set();
    return response;
  });
}

absl::StatusOr<v1::GetHashtagSetsResponse> ContentService::GetHashtagSets(
    const Call& call, const v1::GetHashtagSetsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const std::vector<v1::HashtagSet> sets,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListHashtagSets(tx, request.user_id());
                   }));
  v1::GetHashtagSetsResponse response;
  for (const v1::HashtagSet& set : sets) *response.add_sets() = set;
  return response;
}

absl::StatusOr<v1::DeleteHashtagSetResponse> ContentService::DeleteHashtagSet(
    const Call& call, const v1::DeleteHashtagSetRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckName(request.name(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  v1::DeleteHashtagSetResponse response;
  ASSIGN_OR_RETURN(const bool deleted, database_.Write(call, [&](Transaction& tx) {
    return store::DeleteNamed(tx, store::kHashtagSets, request.user_id(), request.name());
  }));
  response.set_deleted(deleted);
  return response;
}

absl::StatusOr<v1::ImportPostsResponse> ContentService::ImportPosts(
    const Call& call, const v1::ImportPostsRequest& request) {
  const absl::Time now = Now();
  status::FieldViolations bad = status::CheckUser(request);
  const std::optional<absl::TimeZone> zone = ZoneOf(request.time_zone());
  if (!zone.has_value()) bad.Add("time_zone", "must be a name such as Europe/Berlin");
  if (request.csv().empty() || request.csv().size() > kMaxCsv) {
    bad.Add("csv", absl::StrCat("must be 1 to ", kMaxCsv, " bytes"));
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::StatusOr<ImportedRows> rows = ReadPosts(request.csv(), *zone);
  if (!rows.ok()) return status::InvalidField("csv", rows.status().message());
  v1::ImportPostsResponse response;
  for (const ImportProblem& problem : rows->problems) {
    AddIssue(problem.row, problem.issue, response);
  }
  std::vector<PostRow> posts;
  for (const ImportedPost& imported : rows->posts) {
    v1::Post post = PostOf(request.user_id(), imported);
    status::FieldViolations wrong;
    CheckBody({post.title(), post.text(), post.versions(), post.account_ids(), post.tags()}, wrong);
    CheckText("text", post.text(), wrong);
    if (imported.publish_at.has_value() && *imported.publish_at > now + kFarthest) {
      wrong.Add("publish_at", "must be at most a year ahead");
    }
    for (const status::FieldViolation& violation : status::Violations(wrong.ToStatus())) {
      AddIssue(imported.row, absl::StrCat(violation.field, " ", violation.rule), response);
    }
    if (!wrong.empty()) continue;
    const absl::StatusOr<std::vector<int64_t>> platforms =
        PlatformsOf(call, {.user_id = request.user_id()}, post.account_ids());
    if (absl::IsNotFound(platforms.status())) {
      AddIssue(imported.row, platforms.status().message(), response);
      continue;
    }
    RETURN_IF_ERROR(platforms.status());
    PostRow row = store::FromProto(post, *platforms);
    row.created_at = now;
    row.state = WordOf(v1::POST_STATE_DRAFT);
    if (imported.publish_at.has_value()) {
      ASSIGN_OR_RETURN(const std::vector<v1::PostIssue> issues, IssuesOf(call, post));
      for (const v1::PostIssue& issue : issues) AddIssue(imported.row, issue.issue(), response);
      row.state = WordOf(v1::POST_STATE_SCHEDULED);
      row.publish_at = std::max(now, *imported.publish_at);
    }
    posts.push_back(std::move(row));
  }
  // All rows or none, so that a corrected table can be sent whole.
  if (!response.issues().empty()) return response;
  return database_.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::ImportPostsResponse>(
        tx,
        {.table = store::kRequests,
         .user_id = request.user_id(),
         .rpc = "ImportPosts",
         .key = request.idempotency_key(),
         .now = now},
        [&]() -> absl::StatusOr<v1::ImportPostsResponse> {
          v1::ImportPostsResponse made;
          for (const PostRow& row : posts) {
            ASSIGN_OR_RETURN(const PostRow added, store::AddPost(tx, row));
            made.add_post_ids(added.id);
            if (!added.publish_at.has_value()) continue;
            events::v1::ContentPostScheduled event;
            event.set_user_id(added.user_id);
            event.set_post_id(added.id);
            *event.mutable_publish_at() = timestamps::ToProto(*added.publish_at);
            event.set_accounts(static_cast<int32_t>(added.account_ids.size()));
            RETURN_IF_ERROR(events::Publish(tx, event));
          }
          return made;
        });
  });
}

}  // namespace selfology::content

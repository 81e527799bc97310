#include "services/studio/content/publication_jobs.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/struct.pb.h"
#include "selfology/events/v1/content.pb.h"
#include "selfology/queue/v1/job_types.pb.h"
#include "services/studio/content/content_store.h"
#include "services/studio/content/post_rules.h"
#include "services/studio/content/publication_targets.h"

namespace selfology::content {
namespace {

using postgres::Transaction;
using store::PostRow;
using store::ResultRow;
using Accounts = google::protobuf::RepeatedPtrField<social::v1::Account>;

constexpr int kMostPosts = 500;  // Of one job.

absl::StatusOr<int64_t> PostId(std::string_view content_id) {
  int64_t post_id = 0;
  if (!absl::SimpleAtoi(content_id, &post_id) || post_id <= 0) {
    return status::InvalidField("content_id", "must be the number of a post");
  }
  return post_id;
}

jobs::Result ResultWith(const char* name, double number) {
  google::protobuf::Struct result;
  (*result.mutable_fields())[name].set_number_value(number);
  return result;
}

// Puts the post into the plan at accounts that lack it; how many those are.
absl::StatusOr<int64_t> PublishWhereMissing(Transaction& tx, PostRow row,
                                            const std::vector<int64_t>& targets,
                                            const Accounts& accounts,
                                            const std::vector<ResultRow>& results, absl::Time now) {
  std::map<int64_t, int64_t> platforms;
  for (const social::v1::Account& account : accounts) {
    platforms[account.account_id()] = account.platform();
  }
  int64_t missing = 0;
  bool is_changed = false;
  for (const int64_t target : targets) {
    const bool has_it = std::any_of(results.begin(), results.end(), [&](const ResultRow& result) {
      return result.account_id == target && result.state == "published";
    });
    if (has_it) continue;
    ++missing;
    if (std::find(row.account_ids.begin(), row.account_ids.end(), target) !=
        row.account_ids.end()) {
      continue;
    }
    if (row.account_ids.size() >= static_cast<size_t>(kMaxAccounts)) {
      return absl::FailedPreconditionError(
          absl::StrCat("a post is for at most ", kMaxAccounts, " accounts"));
    }
    row.account_ids.push_back(target);
    row.platforms.push_back(platforms[target]);
    is_changed = true;
  }
  if (missing == 0) return missing;
  row.state = WordOf(v1::POST_STATE_SCHEDULED);
  row.publish_at = now;
  row.updated_at = now;
  if (is_changed) {
    ++row.revision;
    store::SaveBody(tx, row);
  } else {
    store::SaveState(tx, row);
  }
  events::v1::ContentPostScheduled event;
  event.set_user_id(row.user_id);
  event.set_post_id(row.id);
  *event.mutable_publish_at() = timestamps::ToProto(now);
  event.set_accounts(static_cast<int32_t>(missing));
  RETURN_IF_ERROR(events::Publish(tx, event));
  return missing;
}

}  // namespace

void PublicationJobs::AddTo(jobs::Worker& worker) {
  worker.On("schedule_post",
            [this](const Call& call, jobs::Job& job) { return Schedule(call, job); });
  worker.On("bulk_publish",
            [this](const Call& call, jobs::Job& job) { return PublishSeveral(call, job); });
  worker.On("cross_platform_sync",
            [this](const Call& call, jobs::Job& job) { return Synchronize(call, job); });
}

absl::StatusOr<PublicationJobs::Accounts> PublicationJobs::AccountsOf(const Call& call,
                                                                      int64_t user_id) {
  social::v1::GetAccountsRequest request;
  request.set_user_id(user_id);
  ASSIGN_OR_RETURN(social::v1::GetAccountsResponse response, social_.GetAccounts(call, request));
  return std::move(*response.mutable_accounts());
}

absl::Status PublicationJobs::Plan(const Call& call, int64_t user_id, std::string_view content_id,
                                   const Accounts& accounts, const Platforms& platforms,
                                   std::optional<absl::Time> at) {
  v1::GetPostRequest get;
  get.set_user_id(user_id);
  ASSIGN_OR_RETURN(const int64_t post_id, PostId(content_id));
  get.set_post_id(post_id);
  ASSIGN_OR_RETURN(const v1::GetPostResponse found, posts_.GetPost(call, get));
  v1::Post post = found.post();
  if (post.state() == v1::POST_STATE_PUBLISHING || post.state() == v1::POST_STATE_PUBLISHED) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::vector<int64_t> targets, AccountsAt(post, accounts, platforms));
  if (!std::equal(targets.begin(), targets.end(), post.account_ids().begin(),
                  post.account_ids().end())) {
    v1::UpdatePostRequest update;
    update.set_user_id(user_id);
    update.set_post_id(post_id);
    update.set_expected_revision(post.revision());
    update.set_title(post.title());
    update.set_text(post.text());
    *update.mutable_versions() = post.versions();
    *update.mutable_thread() = post.thread();
    update.set_first_comment(post.first_comment());
    *update.mutable_media() = post.media();
    *update.mutable_tags() = post.tags();
    update.set_needs_approval(post.needs_approval());
    for (const int64_t target : targets) update.add_account_ids(target);
    ASSIGN_OR_RETURN(const v1::UpdatePostResponse updated, posts_.UpdatePost(call, update));
    post = updated.post();
  }
  v1::SchedulePostRequest schedule;
  schedule.set_user_id(user_id);
  schedule.set_post_id(post_id);
  schedule.set_expected_revision(post.revision());
  if (at.has_value()) {
    *schedule.mutable_publish_at() = timestamps::ToProto(*at);
  } else {
    schedule.set_now(true);
  }
  return posts_.SchedulePost(call, schedule).status();
}

absl::StatusOr<jobs::Result> PublicationJobs::Schedule(const Call& call, const jobs::Job& job) {
  queue::v1::SchedulePost wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  ASSIGN_OR_RETURN(const int64_t user_id, job.Person(wanted.user_id()));
  std::optional<absl::Time> at;
  if (wanted.has_scheduled_time()) at = timestamps::FromProto(wanted.scheduled_time());
  ASSIGN_OR_RETURN(const Accounts accounts, AccountsOf(call, user_id));
  RETURN_IF_ERROR(Plan(call, user_id, wanted.content_id(), accounts, wanted.platforms(), at));
  return ResultWith("posts", 1);
}

absl::StatusOr<jobs::Result> PublicationJobs::PublishSeveral(const Call& call,
                                                             const jobs::Job& job) {
  queue::v1::BulkPublish wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  ASSIGN_OR_RETURN(const int64_t user_id, job.Person(wanted.user_id()));
  if (wanted.content_ids().empty() || wanted.content_ids_size() > kMostPosts) {
    return status::InvalidField("content_ids", absl::StrCat("must be 1 to ", kMostPosts));
  }
  ASSIGN_OR_RETURN(const Accounts accounts, AccountsOf(call, user_id));
  // One that cannot be published holds up none of the others.
  absl::Status first;
  for (const std::string& content_id : wanted.content_ids()) {
    const absl::Status planned =
        Plan(call, user_id, content_id, accounts, wanted.platforms(), std::nullopt);
    // What may pass counts more: a job that is given up plans none of the others again.
    const bool counts = first.ok() || (status::IsRetryable(planned) && !status::IsRetryable(first));
    if (!planned.ok() && counts) {
      first =
          absl::Status(planned.code(), absl::StrCat("post ", content_id, ": ", planned.message()));
    }
  }
  RETURN_IF_ERROR(first);
  return ResultWith("posts", wanted.content_ids_size());
}

absl::StatusOr<jobs::Result> PublicationJobs::Synchronize(const Call& call, const jobs::Job& job) {
  queue::v1::CrossPlatformSync wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  ASSIGN_OR_RETURN(const int64_t user_id, job.Person(wanted.user_id()));
  ASSIGN_OR_RETURN(const int64_t post_id, PostId(wanted.content_id()));
  const social::v1::Platform source = PlatformOfWord(wanted.source_platform());
  if (!wanted.source_platform().empty() && source == social::v1::PLATFORM_UNSPECIFIED) {
    return status::InvalidField("source_platform", "must be the name of a platform, or empty");
  }
  ASSIGN_OR_RETURN(const Accounts accounts, AccountsOf(call, user_id));
  ASSIGN_OR_RETURN(
      const int64_t missing, database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
        ASSIGN_OR_RETURN(std::optional<PostRow> row,
                         store::FindPost(tx, {.user_id = user_id}, post_id, /*lock=*/true));
        if (!row.has_value()) return NoSuchPost();
        ASSIGN_OR_RETURN(const std::vector<ResultRow> results, store::ListResults(tx, {post_id}));
        const bool is_out =
            std::any_of(results.begin(), results.end(), [&](const ResultRow& result) {
              return result.state == "published" &&
                     (source == social::v1::PLATFORM_UNSPECIFIED || result.platform == source);
            });
        if (!is_out) return absl::FailedPreconditionError("the post is not published there");
        const v1::PostState state = StateOf(row->state);
        if (state == v1::POST_STATE_PUBLISHING || state == v1::POST_STATE_SCHEDULED) {
          return absl::UnavailableError("the post is being published");
        }
        ASSIGN_OR_RETURN(const std::vector<int64_t> targets,
                         AccountsAt(store::ToProto(*row), accounts, wanted.platforms()));
        return PublishWhereMissing(tx, *std::move(row), targets, accounts, results,
                                   timestamps::WholeMicroseconds(clock_()));
      }));
  return ResultWith("accounts", static_cast<double>(missing));
}

}  // namespace selfology::content

// The content service's RPCs; see proto/selfology/content/v1/content_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/identity/owner.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "selfology/content/v1/content_service_endpoints.h"
#include "selfology/social/v1/social_service_client.h"
#include "services/studio/content/content_store.h"

namespace selfology::content {

class ContentService final : public v1::ContentServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  ContentService(postgres::Database& database, std::shared_ptr<rpc::Channel> social, Clock clock)
      : database_(database), social_(std::move(social)), clock_(std::move(clock)) {}

  // content_service.cc
  absl::StatusOr<v1::CreatePostResponse> CreatePost(const Call& call,
                                                    const v1::CreatePostRequest& request) override;
  absl::StatusOr<v1::GetPostResponse> GetPost(const Call& call,
                                              const v1::GetPostRequest& request) override;
  absl::StatusOr<v1::ListPostsResponse> ListPosts(const Call& call,
                                                  const v1::ListPostsRequest& request) override;
  absl::StatusOr<v1::UpdatePostResponse> UpdatePost(const Call& call,
                                                    const v1::UpdatePostRequest& request) override;
  absl::StatusOr<v1::DeletePostResponse> DeletePost(const Call& call,
                                                    const v1::DeletePostRequest& request) override;
  absl::StatusOr<v1::GetRevisionsResponse> GetRevisions(
      const Call& call, const v1::GetRevisionsRequest& request) override;
  absl::StatusOr<v1::GetContentAnalyticsResponse> GetContentAnalytics(
      const Call& call, const v1::GetContentAnalyticsRequest& request) override;

  // reviewing.cc
  absl::StatusOr<v1::SubmitPostResponse> SubmitPost(const Call& call,
                                                    const v1::SubmitPostRequest& request) override;
  absl::StatusOr<v1::ReviewPostResponse> ReviewPost(const Call& call,
                                                    const v1::ReviewPostRequest& request) override;
  absl::StatusOr<v1::SetReviewRulesResponse> SetReviewRules(
      const Call& call, const v1::SetReviewRulesRequest& request) override;
  absl::StatusOr<v1::GetReviewRulesResponse> GetReviewRules(
      const Call& call, const v1::GetReviewRulesRequest& request) override;

  // planning.cc
  absl::StatusOr<v1::SchedulePostResponse> SchedulePost(
      const Call& call, const v1::SchedulePostRequest& request) override;
  absl::StatusOr<v1::CheckPostResponse> CheckPost(const Call& call,
                                                  const v1::CheckPostRequest& request) override;
  absl::StatusOr<v1::UnschedulePostResponse> UnschedulePost(
      const Call& call, const v1::UnschedulePostRequest& request) override;
  absl::StatusOr<v1::GetCalendarResponse> GetCalendar(
      const Call& call, const v1::GetCalendarRequest& request) override;
  absl::StatusOr<v1::SetSlotsResponse> SetSlots(const Call& call,
                                                const v1::SetSlotsRequest& request) override;
  absl::StatusOr<v1::GetSlotsResponse> GetSlots(const Call& call,
                                                const v1::GetSlotsRequest& request) override;

  // kept.cc
  absl::StatusOr<v1::SaveTemplateResponse> SaveTemplate(
      const Call& call, const v1::SaveTemplateRequest& request) override;
  absl::StatusOr<v1::GetTemplatesResponse> GetTemplates(
      const Call& call, const v1::GetTemplatesRequest& request) override;
  absl::StatusOr<v1::DeleteTemplateResponse> DeleteTemplate(
      const Call& call, const v1::DeleteTemplateRequest& request) override;
  absl::StatusOr<v1::SaveHashtagSetResponse> SaveHashtagSet(
      const Call& call, const v1::SaveHashtagSetRequest& request) override;
  absl::StatusOr<v1::GetHashtagSetsResponse> GetHashtagSets(
      const Call& call, const v1::GetHashtagSetsRequest& request) override;
  absl::StatusOr<v1::DeleteHashtagSetResponse> DeleteHashtagSet(
      const Call& call, const v1::DeleteHashtagSetRequest& request) override;
  absl::StatusOr<v1::ImportPostsResponse> ImportPosts(
      const Call& call, const v1::ImportPostsRequest& request) override;

 private:
  // The platforms of a person's or a team's accounts, in their order. NOT_FOUND: one is not theirs.
  absl::StatusOr<std::vector<int64_t>> PlatformsOf(
      const Call& call, const identity::Owner& owner,
      const google::protobuf::RepeatedField<int64_t>& account_ids);
  // What is wrong with the post at its accounts, or, without accounts, anywhere.
  absl::StatusOr<std::vector<v1::PostIssue>> IssuesOf(const Call& call, const v1::Post& post);
  // The post with its results.
  absl::StatusOr<v1::Post> Described(postgres::Transaction& tx, const store::PostRow& row);

  // As PostgreSQL keeps it.
  absl::Time Now() const { return absl::FromUnixMicros(absl::ToUnixMicros(clock_())); }

  postgres::Database& database_;
  social::v1::SocialServiceClient social_;
  const Clock clock_;
};

// Who does it: the caller, where it is a person.
int64_t ActorOf(const Call& call, const identity::Owner& owner);

// The error of a post that is not there, or is another person's.
absl::Status NoSuchPost();
absl::Status OtherRevision(int64_t revision);

}  // namespace selfology::content

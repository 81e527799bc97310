// Calls about a team's posts, as persons whose tokens say who they are, with access enforced.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/identity/caller.h"
#include "common/identity/jws.h"
#include "common/identity/token_verifier.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "selfology/content/v1/content_service_client.h"
#include "selfology/security/v1/audit_service_client.h"
#include "testing/mesh_test.h"
#include "testing/tokens.h"

namespace selfology {

inline constexpr char kDenied[] = "PERMISSION_DENIED";

template <typename T>
std::string Reason(const absl::StatusOr<T>& answer) {
  return status::Reason(answer.status());
}

class TeamCallsTest : public testing::MeshTest {
 protected:
  void Start(testing::ModuleList modules) {
    StartMesh(std::move(modules), [this](service::Settings& settings) {
      settings.enforce_access = true;
      settings.authenticate = [this](const Call&, std::string_view authorization)
          -> absl::StatusOr<std::shared_ptr<const identity::Caller>> {
        auto caller = identity::VerifyToken(
            authorization.substr(std::string_view("Bearer ").size()), keys_, {}, absl::Now());
        if (!caller.ok()) return caller.status();
        return std::make_shared<const identity::Caller>(*std::move(caller));
      };
    });
    posts_.emplace(Peer("content"));
  }
  void TearDown() override { StopMesh(); }

  Call As(int64_t user_id) const { return Deadline().WithToken(signer_.Person(user_id)); }
  Call AsService() const {
    return Deadline().WithToken(
        signer_.Sign(testing::TokenSigner::ServiceClaims("teams_test", "*")));
  }

  // A request of a person about the team's things.
  template <typename Request>
  Request Of(int64_t user_id) const {
    Request request;
    request.set_user_id(user_id);
    request.set_team_id(team_);
    return request;
  }

  absl::StatusOr<content::v1::ListPostsResponse> List(int64_t user_id) {
    return posts_->ListPosts(As(user_id), Of<content::v1::ListPostsRequest>(user_id));
  }
  content::v1::Post Create(int64_t user_id, const std::string& text,
                           const std::vector<int64_t>& accounts = {}) {
    auto request = Of<content::v1::CreatePostRequest>(user_id);
    request.set_text(text);
    for (const int64_t account : accounts) request.add_account_ids(account);
    request.set_idempotency_key(std::to_string(++keys_used_));
    const auto response = posts_->CreatePost(As(user_id), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->post() : content::v1::Post();
  }
  std::string Get(int64_t user_id, int64_t post_id) {
    auto request = Of<content::v1::GetPostRequest>(user_id);
    request.set_post_id(post_id);
    return Reason(posts_->GetPost(As(user_id), request));
  }
  std::string Edit(int64_t user_id, const content::v1::Post& post, const std::string& text) {
    auto request = Of<content::v1::UpdatePostRequest>(user_id);
    request.set_post_id(post.post_id());
    request.set_text(text);
    *request.mutable_account_ids() = post.account_ids();
    request.set_expected_revision(post.revision());
    return Reason(posts_->UpdatePost(As(user_id), request));
  }
  std::string Submit(int64_t user_id, int64_t post_id) {
    auto request = Of<content::v1::SubmitPostRequest>(user_id);
    request.set_post_id(post_id);
    return Reason(posts_->SubmitPost(As(user_id), request));
  }
  absl::StatusOr<content::v1::ReviewPostResponse> Review(int64_t user_id,
                                                         const content::v1::Post& post,
                                                         bool approved,
                                                         const std::string& note = "") {
    auto request = Of<content::v1::ReviewPostRequest>(user_id);
    request.set_post_id(post.post_id());
    request.set_expected_revision(post.revision());
    request.set_approved(approved);
    request.set_note(note);
    return posts_->ReviewPost(As(user_id), request);
  }
  std::string Schedule(int64_t user_id, const content::v1::Post& post) {
    auto request = Of<content::v1::SchedulePostRequest>(user_id);
    request.set_post_id(post.post_id());
    request.set_expected_revision(post.revision());
    request.set_now(true);
    return Reason(posts_->SchedulePost(As(user_id), request));
  }
  void AwaitAudit(const std::string& action, int64_t person_id) {
    security::v1::AuditServiceClient audit(Peer("security"));
    security::v1::ListAuditRecordsRequest request;
    request.set_action(action);
    request.set_person_id(person_id);
    Await("the audit to know it", [&] {
      const auto records = audit.ListAuditRecords(AsService(), request);
      return records.ok() && records->records_size() == 1;
    });
  }

  const testing::TokenSigner signer_{"key-1"};
  const identity::KeySet keys_{{signer_.key()}};
  int64_t team_ = 0;
  std::optional<content::v1::ContentServiceClient> posts_;

 private:
  int keys_used_ = 0;
};

}  // namespace selfology

// What others wrote to accounts, and answers to it; see
// proto/selfology/social/v1/comment_service.proto for what each RPC does.
#pragma once

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/social/v1/comment_service_endpoints.h"

namespace selfology::social {

class CommentService final : public v1::CommentServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;
  // The database outlives it.
  CommentService(postgres::Database& database, Clock clock)
      : database_(database), clock_(std::move(clock)) {}

  absl::StatusOr<v1::ListCommentsResponse> ListComments(
      const Call& call, const v1::ListCommentsRequest& request) override;
  absl::StatusOr<v1::AnswerCommentResponse> AnswerComment(
      const Call& call, const v1::AnswerCommentRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::social

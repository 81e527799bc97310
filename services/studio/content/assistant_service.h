// Texts that are written for a person; see proto/selfology/content/v1/assistant_service.proto. A model
// of the ai service writes; where none does, the rules of drafting.h. What is too long is shortened
// before anybody sees it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "selfology/content/v1/assistant_service_endpoints.h"
#include "selfology/social/v1/social_service_client.h"

namespace selfology::content {

class AssistantService final : public v1::AssistantServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // How long an answer is kept.
  static constexpr absl::Duration kKept = absl::Hours(24);

  // The database must outlive it.
  AssistantService(postgres::Database& database, std::shared_ptr<rpc::Channel> social,
                   std::shared_ptr<rpc::Channel> ai, Clock clock)
      : database_(database),
        social_(std::move(social)),
        ai_(std::move(ai)),
        clock_(std::move(clock)) {}

  absl::StatusOr<v1::GenerateContentResponse> GenerateContent(
      const Call& call, const v1::GenerateContentRequest& request) override;
  absl::StatusOr<v1::RewriteContentResponse> RewriteContent(
      const Call& call, const v1::RewriteContentRequest& request) override;
  absl::StatusOr<v1::OptimizeHashtagsResponse> OptimizeHashtags(
      const Call& call, const v1::OptimizeHashtagsRequest& request) override;
  absl::StatusOr<v1::GetContentSuggestionsResponse> GetContentSuggestions(
      const Call& call, const v1::GetContentSuggestionsRequest& request) override;

  // Forgets answers that are older than kKept.
  absl::Status ForgetOld(const Call& call);

 private:
  struct Written {
    std::string text = {};
    std::string model = {};
    double cost_usd = 0;
  };
  // What a model writes; nullopt: there is none that answers.
  std::optional<Written> Ask(const Call& call, const std::string& system, const std::string& words,
                             const std::string& language, bool json);
  // The first of the candidates that fits; nullopt: none does. Unspecified: the first.
  absl::StatusOr<std::optional<v1::Draft>> Fit(const Call& call, int64_t user_id,
                                               social::v1::Platform platform,
                                               const std::vector<std::string>& candidates);
  template <typename Response>
  absl::StatusOr<std::optional<Response>> Kept(const Call& call, int64_t user_id,
                                               const std::string& key);
  template <typename Response>
  absl::Status Keep(const Call& call, int64_t user_id, const std::string& key, Response response);

  postgres::Database& database_;
  social::v1::SocialServiceClient social_;
  ai::v1::AiServiceClient ai_;
  const Clock clock_;
};

}  // namespace selfology::content

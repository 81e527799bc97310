// What owners do with their sources and what those received: the incoming half of WebhookService. See
// proto/selfology/webhook/v1/webhook_service.proto.
//
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "selfology/webhook/v1/webhook_service.pb.h"

namespace selfology::webhook {

class SourceMethods {
 public:
  // All outlive it.
  SourceMethods(postgres::Database& database, crypto::SealKey& seal_key,
                std::function<absl::Time()> clock)
      : database_(database), seal_key_(seal_key), clock_(std::move(clock)) {}

  absl::StatusOr<v1::CreateSourceResponse> Create(const Call& call,
                                                  const v1::CreateSourceRequest& request);
  absl::StatusOr<v1::GetSourceResponse> Get(const Call& call, const v1::GetSourceRequest& request);
  absl::StatusOr<v1::ListSourcesResponse> List(const Call& call,
                                               const v1::ListSourcesRequest& request);
  absl::StatusOr<v1::UpdateSourceResponse> Update(const Call& call,
                                                  const v1::UpdateSourceRequest& request);
  absl::StatusOr<v1::DeleteSourceResponse> Delete(const Call& call,
                                                  const v1::DeleteSourceRequest& request);

  absl::StatusOr<v1::ListReceivedResponse> ListReceived(const Call& call,
                                                        const v1::ListReceivedRequest& request);
  absl::StatusOr<v1::GetReceivedResponse> GetReceived(const Call& call,
                                                      const v1::GetReceivedRequest& request);
  absl::StatusOr<v1::RouteReceivedResponse> Route(const Call& call,
                                                  const v1::RouteReceivedRequest& request);
  // Works a stored request through for a job, once: as Route does, but that it came was told before, and
  // rules that ask for jobs ask for none.
  absl::StatusOr<v1::Received> RouteForJob(const Call& call, int64_t user_id, int64_t received_id,
                                           int64_t job_id);
  absl::StatusOr<v1::TryRuleResponse> TryRule(const Call& call, const v1::TryRuleRequest& request);
  absl::StatusOr<v1::ListKindsResponse> ListKinds(const v1::ListKindsRequest& request);

 private:
  absl::StatusOr<v1::RouteReceivedResponse> RouteAgain(postgres::Transaction& tx,
                                                       const v1::RouteReceivedRequest& request,
                                                       bool as_job);

  postgres::Database& database_;
  crypto::SealKey& seal_key_;
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::webhook

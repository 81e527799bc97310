// Jobs of the queue that publish posts: schedule_post, bulk_publish and cross_platform_sync.
//
//   PublicationJobs publications({.database = mesh.database(), ...});
//   publications.AddTo(*worker);
//
// A job is done once its posts are planned; what becomes of them is in the posts. One that comes
// again plans nothing anew. Errors: INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, for which it is
// a dead letter; those of social and the database. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/jobs/worker.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "selfology/social/v1/social_service_client.h"
#include "services/studio/content/content_service.h"

namespace selfology::content {

class PublicationJobs {
 public:
  using Platforms = google::protobuf::RepeatedPtrField<std::string>;

  struct Around {
    postgres::Database& database;
    ContentService& posts;
    std::shared_ptr<rpc::Channel> social;
    std::function<absl::Time()> clock;
  };
  // What `around` refers to outlives it.
  explicit PublicationJobs(Around around)
      : database_(around.database),
        posts_(around.posts),
        social_(std::move(around.social)),
        clock_(std::move(around.clock)) {}

  void AddTo(jobs::Worker& worker);

  absl::StatusOr<jobs::Result> Schedule(const Call& call, const jobs::Job& job);
  absl::StatusOr<jobs::Result> PublishSeveral(const Call& call, const jobs::Job& job);
  // Publishes where it is still missing a post that is out already.
  absl::StatusOr<jobs::Result> Synchronize(const Call& call, const jobs::Job& job);

 private:
  using Accounts = google::protobuf::RepeatedPtrField<social::v1::Account>;

  absl::Status Plan(const Call& call, int64_t user_id, std::string_view content_id,
                    const Accounts& accounts, const Platforms& platforms,
                    std::optional<absl::Time> at);
  absl::StatusOr<Accounts> AccountsOf(const Call& call, int64_t user_id);

  postgres::Database& database_;
  ContentService& posts_;
  social::v1::SocialServiceClient social_;
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::content

// Profiles: what is known of each person, in layers, growing with every answer; and search for
// similar ones.
#include "services/coaching/profile/module.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/profile.pb.h"
#include "services/coaching/profile/migrations.h"
#include "services/coaching/profile/profile_events.h"
#include "services/coaching/profile/profile_index.h"
#include "services/coaching/profile/profile_service.h"
#include "services/coaching/profile/profile_store.h"

ABSL_FLAG(std::string, qdrant_url, "", "Qdrant REST URL; empty: vectors are stored in PostgreSQL");

namespace selfology::profile {
namespace {

// R001-28.
constexpr absl::Duration kCacheTtl = absl::Hours(1);
constexpr absl::Duration kIndexPeriod = absl::Seconds(5);

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, const std::string& qdrant_url)
      : cache(&mesh.redis(), {.name = "profile", .ttl = kCacheTtl, .metrics = &mesh.metrics()}),
        vectors(qdrant_url.empty()
                    ? MakePostgresVectors(mesh.database())
                    : MakeQdrantVectors({.url = qdrant_url}, mesh.http(), mesh.metrics())),
        index(mesh.database(), *vectors, ai::v1::AiServiceClient(mesh.Peer("ai"))),
        service(mesh.database(), mesh.clock(), cache, index, watchers),
        events(cache, [this](int64_t user_id) { service.Forget(user_id); }) {}

  ProfileService::ProfileCache cache;
  std::unique_ptr<VectorStore> vectors;
  ProfileIndex index;
  Watchers watchers = {};
  ProfileService service;
  ProfileEvents events;
};

class ProfileModule final : public service::Module {
 public:
  explicit ProfileModule(std::string qdrant_url) : qdrant_url_(std::move(qdrant_url)) {}

  service::ModuleInfo info() const override {
    return {.name = "profile",
            .group = "profile_storage",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    auto parts = std::make_shared<Parts>(mesh, qdrant_url_);
    mesh.Serve(std::shared_ptr<ProfileService>(parts, &parts->service));
    mesh.OnErase(&store::DeleteUser);
    mesh.OnErased([parts](const Call& call, int64_t user_id) -> absl::Status {
      RETURN_IF_ERROR(parts->vectors->Delete(call, user_id));
      RETURN_IF_ERROR(parts->cache.Invalidate(call, absl::StrCat(user_id)));
      parts->watchers.Wake(user_id);
      return absl::OkStatus();
    });
    mesh.Background();
    const std::shared_ptr<ProfileEvents> events(parts, &parts->events);
    mesh.On(events, &ProfileEvents::LearnTraits);
    mesh.On(events, &ProfileEvents::LearnStatement);
    mesh.Background("cache");
    mesh.On(events, &ProfileEvents::ForgetCreated, "cache");
    mesh.On(events, &ProfileEvents::ForgetUpdated, "cache");
    mesh.Every(kIndexPeriod, "index",
               [parts](const Call& call) { return parts->index.CatchUp(call); });
    if (!qdrant_url_.empty()) {
      mesh.Check("qdrant", service::Dependency::kOptional,
                 [parts](const Call& call) { return parts->vectors->Healthy(call); });
    }
    return absl::OkStatus();
  }

 private:
  const std::string qdrant_url_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return std::make_unique<ProfileModule>(absl::GetFlag(FLAGS_qdrant_url));
}

}  // namespace selfology::profile

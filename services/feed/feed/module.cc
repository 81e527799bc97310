// The feed: persons' channels, their posts, and a model per person that ranks.
#include "services/feed/feed/module.h"

#include <memory>

#include "absl/flags/flag.h"
#include "absl/random/random.h"
#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "services/feed/feed/channel_reading.h"
#include "services/feed/feed/feed_events.h"
#include "services/feed/feed/feed_service.h"
#include "services/feed/feed/maintenance.h"
#include "services/feed/feed/migrations.h"
#include "services/feed/feed/ranked_feed.h"
#include "services/feed/feed/store/people_store.h"

ABSL_FLAG(absl::Duration, feed_churned_after, absl::Hours(7 * 24),
          "How long a person may stay away before their status is CHURNED");
ABSL_FLAG(int, feed_cached_posts, 50000,
          "Maximum number of posts whose features are held in memory, half a kilobyte "
          "each, and two more where hundreds like them");

namespace selfology::feed {
namespace {

// In its own lane: it waits for channel_reader, and a person's other events do not.
constexpr char kReaderLane[] = "reader";

class FeedModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "feed",
            .group = "feed",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto ranked =
        std::make_shared<RankedFeed>(static_cast<size_t>(absl::GetFlag(FLAGS_feed_cached_posts)));
    const auto random = [] {
      thread_local absl::BitGen generator;
      return absl::Uniform(generator, 0.0, 1.0);
    };
    mesh.Serve(std::make_shared<FeedService>(FeedService::Parts{
        .database = mesh.database(), .clock = mesh.clock(), .random = random, .ranked = ranked}));

    mesh.On<events::v1::ChannelPostPublished>(&KeepPost);
    mesh.On(&KeepEditedPost);
    mesh.On(&DropPost);
    mesh.On(&KeepChannel);
    mesh.On(&FollowToo);
    mesh.On(&UnfollowToo);
    const auto teller =
        std::make_shared<ReaderTeller>(MakeChannelReading(mesh.Peer("channel_reader")));
    mesh.On(teller, &ReaderTeller::TellFollowed, kReaderLane);
    mesh.On(teller, &ReaderTeller::TellUnfollowed, kReaderLane);

    const auto maintenance = std::make_shared<Maintenance>(
        Maintenance::Parts{.database = mesh.database(),
                           .clock = mesh.clock(),
                           .ranked = ranked,
                           .churned_after = absl::GetFlag(FLAGS_feed_churned_after)});
    mesh.Every(absl::Minutes(10), "churn",
               [maintenance](const Call& call) { return maintenance->Churn(call); });
    mesh.Every(absl::Seconds(3), "training",
               [maintenance](const Call& call) { return maintenance->TellReady(call); });
    mesh.Every(absl::Seconds(30), "words",
               [maintenance](const Call& call) { return maintenance->ForgetWords(call); });
    mesh.Every(absl::Minutes(10), "nudges",
               [maintenance](const Call& call) { return maintenance->Nudge(call); });
    mesh.Every(absl::Minutes(5), "digests",
               [maintenance](const Call& call) { return maintenance->MakeDigests(call); });
    mesh.Every(absl::Hours(1), "forgetting",
               [maintenance](const Call& call) { return maintenance->ForgetOld(call); });
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<FeedModule>(); }

}  // namespace selfology::feed

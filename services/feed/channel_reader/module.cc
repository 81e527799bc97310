// Reads channels of Telegram, feeds of the web, and accounts of Bluesky and Mastodon.
#include "services/feed/channel_reader/module.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "services/feed/channel_reader/channel_reader_service.h"
#include "services/feed/channel_reader/migrations.h"
#include "services/feed/channel_reader/post.h"
#include "services/feed/channel_reader/reader.h"
#include "services/feed/channel_reader/sources/fetcher.h"
#include "services/feed/channel_reader/sources/preview_source.h"
#include "services/feed/channel_reader/sources/social_sources.h"
#include "services/feed/channel_reader/sources/web_feed_source.h"
#include "services/feed/channel_reader/store/channel_store.h"
#include "services/feed/channel_reader/store/host_store.h"
#include "services/feed/channel_reader/store/post_store.h"

ABSL_FLAG(std::string, channel_reader_telegram_base, "https://t.me",
          "Base URL of Telegram's preview pages; empty: they are not read");
ABSL_FLAG(std::string, channel_reader_bluesky_base, "https://public.api.bsky.app",
          "Base URL of Bluesky's public API; empty: Bluesky is not read");
ABSL_FLAG(std::string, channel_reader_mastodon_base, "",
          "Base URL asked for all Mastodon accounts, for tests; empty: the server of each account");
ABSL_FLAG(absl::Duration, channel_reader_spacing, absl::Seconds(1),
          "Time between two requests to a host, over all replicas");
ABSL_FLAG(
    bool, channel_reader_private_addresses, false,
    "Read feeds at addresses within this machine's and private networks, too; for development");

namespace selfology::channel_reader {
namespace {

// How long reading one channel may take: up to ten pages, a second apart.
constexpr absl::Duration kReading = absl::Seconds(40);
// How long the reader looks away when nothing is due.
constexpr absl::Duration kIdle = absl::Seconds(2);
constexpr int64_t kForgottenAtOnce = 500;

std::string BaseOf(const std::string& flag) { return std::string(absl::StripSuffix(flag, "/")); }

// Reads what is due, one after the other, until the process stops.
void ReadAlways(Reader& reader, const std::vector<v1::SourceKind>& kinds,
                service::StopSignal& stop) {
  bool failed = false;
  while (!stop.requested()) {
    const Call call(absl::Now() + kReading, {}, [&stop] { return stop.requested(); });
    const absl::StatusOr<bool> read = reader.ReadNextDue(call, kinds);
    if (!read.ok() && !failed && !stop.requested()) {
      observe::Warning("channels not read", {{"status", read.status()}});
    }
    failed = !read.ok();
    if (!read.ok() || !*read) stop.WaitFor(kIdle);
  }
}

absl::Status Forget(postgres::Database& database, const Call& call, absl::Time now) {
  RETURN_IF_ERROR(database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(store::ForgetHosts(tx, now).status());
    return store::RestUnfollowed(tx).status();
  }));
  while (!call.Cancelled()) {
    ASSIGN_OR_RETURN(const int64_t forgotten, database.Write(call, [&](postgres::Transaction& tx) {
      return store::ForgetContents(tx, now - kTextMemory, kForgottenAtOnce);
    }));
    if (forgotten < kForgottenAtOnce) break;
  }
  return absl::OkStatus();
}

class ChannelReaderModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "channel_reader", .group = "channel_reading", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    fetcher_ = std::make_shared<Fetcher>(
        mesh.database(), mesh.http(),
        Fetcher::Options{.spacing = absl::GetFlag(FLAGS_channel_reader_spacing),
                         .private_addresses = absl::GetFlag(FLAGS_channel_reader_private_addresses),
                         .metrics = &mesh.metrics(),
                         .clock = mesh.clock()});
    Reader::Options options = {
        .database = &mesh.database(), .clock = mesh.clock(), .metrics = &mesh.metrics()};
    const std::string telegram = BaseOf(absl::GetFlag(FLAGS_channel_reader_telegram_base));
    if (!telegram.empty()) {
      options.sources[v1::SOURCE_KIND_TELEGRAM_PREVIEW] =
          std::make_shared<PreviewSource>(*fetcher_, telegram);
    }
    const std::string bluesky = BaseOf(absl::GetFlag(FLAGS_channel_reader_bluesky_base));
    if (!bluesky.empty()) {
      options.sources[v1::SOURCE_KIND_BLUESKY] =
          std::make_shared<BlueskySource>(*fetcher_, bluesky);
    }
    options.sources[v1::SOURCE_KIND_MASTODON] = std::make_shared<MastodonSource>(
        *fetcher_, BaseOf(absl::GetFlag(FLAGS_channel_reader_mastodon_base)));
    options.sources[v1::SOURCE_KIND_WEB_FEED] = std::make_shared<WebFeedSource>(*fetcher_);
    const auto reader = std::make_shared<Reader>(std::move(options));

    mesh.Serve(std::make_shared<ChannelReaderService>(mesh.database(), reader, mesh.clock()));
    mesh.OnErase(&store::DeleteUser);
    // A slow site does not hold up Telegram.
    mesh.Run("read_telegram", [reader](service::StopSignal& stop) {
      ReadAlways(*reader, {v1::SOURCE_KIND_TELEGRAM_PREVIEW, v1::SOURCE_KIND_TELEGRAM_SESSION},
                 stop);
    });
    for (const char* name : {"read_web_1", "read_web_2"}) {
      mesh.Run(name, [reader](service::StopSignal& stop) {
        ReadAlways(*reader,
                   {v1::SOURCE_KIND_WEB_FEED, v1::SOURCE_KIND_BLUESKY, v1::SOURCE_KIND_MASTODON},
                   stop);
      });
    }
    mesh.Every(absl::Minutes(10), "forget",
               [&database = mesh.database(), clock = mesh.clock()](const Call& call) {
                 return Forget(database, call, clock());
               });
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<Fetcher> fetcher_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<ChannelReaderModule>(); }

}  // namespace selfology::channel_reader

// The outbox relay: brings every committed event to the streams (common/relay). Any number may run;
// one works.
#include "services/platform/outbox_relay/module.h"

#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/relay/relay.h"
#include "common/service/mesh.h"
#include "common/status/status.h"
#include "services/platform/outbox_relay/erased_entries.h"
#include "services/platform/outbox_relay/outbox_relay_service.h"

ABSL_FLAG(
    std::string, outbox_relay_mode, "auto",
    "How new events are read from PostgreSQL: logical (logical decoding), snapshot (polling), or "
    "auto (logical if PostgreSQL permits it, else snapshot)");
ABSL_FLAG(std::string, outbox_relay_slot, "selfology_outbox",
          "Name of the PostgreSQL replication slot and publication; unique within a cluster");
ABSL_FLAG(absl::Duration, outbox_relay_stream_keep, absl::Hours(1),
          "How long entries stay in the Redis streams after all consumer groups have read them");
ABSL_FLAG(absl::Duration, outbox_relay_retention, absl::Hours(30 * 24),
          "How long events stay in the outbox and can be replayed");

namespace selfology::outbox_relay {
namespace {

// The inbox must know an event for as long as it may come again, and its time is the event's own.
constexpr absl::Duration kInboxMargin = absl::Hours(7 * 24);
constexpr absl::Duration kRedactEvery = absl::Seconds(2);
// What is not done by then goes on in the next turn.
constexpr absl::Duration kRedactTimeout = absl::Minutes(2);

absl::StatusOr<relay::Preference> ParseMode(std::string_view text) {
  if (text == "auto") return relay::Preference::kAuto;
  if (text == "logical") return relay::Preference::kLogical;
  if (text == "snapshot") return relay::Preference::kSnapshot;
  return absl::InvalidArgumentError("outbox_relay_mode: must be auto, logical or snapshot");
}

class OutboxRelayModule : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "outbox_relay", .group = "outbox_relay"};
  }

  absl::Status Start(service::Mesh& mesh) override {
    relay::Options options{.database_url = mesh.settings().database_url,
                           .partitions = mesh.settings().event_partitions};
    const absl::StatusOr<relay::Preference> preference =
        ParseMode(absl::GetFlag(FLAGS_outbox_relay_mode));
    if (!preference.ok()) return preference.status();
    options.preference = *preference;
    options.slot = options.publication = absl::GetFlag(FLAGS_outbox_relay_slot);
    options.stream_keep = absl::GetFlag(FLAGS_outbox_relay_stream_keep);
    options.outbox_retention = absl::GetFlag(FLAGS_outbox_relay_retention);
    options.inbox_retention = options.outbox_retention + kInboxMargin;

    auto relay = std::make_shared<relay::Relay>(options, mesh.redis(), mesh.metrics());
    mesh.Serve(std::make_shared<OutboxRelayService>(relay, mesh.redis(), options.partitions));
    auto erased = std::make_shared<ErasedEntries>(mesh.database().WithRole(options.role),
                                                  mesh.redis(), options.partitions);
    mesh.Every(kRedactEvery, "redactions", [erased](const Call& call) {
      return erased->Remove(Call::Background(kRedactTimeout, call.trace()));
    });
    mesh.Run("relay", [relay](service::StopSignal& stop) {
      relay->Start();
      while (!stop.WaitFor(absl::Hours(1))) {
      }
      relay->Stop();
    });
    mesh.ReportQueue("pending_events",
                     [relay] { return static_cast<double>(relay->status().pending_events); });
    mesh.Report("published_total",
                [relay] { return static_cast<double>(relay->status().published_total); });
    mesh.Report("failed_total",
                [relay] { return static_cast<double>(relay->status().failed_total); });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<OutboxRelayModule>(); }

}  // namespace selfology::outbox_relay

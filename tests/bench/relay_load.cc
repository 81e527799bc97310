#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "tests/bench/loads.h"
#include "tests/bench/pace.h"

namespace selfology::bench {

relay::Options RelayOptions(const Ground& ground, relay::Preference preference) {
  relay::Options options{.database_url = ground.postgres->url()};
  options.partitions = kPartitions;
  options.preference = preference;
  return options;
}

std::unique_ptr<relay::Relay> StartRelay(Ground& ground, relay::Options options,
                                         observe::Metrics& metrics) {
  const relay::Mode wanted = options.preference == relay::Preference::kSnapshot
                                 ? relay::Mode::kSnapshotDifference
                                 : relay::Mode::kLogicalDecoding;
  auto relay = std::make_unique<relay::Relay>(std::move(options), *ground.redis, metrics);
  relay->Start();
  while (relay->status().mode != wanted) Pause(absl::Milliseconds(1));
  return relay;
}

absl::StatusOr<double> DrainBacklog(Ground& ground, relay::Preference preference, int64_t events,
                                    observe::Metrics& metrics) {
  ASSIGN_OR_RETURN(const int64_t before, ground.Entries());
  Pace pace(events);
  const auto relay = StartRelay(ground, RelayOptions(ground, preference), metrics);
  int64_t done = 0;
  while (done < events) {
    Pause(absl::Milliseconds(2));
    // By its own count, as the bare loop is: asking Redis would be work that its peer has not.
    done = relay->status().published_total;
    pace.Note(done);
  }
  ASSIGN_OR_RETURN(const int64_t entries, ground.Entries());
  if (entries - before != events) {
    return absl::InternalError(absl::StrCat(entries - before, " entries of ", events, " events"));
  }
  return pace.PerSecond();
}

}  // namespace selfology::bench

// How long notification takes to decide on ten thousand notifications and to render them, from the
// commit that asks for them. The service and the relay are a process of their own.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "common/postgres/database.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/notification.pb.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"
#include "tests/bench/ground.h"
#include "tests/bench/programs.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int64_t kNotifications = 10'000;
constexpr int kRounds = 3;
constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr absl::Duration kLook = absl::Milliseconds(20);

// One for each of so many people, all by one commit: none is decided on before the clock runs.
absl::Status Request(postgres::Database& database, int round) {
  return database.Write(Patient(), [&](postgres::Transaction& tx) -> absl::Status {
    for (int64_t i = 0; i < kNotifications; ++i) {
      events::v1::NotificationRequested event;
      event.set_user_id(1000 + i);
      event.set_kind("achievement.unlocked");
      (*event.mutable_parameters())["name"] = absl::StrCat("A <week> of walks, ", i);
      (*event.mutable_parameters())["text"] = "You walked on each day of it & more.";
      event.set_deduplication_key(absl::StrCat("bench/", round));
      RETURN_IF_ERROR(events::Publish(tx, event));
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status NotificationRows(const Scale&, const Wanted&, Report& report) {
  ASSIGN_OR_RETURN(const auto ground, Ground::Make());
  ASSIGN_OR_RETURN(const auto mesh,
                   StartProgram("services/selfology",
                                {"--modules=notification,outbox_relay",
                                 "--grpc_address=127.0.0.1:0", "--http_address=127.0.0.1:0"},
                                {absl::StrCat("DATABASE_URL=", ground->postgres->url()),
                                 absl::StrCat("REDIS_URL=", ground->redis_server->url())},
                                "\"serving\""));
  ASSIGN_OR_RETURN(const auto database, postgres::Database::Open({.url = ground->postgres->url()}));
  std::vector<double> seconds;
  for (int round = 0; round < kRounds; ++round) {
    RETURN_IF_ERROR(Request(*database, round));
    const absl::Time begun = absl::Now();
    const int64_t wanted = kNotifications * (round + 1);
    int64_t decided = 0;
    while (decided < wanted) {
      Pause(kLook);
      ASSIGN_OR_RETURN(decided,
                       ground->Number("SELECT count(*) FROM selfology.notifications"
                                      " WHERE title LIKE 'Achievement unlocked: A <week>%'"));
      if (absl::Now() > begun + kPatience) {
        return absl::DeadlineExceededError(absl::StrCat(decided, " of ", wanted, " are decided"));
      }
    }
    seconds.push_back(absl::ToDoubleSeconds(absl::Now() - begun));
  }
  report.Add({.name = "notification.decided",
              .what = "10,000 notifications decided and rendered",
              .unit = "s",
              .ours = Median(seconds),
              .aim = {.kind = Aim::kAtMost, .value = 3}});
  return absl::OkStatus();
}

}  // namespace selfology::bench

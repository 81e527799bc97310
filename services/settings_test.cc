// One environment for all services: each takes what is its own, passes over what is another's, and
// refuses what is nobody's.

#include "services/settings.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/process.h"

namespace selfology {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

// What the session service says before it gives up for want of a database.
std::string SaysIn(std::vector<std::string> environment) {
  const std::string runfiles = std::getenv("TEST_SRCDIR");
  auto process = servers::Process::Start(
      {.argv = {absl::StrCat(runfiles, "/debian_sysroot/run"),
                absl::StrCat(runfiles, "/selfology/services/coaching/session/session_service")},
       .environment = std::move(environment)});
  EXPECT_TRUE(process.ok()) << process.status();
  (*process)->Wait(absl::Now() + absl::Minutes(1)).IgnoreError();
  return (*process)->output();
}

TEST(SettingsTest, ListsTheFlagsOfAllRooms) {
  EXPECT_THAT(kSettings, IsSupersetOf({"ai_premium", "anthropic_api_key", "outbox_relay_mode",
                                       "outbox_relay_retention", "qdrant_url",
                                       "session_idle_timeout", "telegram_messages_per_second"}));
}

TEST(SettingsTest, AServicePassesOverWhatIsAnothers) {
  const std::string said =
      SaysIn({"SELFOLOGY_OUTBOX_RELAY_RETENTION=24h", "SELFOLOGY_AI_PREMIUM=anthropic,claude,3,15",
              "SELFOLOGY_TELEGRAM_POLL_WAIT=nonsense"});
  EXPECT_THAT(said, HasSubstr("database_url: required"));
  EXPECT_THAT(said, Not(HasSubstr("SELFOLOGY_")));
}

TEST(SettingsTest, AServiceRefusesWhatIsNobodysAndWhatIsWrong) {
  const std::string said =
      SaysIn({"SELFOLOGY_SESSION_MAX_ANSWER=9", "SELFOLOGY_SESSION_MAX_ANSWERS=many"});
  EXPECT_THAT(said, HasSubstr("SELFOLOGY_SESSION_MAX_ANSWER: no such setting"));
  EXPECT_THAT(said, HasSubstr("SELFOLOGY_SESSION_MAX_ANSWERS: "));
}

}  // namespace
}  // namespace selfology

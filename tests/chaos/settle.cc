#include "tests/chaos/settle.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "tests/chaos/facts.h"

namespace selfology::chaos {
namespace {

// Between two looks. Counting what is under way reads all events, so it takes no more than a part
// of the time.
constexpr absl::Duration kLook = absl::Milliseconds(200);
constexpr int kLookShare = 4;
constexpr absl::Duration kTell = absl::Seconds(5);

}  // namespace

absl::StatusOr<bool> Settle(journey::Mesh& mesh, const Crowd& crowd, const SettleOptions& options) {
  const auto tell = [&](const std::string& what) {
    if (options.tell) options.tell(what);
  };
  const absl::Time end = absl::Now() + options.within;
  std::pair<int, int64_t> before = {-1, -1};
  absl::Time moved = absl::Now();
  absl::Time told = moved;
  absl::Duration pause = absl::ZeroDuration();
  while (absl::Now() < std::min(moved + options.patience, end)) {
    const absl::Time next = absl::Now() + pause;
    const bool all_done = crowd.AwaitDone(pause);
    if (all_done) absl::SleepFor(next - absl::Now());  // PostgreSQL tells nobody.
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(const int64_t unfinished, CountUnfinished(mesh));
    pause = std::max(kLook, (absl::Now() - start) * kLookShare);
    if (all_done && unfinished == 0) {
      tell("settled");
      return true;
    }
    const std::pair<int, int64_t> now = {crowd.done(), unfinished};
    if (now == before) continue;
    before = now;
    moved = absl::Now();
    if (moved < told + kTell) continue;
    told = moved;
    tell(absl::StrCat(now.first, " people done, ", unfinished, " events or messages under way"));
  }
  tell(absl::StrCat("does not settle: ", before.second, " events or messages under way, ",
                    crowd.done(), " people done"));
  return false;
}

}  // namespace selfology::chaos

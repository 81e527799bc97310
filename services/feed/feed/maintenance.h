// What time does: who stays away becomes CHURNED and is nudged, digests are made at the hour that persons
// chose, and what is old, or may be learned from no more, is forgotten.
//
//   mesh.Every(absl::Minutes(10), "churn", [maintenance](const Call& call) { return maintenance->Churn(call); });
//
// Each person is dealt with in a transaction of their own, which looks again whether it still holds. A
// tick that ends halfway goes on with the next. Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/feed/feed/ranked_feed.h"

namespace selfology::feed {

class Maintenance {
 public:
  struct Parts {
    postgres::Database& database;  // Must outlive it.
    std::function<absl::Time()> clock;
    std::shared_ptr<RankedFeed> ranked;
    absl::Duration churned_after = absl::Hours(7 * 24);  // Without a reaction or visit.
  };

  explicit Maintenance(Parts parts) : parts_(std::move(parts)) {}

  absl::Status Churn(const Call& call);
  // Tells those who waited for posts to train with that there are enough.
  absl::Status TellReady(const Call& call);
  // Takes the words of channels that nothing may be learned from any more out of persons' models.
  absl::Status ForgetWords(const Call& call);
  absl::Status Nudge(const Call& call);
  absl::Status MakeDigests(const Call& call);
  absl::Status ForgetOld(const Call& call);

 private:
  absl::Status ChurnOne(const Call& call, int64_t user_id);
  absl::Status TellReadyOne(const Call& call, int64_t user_id);
  absl::Status NudgeOne(const Call& call, int64_t user_id);
  absl::Status MakeDigest(const Call& call, int64_t user_id, absl::CivilDay day);

  const Parts parts_;
};

// The day whose digest is due: today where the person is, once their hour has come; nullopt: none.
// The hour 24 is midnight, the beginning of a day.
std::optional<absl::CivilDay> DigestDue(absl::Time now, absl::TimeZone zone, int64_t hour,
                                        std::optional<absl::CivilDay> made_on);

}  // namespace selfology::feed

// Closes digests when their time has come: what they collected becomes one notification.
//
//   mesh.Every(absl::Seconds(1), "digests", [closer](const Call& call) { return closer->CloseDue(call); });
//
// In the order in which they end, each in one transaction under the person's lock, under which things
// are collected, too: nothing is told twice, left out or told in another order. What the person has
// read meanwhile is left out; a digest of nothing is no notification. Errors: the database's. Threads:
// thread-safe.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/platform/notification/decisions/decision_maker.h"
#include "services/platform/notification/digests/digest_store.h"

namespace selfology::notification {

class DigestCloser {
 public:
  // The references outlive it.
  DigestCloser(postgres::Database& database, const DecisionMaker& maker,
               std::function<absl::Time()> clock)
      : database_(database), maker_(maker), clock_(std::move(clock)) {}

  absl::Status CloseDue(const Call& call);

 private:
  absl::Status Close(postgres::Transaction& tx, const store::DueDigest& digest) const;

  postgres::Database& database_;
  const DecisionMaker& maker_;
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::notification

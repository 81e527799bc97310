// Prizes in the ledger's escrow: held when a challenge is made, paid to who succeeds first, returned
// when nobody does. What is to be done is decided in the tables first; the ids of the transfers were
// chosen when the challenge was made, so each attempt, also after a crash, is the same one.
//
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "selfology/gamification/v1/ledger_service_client.h"
#include "services/growth/challenge/challenge_store.h"

namespace selfology::challenge {

class Prizes {
 public:
  using Clock = std::function<absl::Time()>;

  // `gamification`: the way to the ledger. The database must outlive it.
  Prizes(postgres::Database& database, std::shared_ptr<rpc::Channel> gamification, Clock clock);

  // Of one challenge, if there is something to do. UNAVAILABLE: the ledger is away; later.
  absl::Status Move(const Call& call, int64_t challenge_id);
  // Of all.
  absl::Status MoveAll(const Call& call);

 private:
  absl::Status Hold(const Call& call, const store::Row& challenge);
  absl::Status Pay(const Call& call, const store::Row& challenge);
  absl::Status Return(const Call& call, const store::Row& challenge);

  postgres::Database& database_;
  gamification::v1::LedgerServiceClient ledger_;
  const Clock clock_;
};

}  // namespace selfology::challenge

// A lock for each key, such as each user: whoever takes it waits for the transaction that holds it,
// and holds it until their own transaction ends.
//
//   // In a service's store:
//   inline constexpr postgres::AdvisoryLock LockUser("session.user");
//
//   store::LockUser(tx, request.user_id());  // Then read, decide and write.
//
// The name is the namespace of the keys: locks of two names never meet. All replicas must use the
// same one, so it is never changed. A transaction may take the same lock again.
//
// Sent with the next round trip. Errors: the transaction's; a deadlock is tried again by
// Database::Write. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/postgres/transaction.h"

namespace selfology::postgres {

class AdvisoryLock {
 public:
  // The name outlives the lock.
  explicit constexpr AdvisoryLock(std::string_view name) : name_(name) {}

  void operator()(Transaction& tx, int64_t key) const;

 private:
  std::string_view name_;
};

}  // namespace selfology::postgres

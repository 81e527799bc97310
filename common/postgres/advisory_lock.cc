#include "common/postgres/advisory_lock.h"

namespace selfology::postgres {

void AdvisoryLock::operator()(Transaction& tx, int64_t key) const {
  tx.Queue("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))", name_, key);
}

}  // namespace selfology::postgres

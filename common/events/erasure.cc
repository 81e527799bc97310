#include "common/events/erasure.h"

namespace selfology::events {

void BeginErasure(postgres::Transaction& tx, int64_t user_id) {
  tx.Queue("SELECT begin_event_erasure($1)", user_id);
}

}  // namespace selfology::events

#include "common/events/handling.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/random/random.h"
#include "common/events/inbox.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/uuid/uuid.h"

namespace selfology::events {
namespace {

// The ordering key of one event alone: negative, so no person's.
int64_t KeyOfAlone(const uuid::Uuid& id) {
  int64_t key = 0;
  for (size_t i = 8; i < id.bytes().size(); ++i) key = (key << 7) | (id.bytes()[i] & 0x7F);
  return -1 - key;
}

}  // namespace

postgres::Transaction& Handling::tx() {
  if (shared_ != nullptr) return *shared_;
  if (!tx_.has_value()) {
    if (before_begin_) before_begin_();
    tx_.emplace(database_->Begin(call_));
    tx_->Queue(inbox::kMark, group_, std::vector{envelope_.id},
               std::vector{envelope_.partition_key}, std::vector{envelope_.person()},
               std::vector{envelope_.occurred_at});
  }
  return *tx_;
}

absl::Status Handling::Needs(absl::Status failure) {
  peer_is_away_ = absl::IsUnavailable(failure) || absl::IsDeadlineExceeded(failure);
  return failure;
}

absl::Status Handling::ParkAlone(const absl::Status& failure) {
  const int64_t alone = KeyOfAlone(envelope_.id);
  if (envelope_.partition_key == alone) return failure;
  tx().Queue(
      "INSERT INTO dead_letters (consumer_group, event_id, type, partition_key, occurred_at,"
      " traceparent, trace_id, producer, payload, code, reason, message, attempts, last_failed_at,"
      " subject)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, now(),"
      " nullif($13::bigint, 0)) ON CONFLICT (consumer_group, event_id) DO NOTHING",
      group_, envelope_.id, envelope_.type, alone, envelope_.occurred_at, envelope_.traceparent,
      envelope_.trace_id, envelope_.producer, postgres::BytesView{envelope_.payload},
      absl::StatusCodeToString(failure.code()), status::Reason(failure),
      std::string_view(failure.message()), envelope_.person());
  observe::Error("event stored as a dead letter; later events of its key continue",
                 {{"group", group_},
                  {"type", envelope_.type},
                  {"event_id", envelope_.id.ToString()},
                  {"status", failure}});
  return absl::OkStatus();
}

absl::Status Handling::MayTakeEffect(postgres::Transaction& own) const {
  return own
      .Execute("SELECT refuse_erased_events($1::bigint[], $2::timestamptz[])",
               std::vector{envelope_.person()}, std::vector{envelope_.occurred_at})
      .status();
}

absl::Status Handling::Commit() { return tx().Commit(); }

observe::Span HandlingSpan(const Envelope& envelope, const observe::Tracer* tracer,
                           absl::Time start) {
  thread_local absl::InsecureBitGen random;
  const auto parent = observe::TraceContext::Parse(envelope.traceparent);
  return observe::Span::Enter(tracer, observe::SpanKind::kConsumer,
                              parent.value_or(observe::TraceContext()), start, random);
}

}  // namespace selfology::events

#include "common/events/outbox.h"

#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/event_span.h"
#include "common/observe/span.h"
#include "common/status/status.h"
#include "common/uuid/uuid.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::events {
namespace {

absl::Status Refused(std::string_view type, std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_INVALID_EVENT_PAYLOAD,
                       absl::StrCat("event \"", type, "\" ", why));
}

}  // namespace

absl::Status PublishEncoded(postgres::Transaction& tx, std::string_view type, EventKey key,
                            std::string payload) {
  if (type.empty()) return Refused(type, "has no type: its message lacks the option (event)");
  if (key.partition_key == 0) {
    return Refused(type, "has no ordering key: user_id, or the field that its option names");
  }
  if (payload.size() > kMaxPayloadBytes) {
    return Refused(type, absl::StrCat("has ", payload.size(), " bytes, over ", kMaxPayloadBytes));
  }
  thread_local absl::InsecureBitGen random;
  static uuid::Sequence& ids = *new uuid::Sequence;
  const absl::Time now = absl::Now();
  const observe::Span span =
      observe::Span::Within(tx.call().trace(), observe::SpanKind::kProducer, now, random);
  // Handlers are parts of it if there is such a span, and that is only known after the commit.
  const observe::TraceContext& trace = span.sampled() ? span.trace() : tx.call().trace();
  if (span.sampled()) {
    tx.AfterCommit([span, type = std::string(type)] {
      span.End(absl::StatusCode::kOk, absl::Now(),
               [&](observe::FinishedSpan& finished) { DescribeEvent("send", type, finished); });
    });
  }
  tx.Queue(
      "INSERT INTO outbox (id, type, partition_key, subject, traceparent, trace_id, payload)"
      " VALUES ($1, $2, $3, nullif($4::bigint, 0), $5, $6, $7)",
      ids.Next(now, random), type, key.partition_key, key.subject, trace.Format(),
      trace.trace_id.view(), postgres::Bytes{std::move(payload)});
  return tx.status();
}

}  // namespace selfology::events

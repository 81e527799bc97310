#include "services/platform/outbox_relay/erased_entries.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/envelope.h"
#include "common/events/erasure.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::outbox_relay {
namespace {

using events::EntryId;
using postgres::Transaction;

// Entries that one command reads; an event may have 64 KiB.
constexpr int kRead = 200;
// Finding the person's rows reads the whole outbox.
constexpr absl::Duration kOutboxTimeout = absl::Seconds(50);

bool IsAbout(const events::Envelope& event, int64_t user_id, absl::Time erased_at) {
  return (event.partition_key == user_id || event.subject == user_id) &&
         event.occurred_at <= erased_at;
}

// Of an entry as XRANGE gives it; nullopt for one that is none of ours.
std::optional<events::Envelope> EventOf(const redis::Reply& fields) {
  const absl::StatusOr<absl::Span<const redis::Reply>> values = fields.Array();
  if (!values.ok()) return std::nullopt;
  std::vector<std::string> texts;
  for (const redis::Reply& value : *values) {
    const absl::StatusOr<std::string_view> text = value.String();
    if (!text.ok()) return std::nullopt;
    texts.emplace_back(*text);
  }
  absl::StatusOr<events::Envelope> event = events::DecodeEntry(texts);
  if (!event.ok()) return std::nullopt;
  return *std::move(event);
}

// How many entries of the stream were about the person.
absl::StatusOr<int64_t> RemoveFrom(const Call& call, redis::Client& redis,
                                   const std::string& stream, int64_t user_id,
                                   absl::Time erased_at) {
  int64_t removed = 0;
  std::string from = "-";
  while (true) {
    ASSIGN_OR_RETURN(const redis::Reply reply,
                     redis.Command(call, {"XRANGE", stream, from, "+", "COUNT", kRead}));
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> entries, reply.Array());
    if (entries.empty()) return removed;
    redis::Args remove{"XDEL", stream};
    int64_t found = 0;
    for (const redis::Reply& entry : entries) {
      ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> parts, entry.Array());
      if (parts.size() != 2) return absl::InternalError("a stream entry without fields");
      ASSIGN_OR_RETURN(const std::string_view id, parts[0].String());
      // "(": after it.
      from = absl::StrCat("(", id);
      const std::optional<events::Envelope> event = EventOf(parts[1]);
      if (!event.has_value() || !IsAbout(*event, user_id, erased_at)) continue;
      remove.Add(id);
      ++found;
    }
    if (found > 0) RETURN_IF_ERROR(redis.Command(call, remove).status());
    removed += found;
  }
}

}  // namespace

absl::Status ErasedEntries::Remove(const events::v1::UserDataErased& event,
                                   events::Handling& handling) const {
  const int64_t user_id = event.user_id();
  const absl::Time erased_at = timestamps::FromProto(event.erased_at());
  ASSIGN_OR_RETURN(
      const bool settled,
      owner_->Read(handling.call(),
                   [&](Transaction& tx) { return events::IsSettled(tx, handling.envelope().id); },
                   {.newest = true}));
  if (!settled) {
    return absl::UnavailableError("a transaction from before the erasure is still open");
  }
  RETURN_IF_ERROR(owner_->Write(handling.call().WithTimeout(kOutboxTimeout), [&](Transaction& tx) {
    events::RedactOutbox(tx, user_id, erased_at);
    return absl::OkStatus();
  }));
  // Events about a person may have any key.
  int64_t removed = 0;
  for (int partition = 0; partition < partitions_; ++partition) {
    ASSIGN_OR_RETURN(const int64_t some,
                     RemoveFrom(handling.call(), redis_, events::StreamName(partition, partitions_),
                                user_id, erased_at));
    removed += some;
  }
  observe::Info("an erased person's events were taken out of the streams", {{"events", removed}});
  return absl::OkStatus();
}

}  // namespace selfology::outbox_relay

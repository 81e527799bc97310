#include "services/platform/outbox_relay/erased_entries.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/events/envelope.h"
#include "common/events/redaction.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::outbox_relay {
namespace {

using events::Redaction;

// Until when the events about each person go.
using Erased = absl::flat_hash_map<int64_t, absl::Time>;

// Entries that one command reads; an event may have 64 KiB.
constexpr int kRead = 200;

bool IsErased(const Erased& erased, const events::Envelope& event) {
  for (const int64_t who : {event.partition_key, event.subject}) {
    const auto found = erased.find(who);
    if (found != erased.end() && event.occurred_at <= found->second) return true;
  }
  return false;
}

// Of an entry as XRANGE gives it; nullopt for one that is not an event.
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

// How many entries of the stream were about them.
absl::StatusOr<int64_t> RemoveFrom(const Call& call, redis::Client& redis,
                                   const std::string& stream, const Erased& erased) {
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
      if (!event.has_value() || !IsErased(erased, *event)) continue;
      remove.Add(id);
      ++found;
    }
    if (found > 0) RETURN_IF_ERROR(redis.Command(call, remove).status());
    removed += found;
  }
}

}  // namespace

absl::Status ErasedEntries::Remove(const Call& call) const {
  absl::Status status = events::RedactOutbox(call, *owner_);
  status.Update(RemoveFromStreams(call));
  return status;
}

absl::Status ErasedEntries::RemoveFromStreams(const Call& call) const {
  ASSIGN_OR_RETURN(const std::vector<Redaction> due, events::RedactionsOfStreams(call, *owner_));
  if (due.empty()) return absl::OkStatus();
  Erased erased;
  int stream = partitions_ - 1;
  for (const Redaction& redaction : due) {
    absl::Time& erased_at =
        erased.try_emplace(redaction.user_id, absl::InfinitePast()).first->second;
    erased_at = std::max(erased_at, redaction.erased_at);
    stream = std::min(stream, redaction.streams_done);
  }
  // Events about a person may have any key.
  int64_t removed = 0;
  for (; stream < partitions_; ++stream) {
    ASSIGN_OR_RETURN(const int64_t some,
                     RemoveFrom(call, redis_, events::StreamName(stream, partitions_), erased));
    removed += some;
    RETURN_IF_ERROR(events::NoteStreamRedacted(call, *owner_, due, stream, partitions_));
  }
  observe::Info("events of erased users deleted from the streams",
                {{"persons", static_cast<int64_t>(erased.size())}, {"events", removed}});
  return absl::OkStatus();
}

}  // namespace selfology::outbox_relay

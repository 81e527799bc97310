#include "common/events/envelope.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::events {
namespace {

// The end of the year 9999: what protobuf's and PostgreSQL's timestamps both can say.
constexpr int64_t kMaxMicros = 253'402'300'799'999'999;

// Whether the database can keep it as text. What it cannot keep could not even be parked.
bool IsText(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
    return true;
  }
  while (!text.empty()) {
    if (text::TakeCharacter(text) == 0) return false;
  }
  return true;
}

absl::Status BadField(std::string_view field) {
  return status::Error(mesh::v1::ERROR_CODE_INVALID_EVENT_PAYLOAD,
                       absl::StrCat("stream entry: field \"", field, "\" is missing or malformed"));
}

}  // namespace

std::vector<std::pair<std::string_view, std::string>> EncodeEntry(const Envelope& envelope) {
  std::vector<std::pair<std::string_view, std::string>> fields = {
      {"id", envelope.id.ToString()},
      {"type", envelope.type},
      {"key", absl::StrCat(envelope.partition_key)},
      {"time", absl::StrCat(absl::ToUnixMicros(envelope.occurred_at))},
      {"trace", envelope.traceparent},
      {"trace_id", envelope.trace_id},
      {"producer", envelope.producer},
      {"payload", envelope.payload}};
  if (envelope.subject != 0) fields.emplace_back("subject", absl::StrCat(envelope.subject));
  return fields;
}

absl::StatusOr<Envelope> DecodeEntry(absl::Span<const std::string> fields) {
  Envelope envelope;
  bool has_id = false, has_key = false, has_payload = false;
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    const std::string& name = fields[i];
    const std::string& value = fields[i + 1];
    if (name == "id") {
      const auto id = uuid::Uuid::Parse(value);
      if (!id.ok() || id->nil()) return BadField(name);
      envelope.id = *id;
      has_id = true;
    } else if (name == "type") {
      envelope.type = value;
    } else if (name == "key") {
      has_key = absl::SimpleAtoi(value, &envelope.partition_key);
      if (!has_key) return BadField(name);
    } else if (name == "subject") {
      if (!absl::SimpleAtoi(value, &envelope.subject)) return BadField(name);
    } else if (name == "time") {
      int64_t micros = 0;
      if (!absl::SimpleAtoi(value, &micros) || micros < 0 || micros > kMaxMicros) {
        return BadField(name);
      }
      envelope.occurred_at = absl::FromUnixMicros(micros);
    } else if (name == "trace") {
      envelope.traceparent = value;
    } else if (name == "trace_id") {
      envelope.trace_id = value;
    } else if (name == "producer") {
      envelope.producer = value;
    } else if (name == "payload") {
      envelope.payload = value;
      has_payload = true;
    }
  }
  if (!has_id) return BadField("id");
  if (envelope.type.empty() || !IsText(envelope.type)) return BadField("type");
  if (!has_key) return BadField("key");
  if (!IsText(envelope.traceparent)) return BadField("trace");
  if (!IsText(envelope.trace_id)) return BadField("trace_id");
  if (!IsText(envelope.producer)) return BadField("producer");
  if (!has_payload) return BadField("payload");
  return envelope;
}

int PartitionOf(int64_t partition_key, int partitions) {
  uint64_t x = static_cast<uint64_t>(partition_key);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  x ^= x >> 31;
  return static_cast<int>(x % static_cast<uint64_t>(partitions));
}

std::string StreamName(int partition, int partitions) {
  if (partitions == 1) return "selfology:events";
  return absl::StrCat("selfology:events:{", partition, "}");
}

absl::StatusOr<EntryId> EntryId::Parse(std::string_view text) {
  EntryId id;
  const char* const end = text.data() + text.size();
  const auto position = std::from_chars(text.data(), end, id.position);
  if (position.ec == std::errc() && position.ptr != end && *position.ptr == '-') {
    const auto n = std::from_chars(position.ptr + 1, end, id.n);
    if (n.ec == std::errc() && n.ptr == end && n.ptr != position.ptr + 1) return id;
  }
  return absl::InvalidArgumentError(absl::StrCat("not a stream entry id: \"", text, "\""));
}

std::string EntryId::ToString() const { return absl::StrCat(position, "-", n); }

}  // namespace selfology::events

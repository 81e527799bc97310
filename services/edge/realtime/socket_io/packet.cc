#include "services/edge/realtime/socket_io/packet.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::realtime::socket_io {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxAttachments = 64;
constexpr size_t kMaxDigits = 15;  // Numbers that JavaScript has exactly.
constexpr int kBinaryEvent = 5;
constexpr int kBinaryAck = 6;
constexpr const char* kPlaceholder = "_placeholder";
constexpr const char* kNumber = "num";

// Events of the library itself, which no client may play.
constexpr std::array<std::string_view, 6> kReserved = {
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

absl::Status Malformed() { return absl::InvalidArgumentError("malformed packet"); }

// Takes the bytes out of a value and leaves marks where they were.
void TakeBytes(Json& value, std::vector<std::string>& attachments) {
  if (value.is_binary()) {
    const auto& bytes = value.get_binary();
    const size_t number = attachments.size();
    attachments.emplace_back(bytes.begin(), bytes.end());
    value = {{kPlaceholder, true}, {kNumber, number}};
  } else if (value.is_structured()) {
    for (Json& part : value) TakeBytes(part, attachments);
  }
}

// Puts them back; false: a mark is of none.
bool PutBytes(Json& value, std::vector<std::string>& attachments) {
  if (value.is_object() && value.contains(kPlaceholder)) {
    const auto mark = value.find(kPlaceholder);
    if (*mark != Json(true)) return true;
    const auto number = value.find(kNumber);
    if (number == value.end() || !number->is_number_unsigned()) return false;
    const uint64_t at = number->get<uint64_t>();
    if (at >= attachments.size()) return false;
    const std::string& bytes = attachments[at];
    value = Json::binary(Json::binary_t::container_type(bytes.begin(), bytes.end()));
    return true;
  }
  if (!value.is_structured()) return true;
  return std::all_of(value.begin(), value.end(),
                     [&](Json& part) { return PutBytes(part, attachments); });
}

absl::StatusOr<Json> ParseData(std::string_view text) {
  bool too_deep = false;
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  Json data = Json::parse(text, watch, false);
  if (too_deep || data.is_discarded()) return Malformed();
  return data;
}

bool IsAllowed(const Packet& packet, bool has_data) {
  switch (packet.type) {
    case PacketType::kConnect:
      return !has_data || packet.data.is_object();
    case PacketType::kDisconnect:
      return !has_data;
    case PacketType::kConnectError:
      return packet.data.is_string() || packet.data.is_object();
    case PacketType::kAck:
      return packet.id.has_value() && packet.data.is_array();
    case PacketType::kEvent:
      break;
  }
  if (!packet.data.is_array() || packet.data.empty()) return false;
  const Json& name = packet.data.front();
  if (name.is_number()) return true;
  return name.is_string() && std::find(kReserved.begin(), kReserved.end(),
                                       name.get_ref<const std::string&>()) == kReserved.end();
}

std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t number = 0;
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) {
    if (digits == kMaxDigits) return std::nullopt;
    number = number * 10 + static_cast<uint64_t>(text[digits] - '0');
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

}  // namespace

Encoded Encode(const Packet& packet) {
  Encoded encoded;
  Json data = packet.data;
  TakeBytes(data, encoded.attachments);
  int type = static_cast<int>(packet.type);
  if (!encoded.attachments.empty()) {
    type = packet.type == PacketType::kAck ? kBinaryAck : kBinaryEvent;
  }
  encoded.text = absl::StrCat(type);
  if (!encoded.attachments.empty()) {
    absl::StrAppend(&encoded.text, encoded.attachments.size(), "-");
  }
  if (packet.nsp != "/") absl::StrAppend(&encoded.text, packet.nsp, ",");
  if (packet.id.has_value()) absl::StrAppend(&encoded.text, *packet.id);
  if (!data.is_null()) {
    absl::StrAppend(&encoded.text, data.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return encoded;
}

absl::StatusOr<std::optional<Packet>> Decoder::Text(std::string_view message) {
  // Attachments follow their packet at once.
  if (pending_.has_value() || message.empty()) return Malformed();
  int type = message.front() - '0';
  message.remove_prefix(1);
  if (type < 0 || type > kBinaryAck) return Malformed();
  const bool has_attachments = type >= kBinaryEvent;
  Packet packet;
  if (has_attachments) {
    const std::optional<uint64_t> count = TakeNumber(message);
    if (!count.has_value() || *count > kMaxAttachments || message.empty() ||
        message.front() != '-') {
      return Malformed();
    }
    message.remove_prefix(1);
    wanted_ = *count;
    type = static_cast<int>(type == kBinaryEvent ? PacketType::kEvent : PacketType::kAck);
  }
  packet.type = static_cast<PacketType>(type);
  if (!message.empty() && message.front() == '/') {
    const size_t end = std::min(message.find(','), message.size());
    // Protocol 4 may put a query behind the name.
    packet.nsp = std::string(message.substr(0, std::min(message.find('?'), end)));
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  packet.id = TakeNumber(message);
  const bool has_data = !message.empty();
  if (has_data) {
    ASSIGN_OR_RETURN(packet.data, ParseData(message));
  }
  if (!IsAllowed(packet, has_data)) return Malformed();
  if (!has_attachments || wanted_ == 0) return packet;
  pending_ = std::move(packet);
  attachments_.clear();
  return std::nullopt;
}

absl::StatusOr<std::optional<Packet>> Decoder::Binary(std::string bytes) {
  if (!pending_.has_value()) return Malformed();
  attachments_.push_back(std::move(bytes));
  if (attachments_.size() < wanted_) return std::nullopt;
  Packet packet = *std::exchange(pending_, std::nullopt);
  if (!PutBytes(packet.data, attachments_)) return Malformed();
  attachments_.clear();
  return packet;
}

}  // namespace selfology::realtime::socket_io

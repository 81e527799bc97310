#include "services/edge/realtime/engine_io/packet.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"

namespace selfology::realtime::engine_io {
namespace {

constexpr char kSeparator = '\x1e';
constexpr char kBase64 = 'b';
// Of protocol 3's payloads of bytes: what a packet is, and where its length ends.
constexpr char kString = '\0';
constexpr char kBytes = '\1';
constexpr char kLengthEnd = '\xff';
// Digits of a length that we read.
constexpr size_t kMaxDigits = 8;

absl::Status Malformed() { return absl::InvalidArgumentError("malformed packet"); }

absl::StatusOr<PacketType> TypeOf(int digit) {
  if (digit < 0 || digit > static_cast<int>(PacketType::kNoop)) return Malformed();
  return static_cast<PacketType>(digit);
}

char DigitOf(PacketType type) { return static_cast<char>('0' + static_cast<int>(type)); }

absl::StatusOr<Packet> DecodeBase64(std::string_view text) {
  Packet packet{.binary = true};
  if (!absl::Base64Unescape(text, &packet.data)) return Malformed();
  return packet;
}

// Of a payload, where a message of bytes stands in base64.
absl::StatusOr<Packet> DecodePiece(Version version, std::string_view piece) {
  if (piece.empty() || piece.front() != kBase64) return DecodeText(piece);
  piece.remove_prefix(1);
  if (version == Version::k4) return DecodeBase64(piece);
  if (piece.empty() || piece.front() != DigitOf(PacketType::kMessage)) return Malformed();
  return DecodeBase64(piece.substr(1));
}

std::string EncodePiece(Version version, const Packet& packet) {
  if (!packet.binary) return EncodeText(packet);
  return absl::StrCat(version == Version::k4 ? "b" : "b4", absl::Base64Escape(packet.data));
}

// As JavaScript counts; of text that is no UTF-8 something that is not out of bounds.
size_t Utf16Units(std::string_view text) {
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

// How many bytes the first so many units of a text have; nothing if it is shorter or a character
// would be cut.
std::optional<size_t> BytesOf(std::string_view text, size_t units) {
  size_t at = 0;
  while (units > 0 && at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t width = lead >= 0xF0 ? 2 : 1;
    if (width > units || (lead & 0xC0) == 0x80) return std::nullopt;
    units -= width;
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  if (units > 0) return std::nullopt;
  return at;
}

// Digits at the front of `body` up to `end`, as '0' + digit (text) or as their values (bytes).
absl::StatusOr<size_t> TakeLength(std::string_view& body, char end, char zero) {
  size_t length = 0;
  for (size_t i = 0; i < body.size() && i <= kMaxDigits; ++i) {
    if (body[i] == end) {
      if (i == 0) return Malformed();
      body.remove_prefix(i + 1);
      return length;
    }
    const int digit = body[i] - zero;
    if (digit < 0 || digit > 9) return Malformed();
    length = length * 10 + static_cast<size_t>(digit);
  }
  return Malformed();
}

absl::StatusOr<std::vector<Packet>> DecodeLengthsOfText(std::string_view body) {
  std::vector<Packet> packets;
  while (!body.empty()) {
    ASSIGN_OR_RETURN(const size_t units, TakeLength(body, ':', '0'));
    const std::optional<size_t> size = BytesOf(body, units);
    if (!size.has_value()) return Malformed();
    ASSIGN_OR_RETURN(packets.emplace_back(), DecodePiece(Version::k3, body.substr(0, *size)));
    body.remove_prefix(*size);
  }
  return packets;
}

absl::StatusOr<std::vector<Packet>> DecodeLengthsOfBytes(std::string_view body) {
  std::vector<Packet> packets;
  while (!body.empty()) {
    const char kind = body.front();
    if (kind != kString && kind != kBytes) return Malformed();
    body.remove_prefix(1);
    ASSIGN_OR_RETURN(const size_t size, TakeLength(body, kLengthEnd, '\0'));
    if (size > body.size()) return Malformed();
    const std::string_view piece = body.substr(0, size);
    body.remove_prefix(size);
    if (kind == kString) {
      ASSIGN_OR_RETURN(packets.emplace_back(), DecodeText(piece));
    } else {
      ASSIGN_OR_RETURN(packets.emplace_back(), DecodeBinary(Version::k3, piece));
    }
  }
  return packets;
}

void AppendLengthOfBytes(std::string& body, size_t size) {
  for (const char digit : absl::StrCat(size)) body.push_back(static_cast<char>(digit - '0'));
  body.push_back(kLengthEnd);
}

}  // namespace

std::string EncodeText(const Packet& packet) {
  return absl::StrCat(std::string_view(std::string(1, DigitOf(packet.type))), packet.data);
}

std::string EncodeBinary(Version version, std::string_view data) {
  if (version == Version::k4) return std::string(data);
  return absl::StrCat(std::string(1, static_cast<char>(PacketType::kMessage)), data);
}

absl::StatusOr<Packet> DecodeText(std::string_view frame) {
  if (frame.empty()) return Malformed();
  ASSIGN_OR_RETURN(const PacketType type, TypeOf(frame.front() - '0'));
  return Packet{.type = type, .data = std::string(frame.substr(1))};
}

absl::StatusOr<Packet> DecodeBinary(Version version, std::string_view frame) {
  if (version == Version::k4) return Packet{.data = std::string(frame), .binary = true};
  if (frame.empty() || frame.front() != static_cast<char>(PacketType::kMessage)) return Malformed();
  return Packet{.data = std::string(frame.substr(1)), .binary = true};
}

Payload EncodePayload(Version version, absl::Span<const Packet> packets, bool takes_bytes) {
  Payload payload;
  if (version == Version::k4) {
    for (const Packet& packet : packets) {
      if (!payload.body.empty()) payload.body.push_back(kSeparator);
      absl::StrAppend(&payload.body, EncodePiece(version, packet));
    }
    return payload;
  }
  payload.binary = takes_bytes && std::any_of(packets.begin(), packets.end(),
                                              [](const Packet& packet) { return packet.binary; });
  for (const Packet& packet : packets) {
    if (!payload.binary) {
      const std::string piece = EncodePiece(version, packet);
      absl::StrAppend(&payload.body, Utf16Units(piece), ":", piece);
      continue;
    }
    const std::string piece =
        packet.binary ? EncodeBinary(version, packet.data) : EncodeText(packet);
    payload.body.push_back(packet.binary ? kBytes : kString);
    AppendLengthOfBytes(payload.body, piece.size());
    absl::StrAppend(&payload.body, piece);
  }
  return payload;
}

absl::StatusOr<std::vector<Packet>> DecodePayload(Version version, std::string_view body,
                                                  bool binary) {
  if (body.empty()) return Malformed();
  if (version == Version::k3) {
    return binary ? DecodeLengthsOfBytes(body) : DecodeLengthsOfText(body);
  }
  std::vector<Packet> packets;
  for (const std::string_view piece : absl::StrSplit(body, kSeparator)) {
    ASSIGN_OR_RETURN(packets.emplace_back(), DecodePiece(version, piece));
  }
  return packets;
}

}  // namespace selfology::realtime::engine_io

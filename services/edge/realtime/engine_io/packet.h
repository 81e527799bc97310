// Engine.IO's packets on the wire, protocols 3 and 4.
//
//   ASSIGN_OR_RETURN(std::vector<Packet> packets, DecodePayload(Version::k4, request.body, false));
//   Payload payload = EncodePayload(Version::k4, packets);
//
// A packet is a type and data. Over a WebSocket each is one frame; over HTTP several make a payload:
// protocol 4 separates them by a 0x1e byte and writes binary data in base64, protocol 3 puts the
// length before each ("6:4hello", counted in UTF-16 code units as JavaScript counts), or, if the
// client takes it, sends bytes.
//
// Errors: INVALID_ARGUMENT for what no client would send; data is never quoted.
// Threads: pure functions.
// Sources: the protocol's documents, https://github.com/socketio/engine.io-protocol (3 and 4).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace selfology::realtime::engine_io {

enum class Version { k3 = 3, k4 = 4 };

// The values are those of the wire.
enum class PacketType { kOpen, kClose, kPing, kPong, kMessage, kUpgrade, kNoop };

struct Packet {
  PacketType type = PacketType::kMessage;
  std::string data = {};
  bool binary = false;  // Of messages only.

  friend bool operator==(const Packet&, const Packet&) = default;
};

// WebSocket frames. Text frames carry what is not binary.
std::string EncodeText(const Packet& packet);
std::string EncodeBinary(Version version, std::string_view data);
absl::StatusOr<Packet> DecodeText(std::string_view frame);
absl::StatusOr<Packet> DecodeBinary(Version version, std::string_view frame);

// Bodies of HTTP.
struct Payload {
  std::string body = {};
  bool binary = false;  // Its Content-Type is application/octet-stream.
};
// takes_bytes: the client of protocol 3 takes bodies that are not text.
Payload EncodePayload(Version version, absl::Span<const Packet> packets, bool takes_bytes = false);
// One packet or more.
absl::StatusOr<std::vector<Packet>> DecodePayload(Version version, std::string_view body,
                                                  bool binary);

}  // namespace selfology::realtime::engine_io

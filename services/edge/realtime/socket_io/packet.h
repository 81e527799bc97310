// Socket.IO's packets on the wire, protocol 5, and its subset that protocol 4 writes the same way.
//
//   Encoded out = Encode({.type = PacketType::kEvent, .data = {"hello", 1, Json::binary({1, 2})}});
//   // out.text: 51-["hello",1,{"_placeholder":true,"num":0}]   out.attachments: {"\1\2"}
//
//   Decoder decoder;
//   ASSIGN_OR_RETURN(std::optional<Packet> packet, decoder.Text(message));   // none: more to come
//   ASSIGN_OR_RETURN(packet, decoder.Binary(bytes));
//
// Bytes are nlohmann's binary values, anywhere in `data`.
//
// Errors: INVALID_ARGUMENT for what the protocol forbids, data nested more than 64 deep, and more
// than 64 attachments; data is never quoted. A decoder that gave an error is of no more use.
// Threads: a decoder, one at a time; Encode is pure.
// Source: https://github.com/socketio/socket.io-protocol (5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::realtime::socket_io {

using Json = nlohmann::json;

// The values are those of the wire; those with attachments are kEvent and kAck here.
enum class PacketType { kConnect, kDisconnect, kEvent, kAck, kConnectError };

struct Packet {
  PacketType type = PacketType::kEvent;
  std::string nsp = "/";
  // Of an event: an acknowledgement is wanted, with this number. Of an acknowledgement: its number.
  std::optional<uint64_t> id = std::nullopt;
  // kConnect: null or an object. kEvent: an array that begins with the event's name. kAck: an array.
  // kConnectError: an object or a string. kDisconnect: null.
  Json data = nullptr;
};

struct Encoded {
  std::string text = {};
  std::vector<std::string> attachments = {};  // Sent after it, as binary messages.
};
// Text that is no UTF-8 is mended.
Encoded Encode(const Packet& packet);

class Decoder {
 public:
  absl::StatusOr<std::optional<Packet>> Text(std::string_view message);
  absl::StatusOr<std::optional<Packet>> Binary(std::string bytes);

 private:
  std::optional<Packet> pending_;  // Waits for its attachments.
  size_t wanted_ = 0;
  std::vector<std::string> attachments_;
};

}  // namespace selfology::realtime::socket_io

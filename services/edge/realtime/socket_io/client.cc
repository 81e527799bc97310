#include "services/edge/realtime/socket_io/client.h"

#include <atomic>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace selfology::realtime::socket_io {
namespace {

using engine_io::Version;

constexpr std::string_view kParseError = "parse error";
constexpr std::string_view kForcedClose = "forced close";

}  // namespace

void Client::Opened() {
  // Clients of Socket.IO 2 expect to be in the main namespace without a word.
  if (connection_->version() != Version::k3) return;
  Json auth = Json::object();
  for (const auto& [name, value] : connection_->request().query) auth[name] = value;
  Connect("/", auth);
}

void Client::Received(engine_io::Packet message) {
  absl::StatusOr<std::optional<Packet>> packet =
      message.binary ? decoder_.Binary(std::move(message.data)) : decoder_.Text(message.data);
  if (!packet.ok()) return connection_->Close(kParseError);
  if (packet->has_value()) Handle(**std::move(packet));
}

void Client::Handle(Packet packet) {
  const SocketPtr socket = Find(packet.nsp);
  if (packet.type == PacketType::kConnect) {
    if (socket == nullptr) {
      return Connect(packet.nsp, packet.data.is_null() ? Json::object() : packet.data);
    }
    // Protocol 4's clients ask for the main namespace although they are in it.
    if (connection_->version() == Version::k3) return;
    return connection_->Close(kForcedClose);
  }
  const Namespace* const at = server_.Find(packet.nsp);
  if (socket == nullptr || at == nullptr || packet.type == PacketType::kConnectError) {
    return connection_->Close(kForcedClose);
  }
  switch (packet.type) {
    case PacketType::kDisconnect:
      Remove(socket, "client namespace disconnect");
      break;
    case PacketType::kAck:
      socket->Acknowledged(*packet.id, std::move(packet.data));
      break;
    default:
      Event(*at, socket, std::move(packet));
  }
}

void Client::Event(const Namespace& at, const SocketPtr& socket, Packet packet) {
  if (at.event == nullptr) return;
  const Json& first = packet.data.front();
  const std::string name = first.is_string() ? first.get<std::string>() : first.dump();
  Json arguments = std::move(packet.data);
  arguments.erase(arguments.begin());
  if (!packet.id.has_value()) return at.event(socket, name, std::move(arguments), nullptr);
  const auto acknowledged = std::make_shared<std::atomic<bool>>(false);
  at.event(socket, name, std::move(arguments),
           [weak = weak_from_this(), nsp = packet.nsp, id = *packet.id,
            acknowledged](const Json& answer) {
             const auto self = weak.lock();
             if (self == nullptr || acknowledged->exchange(true)) return;
             self->Send(Encode({.type = PacketType::kAck, .nsp = nsp, .id = id, .data = answer}));
           });
}

void Client::Refuse(const std::string& nsp, std::string_view message) {
  Json data = connection_->version() == Version::k3 ? Json(message) : Json{{"message", message}};
  Send(Encode({.type = PacketType::kConnectError, .nsp = nsp, .data = std::move(data)}));
}

void Client::Connect(const std::string& nsp, const Json& auth) {
  const Namespace* const at = server_.Find(nsp);
  if (at == nullptr) return Refuse(nsp, "Invalid namespace");
  {
    absl::MutexLock lock(&mutex_);
    if (sockets_.size() >= static_cast<size_t>(server_.options_.max_namespaces)) {
      return connection_->Close(kForcedClose);
    }
  }
  const auto socket = std::make_shared<Socket>(
      server_, weak_from_this(), nsp,
      absl::StrCat(server_.options_.engine.replica, "-", ++server_.last_socket_));
  if (at->connect != nullptr) {
    const absl::Status allowed = at->connect(socket, auth);
    if (!allowed.ok()) return Refuse(nsp, allowed.message());
  }
  {
    absl::MutexLock lock(&mutex_);
    sockets_[nsp] = socket;
    ever_connected_ = true;
  }
  Json handshake = connection_->version() == Version::k3 ? Json() : Json{{"sid", socket->id()}};
  Send(Encode({.type = PacketType::kConnect, .nsp = nsp, .data = std::move(handshake)}));
  if (at->connected != nullptr) at->connected(socket, auth);
}

void Client::Gone(std::string_view reason) {
  std::vector<SocketPtr> sockets;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [unused, socket] : sockets_) sockets.push_back(socket);
  }
  for (const SocketPtr& socket : sockets) Remove(socket, reason);
}

void Client::Send(const Encoded& encoded) {
  std::vector<engine_io::Packet> packets;
  packets.push_back({.data = encoded.text});
  for (const std::string& attachment : encoded.attachments) {
    packets.push_back({.data = attachment, .binary = true});
  }
  connection_->Send(std::move(packets));
}

void Client::Leave(const std::string& nsp, bool whole_client) {
  const SocketPtr socket = Find(nsp);
  if (socket != nullptr) {
    Send(Encode({.type = PacketType::kDisconnect, .nsp = nsp}));
    Remove(socket, "server namespace disconnect");
  }
  if (whole_client) connection_->Close(kForcedClose);
}

void Client::CloseUnlessConnected() {
  {
    absl::MutexLock lock(&mutex_);
    if (ever_connected_) return;
  }
  connection_->Close("no connect packet");
}

SocketPtr Client::Find(const std::string& nsp) {
  absl::MutexLock lock(&mutex_);
  const auto at = sockets_.find(nsp);
  return at == sockets_.end() ? nullptr : at->second;
}

bool Client::Remove(const SocketPtr& socket, std::string_view reason) {
  {
    absl::MutexLock lock(&mutex_);
    const auto at = sockets_.find(socket->nsp());
    if (at == sockets_.end() || at->second != socket) return false;
    sockets_.erase(at);
  }
  server_.Forget(socket);
  const Namespace* const left = server_.Find(socket->nsp());
  if (left != nullptr && left->disconnected != nullptr) left->disconnected(socket, reason);
  return true;
}

}  // namespace selfology::realtime::socket_io

#include "services/edge/realtime/socket_io/server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/edge/realtime/socket_io/client.h"

namespace selfology::realtime::socket_io {
namespace {

Json EventData(std::string_view event, const Json& arguments) {
  Json data = Json::array({event});
  data.insert(data.end(), arguments.begin(), arguments.end());
  return data;
}

}  // namespace

Encoded EncodeEvent(std::string_view nsp, std::string_view event, const Json& arguments) {
  return Encode({.nsp = std::string(nsp), .data = EventData(event, arguments)});
}

Socket::Socket(Server& server, std::weak_ptr<Client> client, std::string nsp, std::string id)
    : server_(server), client_(std::move(client)), nsp_(std::move(nsp)), id_(std::move(id)) {}

std::shared_ptr<const http::Request> Socket::request() const {
  const auto client = client_.lock();
  if (client == nullptr) return nullptr;
  return {client, &client->connection().request()};
}

void Socket::Send(const Encoded& event) {
  if (const auto client = client_.lock()) client->Send(event);
}

void Socket::Emit(std::string_view event, const Json& arguments) {
  Send(EncodeEvent(nsp_, event, arguments));
}

void Socket::Drop(std::string_view reason) {
  if (const auto client = client_.lock()) client->connection().Drop(reason);
}

size_t Socket::unsent_bytes() const {
  const auto client = client_.lock();
  return client == nullptr ? 0 : client->connection().unsent_bytes();
}

void Socket::Emit(std::string_view event, const Json& arguments, absl::Duration patience,
                  std::function<void(absl::StatusOr<Json>)> acknowledged) {
  const auto client = client_.lock();
  if (client == nullptr) return acknowledged(absl::UnavailableError("the client is gone"));
  uint64_t id = 0;
  {
    absl::MutexLock lock(&mutex_);
    id = next_ack_++;
    acks_[id] = std::move(acknowledged);
  }
  server_.engine().After(patience, [weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) {
      self->Acknowledged(id, absl::DeadlineExceededError("no acknowledgement"));
    }
  });
  client->Send(Encode({.nsp = nsp_, .id = id, .data = EventData(event, arguments)}));
}

void Socket::Acknowledged(uint64_t id, absl::StatusOr<Json> arguments) {
  std::function<void(absl::StatusOr<Json>)> acknowledged;
  {
    absl::MutexLock lock(&mutex_);
    const auto at = acks_.find(id);
    if (at == acks_.end()) return;  // Late, or of no question of ours.
    acknowledged = std::move(at->second);
    acks_.erase(at);
  }
  acknowledged(std::move(arguments));
}

void Socket::Join(std::string_view room) {
  const std::string key = Server::KeyOf(nsp_, room);
  absl::MutexLock lock(&mutex_);
  if (left_ || !rooms_.insert(key).second) return;
  absl::MutexLock server_lock(&server_.mutex_);
  server_.rooms_[key].insert(shared_from_this());
}

void Socket::Leave(std::string_view room) {
  const std::string key = Server::KeyOf(nsp_, room);
  absl::MutexLock lock(&mutex_);
  if (rooms_.erase(key) > 0) server_.RemoveMember(key, shared_from_this());
}

void Socket::Disconnect(bool whole_client) {
  if (const auto client = client_.lock()) client->Leave(nsp_, whole_client);
}

Server::Server(Options options, std::vector<Namespace> namespaces)
    : options_(std::move(options)), namespaces_(std::move(namespaces)) {
  using ConnectionPtr = std::shared_ptr<engine_io::Connection>;
  engine_ = std::make_unique<engine_io::Server>(
      options_.engine,
      engine_io::Application{
          .opened = [this](const ConnectionPtr& connection) { Opened(connection); },
          .message =
              [this](const ConnectionPtr& connection, engine_io::Packet message) {
                if (const auto client = ClientOf(connection.get())) {
                  client->Received(std::move(message));
                }
              },
          .closed =
              [this](const ConnectionPtr& connection, std::string_view reason) {
                const auto client = ClientOf(connection.get());
                if (client == nullptr) return;
                client->Gone(reason);
                absl::MutexLock lock(&mutex_);
                clients_.erase(connection.get());
              }});
}

Server::~Server() { Stop(); }

const Namespace* Server::Find(std::string_view name) const {
  for (const Namespace& candidate : namespaces_) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

void Server::Opened(const std::shared_ptr<engine_io::Connection>& connection) {
  const auto client = std::make_shared<Client>(*this, connection);
  {
    absl::MutexLock lock(&mutex_);
    clients_[connection.get()] = client;
  }
  engine_->After(options_.connect_timeout, [weak = std::weak_ptr<Client>(client)] {
    if (const auto waiting = weak.lock()) waiting->CloseUnlessConnected();
  });
  client->Opened();
}

std::shared_ptr<Client> Server::ClientOf(const engine_io::Connection* connection) {
  absl::MutexLock lock(&mutex_);
  const auto at = clients_.find(connection);
  return at == clients_.end() ? nullptr : at->second;
}

std::string Server::KeyOf(std::string_view nsp, std::string_view room) {
  return absl::StrCat(nsp, std::string_view("\0", 1), room);
}

void Server::RemoveMember(const std::string& key, const SocketPtr& socket) {
  absl::MutexLock lock(&mutex_);
  const auto at = rooms_.find(key);
  if (at == rooms_.end()) return;
  at->second.erase(socket);
  if (at->second.empty()) rooms_.erase(at);
}

void Server::Forget(const SocketPtr& socket) {
  std::map<uint64_t, std::function<void(absl::StatusOr<Json>)>> acks;
  {
    absl::MutexLock lock(&socket->mutex_);
    socket->left_ = true;
    acks.swap(socket->acks_);
    for (const std::string& key : socket->rooms_) RemoveMember(key, socket);
    socket->rooms_.clear();
  }
  for (const auto& [unused, acknowledged] : acks) {
    acknowledged(absl::UnavailableError("the client is gone"));
  }
}

std::vector<SocketPtr> Server::Members(const std::string& key) const {
  absl::MutexLock lock(&mutex_);
  const auto at = rooms_.find(key);
  if (at == rooms_.end()) return {};
  return {at->second.begin(), at->second.end()};
}

Server::Room Server::To(std::string_view nsp, std::string_view room) {
  return Room(*this, std::string(nsp), KeyOf(nsp, room));
}

void Server::Room::Emit(std::string_view event, const Json& arguments) const {
  const std::vector<SocketPtr> members = server_.Members(key_);
  if (members.empty()) return;
  const Encoded encoded = EncodeEvent(nsp_, event, arguments);
  for (const SocketPtr& member : members) {
    member->Send(encoded);
  }
}

size_t Server::Room::size() const { return server_.Members(key_).size(); }

}  // namespace selfology::realtime::socket_io

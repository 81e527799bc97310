#include "services/edge/realtime/engine_io/server.h"

#include <openssl/rand.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"

namespace selfology::realtime::engine_io {
namespace {

constexpr std::string_view kBytes = "application/octet-stream";
// Of a session's id: unguessable, since it is all that a request of the session shows.
constexpr size_t kIdBytes = 18;
constexpr std::string_view kAny = "*";
// How long a browser may remember what a path allows.
constexpr std::string_view kPreflightAge = "600";

std::optional<Version> VersionOf(const http::Request& request) {
  const std::string_view version = request.Parameter("EIO").value_or("");
  if (version == "4") return Version::k4;
  if (version == "3") return Version::k3;
  return std::nullopt;
}

// Adds what the answer needs whoever gives it.
class WithHeaders final : public http::Responder {
 public:
  WithHeaders(std::shared_ptr<http::Responder> to, http::Headers headers)
      : to_(std::move(to)), headers_(std::move(headers)) {}
  void Answer(http::Response answer) override {
    for (const auto& [name, value] : headers_) answer.headers.Set(name, value);
    to_->Answer(std::move(answer));
  }
  void OnHurry(std::function<void()> hurry) override { to_->OnHurry(std::move(hurry)); }

 private:
  const std::shared_ptr<http::Responder> to_;
  const http::Headers headers_;
};

std::string_view ReplicaOf(std::string_view id) { return id.substr(0, id.rfind('.')); }

std::vector<std::string> Spellings(const std::vector<std::string>& paths) {
  std::vector<std::string> spellings;
  for (const std::string& path : paths) {
    spellings.push_back(path);
    spellings.push_back(path + "/");
  }
  return spellings;
}

}  // namespace

Server::Server(Options options, Application application)
    : options_(std::move(options)),
      application_(std::move(application)),
      workers_(options_.worker_threads) {}

Server::~Server() { Stop(); }

std::vector<http::Route> Server::Routes() {
  std::vector<http::Route> routes;
  for (const std::string& path : Spellings(options_.paths)) {
    // Engine.IO says itself what it thinks of other methods.
    for (const char* method : {"GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}) {
      routes.push_back({.method = method,
                        .path = path,
                        .handler = [this](const http::Request& request) { return Handle(request); },
                        .runs_inline = true,
                        .max_body_bytes = options_.session.max_payload});
    }
  }
  return routes;
}

std::vector<http::WebSocketRoute> Server::WebSocketRoutes() {
  using Socket = std::shared_ptr<http::WebSocket>;
  std::vector<http::WebSocketRoute> routes;
  for (const std::string& path : Spellings(options_.paths)) {
    routes.push_back(
        {.path = path,
         .accept = [this](const http::Request& request) { return Accept(request); },
         .opened = [this](const Socket& socket) { Opened(socket); },
         .received = [this](const Socket& socket,
                            const std::string& text) { Received(socket.get(), text, false); },
         .received_binary = [this](
                                const Socket& socket,
                                const std::string& bytes) { Received(socket.get(), bytes, true); },
         .closed = [this](const Socket& socket) { Gone(socket.get()); },
         .max_message_bytes = options_.session.max_payload,
         .runs_inline = true,
         .compress = options_.compress});
  }
  return routes;
}

void Server::After(absl::Duration delay, std::function<void()> function) {
  alarms_.At(absl::Now() + delay, std::move(function));
}

size_t Server::sessions() const {
  absl::MutexLock lock(&mutex_);
  return sessions_.size();
}

void Server::Stop() {
  absl::flat_hash_map<std::string, std::shared_ptr<LiveSession>> sessions;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    sessions = sessions_;
  }
  for (const auto& [unused, session] : sessions) session->Close("server shutting down");
  workers_.Drain();
  alarms_.Stop();
  workers_.Stop();
}

bool Server::MayCome(const http::Request& request) const {
  const auto origin = request.headers.Get("Origin");
  if (!origin.has_value()) return true;
  return std::any_of(options_.origins.begin(), options_.origins.end(),
                     [&](const std::string& known) { return known == kAny || known == *origin; });
}

void Server::AddCors(const http::Request& request, http::Response& response) const {
  const auto origin = request.headers.Get("Origin");
  if (!origin.has_value() || !MayCome(request)) return;
  const bool listed = std::find(options_.origins.begin(), options_.origins.end(), *origin) !=
                      options_.origins.end();
  response.headers.Set("Access-Control-Allow-Origin", listed ? *origin : kAny);
  if (!listed) return;
  response.headers.Set("Access-Control-Allow-Credentials", "true");
  response.headers.Set("Vary", "Origin");
}

http::Response Server::Refuse(Refusal refusal) const {
  return http::Response::Json(RefusalJson(refusal), refusal == Refusal::kForbidden ? 403 : 400);
}

http::Response Server::Respond(const Payload& payload) const {
  http::Response response = http::Response::Text(payload.body);
  if (payload.binary) response.headers.Set("Content-Type", kBytes);
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

http::Response Server::Handle(const http::Request& request) {
  const std::string_view transport = request.Parameter("transport").value_or("");
  const auto id = request.Parameter("sid");
  http::Response response;
  if (!MayCome(request)) {
    response = Refuse(Refusal::kForbidden);
  } else if (request.method == "OPTIONS") {
    response.status = 204;
    response.headers.Set("Access-Control-Allow-Methods", "GET, POST");
    response.headers.Set("Access-Control-Allow-Headers", "authorization, content-type");
    response.headers.Set("Access-Control-Max-Age", kPreflightAge);
  } else if (transport != "polling" && transport != "websocket") {
    response = Refuse(Refusal::kUnknownTransport);
  } else if (transport == "websocket") {
    response = Refuse(Refusal::kBadRequest);  // It did not ask to be upgraded.
  } else if (!VersionOf(request).has_value()) {
    response = Refuse(Refusal::kUnsupportedVersion);
  } else {
    response = id.has_value() ? Continue(request, *id) : Begin(request);
  }
  // What comes later brings its own.
  if (response.later != nullptr) {
    http::Response allowed;
    AddCors(request, allowed);
    return http::Response::Later([later = std::move(response.later), headers = allowed.headers](
                                     std::shared_ptr<http::Responder> responder) {
      later(std::make_shared<WithHeaders>(std::move(responder), headers));
    });
  }
  AddCors(request, response);
  return response;
}

http::Response Server::Begin(const http::Request& request) {
  if (request.method != "GET") return Refuse(Refusal::kBadMethod);
  const auto session = Make(request, Transport::kPolling);
  if (session == nullptr) return Refuse(Refusal::kBadRequest);
  return http::Response::Later([session](std::shared_ptr<http::Responder> responder) {
    session->OpenByPoll(std::move(responder));
  });
}

http::Response Server::Continue(const http::Request& request, std::string_view id) {
  const bool polls = request.method == "GET";
  if (!polls && request.method != "POST") return Refuse(Refusal::kBadMethod);
  const auto session = Find(id);
  if (session == nullptr) {
    const std::string_view replica = ReplicaOf(id);
    if (options_.forward == nullptr || replica.empty() || replica == options_.replica) {
      return Refuse(Refusal::kUnknownSession);
    }
    return http::Response::Later([this, request, replica = std::string(replica)](
                                     std::shared_ptr<http::Responder> responder) {
      options_.forward(request, replica, std::move(responder));
    });
  }
  if (polls) {
    return http::Response::Later(
        [this, session](const std::shared_ptr<http::Responder>& responder) {
          const absl::Status status = session->Poll(responder);
          if (!status.ok()) {
            responder->Answer(
                Refuse(absl::IsNotFound(status) ? Refusal::kUnknownSession : Refusal::kBadRequest));
          }
        });
  }
  const std::string_view type = request.headers.Get("Content-Type").value_or("");
  const absl::Status status = session->Post(request.body, absl::StartsWith(type, kBytes));
  if (absl::IsNotFound(status)) return Refuse(Refusal::kUnknownSession);
  if (!status.ok()) return Refuse(Refusal::kBadRequest);
  return Respond({.body = "ok"});
}

absl::Status Server::Accept(const http::Request& request) {
  if (!MayCome(request)) return absl::PermissionDeniedError("not from this origin");
  if (request.Parameter("transport") != "websocket") {
    return status::InvalidField("transport", "must be websocket");
  }
  if (!VersionOf(request).has_value()) return status::InvalidField("EIO", "must be 3 or 4");
  const auto id = request.Parameter("sid");
  if (id.has_value() && Find(*id) == nullptr) {
    return status::InvalidField("sid", "must be of a session of this replica");
  }
  return absl::OkStatus();
}

void Server::Opened(const std::shared_ptr<http::WebSocket>& socket) {
  const auto id = socket->request().Parameter("sid");
  const auto session = id.has_value() ? Find(*id) : Make(socket->request(), Transport::kWebSocket);
  if (session == nullptr) return socket->Close();
  {
    absl::MutexLock lock(&mutex_);
    by_socket_[socket.get()] = session;
  }
  if (!id.has_value() && options_.greet_after > absl::ZeroDuration()) {
    return After(options_.greet_after, [session, socket] { session->OpenBySocket(socket); });
  }
  if (!id.has_value()) return session->OpenBySocket(socket);
  if (!session->Probe(socket)) socket->Close();
}

void Server::Received(const http::WebSocket* socket, std::string_view data, bool binary) {
  std::shared_ptr<LiveSession> session;
  {
    absl::MutexLock lock(&mutex_);
    const auto at = by_socket_.find(socket);
    if (at == by_socket_.end()) return;
    session = at->second;
  }
  session->Frame(socket, data, binary);
}

void Server::Gone(const http::WebSocket* socket) {
  std::shared_ptr<LiveSession> session;
  {
    absl::MutexLock lock(&mutex_);
    const auto at = by_socket_.find(socket);
    if (at == by_socket_.end()) return;
    session = std::move(at->second);
    by_socket_.erase(at);
  }
  session->SocketGone(socket);
}

std::shared_ptr<LiveSession> Server::Find(std::string_view id) const {
  absl::MutexLock lock(&mutex_);
  const auto at = sessions_.find(id);
  return at == sessions_.end() ? nullptr : at->second;
}

std::shared_ptr<LiveSession> Server::Make(const http::Request& request, Transport transport) {
  const std::optional<Version> version = VersionOf(request);
  absl::MutexLock lock(&mutex_);
  if (stopped_ || !version.has_value()) return nullptr;
  std::string id = NewId();
  if (id.empty()) return nullptr;
  auto session = std::make_shared<LiveSession>(
      LiveSession::Around{.application = application_,
                          .workers = workers_,
                          .alarms = alarms_,
                          .respond = [this](const Payload& payload) { return Respond(payload); },
                          .ended =
                              [this](const std::string& ended) {
                                absl::MutexLock ended_lock(&mutex_);
                                sessions_.erase(ended);
                              }},
      *version, transport, id, options_.session, request);
  sessions_.emplace(std::move(id), session);
  return session;
}

std::string Server::NewId() const {
  unsigned char random[kIdBytes];
  if (RAND_bytes(random, sizeof random) != 1) return "";
  std::string text = absl::WebSafeBase64Escape(
      std::string_view(reinterpret_cast<const char*>(random), sizeof random));
  return absl::StrCat(options_.replica, ".", text);
}

}  // namespace selfology::realtime::engine_io

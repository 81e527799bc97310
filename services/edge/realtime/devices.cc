#include "services/edge/realtime/devices.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/server.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::realtime {
namespace {

using identity::Caller;
using socket_io::Json;
using socket_io::SocketPtr;

constexpr std::string_view kPermission = "edge.events.read";
constexpr absl::Duration kCheck = absl::Seconds(5);
// A token that has just run out is let go after what clocks may differ by.
constexpr absl::Duration kLeeway = absl::Seconds(1);

absl::Status Unauthenticated(std::string_view why) {
  return status::Error(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED", why);
}

// A number, or digits: JavaScript cannot write all 64-bit integers.
absl::StatusOr<std::optional<int64_t>> NumberOf(const Json& auth, const char* name) {
  const auto at = auth.find(name);
  if (at == auth.end() || at->is_null()) return std::nullopt;
  int64_t number = -1;
  if (at->is_number_unsigned() && at->get<uint64_t>() <= INT64_MAX) number = at->get<int64_t>();
  if (at->is_string() && !absl::SimpleAtoi(at->get_ref<const std::string&>(), &number)) number = -1;
  if (number < 0) return status::InvalidField(name, "must be an integer of 0 or more");
  return number;
}

std::string AuthorizationOf(const http::Request& request, const Json& auth) {
  const auto at = auth.find("token");
  if (at != auth.end() && at->is_string() && !at->get_ref<const std::string&>().empty()) {
    return absl::StrCat("Bearer ", at->get_ref<const std::string&>());
  }
  if (const auto token = request.Parameter("token"); token.has_value() && !token->empty()) {
    return absl::StrCat("Bearer ", *token);
  }
  return std::string(request.headers.Get("Authorization").value_or(""));
}

Json ErrorJson(const absl::Status& error) {
  return {{"error", {{"code", status::Reason(error)}, {"message", error.message()}}}};
}

}  // namespace

Devices::Devices(Around around, socket_io::Options options)
    : around_(std::move(around)),
      server_(std::move(options),
              {{.name = "/",
                .connect = [this](const SocketPtr& socket, const Json& auth) -> absl::Status {
                  ASSIGN_OR_RETURN(Known known, Identify(socket, auth));
                  absl::MutexLock lock(&mutex_);
                  known_[socket.get()] = std::move(known);
                  return absl::OkStatus();
                },
                .connected = [this](const SocketPtr& socket, const Json&) { Connected(socket); },
                .event =
                    [this](const SocketPtr& socket, const std::string& event, const Json& arguments,
                           const socket_io::Acknowledge& acknowledge) {
                      Event(socket, event, arguments, acknowledge);
                    },
                .disconnected = [this](const SocketPtr& socket,
                                       std::string_view) { Disconnected(socket); }}}) {}

absl::StatusOr<Devices::Known> Devices::Identify(const SocketPtr& socket, const Json& auth) {
  const auto request = socket->request();
  if (request == nullptr) return absl::CancelledError("the client is gone");
  Known known{.socket = socket, .authorization = AuthorizationOf(*request, auth)};
  ASSIGN_OR_RETURN(known.offset, NumberOf(auth, "offset"));
  if (!known.authorization.empty()) {
    ASSIGN_OR_RETURN(
        const std::shared_ptr<const Caller> caller,
        around_.authenticate(Call::Background(kCheck, request->call.trace()), known.authorization));
    if (caller->kind != Caller::Kind::kPerson ||
        (around_.enforce_access && !identity::Allows(*caller, kPermission))) {
      return status::Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                           "the token is not of a person who may read their events");
    }
    known.user_id = caller->user_id;
    known.expires_at = caller->expires_at;
    return known;
  }
  if (around_.enforce_access) return Unauthenticated("a token is required");
  ASSIGN_OR_RETURN(const std::optional<int64_t> user_id, NumberOf(auth, "user_id"));
  if (user_id.value_or(0) <= 0) return Unauthenticated("a token or a user_id is required");
  known.user_id = *user_id;
  return known;
}

std::optional<Devices::Known> Devices::Find(const SocketPtr& socket) const {
  absl::MutexLock lock(&mutex_);
  const auto at = known_.find(socket.get());
  if (at == known_.end()) return std::nullopt;
  return at->second;
}

void Devices::Connected(const SocketPtr& socket) {
  const std::optional<Known> known = Find(socket);
  if (!known.has_value()) return;
  around_.presence.Add(known->user_id, socket->id());
  around_.delivery.Add(socket, known->user_id, known->offset);
  EndAt(socket, known->expires_at);
}

void Devices::Disconnected(const SocketPtr& socket) {
  around_.delivery.Remove(socket);
  const std::optional<Known> known = Find(socket);
  if (!known.has_value()) return;
  around_.presence.Remove(known->user_id, socket->id());
  absl::MutexLock lock(&mutex_);
  known_.erase(socket.get());
}

void Devices::Expire(const SocketPtr& socket) {
  socket->Emit("expired", Json::array());
  socket->Disconnect(true);
}

void Devices::EndAt(const SocketPtr& socket, absl::Time expires_at) {
  if (expires_at == absl::InfiniteFuture()) return;
  server_.engine().After(expires_at + kLeeway - absl::Now(),
                         [this, weak = std::weak_ptr<socket_io::Socket>(socket), expires_at] {
                           const SocketPtr expired = weak.lock();
                           if (expired == nullptr) return;
                           const std::optional<Known> known = Find(expired);
                           // Renewed meanwhile: then another look is due.
                           if (known.has_value() && known->expires_at <= expires_at)
                             Expire(expired);
                         });
}

void Devices::Event(const SocketPtr& socket, const std::string& event, const Json& arguments,
                    const socket_io::Acknowledge& acknowledge) {
  absl::StatusOr<Json> answer = status::InvalidField("event", "must be authenticate");
  if (event == "authenticate") {
    answer = Renew(socket, arguments.empty() || !arguments.front().is_object() ? Json::object()
                                                                               : arguments.front());
  }
  if (acknowledge == nullptr) return;
  acknowledge(Json::array({answer.ok() ? *answer : ErrorJson(answer.status())}));
}

absl::StatusOr<Json> Devices::Renew(const SocketPtr& socket, const Json& auth) {
  if (!auth.contains("token")) return status::InvalidField("token", "must be set");
  ASSIGN_OR_RETURN(const Known renewed, Identify(socket, auth));
  {
    absl::MutexLock lock(&mutex_);
    const auto at = known_.find(socket.get());
    if (at == known_.end()) return absl::CancelledError("the client is gone");
    if (at->second.user_id != renewed.user_id) {
      return status::Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                           "the token is another person's");
    }
    at->second.authorization = renewed.authorization;
    at->second.expires_at = renewed.expires_at;
  }
  EndAt(socket, renewed.expires_at);
  return Json{{"expires_at",
               absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", renewed.expires_at, absl::UTCTimeZone())}};
}

void Devices::CheckAgain(const Call& call) {
  std::vector<Known> all;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [unused, known] : known_) {
      if (!known.authorization.empty()) all.push_back(known);
    }
  }
  for (const Known& known : all) {
    const auto caller = around_.authenticate(call, known.authorization);
    // Only what is refused: a security service that is away throws nobody out.
    if (absl::IsUnauthenticated(caller.status())) Expire(known.socket);
  }
}

}  // namespace selfology::realtime

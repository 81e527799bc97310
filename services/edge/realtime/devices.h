// The devices of people: who they are, and what they may ask for, over Socket.IO's namespace "/".
//
// A device enters with its auth object, {"token": "...", "offset": 1764489600001}: the token as it
// would be in an Authorization header (where it may be as well, or in the query as `token`), and the
// position of the last event that it has had; without one it is told what happens from now on.
// Then it gets what delivery.h says, and may send, with an acknowledgement each:
//   authenticate {"token": "..."}   before its token expires -> {"expires_at": "..."}
// A device whose token has expired, or is not accepted any more, is told `expired` and disconnected.
//
// Without enforcement of access (--enforce_access) an auth object {"user_id": 1001} does as well.
//
// Errors, as connect_error or in an acknowledgement as {"error": {"code", "message"}}: UNAUTHENTICATED,
// PERMISSION_DENIED, INVALID_ARGUMENT, SERVICE_UNAVAILABLE.
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/identity/caller.h"
#include "services/edge/realtime/delivery.h"
#include "services/edge/realtime/presence.h"
#include "services/edge/realtime/socket_io/server.h"

namespace selfology::realtime {

class Devices {
 public:
  using Authenticate = std::function<absl::StatusOr<std::shared_ptr<const identity::Caller>>(
      const Call&, std::string_view authorization)>;

  struct Around {
    Delivery& delivery;
    Presence& presence;
    Authenticate authenticate;
    bool enforce_access = false;
  };
  Devices(Around around, socket_io::Options options);
  ~Devices() { Stop(); }

  socket_io::Server& server() { return server_; }

  // Looks again at all tokens: what was revoked is disconnected. Blocks while they are checked.
  void CheckAgain(const Call& call);

  void Stop() { server_.Stop(); }

 private:
  struct Known {
    socket_io::SocketPtr socket;
    int64_t user_id = 0;
    std::optional<int64_t> offset = std::nullopt;
    std::string authorization = {};  // Empty: none was needed.
    absl::Time expires_at = absl::InfiniteFuture();
  };

  absl::StatusOr<Known> Identify(const socket_io::SocketPtr& socket, const socket_io::Json& auth);
  void Connected(const socket_io::SocketPtr& socket);
  void Disconnected(const socket_io::SocketPtr& socket);
  void Event(const socket_io::SocketPtr& socket, const std::string& event,
             const socket_io::Json& arguments, const socket_io::Acknowledge& acknowledge);
  absl::StatusOr<socket_io::Json> Renew(const socket_io::SocketPtr& socket,
                                        const socket_io::Json& auth);
  void EndAt(const socket_io::SocketPtr& socket, absl::Time expires_at);
  std::optional<Known> Find(const socket_io::SocketPtr& socket) const;
  static void Expire(const socket_io::SocketPtr& socket);

  const Around around_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<const socket_io::Socket*, Known> known_ ABSL_GUARDED_BY(mutex_);
  socket_io::Server server_;  // Last: it calls the rest until it is gone.
};

}  // namespace selfology::realtime

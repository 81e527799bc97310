// Many clients of a server in this process, on one thread: HTTP requests one after the other on each
// connection, and devices by WebSockets that only listen, to us (Socket.IO) or to centrifugo (its
// JSON). Written by hand, so that what a client costs is little beside the server that is measured.
//
// Errors: UNAVAILABLE when a server closes or answers something else. Threads: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::bench {

struct RequestLoad {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string path = {};  // GET
  int connections = 16;
  absl::Duration how_long;
};
struct RequestFigures {
  int64_t requests = 0;
  std::vector<double> took_ms = {};
};
// An answer other than 200 is an error.
absl::StatusOr<RequestFigures> LoadRequests(const RequestLoad& load);

// Devices of one person.
class Devices {
 public:
  enum Server { kSocketIo, kCentrifugo };
  explicit Devices(Server server) : server_(server) {}
  ~Devices();
  Devices(const Devices&) = delete;
  Devices& operator=(const Devices&) = delete;

  // So many more, each once it has been told that it listens.
  absl::Status Connect(int port, int64_t user_id, int count);
  // Waits until each has been told of `events` events since then, or for `patience`; when each was told
  // of the last one. Answers pings meanwhile.
  absl::StatusOr<std::vector<absl::Time>> Hear(int events, absl::Duration patience);
  int count() const { return static_cast<int>(devices_.size()); }

 private:
  struct Device {
    int fd = -1;
    bool upgraded = false;
    bool ready = false;
    int heard = 0;
    absl::Time at = absl::InfinitePast();
    std::string unread = {};
  };
  // Reads what has come for some, until `done` says so.
  absl::Status Turn(absl::Time until, const std::function<bool()>& done);
  absl::Status Take(Device& device);
  absl::Status Said(Device& device, std::string_view message);
  absl::Status CentrifugoSaid(Device& device, std::string_view message);
  void Ready(Device& device);
  void Heard(Device& device);

  const Server server_;
  std::vector<Device> devices_;
  int64_t user_id_ = 0;
  int epoll_ = -1;
  int ready_ = 0;
  int wanted_ = 0;
  int done_ = 0;
};

}  // namespace selfology::bench

// One Engine.IO session: what its client and its server may do when, over which transport.
//
//   Session session(Version::k4, Transport::kPolling, "sid", settings, now);
//   Effects effects = session.Open();
//   if (absl::Status refused = session.Poll(now, effects); !refused.ok()) ...
//   effects = session.Tick(now);                 // at session.deadline(), or later
//
// Each function gives the effects that its caller carries out, in their order. A session that has
// ended refuses everything and gives no effect more.
//
// Protocol 4's server pings and its client must answer; protocol 3's client pings, and the server
// ends what has been silent for both times together. A session that begins by polling may go over to
// a WebSocket: the client probes it ("2probe"), the server answers and ends the waiting poll by a
// noop, the client completes ("5").
//
// Threads: one at a time.
// Sources: as packet.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/edge/realtime/engine_io/packet.h"

namespace selfology::realtime::engine_io {

enum class Transport { kPolling, kWebSocket };

struct SessionSettings {
  absl::Duration ping_interval = absl::Seconds(25);
  absl::Duration ping_timeout = absl::Seconds(20);
  absl::Duration upgrade_timeout = absl::Seconds(10);  // For a probe to be completed.
  size_t max_payload = 1'000'000;                      // Bytes of a body or a frame.
  size_t max_waiting = 1 << 20;  // Bytes for a client that does not poll; it is dropped beyond.
};

struct Effect {
  enum class What {
    kAnswerPoll,   // The poll that waits, or the one just asked, with `packets`.
    kSend,         // `packets` over the WebSocket.
    kSendProbe,    // The same over the one that is being probed.
    kCloseSocket,  // What was sent goes out first.
    kCloseProbe,
    kPromoteProbe,  // The probed WebSocket is the session's from now on.
    kDeliver,       // `packets` (messages) to the application.
    kEnd,           // The session is over, for `reason`; the last effect.
  };
  What what;
  std::vector<Packet> packets = {};
  std::string_view reason = {};  // A literal.
};
using Effects = std::vector<Effect>;

// Why a request is refused; the values are those of the wire.
enum class Refusal {
  kUnknownTransport = 0,
  kUnknownSession = 1,
  kBadMethod = 2,
  kBadRequest = 3,
  kForbidden = 4,
  kUnsupportedVersion = 5,
};
// {"code":1,"message":"Session ID unknown"}
std::string RefusalJson(Refusal refusal);

class Session {
 public:
  Session(Version version, Transport transport, std::string id, const SessionSettings& settings,
          absl::Time now);

  // What a new session begins with: its handshake. By polling it answers the poll that made it.
  Effects Open();

  // HTTP. An error refuses the request, with 400.
  absl::Status Poll(absl::Time now, Effects& effects);
  absl::Status Post(absl::Time now, std::string_view body, bool binary, Effects& effects);
  // The client went away while its poll waited.
  Effects PollGone();

  // A WebSocket comes to a session that polls. False: it is of no use; close it.
  bool Probe(absl::Time now);
  Effects ProbeFrame(absl::Time now, std::string_view text);
  void ProbeGone();
  // Frames and the end of the session's own WebSocket.
  Effects Frame(absl::Time now, std::string_view data, bool binary);
  Effects SocketGone();
  // The WebSocket does not take what is sent as fast as it comes.
  Effects SocketTooSlow();

  // Messages from the application, all or nothing at once.
  Effects Send(std::vector<Packet> packets);
  Effects Close(std::string_view reason);

  // Whatever time has brought. Called at the deadline; harmless at any time.
  Effects Tick(absl::Time now);
  absl::Time deadline() const;

  const std::string& id() const { return id_; }
  Version version() const { return version_; }
  Transport transport() const { return transport_; }
  bool ended() const { return ended_; }
  size_t waiting_bytes() const { return waiting_bytes_; }  // For a client that polls.

 private:
  enum class Upgrade { kNone, kProbing, kAnswered };

  bool Expired(absl::Time now, Effects& effects);
  void Take(absl::Time now, std::vector<Packet> packets, Effects& effects);
  void SendNow(std::vector<Packet> packets, Effects& effects);
  void AnswerPoll(std::vector<Packet> packets, Effects& effects);
  void End(std::string_view reason, Effects& effects);

  const Version version_;
  const std::string id_;
  const SessionSettings settings_;
  Transport transport_;
  Upgrade upgrade_ = Upgrade::kNone;
  absl::Time upgrade_until_ = absl::InfiniteFuture();
  bool poll_waits_ = false;
  bool ended_ = false;
  std::vector<Packet> waiting_;  // For a poll.
  size_t waiting_bytes_ = 0;
  absl::Time next_ping_;                              // Protocol 4.
  absl::Time silent_until_ = absl::InfiniteFuture();  // Then the client is taken for gone.
};

}  // namespace selfology::realtime::engine_io

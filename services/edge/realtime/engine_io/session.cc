#include "services/edge/realtime/engine_io/session.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

namespace selfology::realtime::engine_io {
namespace {

using What = Effect::What;

constexpr std::string_view kProbe = "probe";
constexpr std::string_view kParseError = "parse error";
constexpr std::string_view kTransportClose = "transport close";
constexpr std::string_view kTransportError = "transport error";
constexpr std::string_view kPingTimeout = "ping timeout";
constexpr std::string_view kTooSlow = "client too slow";

absl::Status BadRequest() { return absl::FailedPreconditionError("not by this transport"); }
absl::Status Unknown() { return absl::NotFoundError("the session has ended"); }

}  // namespace

std::string RefusalJson(Refusal refusal) {
  static constexpr const char* kMessages[] = {
      "Transport unknown", "Session ID unknown", "Bad handshake method",
      "Bad request",       "Forbidden",          "Unsupported protocol version"};
  const int code = static_cast<int>(refusal);
  return nlohmann::json{{"code", code}, {"message", kMessages[code]}}.dump();
}

Session::Session(Version version, Transport transport, std::string id,
                 const SessionSettings& settings, absl::Time now)
    : version_(version), id_(std::move(id)), settings_(settings), transport_(transport) {
  if (version_ == Version::k4) {
    next_ping_ = now + settings_.ping_interval;
  } else {
    next_ping_ = absl::InfiniteFuture();
    silent_until_ = now + settings_.ping_interval + settings_.ping_timeout;
  }
}

Effects Session::Open() {
  nlohmann::json upgrades = nlohmann::json::array();
  if (transport_ == Transport::kPolling) upgrades.push_back("websocket");
  const nlohmann::json handshake = {
      {"sid", id_},
      {"upgrades", std::move(upgrades)},
      {"pingInterval", absl::ToInt64Milliseconds(settings_.ping_interval)},
      {"pingTimeout", absl::ToInt64Milliseconds(settings_.ping_timeout)},
      {"maxPayload", settings_.max_payload}};
  Effects effects;
  effects.push_back({transport_ == Transport::kPolling ? What::kAnswerPoll : What::kSend,
                     {{PacketType::kOpen, handshake.dump()}}});
  return effects;
}

absl::Time Session::deadline() const {
  if (ended_) return absl::InfiniteFuture();
  return std::min({next_ping_, silent_until_, upgrade_until_});
}

bool Session::Expired(absl::Time now, Effects& effects) {
  for (Effect& effect : Tick(now)) effects.push_back(std::move(effect));
  return ended_;
}

Effects Session::Tick(absl::Time now) {
  Effects effects;
  if (ended_) return effects;
  if (now >= silent_until_) {
    End(kPingTimeout, effects);
    return effects;
  }
  if (now >= upgrade_until_) {
    ProbeGone();
    effects.push_back({What::kCloseProbe});
  }
  if (now >= next_ping_) {
    // From when it was due: a late tick must not make the client's time longer than it knows.
    silent_until_ = next_ping_ + settings_.ping_timeout;
    next_ping_ = absl::InfiniteFuture();
    if (now >= silent_until_) {
      End(kPingTimeout, effects);
      return effects;
    }
    SendNow({{PacketType::kPing}}, effects);
  }
  return effects;
}

absl::Status Session::Poll(absl::Time now, Effects& effects) {
  if (ended_ || Expired(now, effects)) return Unknown();
  if (transport_ != Transport::kPolling) return BadRequest();
  if (poll_waits_) {
    // Two clients, or one that is confused: neither can be told apart from the other.
    AnswerPoll({{PacketType::kClose}}, effects);
    End(kTransportError, effects);
    return BadRequest();
  }
  poll_waits_ = true;
  if (!waiting_.empty()) {
    waiting_bytes_ = 0;
    AnswerPoll(std::exchange(waiting_, {}), effects);
  } else if (upgrade_ == Upgrade::kAnswered) {
    AnswerPoll({{PacketType::kNoop}}, effects);
  }
  return absl::OkStatus();
}

absl::Status Session::Post(absl::Time now, std::string_view body, bool binary, Effects& effects) {
  if (ended_ || Expired(now, effects)) return Unknown();
  if (transport_ != Transport::kPolling) return BadRequest();
  absl::StatusOr<std::vector<Packet>> packets = DecodePayload(version_, body, binary);
  if (!packets.ok()) {
    End(kParseError, effects);
    return packets.status();
  }
  Take(now, *std::move(packets), effects);
  return absl::OkStatus();
}

Effects Session::PollGone() {
  Effects effects;
  if (ended_ || !poll_waits_) return effects;
  poll_waits_ = false;
  End(kTransportClose, effects);
  return effects;
}

bool Session::Probe(absl::Time now) {
  if (ended_ || transport_ != Transport::kPolling || upgrade_ != Upgrade::kNone) return false;
  upgrade_ = Upgrade::kProbing;
  upgrade_until_ = now + settings_.upgrade_timeout;
  return true;
}

void Session::ProbeGone() {
  if (transport_ == Transport::kPolling) upgrade_ = Upgrade::kNone;
  upgrade_until_ = absl::InfiniteFuture();
}

Effects Session::ProbeFrame(absl::Time now, std::string_view text) {
  Effects effects;
  if (ended_ || Expired(now, effects) || upgrade_ == Upgrade::kNone) return effects;
  const absl::StatusOr<Packet> packet = DecodeText(text);
  if (packet.ok() && packet->type == PacketType::kPing && packet->data == kProbe) {
    upgrade_ = Upgrade::kAnswered;
    effects.push_back({What::kSendProbe, {{PacketType::kPong, std::string(kProbe)}}});
    if (poll_waits_) AnswerPoll({{PacketType::kNoop}}, effects);
    return effects;
  }
  if (packet.ok() && packet->type == PacketType::kUpgrade && upgrade_ == Upgrade::kAnswered) {
    if (poll_waits_) AnswerPoll({{PacketType::kNoop}}, effects);
    transport_ = Transport::kWebSocket;
    upgrade_until_ = absl::InfiniteFuture();
    effects.push_back({What::kPromoteProbe});
    waiting_bytes_ = 0;
    if (!waiting_.empty()) effects.push_back({What::kSend, std::exchange(waiting_, {})});
    return effects;
  }
  ProbeGone();
  effects.push_back({What::kCloseProbe});
  return effects;
}

Effects Session::Frame(absl::Time now, std::string_view data, bool binary) {
  Effects effects;
  if (ended_ || Expired(now, effects)) return effects;
  absl::StatusOr<Packet> packet = binary ? DecodeBinary(version_, data) : DecodeText(data);
  if (!packet.ok()) {
    End(kParseError, effects);
    return effects;
  }
  std::vector<Packet> packets;
  packets.push_back(*std::move(packet));
  Take(now, std::move(packets), effects);
  return effects;
}

Effects Session::SocketGone() {
  Effects effects;
  if (!ended_ && transport_ == Transport::kWebSocket) End(kTransportClose, effects);
  return effects;
}

Effects Session::SocketTooSlow() {
  Effects effects;
  if (!ended_) End(kTooSlow, effects);
  return effects;
}

// What the client sent.
void Session::Take(absl::Time now, std::vector<Packet> packets, Effects& effects) {
  std::vector<Packet> messages;
  const auto deliver = [&] {
    if (!messages.empty()) effects.push_back({What::kDeliver, std::exchange(messages, {})});
  };
  if (version_ == Version::k3) {
    silent_until_ = now + settings_.ping_interval + settings_.ping_timeout;
  }
  for (Packet& packet : packets) {
    const bool pings = version_ == Version::k3;
    if (packet.type == PacketType::kMessage) {
      messages.push_back(std::move(packet));
    } else if (packet.type == PacketType::kPing && pings) {
      deliver();
      SendNow({{PacketType::kPong, std::move(packet.data)}}, effects);
    } else if (packet.type == PacketType::kPong && !pings) {
      next_ping_ = now + settings_.ping_interval;
      silent_until_ = absl::InfiniteFuture();
    } else if (packet.type == PacketType::kClose) {
      deliver();
      if (poll_waits_) AnswerPoll({{PacketType::kNoop}}, effects);
      return End(kTransportClose, effects);
    } else if (packet.type != PacketType::kNoop && packet.type != PacketType::kUpgrade) {
      deliver();
      return End(kParseError, effects);
    }
  }
  deliver();
}

Effects Session::Send(std::vector<Packet> packets) {
  Effects effects;
  if (!ended_ && !packets.empty()) SendNow(std::move(packets), effects);
  return effects;
}

void Session::SendNow(std::vector<Packet> packets, Effects& effects) {
  if (transport_ == Transport::kWebSocket) {
    effects.push_back({What::kSend, std::move(packets)});
    return;
  }
  if (poll_waits_) return AnswerPoll(std::move(packets), effects);
  for (Packet& packet : packets) {
    waiting_bytes_ += packet.data.size() + sizeof(Packet);
    waiting_.push_back(std::move(packet));
  }
  if (waiting_bytes_ > settings_.max_waiting) End(kTooSlow, effects);
}

void Session::AnswerPoll(std::vector<Packet> packets, Effects& effects) {
  poll_waits_ = false;
  effects.push_back({What::kAnswerPoll, std::move(packets)});
}

Effects Session::Close(std::string_view reason) {
  Effects effects;
  if (!ended_) End(reason, effects);
  return effects;
}

void Session::End(std::string_view reason, Effects& effects) {
  ended_ = true;
  waiting_.clear();
  if (poll_waits_) AnswerPoll({{PacketType::kClose}}, effects);
  if (transport_ == Transport::kWebSocket) {
    effects.push_back({What::kCloseSocket});
  } else if (upgrade_ != Upgrade::kNone) {
    effects.push_back({What::kCloseProbe});
  }
  effects.push_back({What::kEnd, {}, reason});
}

}  // namespace selfology::realtime::engine_io

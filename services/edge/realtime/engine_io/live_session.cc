#include "services/edge/realtime/engine_io/live_session.h"

#include <utility>

#include "absl/time/clock.h"

namespace selfology::realtime::engine_io {
namespace {

using What = Effect::What;

// Messages that the application has not taken yet.
constexpr size_t kMaxUntold = 1024;
// RFC 6455, 7.4.1.
constexpr int kNormalClose = 1000;

}  // namespace

LiveSession::LiveSession(Around around, Version version, Transport transport, std::string id,
                         const SessionSettings& settings, const http::Request& request)
    : around_(std::move(around)),
      version_(version),
      id_(std::move(id)),
      request_(request),
      takes_bytes_(version == Version::k3 && !request.Parameter("b64").has_value()),
      session_(version, transport, id_, settings, absl::Now()) {}

void LiveSession::OpenByPoll(std::shared_ptr<http::Responder> responder) {
  absl::MutexLock lock(&mutex_);
  poll_ = std::move(responder);
  Apply(session_.Open());
  Tell([self = shared_from_this()] { self->around_.application.opened(self); });
}

void LiveSession::OpenBySocket(std::shared_ptr<http::WebSocket> socket) {
  absl::MutexLock lock(&mutex_);
  if (session_.ended()) return;
  socket_ = std::move(socket);
  Apply(session_.Open());
  Tell([self = shared_from_this()] { self->around_.application.opened(self); });
}

absl::Status LiveSession::Poll(std::shared_ptr<http::Responder> responder) {
  absl::MutexLock lock(&mutex_);
  Effects effects;
  const absl::Status status = session_.Poll(absl::Now(), effects);
  if (!status.ok()) {
    Apply(std::move(effects));
    return status;
  }
  poll_ = responder;
  const int64_t poll = ++polls_;
  Apply(std::move(effects));
  if (poll_ == nullptr) return absl::OkStatus();
  responder->OnHurry([weak = weak_from_this(), poll] {
    if (const auto self = weak.lock()) self->PollHurries(poll);
  });
  return absl::OkStatus();
}

void LiveSession::PollHurries(int64_t poll) {
  absl::MutexLock lock(&mutex_);
  if (poll == polls_ && poll_ != nullptr) Apply(session_.PollGone());
}

absl::Status LiveSession::Post(std::string_view body, bool binary) {
  absl::MutexLock lock(&mutex_);
  Effects effects;
  absl::Status status = session_.Post(absl::Now(), body, binary, effects);
  Apply(std::move(effects));
  return status;
}

bool LiveSession::Probe(std::shared_ptr<http::WebSocket> socket) {
  absl::MutexLock lock(&mutex_);
  if (!session_.Probe(absl::Now())) return false;
  probe_ = std::move(socket);
  SetAlarm();
  return true;
}

void LiveSession::Frame(const http::WebSocket* socket, std::string_view data, bool binary) {
  absl::MutexLock lock(&mutex_);
  if (socket == probe_.get()) {
    // Nothing binary is expected of a probe.
    Apply(session_.ProbeFrame(absl::Now(), binary ? std::string_view() : data));
  } else if (socket == socket_.get()) {
    Apply(session_.Frame(absl::Now(), data, binary));
  }
}

void LiveSession::SocketGone(const http::WebSocket* socket) {
  absl::MutexLock lock(&mutex_);
  if (socket == probe_.get()) {
    probe_ = nullptr;
    session_.ProbeGone();
  } else if (socket == socket_.get()) {
    Apply(session_.SocketGone());
  }
}

void LiveSession::Send(std::vector<Packet> packets) {
  absl::MutexLock lock(&mutex_);
  Apply(session_.Send(std::move(packets)));
}

void LiveSession::Close(std::string_view reason) {
  absl::MutexLock lock(&mutex_);
  Apply(session_.Close(reason));
}

void LiveSession::Drop(std::string_view reason) {
  absl::MutexLock lock(&mutex_);
  if (socket_ != nullptr) socket_->Drop();
  Apply(session_.Close(reason));
}

size_t LiveSession::unsent_bytes() {
  absl::MutexLock lock(&mutex_);
  return socket_ != nullptr ? socket_->unsent_bytes() : session_.waiting_bytes();
}

void LiveSession::OnAlarm() {
  absl::MutexLock lock(&mutex_);
  alarm_ = absl::InfiniteFuture();
  Apply(session_.Tick(absl::Now()));
}

void LiveSession::Apply(Effects effects) {
  bool too_slow = false;
  for (Effect& effect : effects) {
    switch (effect.what) {
      case What::kAnswerPoll:
        AnswerPoll(std::move(effect.packets));
        break;
      case What::kSend:
        if (socket_ != nullptr && !SendFrames(*socket_, effect.packets)) too_slow = true;
        break;
      case What::kSendProbe:
        if (probe_ != nullptr) SendFrames(*probe_, effect.packets);
        break;
      case What::kCloseSocket:
        if (socket_ != nullptr) socket_->Close(kNormalClose);
        break;
      case What::kCloseProbe:
        if (probe_ != nullptr) std::exchange(probe_, nullptr)->Close(kNormalClose);
        break;
      case What::kPromoteProbe:
        socket_ = std::exchange(probe_, nullptr);
        break;
      case What::kDeliver:
        for (Packet& packet : effect.packets) {
          Tell([self = shared_from_this(), packet = std::move(packet)]() mutable {
            self->around_.application.message(self, std::move(packet));
          });
        }
        break;
      case What::kEnd:
        // A poll whose client has gone: nobody reads it.
        if (poll_ != nullptr) AnswerPoll({{PacketType::kClose}});
        Tell([self = shared_from_this(), reason = effect.reason] {
          self->around_.application.closed(self, reason);
        });
        around_.ended(id_);
        break;
    }
  }
  if (too_slow) {
    // It does not read, so there is no use in telling it why.
    if (socket_ != nullptr) socket_->Drop();
    Apply(session_.SocketTooSlow());
  } else if (untold_.size() > kMaxUntold && !session_.ended()) {
    Apply(session_.Close("client too fast"));
  }
  SetAlarm();
}

void LiveSession::AnswerPoll(std::vector<Packet> packets) {
  if (poll_ == nullptr) return;
  std::exchange(poll_, nullptr)
      ->Answer(around_.respond(EncodePayload(version_, packets, takes_bytes_)));
}

bool LiveSession::SendFrames(http::WebSocket& socket, const std::vector<Packet>& packets) {
  for (const Packet& packet : packets) {
    const absl::Status sent = packet.binary ? socket.SendBinary(EncodeBinary(version_, packet.data))
                                            : socket.Send(EncodeText(packet));
    if (absl::IsResourceExhausted(sent)) return false;
  }
  return true;
}

void LiveSession::SetAlarm() {
  const absl::Time deadline = session_.deadline();
  // One that comes too early looks again; most deadlines only move away.
  if (deadline >= alarm_) return;
  alarm_ = deadline;
  around_.alarms.At(deadline, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->OnAlarm();
  });
}

void LiveSession::Tell(std::function<void()> what) {
  untold_.push_back(std::move(what));
  if (telling_) return;
  telling_ = around_.workers.Submit([self = shared_from_this()] { self->TellNext(); });
}

void LiveSession::TellNext() {
  for (;;) {
    std::function<void()> what;
    {
      absl::MutexLock lock(&mutex_);
      if (untold_.empty()) {
        telling_ = false;
        return;
      }
      what = std::move(untold_.front());
      untold_.pop_front();
    }
    what();
  }
}

}  // namespace selfology::realtime::engine_io

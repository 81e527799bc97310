// A session with its client's requests and sockets: carries out what session.h says. Internal to
// this folder.
//
// Its functions for requests and sockets never block, so they may run on the I/O thread. Threads:
// thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/executor/worker_pool.h"
#include "common/http/server.h"
#include "services/edge/realtime/engine_io/alarms.h"
#include "services/edge/realtime/engine_io/connection.h"
#include "services/edge/realtime/engine_io/session.h"

namespace selfology::realtime::engine_io {

class LiveSession final : public Connection, public std::enable_shared_from_this<LiveSession> {
 public:
  struct Around {
    const Application& application;
    executor::WorkerPool& workers;
    Alarms& alarms;
    std::function<http::Response(const Payload&)> respond;  // With the headers that go with it.
    std::function<void(const std::string& id)> ended;
  };
  LiveSession(Around around, Version version, Transport transport, std::string id,
              const SessionSettings& settings, const http::Request& request);

  // The first request or socket.
  void OpenByPoll(std::shared_ptr<http::Responder> responder);
  void OpenBySocket(std::shared_ptr<http::WebSocket> socket);

  // Not OK: the request is refused with Refusal's code, and the responder not used.
  absl::Status Poll(std::shared_ptr<http::Responder> responder);
  absl::Status Post(std::string_view body, bool binary);
  bool Probe(std::shared_ptr<http::WebSocket> socket);
  void Frame(const http::WebSocket* socket, std::string_view data, bool binary);
  void SocketGone(const http::WebSocket* socket);

  const std::string& id() const override { return id_; }
  Version version() const override { return version_; }
  const http::Request& request() const override { return request_; }
  void Send(std::vector<Packet> packets) override;
  void Close(std::string_view reason) override;
  void Drop(std::string_view reason) override;
  size_t unsent_bytes() override;

 private:
  void PollHurries(int64_t poll);
  void OnAlarm();
  void Apply(Effects effects) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AnswerPoll(std::vector<Packet> packets) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool SendFrames(http::WebSocket& socket, const std::vector<Packet>& packets)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetAlarm() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Has the application do something after all that it was asked to before.
  void Tell(std::function<void()> what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellNext();

  const Around around_;
  const Version version_;
  const std::string id_;
  const http::Request request_;
  const bool takes_bytes_;

  absl::Mutex mutex_;
  Session session_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<http::Responder> poll_ ABSL_GUARDED_BY(mutex_);
  int64_t polls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<http::WebSocket> socket_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<http::WebSocket> probe_ ABSL_GUARDED_BY(mutex_);
  absl::Time alarm_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  std::deque<std::function<void()>> untold_ ABSL_GUARDED_BY(mutex_);
  bool telling_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::realtime::engine_io

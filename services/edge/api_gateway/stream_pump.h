// Brings a server stream's messages, as JSON, from gRPC's thread to the one that writes to the client.
//
//   auto pump = StreamPump::Start(readers, channel.Open(method, call, request), route, style);
//   while (...) { StreamPump::Item item = pump->Next(absl::Seconds(1)); ... }
//   pump->Stop();
//
// Holds at most a few messages: a slow client makes the service wait. Thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/executor/worker_pool.h"
#include "common/rpc/channel.h"
#include "common/transcode/json_writer.h"
#include "common/transcode/route_table.h"

namespace selfology::api_gateway {

class StreamPump {
 public:
  // `route` outlives it. Null: no thread to be had.
  static std::shared_ptr<StreamPump> Start(executor::WorkerPool& readers,
                                           std::shared_ptr<rpc::Reader> reader,
                                           const transcode::Route& route,
                                           const transcode::JsonStyle& style);

  // One of the two, or neither: nothing came within the time.
  struct Item {
    std::optional<std::string> json = {};
    std::optional<absl::Status> end = {};  // Nothing comes after it.
  };
  Item Next(absl::Duration patience);
  // Why the stream ended before its first message, if it did within the time.
  absl::Status FailedAtOnce(absl::Duration patience);
  // Nobody calls Next any longer.
  void Stop();

 private:
  StreamPump(std::shared_ptr<rpc::Reader> reader, const transcode::Route& route,
             const transcode::JsonStyle& style)
      : reader_(std::move(reader)), route_(route), style_(style) {}

  void Run();
  bool Push(std::string json);
  bool HasItem() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !messages_.empty() || end_.has_value();
  }
  bool MayPush() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<rpc::Reader> reader_;
  const transcode::Route& route_;
  const transcode::JsonStyle style_;
  absl::Mutex mutex_;
  std::deque<std::string> messages_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::api_gateway

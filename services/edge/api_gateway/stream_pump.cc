#include "services/edge/api_gateway/stream_pump.h"

#include <utility>

#include "common/transcode/request.h"

namespace selfology::api_gateway {
namespace {

constexpr size_t kMaxWaiting = 16;

}  // namespace

std::shared_ptr<StreamPump> StreamPump::Start(executor::WorkerPool& readers,
                                              std::shared_ptr<rpc::Reader> reader,
                                              const transcode::Route& route,
                                              const transcode::JsonStyle& style) {
  const std::shared_ptr<StreamPump> pump(new StreamPump(std::move(reader), route, style));
  if (!readers.Submit([pump] { pump->Run(); })) return nullptr;
  return pump;
}

void StreamPump::Run() {
  const auto message = transcode::NewMessage(*route_.method->output_type());
  absl::Status written = absl::OkStatus();
  while (written.ok() && reader_->Read(*message)) {
    std::string json;
    written = route_.answer == nullptr
                  ? transcode::AppendJson(*message, style_, json)
                  : transcode::AppendFieldJson(*message, *route_.answer, style_, json);
    if (written.ok() && !Push(std::move(json))) written = absl::CancelledError("stopped");
  }
  if (!written.ok()) reader_->Cancel();
  const absl::Status finished = reader_->Finish();
  absl::MutexLock lock(&mutex_);
  end_ = written.ok() ? finished : written;
}

bool StreamPump::MayPush() const { return messages_.size() < kMaxWaiting || stopped_; }

bool StreamPump::Push(std::string json) {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &StreamPump::MayPush));
  if (stopped_) return false;
  messages_.push_back(std::move(json));
  return true;
}

absl::Status StreamPump::FailedAtOnce(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &StreamPump::HasItem), patience);
  return messages_.empty() && end_.has_value() ? *end_ : absl::OkStatus();
}

StreamPump::Item StreamPump::Next(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &StreamPump::HasItem), patience);
  if (!messages_.empty()) {
    Item item = {.json = std::move(messages_.front())};
    messages_.pop_front();
    return item;
  }
  return {.end = end_};
}

void StreamPump::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  reader_->Cancel();
}

}  // namespace selfology::api_gateway

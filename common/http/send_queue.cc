#include "common/http/send_queue.h"

#include "common/status/status.h"

namespace selfology::http {

absl::Status SendQueue::Push(std::string piece, absl::Duration patience, bool binary) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &SendQueue::HasRoomOrIsOver), patience);
  if (closed_ || ended_) {
    return status::Error(absl::StatusCode::kUnavailable, "CLIENT_GONE", "the connection is closed");
  }
  if (!HasRoomOrIsOver()) {
    return status::Error(absl::StatusCode::kResourceExhausted, "CLIENT_TOO_SLOW",
                         "the client does not read what was sent");
  }
  unsent_bytes_ += piece.size();
  pieces_.push_back({std::move(piece), binary});
  Wake();
  return absl::OkStatus();
}

void SendQueue::End() {
  absl::MutexLock lock(&mutex_);
  if (ended_ || closed_) return;
  ended_ = true;
  Wake();
}

void SendQueue::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  pieces_.clear();
  unsent_bytes_ = 0;
}

bool SendQueue::closed() const {
  absl::MutexLock lock(&mutex_);
  return closed_ || ended_;
}

void SendQueue::Wake() {
  if (!is_being_taken_) {
    is_being_taken_ = true;
    wake_();
  }
}

size_t SendQueue::unsent_bytes() const {
  absl::MutexLock lock(&mutex_);
  return unsent_bytes_;
}

SendQueue::Taken SendQueue::TakeOne() {
  absl::MutexLock lock(&mutex_);
  if (pieces_.empty()) {
    is_being_taken_ = false;
    return {.piece = std::nullopt, .binary = false, .ended = ended_};
  }
  Piece piece = std::move(pieces_.front());
  pieces_.pop_front();
  unsent_bytes_ -= piece.bytes.size();
  return {
      .piece = std::move(piece.bytes), .binary = piece.binary, .ended = ended_ && pieces_.empty()};
}

SendQueue::Taken SendQueue::TakeAll() {
  Taken taken = TakeOne();
  if (!taken.piece.has_value()) return taken;
  absl::MutexLock lock(&mutex_);
  for (const Piece& piece : pieces_) taken.piece->append(piece.bytes);
  pieces_.clear();
  unsent_bytes_ = 0;
  taken.ended = ended_;
  return taken;
}

}  // namespace selfology::http

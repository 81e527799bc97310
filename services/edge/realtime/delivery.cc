#include "services/edge/realtime/delivery.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/realtime/event_json.h"

namespace selfology::realtime {
namespace {

using socket_io::Json;
using socket_io::SocketPtr;

constexpr std::string_view kMain = "/";
constexpr size_t kPeople = 200;  // In one look.
constexpr int64_t kRows = 100;   // Of each, in one look.
constexpr absl::Duration kReadTimeout = absl::Seconds(10);
constexpr absl::Duration kErrorPause = absl::Milliseconds(200);
// Between two looks at devices that do not take what they are sent.
constexpr absl::Duration kSlowLook = absl::Milliseconds(50);

}  // namespace

Delivery::Delivery(postgres::Database& database, observe::Metrics& metrics, DeliveryOptions options)
    : database_(database),
      options_(options),
      delivered_(metrics.Counter("realtime_events_delivered_total", "Events sent to devices")),
      dropped_(metrics.Counter("realtime_devices_dropped_total",
                               "Devices disconnected because they did not read")) {}

void Delivery::Add(const SocketPtr& socket, int64_t user_id, std::optional<int64_t> offset) {
  auto device = std::make_shared<Device>(Device{.socket = socket, .place = {.after = offset}});
  absl::MutexLock lock(&mutex_);
  devices_[user_id].push_back(std::move(device));
  user_of_[socket.get()] = user_id;
  due_.insert(user_id);
  changed_.SignalAll();
}

void Delivery::Remove(const SocketPtr& socket) {
  absl::MutexLock lock(&mutex_);
  const auto at = user_of_.find(socket.get());
  if (at == user_of_.end()) return;
  Devices& devices = devices_[at->second];
  std::erase_if(devices, [&](const auto& device) { return device->socket == socket; });
  if (devices.empty()) devices_.erase(at->second);
  user_of_.erase(at);
}

void Delivery::Hint(int64_t user_id) {
  absl::MutexLock lock(&mutex_);
  if (devices_.contains(user_id) && due_.insert(user_id).second) changed_.SignalAll();
  if (waiting_.contains(user_id)) {
    ++hints_[user_id];
    changed_.SignalAll();
  }
}

// A log that was there is gone only with its person.
bool Delivery::IsErased(const Device& device, int64_t head) {
  return head == 0 && device.place.is_ready && device.place.after.value_or(0) > 0;
}

void Delivery::AwaitHint(const Call& call, int64_t user_id, absl::Duration patience) {
  const absl::Time until = std::min(call.deadline(), absl::Now() + patience);
  absl::MutexLock lock(&mutex_);
  ++waiting_[user_id];
  const int64_t before = hints_[user_id];
  while (!stopping_ && hints_[user_id] == before) {
    if (changed_.WaitWithDeadline(&mutex_, until)) break;
  }
  if (--waiting_[user_id] > 0) return;
  waiting_.erase(user_id);
  hints_.erase(user_id);
}

std::vector<int64_t> Delivery::users() const {
  absl::MutexLock lock(&mutex_);
  std::vector<int64_t> users;
  users.reserve(devices_.size());
  for (const auto& [user_id, unused] : devices_) users.push_back(user_id);
  return users;
}

size_t Delivery::devices() const {
  absl::MutexLock lock(&mutex_);
  return user_of_.size();
}

bool Delivery::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void Delivery::Again(int64_t user_id) {
  absl::MutexLock lock(&mutex_);
  due_.insert(user_id);
}

void Delivery::Run(service::StopSignal& stop) {
  stop.OnRequest([this] {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  });
  absl::Time next_look = absl::Now() + options_.look;
  while (!stop.requested()) {
    {
      absl::MutexLock lock(&mutex_);
      const auto now = absl::Now();
      const absl::Time until = slow_.empty() ? next_look : std::min(next_look, now + kSlowLook);
      while (!stopping_ && due_.empty()) {
        if (changed_.WaitWithDeadline(&mutex_, until)) break;
      }
      if (stopping_) return;
      due_.insert(slow_.begin(), slow_.end());
      slow_.clear();
    }
    absl::Status status;
    const absl::Time now = absl::Now();
    if (now >= next_look) {
      next_look = now + options_.look;
      status = LookAtAll();
    }
    if (status.ok()) {
      Batch batch = TakeBatch(now);
      const Batch failed = batch;
      status = Deliver(std::move(batch));
      if (!status.ok()) {
        for (const auto& [user_id, unused] : failed.devices) Again(user_id);
      }
    }
    if (!status.ok()) {
      observe::Warning("events cannot be read for devices", {{"error", status.ToString()}});
      if (stop.WaitFor(kErrorPause)) return;
    }
  }
}

Delivery::Batch Delivery::TakeBatch(absl::Time now) {
  Batch batch;
  {
    absl::MutexLock lock(&mutex_);
    while (!due_.empty() && batch.devices.size() < kPeople) {
      const int64_t user_id = *due_.begin();
      due_.erase(due_.begin());
      const auto at = devices_.find(user_id);
      if (at != devices_.end()) batch.devices[user_id] = at->second;
    }
  }
  for (auto& [user_id, devices] : batch.devices) {
    const size_t all = devices.size();
    std::erase_if(devices, [&](const auto& device) { return !IsQuick(*device, now); });
    if (devices.size() < all) {
      absl::MutexLock lock(&mutex_);
      slow_.insert(user_id);
    }
  }
  std::erase_if(batch.devices, [](const auto& entry) { return entry.second.empty(); });
  for (const auto& [user_id, devices] : batch.devices) {
    // Devices that begin at the end need no rows; the head tells them where that is.
    int64_t after = INT64_MAX;
    for (const auto& device : devices) {
      after = std::min(after, device->place.after.value_or(INT64_MAX));
    }
    batch.after[user_id] = after;
  }
  return batch;
}

bool Delivery::IsQuick(Device& device, absl::Time now) {
  if (device.socket->unsent_bytes() <= options_.enough_unsent) {
    device.slow_since = absl::InfiniteFuture();
    return true;
  }
  device.slow_since = std::min(device.slow_since, now);
  if (now - device.slow_since >= options_.slow_after) {
    dropped_.Increment();
    device.socket->Drop("client too slow");
  }
  return false;
}

absl::Status Delivery::Deliver(Batch batch) {
  if (batch.devices.empty()) return absl::OkStatus();
  std::vector<int64_t> users;
  for (const auto& [user_id, unused] : batch.devices) users.push_back(user_id);
  std::map<int64_t, int64_t> heads;
  ASSIGN_OR_RETURN(
      const std::vector<store::LogRow> rows,
      database_.Read(Call::Background(kReadTimeout),
                     [&](postgres::Transaction& tx) -> absl::StatusOr<std::vector<store::LogRow>> {
                       // First the heads: rows up to them are then all there.
                       ASSIGN_OR_RETURN(heads, store::ReadHeads(tx, users));
                       return store::ReadAfter(tx, batch.after, kRows);
                     },
                     {.newest = true}));
  std::map<int64_t, std::vector<const store::LogRow*>> by_user;
  for (const store::LogRow& row : rows) by_user[row.user_id].push_back(&row);
  for (const auto& [user_id, devices] : batch.devices) {
    const auto head = heads.find(user_id);
    Tell(user_id, devices, head == heads.end() ? 0 : head->second, by_user[user_id]);
  }
  return absl::OkStatus();
}

void Delivery::Tell(int64_t user_id, const Devices& devices, int64_t head,
                    const std::vector<const store::LogRow*>& rows) {
  const bool complete = rows.size() < static_cast<size_t>(kRows);
  if (!complete) Again(user_id);
  std::vector<int64_t> positions;
  for (const store::LogRow* row : rows) positions.push_back(row->position);
  std::vector<std::optional<socket_io::Encoded>> encoded(rows.size());  // Once for all devices.
  for (const auto& device : devices) {
    socket_io::Socket& socket = *device->socket;
    if (IsErased(*device, head)) {
      socket.Emit("erased", Json::array());
      socket.Disconnect(true);
      continue;
    }
    const Told told = Advance(device->place, head, positions, complete);
    if (told.ready.has_value()) {
      socket.Emit("ready", Json::array({{{"user_id", user_id}, {"position", *told.ready}}}));
    }
    for (const auto& item : told.items) {
      if (const Gap* gap = std::get_if<Gap>(&item)) {
        socket.Emit("gap", Json::array({{{"from_position", gap->from}, {"to_position", gap->to}}}));
        continue;
      }
      const size_t index = std::get<size_t>(item);
      if (!encoded[index].has_value()) {
        encoded[index] =
            socket_io::EncodeEvent(kMain, "event", Json::array({EventJson(*rows[index])}));
      }
      socket.Send(*encoded[index]);
      delivered_.Increment();
    }
  }
}

absl::Status Delivery::LookAtAll() {
  // What each person's device that is furthest behind has had.
  std::map<int64_t, int64_t> had;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [user_id, devices] : devices_) {
      int64_t& least = had.emplace(user_id, INT64_MAX).first->second;
      for (const auto& device : devices) least = std::min(least, device->place.after.value_or(-1));
    }
  }
  if (had.empty()) return absl::OkStatus();
  std::vector<int64_t> users;
  for (const auto& [user_id, unused] : had) users.push_back(user_id);
  ASSIGN_OR_RETURN(const auto heads, database_.Read(Call::Background(kReadTimeout),
                                                    [&](postgres::Transaction& tx) {
                                                      return store::ReadHeads(tx, users);
                                                    },
                                                    {.newest = true}));
  absl::MutexLock lock(&mutex_);
  for (const auto& [user_id, after] : had) {
    const auto head = heads.find(user_id);
    if (after != (head == heads.end() ? 0 : head->second)) due_.insert(user_id);
  }
  return absl::OkStatus();
}

}  // namespace selfology::realtime

#include "services/edge/realtime/hints.h"

#include <memory>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::realtime {
namespace {

constexpr std::string_view kStream = "selfology:realtime:hints";
constexpr std::string_view kField = "users";
constexpr int kKept = 1000;  // Entries; whoever is further behind looks by itself.
constexpr absl::Duration kBlock = absl::Milliseconds(500);
constexpr absl::Duration kTimeout = absl::Seconds(5);
constexpr absl::Duration kErrorPause = absl::Seconds(1);

// Entries as XRANGE gives them: calls `take` with each one's value; gives the last id, or `last`.
absl::StatusOr<std::string> ReadEntries(const redis::Reply& reply, std::string last,
                                        const std::function<void(std::string_view)>& take) {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> entries, reply.Array());
  for (const redis::Reply& entry : entries) {
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> parts, entry.Array());
    ASSIGN_OR_RETURN(const std::string_view id, parts[0].String());
    last = std::string(id);
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> fields, parts[1].Array());
    for (size_t i = 1; i < fields.size(); i += 2) {
      ASSIGN_OR_RETURN(const std::string_view value, fields[i].String());
      take(value);
    }
  }
  return last;
}

}  // namespace

void Hints::Tell(int64_t user_id) {
  absl::MutexLock lock(&mutex_);
  users_.insert(user_id);
}

void Hints::Send(service::StopSignal& stop) {
  stop.OnRequest([this] {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  });
  const auto due = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !users_.empty();
  };
  while (!stop.requested()) {
    std::set<int64_t> users;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&due));
      users.swap(users_);
    }
    if (users.empty()) continue;
    const absl::Status sent =
        redis_
            .Command(Call::Background(kTimeout), {"XADD", kStream, "MAXLEN", "~", kKept, "*",
                                                  kField, absl::StrJoin(users, ",")})
            .status();
    if (sent.ok()) continue;
    observe::Warning("hints cannot be sent", {{"error", sent.ToString()}});
    if (stop.WaitFor(kErrorPause)) return;
  }
}

// Ids grow with time, so one stays good when the stream is emptied.
absl::StatusOr<std::string> Hints::LastEntry() const {
  ASSIGN_OR_RETURN(
      const redis::Reply reply,
      redis_.Command(Call::Background(kTimeout), {"XREVRANGE", kStream, "+", "-", "COUNT", 1}));
  return ReadEntries(reply, "0-0", [](std::string_view) {});
}

void Hints::Receive(service::StopSignal& stop) {
  // Whoever asks to stop may still do so when this has returned.
  const std::shared_ptr<redis::Connection> connection = redis_.Connect();
  stop.OnRequest([connection] { connection->Interrupt(); });
  absl::StatusOr<std::string> last = LastEntry();
  while (!stop.requested()) {
    if (!last.ok()) {
      if (stop.WaitFor(kErrorPause)) return;
      last = LastEntry();
      continue;
    }
    const absl::StatusOr<redis::Reply> reply =
        connection->Command(Call::Background(kBlock + kTimeout),
                            {"XREAD", "COUNT", kKept, "BLOCK", absl::ToInt64Milliseconds(kBlock),
                             "STREAMS", kStream, *last});
    if (absl::IsCancelled(reply.status()) || (reply.ok() && reply->is_nil())) continue;
    if (!reply.ok()) {
      if (stop.WaitFor(kErrorPause)) return;
      continue;
    }
    const absl::StatusOr<absl::Span<const redis::Reply>> streams = reply->Array();
    if (!streams.ok()) {
      last = streams.status();
      continue;
    }
    for (const redis::Reply& stream : *streams) {
      const absl::StatusOr<absl::Span<const redis::Reply>> pair = stream.Array();
      if (!last.ok() || !pair.ok() || pair->size() != 2) continue;
      last = ReadEntries((*pair)[1], *last, [this](std::string_view users) { Take(users); });
    }
  }
}

void Hints::Take(std::string_view users) const {
  for (const std::string_view text : absl::StrSplit(users, ',', absl::SkipEmpty())) {
    int64_t user_id = 0;
    if (absl::SimpleAtoi(text, &user_id)) hear_(user_id);
  }
}

}  // namespace selfology::realtime

#include "services/edge/api_gateway/refused_calls.h"

#include <algorithm>
#include <vector>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/security.pb.h"
#include "services/edge/api_gateway/caller_key.h"

namespace selfology::api_gateway {

void RefusedCalls::Note(const identity::Caller& caller, std::string_view rate_key,
                        std::string_view route) {
  std::pair<std::string, std::string> key(KeyedHash(rate_key, secret_), route);
  absl::MutexLock lock(&mutex_);
  if (refused_.size() >= kMaxEvents && !refused_.contains(key)) return;
  Refused& refused = refused_[std::move(key)];
  refused.user_id = caller.user_id;
  ++refused.count;
}

absl::Status RefusedCalls::Publish(const Call& call, postgres::Database& database) {
  ByCallerAndRoute taken;
  {
    absl::MutexLock lock(&mutex_);
    taken.swap(refused_);
  }
  if (taken.empty()) return absl::OkStatus();
  const absl::Status published =
      database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
        for (const auto& [key, refused] : taken) {
          events::v1::RateLimitExceeded event;
          event.set_user_id(refused.user_id);
          event.set_source_hash(key.first);
          event.set_route(key.second);
          event.set_refused_count(refused.count);
          RETURN_IF_ERROR(events::Publish(tx, event));
        }
        return absl::OkStatus();
      });
  if (published.ok()) return published;
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, refused] : taken) {
    Refused& again = refused_[key];
    again.user_id = refused.user_id;
    again.count += refused.count;
  }
  return published;
}

}  // namespace selfology::api_gateway

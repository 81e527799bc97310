#include "services/edge/realtime/realtime_service.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/edge/realtime/catch_up.h"
#include "services/edge/realtime/event_json.h"
#include "services/edge/realtime/realtime_store.h"

namespace selfology::realtime {
namespace {

constexpr int kDefaultEvents = 100;
constexpr int kMaxEvents = 500;
constexpr int kMaxWaitSeconds = 25;
constexpr int kMaxPeople = 100;
// Each holds a thread; further ones are answered at once.
constexpr int kMaxWaiting = 64;
// A hint may be lost.
constexpr absl::Duration kLook = absl::Seconds(1);

}  // namespace

absl::StatusOr<v1::ListEventsResponse> RealtimeService::ReadOnce(
    const Call& call, const v1::ListEventsRequest& request) {
  const int64_t user_id = request.user_id();
  const int64_t limit = request.page_size() == 0 ? kDefaultEvents : request.page_size();
  int64_t head = 0;
  ASSIGN_OR_RETURN(
      const std::vector<store::LogRow> rows,
      database_.Read(call,
                     [&](postgres::Transaction& tx) -> absl::StatusOr<std::vector<store::LogRow>> {
                       ASSIGN_OR_RETURN(auto heads, store::ReadHeads(tx, {user_id}));
                       head = heads.contains(user_id) ? heads[user_id] : 0;
                       return store::ReadAfter(tx, {{user_id, request.after()}}, limit);
                     },
                     {.newest = true}));
  std::vector<int64_t> positions;
  for (const store::LogRow& row : rows) positions.push_back(row.position);
  Place place{.after = request.after(), .is_ready = true};
  const Told told = Advance(place, head, positions, rows.size() < static_cast<size_t>(limit));
  v1::ListEventsResponse response;
  response.set_position(*place.after);
  for (const auto& item : told.items) {
    if (const Gap* gap = std::get_if<Gap>(&item)) {
      if (response.events_size() > 0) {
        // One gap a response, before its events: what is behind another one comes with the next.
        response.set_position(response.events().rbegin()->position());
        break;
      }
      response.mutable_gap()->set_from_position(gap->from);
      response.mutable_gap()->set_to_position(gap->to);
    } else {
      *response.add_events() = EventProto(rows[std::get<size_t>(item)]);
    }
  }
  return response;
}

absl::StatusOr<v1::ListEventsResponse> RealtimeService::ListEvents(
    const Call& call, const v1::ListEventsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.after() < 0) bad.Add("after", "must be 0 or more");
  if (request.page_size() < 0 || request.page_size() > kMaxEvents) {
    bad.Add("page_size", absl::StrCat("must be 0 to ", kMaxEvents));
  }
  if (request.wait_seconds() < 0 || request.wait_seconds() > kMaxWaitSeconds) {
    bad.Add("wait_seconds", absl::StrCat("must be 0 to ", kMaxWaitSeconds));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time until = std::min(absl::Now() + absl::Seconds(request.wait_seconds()),
                                    call.deadline() - absl::Seconds(1));
  const bool may_wait = ++waiting_ <= kMaxWaiting;
  absl::StatusOr<v1::ListEventsResponse> response;
  for (;;) {
    response = ReadOnce(call, request);
    const absl::Duration left = until - absl::Now();
    if (!response.ok() || response->events_size() > 0 || response->has_gap() || !may_wait ||
        left <= absl::ZeroDuration() || call.Cancelled() || delivery_.stopping()) {
      break;
    }
    delivery_.AwaitHint(call, request.user_id(), std::min(left, kLook));
  }
  --waiting_;
  return response;
}

absl::StatusOr<v1::GetPresenceResponse> RealtimeService::GetPresence(
    const Call& call, const v1::GetPresenceRequest& request) {
  status::FieldViolations bad;
  if (request.user_ids().empty() || request.user_ids_size() > kMaxPeople) {
    bad.Add("user_ids", absl::StrCat("must be 1 to ", kMaxPeople));
  }
  for (int i = 0; i < std::min(request.user_ids_size(), kMaxPeople); ++i) {
    bad.CheckUserId(request.user_ids(i), absl::StrCat("user_ids[", i, "]"));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::StatusOr<std::vector<int64_t>> counts =
      presence_.Count(call, {request.user_ids().begin(), request.user_ids().end()});
  if (!counts.ok()) {
    return status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED, "presence cannot be known now");
  }
  v1::GetPresenceResponse response;
  for (int i = 0; i < request.user_ids_size(); ++i) {
    const int64_t count = (*counts)[static_cast<size_t>(i)];
    v1::Presence& presence = *response.add_presences();
    presence.set_user_id(request.user_ids(i));
    presence.set_connected(count > 0);
    presence.set_connection_count(static_cast<int32_t>(count));
  }
  return response;
}

absl::StatusOr<v1::GetDevicesAddressResponse> RealtimeService::GetDevicesAddress(
    const Call&, const v1::GetDevicesAddressRequest&) {
  v1::GetDevicesAddressResponse response;
  {
    absl::MutexLock lock(&mutex_);
    response.set_address(address_);
  }
  if (response.address().empty()) {
    return status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED,
                         "devices connect at no address that others know");
  }
  return response;
}

void RealtimeService::ListensAt(const std::string& address) {
  absl::MutexLock lock(&mutex_);
  address_ = address;
}

}  // namespace selfology::realtime

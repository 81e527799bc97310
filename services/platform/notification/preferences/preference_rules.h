// What people may choose of when and how they are written to, and what that means on the clock.
//
//   RETURN_IF_ERROR(CheckUpdate(request));
//   const Preferences now = Updated(known, request);
//   if (const auto until = QuietUntil(now, clock()); until.has_value()) ...   // not before then
//
// Minutes are those after midnight, 0 to 1,439. Errors: INVALID_ARGUMENT, naming the fields.
// Threads: pure functions; time zones are read from the machine's database.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "selfology/notification/v1/preferences.pb.h"
#include "selfology/notification/v1/preferences_service.pb.h"

namespace selfology::notification {

// Of somebody who never chose.
v1::Preferences DefaultPreferences(int64_t user_id);

absl::Status CheckUpdate(const v1::UpdatePreferencesRequest& request);
// Those that the request's mask names changed; updated_at is not.
v1::Preferences Updated(v1::Preferences known, const v1::UpdatePreferencesRequest& request);

// When the quiet hours end that `now` lies in; nullopt: it lies in none.
std::optional<absl::Time> QuietUntil(const v1::Preferences& preferences, absl::Time now);

}  // namespace selfology::notification

// Posts as an iCalendar object, for calendar programs.
//
//   std::string ics = CalendarOf(posts, now);
//
// Each post that has a time is an event of 15 minutes, with the same UID whenever it is written.
// Threads: pure functions. Source: RFC 5545, written by libical.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "selfology/content/v1/content.pb.h"

namespace selfology::content {

std::string CalendarOf(const std::vector<v1::Post>& posts, absl::Time now);

}  // namespace selfology::content

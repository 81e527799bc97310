// What becomes of a notification: one pure function of what is asked, what the person chose, and the
// time.
//
//   const Plan plan = Decide(request, kind, person, now);
//   // plan.decision, plan.reason; plan.deliveries says by which channel and from when on
//
// The rules, each of which has a test:
// - what is too late already goes nowhere;
// - the inbox has everything but what its kind keeps out of it;
// - channels are those of the request, else of the person's choice for the topic, else of their
//   choice for all topics, else of the kind; LOW has none by its kind;
// - of a muted topic nothing goes out but URGENT; of reminders only those of who wants them, and one
//   a day of their calendar;
// - LOW and NORMAL are collected if the request or the choice says so;
// - nothing but URGENT goes out in quiet hours: it waits for their end.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "selfology/notification/v1/notification.pb.h"
#include "selfology/notification/v1/notification_service.pb.h"
#include "selfology/notification/v1/preferences.pb.h"
#include "services/platform/notification/decisions/kinds.h"

namespace selfology::notification {

// What stays worth it when nobody says until when.
inline constexpr absl::Duration kUsualLife = absl::Hours(72);

// What is known of the person.
struct Recipient {
  v1::Preferences preferences = {};
  std::optional<v1::Subscription> of_topic = std::nullopt;  // Their choice for its topic.
  std::optional<v1::Subscription> of_all = std::nullopt;    // And for all others.
  bool had_reminder_today = false;                          // Another one, by their calendar.
};

struct PlannedDelivery {
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  absl::Time due_at;
};

struct Plan {
  v1::Decision decision = v1::DECISION_UNSPECIFIED;
  std::string reason = {};
  v1::Priority priority = v1::PRIORITY_NORMAL;
  std::string topic = {};
  bool in_inbox = false;
  bool takes_reminder_day = false;
  absl::Time expires_at;
  std::vector<PlannedDelivery> deliveries = {};
  std::optional<absl::Time> digest_closes_at = std::nullopt;  // Collected, in one that ends then.
};

// The topic that the notification belongs to.
std::string TopicOf(const v1::SendNotificationRequest& request, const Kind& kind);

Plan Decide(const v1::SendNotificationRequest& request, const Kind& kind,
            const Recipient& recipient, absl::Time now);

// When a digest that is opened now ends.
absl::Time DigestEnd(v1::DigestPeriod period, const v1::Preferences& preferences, absl::Time now);

}  // namespace selfology::notification

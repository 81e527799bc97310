#include "services/platform/notification/decisions/decision.h"

#include <algorithm>
#include <utility>

#include "absl/time/civil_time.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/notification/preferences/preference_rules.h"

namespace selfology::notification {
namespace {

// The choice that counts: of the topic, else of all topics.
const v1::Subscription* ChoiceOf(const Recipient& recipient) {
  if (recipient.of_topic.has_value()) return &*recipient.of_topic;
  if (recipient.of_all.has_value()) return &*recipient.of_all;
  return nullptr;
}

int BitsOf(const google::protobuf::RepeatedField<int>& channels) {
  int bits = 0;
  for (const int channel : channels) bits |= Bit(static_cast<v1::Channel>(channel));
  return bits;
}

int ChannelBits(const v1::SendNotificationRequest& request, const Kind& kind,
                const v1::Subscription* choice, v1::Priority priority) {
  if (!request.channels().empty()) return BitsOf(request.channels());
  if (choice != nullptr && !choice->channels().empty()) return BitsOf(choice->channels());
  return priority == v1::PRIORITY_LOW ? 0 : kind.channels;
}

v1::DigestPeriod PeriodOf(const v1::SendNotificationRequest& request,
                          const v1::Subscription* choice, v1::Priority priority) {
  if (priority > v1::PRIORITY_NORMAL) return v1::DIGEST_PERIOD_UNSPECIFIED;
  if (choice != nullptr && choice->digest() != v1::DIGEST_PERIOD_UNSPECIFIED) {
    return choice->digest();
  }
  return request.digest() ? v1::DIGEST_PERIOD_HOURLY : v1::DIGEST_PERIOD_UNSPECIFIED;
}

// Why it stays in the inbox; empty: it does not.
std::string_view Hindrance(const Kind& kind, const Recipient& recipient,
                           const v1::Subscription* choice, v1::Priority priority) {
  if (priority == v1::PRIORITY_URGENT) return "";
  if (choice != nullptr && choice->muted()) return "topic_muted";
  if (!kind.is_reminder) return "";
  if (!recipient.preferences.reminders()) return "reminders_off";
  return recipient.had_reminder_today ? "reminder_sent_today" : "";
}

}  // namespace

std::string TopicOf(const v1::SendNotificationRequest& request, const Kind& kind) {
  return request.topic().empty() ? std::string(kind.topic) : request.topic();
}

Plan Decide(const v1::SendNotificationRequest& request, const Kind& kind,
            const Recipient& recipient, absl::Time now) {
  Plan plan;
  plan.topic = TopicOf(request, kind);
  plan.priority =
      request.priority() == v1::PRIORITY_UNSPECIFIED ? kind.priority : request.priority();
  plan.expires_at =
      request.has_expires_at() ? timestamps::FromProto(request.expires_at()) : now + kUsualLife;
  if (plan.expires_at <= now) {
    plan.decision = v1::DECISION_SUPPRESSED;
    plan.reason = "expired";
    return plan;
  }
  plan.in_inbox = kind.in_inbox;
  plan.decision = v1::DECISION_DELIVERED;
  const v1::Subscription* const choice = ChoiceOf(recipient);
  const std::vector<v1::Channel> channels =
      ChannelsIn(ChannelBits(request, kind, choice, plan.priority) & ~Bit(v1::CHANNEL_INBOX));
  plan.reason = Hindrance(kind, recipient, choice, plan.priority);
  if (plan.reason.empty() && !kind.is_reminder) {
    if (const v1::DigestPeriod period = PeriodOf(request, choice, plan.priority);
        period != v1::DIGEST_PERIOD_UNSPECIFIED) {
      plan.decision = v1::DECISION_DIGESTED;
      plan.digest_closes_at = DigestEnd(period, recipient.preferences, now);
      return plan;
    }
  }
  if (plan.reason.empty() && !channels.empty()) {
    absl::Time due_at = now;
    if (plan.priority != v1::PRIORITY_URGENT) {
      if (const auto end = QuietUntil(recipient.preferences, now); end.has_value()) {
        due_at = *end;
        plan.reason = "quiet_hours";
      }
    }
    for (const v1::Channel channel : channels) plan.deliveries.push_back({channel, due_at});
    plan.takes_reminder_day = kind.is_reminder;
  }
  if (plan.deliveries.empty() && !plan.in_inbox) {
    plan.decision = v1::DECISION_SUPPRESSED;
    if (plan.reason.empty()) plan.reason = "no_channel";
  }
  return plan;
}

absl::Time DigestEnd(v1::DigestPeriod period, const v1::Preferences& preferences, absl::Time now) {
  const absl::TimeZone zone = timestamps::ZoneOf(preferences.time_zone());
  if (period == v1::DIGEST_PERIOD_DAILY) {
    return timestamps::NextAt(now, preferences.reminder_minute(), zone);
  }
  if (period == v1::DIGEST_PERIOD_WEEKLY) {
    absl::Time end = timestamps::NextAt(now, preferences.reminder_minute(), zone);
    while (absl::GetWeekday(absl::ToCivilDay(end, zone)) != absl::Weekday::monday) {
      end = timestamps::NextAt(end, preferences.reminder_minute(), zone);
    }
    return end;
  }
  // The whole hours of their clock, which in Kolkata lie between those of UTC; absolute time goes on
  // over clock changes.
  const absl::CivilSecond civil = absl::ToCivilSecond(now, zone);
  const int passed = civil.minute() * 60 + civil.second();
  const absl::Duration part = now - absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  return now - part + absl::Seconds(3600 - passed);
}

}  // namespace selfology::notification

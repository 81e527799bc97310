#include "services/platform/notification/decisions/decision_maker.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/platform/notification/deliveries/delivery_store.h"
#include "services/platform/notification/devices/device_store.h"
#include "services/platform/notification/digests/digest_store.h"
#include "services/platform/notification/preferences/preference_rules.h"
#include "services/platform/notification/preferences/preferences_store.h"

namespace selfology::notification {
namespace {

using postgres::Transaction;

// Persons' ids from here up are of the web: the bot can write to them only once they linked a chat.
constexpr int64_t kFirstWebId = int64_t{1} << 52;
constexpr absl::Duration kBadgeLasts = absl::Hours(24);

absl::Status PublishAdded(Transaction& tx, const v1::Notification& notification,
                          const store::Inbox& inbox) {
  events::v1::NotificationAdded event;
  event.set_user_id(notification.user_id());
  event.set_notification_id(notification.notification_id());
  event.set_kind(notification.kind());
  event.set_topic(notification.topic());
  event.set_priority(notification.priority());
  event.set_title(notification.title());
  event.set_text(notification.text());
  event.set_link(notification.link());
  event.set_unread(inbox.unread);
  event.set_version(inbox.version);
  return events::Publish(tx, event);
}

absl::CivilDay TodayOf(const v1::Preferences& preferences, absl::Time now) {
  return absl::ToCivilDay(now, timestamps::ZoneOf(preferences.time_zone()));
}

}  // namespace

std::string DecisionMaker::NewId(absl::Time now) const {
  absl::BitGen random;
  return ids_.Next(now, random).ToString();
}

absl::StatusOr<v1::Notification> DecisionMaker::Make(Transaction& tx,
                                                     const v1::SendNotificationRequest& request,
                                                     const std::string& address) const {
  return MakeOnce(tx, request, KindOf(request.kind()), address, Collecting::kAllowed);
}

absl::StatusOr<v1::Notification> DecisionMaker::MakeDigest(
    Transaction& tx, const v1::SendNotificationRequest& request, int channels) const {
  Kind kind = KindOf(request.kind());
  kind.channels = channels;
  return MakeOnce(tx, request, kind, "", Collecting::kNot);
}

absl::StatusOr<v1::Notification> DecisionMaker::MakeOnce(Transaction& tx,
                                                         const v1::SendNotificationRequest& request,
                                                         const Kind& kind,
                                                         const std::string& address,
                                                         Collecting collecting) const {
  const int64_t user_id = request.user_id();
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  store::LockPerson(tx, user_id);
  // All that it takes in one round trip.
  auto choices_asked = store::AskChoices(tx, user_id, TopicOf(request, kind));
  auto devices_asked = store::AskDevices(tx, user_id);
  ASSIGN_OR_RETURN(auto known, store::FindNotification(tx, user_id, request.deduplication_key()));
  if (known.has_value()) return *std::move(known);
  ASSIGN_OR_RETURN(store::Choices choices, choices_asked());
  ASSIGN_OR_RETURN(const std::vector<v1::Device> devices, devices_asked());
  Recipient recipient{.preferences = std::move(choices.preferences),
                      .of_topic = std::move(choices.of_topic),
                      .of_all = std::move(choices.of_all)};
  if (kind.is_reminder) {
    ASSIGN_OR_RETURN(const std::string taken_by,
                     store::ReminderOf(tx, user_id, TodayOf(recipient.preferences, now)));
    recipient.had_reminder_today = !taken_by.empty();
  }
  if (collecting == Collecting::kNot) {
    for (auto* const choice : {&recipient.of_topic, &recipient.of_all}) {
      if (choice->has_value()) (*choice)->set_digest(v1::DIGEST_PERIOD_UNSPECIFIED);
    }
  }
  const Plan plan = Decide(request, kind, recipient, now);
  const std::string& language = request.language().empty() ? choices.language : request.language();
  const Words words = texts_.WordsOf(kind, language::LanguageOf(language),
                                     {request.parameters().begin(), request.parameters().end()});

  store::NewNotification added{.dedup_key = request.deduplication_key(),
                               .language = language,
                               .secret = kind.is_secret,
                               .created_at = now,
                               .expires_at = plan.expires_at};
  v1::Notification& notification = added.notification;
  notification.set_user_id(user_id);
  notification.set_kind(request.kind());
  notification.set_topic(plan.topic);
  notification.set_priority(plan.priority);
  notification.set_title(words.title);
  notification.set_text(words.text);
  if (kind.is_secret && plan.deliveries.empty()) {  // It goes nowhere, and is good for something.
    notification.clear_title();
    notification.clear_text();
  }
  notification.set_link(request.link());
  *notification.mutable_created_at() = timestamps::ToProto(now);
  notification.set_decision(plan.decision);
  notification.set_decision_reason(plan.reason);
  notification.set_in_inbox(plan.in_inbox);
  if (plan.digest_closes_at.has_value()) {
    ASSIGN_OR_RETURN(added.collected_in,
                     store::OpenDigest(tx, user_id, plan.topic, *plan.digest_closes_at));
  }
  std::function<absl::StatusOr<store::Inbox>()> inbox_asked;
  if (plan.in_inbox) inbox_asked = store::AskChangeInbox(tx, user_id, 1);
  ASSIGN_OR_RETURN(const int64_t id, store::InsertNotification(tx, added));
  notification.set_notification_id(id);
  if (plan.takes_reminder_day) {
    RETURN_IF_ERROR(store::TakeReminderDay(tx, user_id, TodayOf(recipient.preferences, now),
                                           request.deduplication_key())
                        .status());
  }
  if (plan.in_inbox) {
    ASSIGN_OR_RETURN(const store::Inbox inbox, inbox_asked());
    RETURN_IF_ERROR(PublishAdded(tx, notification, inbox));
  }
  Deliver(tx, notification, plan, address, devices, choices.has_chat, now);
  // Devices that no push of this tells the new number.
  const bool has_push = std::any_of(
      plan.deliveries.begin(), plan.deliveries.end(), [&](const PlannedDelivery& delivery) {
        return delivery.channel == v1::CHANNEL_PUSH && delivery.due_at <= now;
      });
  if (plan.in_inbox && !has_push) SendBadgesTo(tx, user_id, devices, now);
  return notification;
}

void DecisionMaker::Deliver(Transaction& tx, const v1::Notification& notification, const Plan& plan,
                            const std::string& address, const std::vector<v1::Device>& devices,
                            bool has_chat, absl::Time now) const {
  const int64_t user_id = notification.user_id();
  bool is_due = false;
  for (const PlannedDelivery& planned : plan.deliveries) {
    store::NewDelivery delivery{.notification_id = notification.notification_id(),
                                .user_id = user_id,
                                .channel = planned.channel,
                                .urgent = plan.priority == v1::PRIORITY_URGENT,
                                .due_at = planned.due_at,
                                .expires_at = plan.expires_at};
    is_due = is_due || planned.due_at <= now;
    if (planned.channel == v1::CHANNEL_PUSH) {
      for (const v1::Device& device : devices) {
        delivery.device_id = device.device_id();
        delivery.stable_id = NewId(now);
        store::AddDelivery(tx, delivery);
      }
      continue;
    }
    if (planned.channel == v1::CHANNEL_TELEGRAM && user_id >= kFirstWebId && !has_chat) continue;
    if (planned.channel == v1::CHANNEL_EMAIL || planned.channel == v1::CHANNEL_SMS) {
      delivery.address = address;
    }
    delivery.stable_id = NewId(now);
    store::AddDelivery(tx, delivery);
  }
  if (is_due && wake_) tx.AfterCommit(wake_);
}

absl::Status DecisionMaker::DeliverBy(Transaction& tx, const v1::Notification& notification,
                                      v1::Channel channel) const {
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  auto devices_asked = store::AskDevices(tx, notification.user_id());
  ASSIGN_OR_RETURN(const v1::Preferences preferences,
                   store::ReadPreferences(tx, notification.user_id()));
  ASSIGN_OR_RETURN(const std::vector<v1::Device> devices, devices_asked());
  Plan plan{.priority = notification.priority(), .expires_at = now + kUsualLife};
  const std::optional<absl::Time> quiet_until =
      plan.priority == v1::PRIORITY_URGENT ? std::nullopt : QuietUntil(preferences, now);
  plan.deliveries.push_back({channel, quiet_until.value_or(now)});
  ASSIGN_OR_RETURN(const bool has_chat, store::HasChat(tx, notification.user_id()));
  Deliver(tx, notification, plan, "", devices, has_chat, now);
  return absl::OkStatus();
}

absl::Status DecisionMaker::SendBadges(Transaction& tx, int64_t user_id) const {
  ASSIGN_OR_RETURN(const std::vector<v1::Device> devices, store::AskDevices(tx, user_id)());
  SendBadgesTo(tx, user_id, devices, timestamps::WholeMicroseconds(clock_()));
  return absl::OkStatus();
}

void DecisionMaker::SendBadgesTo(Transaction& tx, int64_t user_id,
                                 const std::vector<v1::Device>& devices, absl::Time now) const {
  bool any = false;
  for (const v1::Device& device : devices) {
    // A browser has to show something with each push: it asks for the number when it is opened.
    if (device.kind() == v1::DEVICE_KIND_WEB_PUSH) continue;
    any = true;
    store::AddBadge(tx, {.user_id = user_id,
                         .device_id = device.device_id(),
                         .stable_id = NewId(now),
                         .due_at = now,
                         .expires_at = now + kBadgeLasts});
  }
  if (any && wake_) tx.AfterCommit(wake_);
}

}  // namespace selfology::notification

#include "services/platform/notification/deliveries/delivery_runner.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/gateway.pb.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/platform/notification/deliveries/address_store.h"
#include "services/platform/notification/deliveries/bounces.h"
#include "services/platform/notification/deliveries/schedule.h"
#include "services/platform/notification/devices/device_store.h"
#include "services/platform/notification/inbox/inbox_store.h"

namespace selfology::notification {
namespace {

using postgres::Transaction;
using store::Letter;
using store::TakenDelivery;

constexpr int kBatch = 4;
constexpr absl::Duration kAttempt = absl::Seconds(30);
// Longer than an attempt with its end may take; each attempt begins with a whole one. What waits in a
// batch for longer may be taken by another, and is then not begun here.
constexpr absl::Duration kLease = absl::Seconds(75);
// How often it is looked for what became due by itself.
constexpr absl::Duration kLook = absl::Milliseconds(500);
// What cannot begin because something of ours is away.
constexpr absl::Duration kWaitForOurs = absl::Seconds(30);

absl::Status PublishFinished(Transaction& tx, const TakenDelivery& taken, std::string_view kind,
                             v1::Transport transport, v1::DeliveryStatus status,
                             std::string_view reason, int64_t attempts) {
  if (taken.notification_id == 0)
    return absl::OkStatus();  // A badge is nothing that anybody counts.
  events::v1::NotificationDeliveryFinished event;
  event.set_user_id(taken.user_id);
  event.set_notification_id(taken.notification_id);
  event.set_delivery_id(taken.delivery_id);
  event.set_kind(std::string(kind));
  event.set_channel(taken.channel());
  event.set_transport(transport);
  event.set_status(status);
  event.set_reason(std::string(reason));
  event.set_attempts(static_cast<int32_t>(attempts));
  return events::Publish(tx, event);
}

absl::Status EndWith(Transaction& tx, const TakenDelivery& taken, std::string_view kind,
                     v1::Transport transport, v1::DeliveryStatus status, std::string_view reason,
                     int64_t attempts) {
  store::EndDelivery(tx, taken.delivery_id, status, reason);
  store::ForgetSecret(tx, taken.notification_id);
  return PublishFinished(tx, taken, kind, transport, status, reason, attempts);
}

absl::Status Drop(Transaction& tx, const TakenDelivery& taken, std::string_view kind,
                  std::string_view reason) {
  return EndWith(tx, taken, kind, v1::TRANSPORT_UNSPECIFIED, v1::DELIVERY_STATUS_DROPPED, reason,
                 taken.attempts);
}

bool HasAddress(v1::Channel channel) {
  return channel == v1::CHANNEL_EMAIL || channel == v1::CHANNEL_SMS;
}

}  // namespace

struct DeliveryRunner::Begun {
  std::shared_ptr<Sender> sender;
  OutgoingMessage message;
  int64_t attempt = 0;
};

void DeliveryRunner::Wake() {
  absl::MutexLock lock(&mutex_);
  ++wakes_;
}

void DeliveryRunner::Run(service::StopSignal& stop) {
  stop.OnRequest([this] { Wake(); });
  while (!stop.requested()) {
    int64_t before = 0;
    {
      absl::MutexLock lock(&mutex_);
      before = wakes_;
    }
    const absl::StatusOr<int> taken =
        DeliverDue(Call(absl::Now() + kLease, {}, [&stop] { return stop.requested(); }));
    if (!taken.ok() && !stop.requested()) {
      observe::Warning("deliveries could not be taken", {{"status", taken.status()}});
    }
    if (taken.ok() && *taken > 0) continue;
    absl::MutexLock lock(&mutex_);
    const auto woken = [this, before]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return wakes_ > before; };
    mutex_.AwaitWithTimeout(absl::Condition(&woken), kLook);
  }
}

absl::StatusOr<int> DeliveryRunner::DeliverDue(const Call& call) {
  const absl::Time now = parts_.clock();
  ASSIGN_OR_RETURN(const std::vector<TakenDelivery> due,
                   parts_.database.Write(call, [&](Transaction& tx) {
                     return store::TakeDue(tx, now, now + kLease, kBatch);
                   }));
  for (const TakenDelivery& taken : due) {
    // What is not begun when the process ends is taken by another one after the lease.
    if (call.Cancelled()) break;
    const Call one = Call::Background(kAttempt, call.trace());
    if (const absl::Status done = Deliver(one, taken); !done.ok()) {
      observe::Warning("delivery outcome could not be written", {{"status", done}});
    }
  }
  return static_cast<int>(due.size());
}

absl::StatusOr<std::string> DeliveryRunner::AddressOf(const Call& call,
                                                      const TakenDelivery& taken) {
  if (!taken.address.empty() || !HasAddress(taken.channel())) return taken.address;
  if (taken.channel() == v1::CHANNEL_EMAIL) return parts_.mail_address(call, taken.user_id);
  return parts_.database.Write(
      call, [&](Transaction& tx) { return store::ReadPhone(tx, taken.user_id); });
}

absl::Status DeliveryRunner::Deliver(const Call& call, const TakenDelivery& taken) {
  const absl::StatusOr<std::string> address = AddressOf(call, taken);
  if (!address.ok()) {
    observe::Warning("address unavailable", {{"status", address.status()}});
    return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const bool still_ours, store::LockTaken(tx, taken));
      if (still_ours) store::PutOff(tx, taken.delivery_id, parts_.clock() + kWaitForOurs);
      return absl::OkStatus();
    });
  }
  ASSIGN_OR_RETURN(const std::optional<Begun> begun, Begin(call, taken, *address));
  if (!begun.has_value()) return absl::OkStatus();
  const Outcome outcome = begun->sender->Send(call, begun->message);
  // Also when the attempt has used up its time.
  return Finish(Call::Background(kAttempt, call.trace()), taken, *begun, outcome);
}

absl::StatusOr<std::optional<DeliveryRunner::Begun>> DeliveryRunner::Begin(
    const Call& call, const TakenDelivery& taken, const std::string& address) {
  return parts_.database.Write(call, [&](Transaction& tx) { return BeginIn(tx, taken, address); });
}

absl::StatusOr<std::optional<DeliveryRunner::Begun>> DeliveryRunner::BeginIn(
    Transaction& tx, const TakenDelivery& taken, const std::string& address) {
  const absl::Time now = parts_.clock();
  ASSIGN_OR_RETURN(const bool ours, store::LockTaken(tx, taken));
  if (!ours) return std::nullopt;
  std::optional<Letter> letter;
  if (taken.notification_id != 0) {
    ASSIGN_OR_RETURN(letter, store::ReadLetter(tx, taken.notification_id));
  }
  const std::string kind = letter.has_value() ? letter->kind : "";
  const auto drop = [&](std::string_view reason) -> absl::StatusOr<std::optional<Begun>> {
    RETURN_IF_ERROR(Drop(tx, taken, kind, reason));
    return std::nullopt;
  };
  if (now >= taken.expires_at) return drop("expired");
  if (taken.notification_id != 0 && !letter.has_value()) return drop("forgotten");
  const v1::Channel channel = taken.channel();
  if (letter.has_value() && letter->is_read) return drop("read");
  if (channel == v1::CHANNEL_TELEGRAM) {
    RETURN_IF_ERROR(HandToGateway(tx, taken, *letter, now));
    return std::nullopt;
  }

  Begun begun;
  OutgoingMessage& message = begun.message;
  std::string sender = enums::Word(channel);
  if (channel == v1::CHANNEL_PUSH) {
    ASSIGN_OR_RETURN(const auto device, store::ReadDevice(tx, taken.user_id, taken.device_id));
    if (!device.has_value()) return drop("device_gone");
    message.device = *device;
    sender = enums::Word(device->kind());
  } else {
    if (address.empty()) return drop("no_address");
    ASSIGN_OR_RETURN(const bool stopped,
                     store::UseAddress(tx, taken.user_id, channel, address, now));
    if (stopped) return drop("address_stopped");
  }
  const auto found = parts_.senders.find(sender);
  if (found == parts_.senders.end()) return drop("no_account");
  begun.sender = found->second;
  ASSIGN_OR_RETURN(const store::Inbox inbox, store::ReadInbox(tx, taken.user_id));
  ASSIGN_OR_RETURN(message.unknown_since, store::UnknownSince(tx, taken.delivery_id));
  message.user_id = taken.user_id;
  message.channel = channel;
  message.kind = kind;
  message.address = address;
  message.push.notification_id = taken.notification_id;
  message.push.badge = inbox.unread;
  message.push.stable_id = taken.stable_id;
  message.push.time_to_live = taken.expires_at - now;
  if (letter.has_value()) {
    message.language = letter->language;
    message.push.title = letter->title;
    message.push.text = letter->text;
    message.push.topic = letter->topic;
    message.push.priority = enums::FromWord<v1::Priority>(letter->priority_word);
    message.push.link = absl::StartsWith(letter->link, "/")
                            ? absl::StrCat(parts_.base_url, letter->link)
                            : letter->link;
  }
  ASSIGN_OR_RETURN(begun.attempt, store::BeginAttempt(tx, taken, begun.sender->transport(), address,
                                                      now, now + kLease));
  return begun;
}

absl::Status DeliveryRunner::HandToGateway(Transaction& tx, const TakenDelivery& taken,
                                           const Letter& letter, absl::Time now) {
  events::v1::MessageSendRequested event;
  event.set_user_id(taken.user_id);
  event.set_message_text(letter.text.empty() ? letter.title
                                             : absl::StrCat(letter.title, "\n\n", letter.text));
  event.set_dedup_key(absl::StrCat("notification:", taken.stable_id));
  event.set_silent(enums::FromWord<v1::Priority>(letter.priority_word) == v1::PRIORITY_LOW);
  ASSIGN_OR_RETURN(const int64_t attempt,
                   store::BeginAttempt(tx, taken, v1::TRANSPORT_TELEGRAM, "", now, now + kLease));
  store::EndAttempt(tx, taken.delivery_id, attempt,
                    {.outcome = v1::ATTEMPT_OUTCOME_ACCEPTED, .code = "message.send.requested"},
                    now);
  RETURN_IF_ERROR(events::Publish(tx, event));
  return EndWith(tx, taken, letter.kind, v1::TRANSPORT_TELEGRAM, v1::DELIVERY_STATUS_SENT, "",
                 attempt);
}

absl::Status DeliveryRunner::Finish(const Call& call, const TakenDelivery& taken,
                                    const Begun& begun, const Outcome& outcome) {
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    const absl::Time now = parts_.clock();
    ASSIGN_OR_RETURN(const bool ours, store::LockTaken(tx, taken));
    // Its row is the attempt's own, so what is known of it is written in any case.
    store::EndAttempt(tx, taken.delivery_id, begun.attempt, outcome, now);
    if (!ours) return absl::OkStatus();
    const v1::Channel channel = taken.channel();
    if (outcome.device_gone) store::RemoveDevice(tx, taken.user_id, taken.device_id);
    bool stopped = false;
    if (!outcome.bounce.empty() && HasAddress(channel)) {
      ASSIGN_OR_RETURN(stopped,
                       TakeBounce(tx,
                                  {.user_id = taken.user_id,
                                   .channel = channel,
                                   .address = begun.message.address,
                                   .status_code = outcome.bounce,
                                   .bounce_id = absl::StrCat(taken.stable_id, "/", begun.attempt)},
                                  now));
    }
    const auto end = [&](v1::DeliveryStatus status, std::string_view reason) {
      return EndWith(tx, taken, begun.message.kind, begun.sender->transport(), status, reason,
                     begun.attempt);
    };
    if (outcome.outcome == v1::ATTEMPT_OUTCOME_ACCEPTED) {
      return end(v1::DELIVERY_STATUS_SENT, "");
    }
    if (outcome.device_gone) return end(v1::DELIVERY_STATUS_FAILED, "device_gone");
    if (stopped) return end(v1::DELIVERY_STATUS_FAILED, "address_stopped");
    if (outcome.outcome == v1::ATTEMPT_OUTCOME_REFUSED) {
      return end(v1::DELIVERY_STATUS_FAILED, "refused");
    }
    const auto wait = NextWait(channel, static_cast<int>(begun.attempt), outcome.retry_after);
    if (!wait.has_value()) return end(v1::DELIVERY_STATUS_FAILED, "gave_up");
    if (now + *wait >= taken.expires_at) return end(v1::DELIVERY_STATUS_FAILED, "expired");
    store::PutOff(tx, taken.delivery_id, now + *wait);
    return absl::OkStatus();
  });
}

}  // namespace selfology::notification

#include "services/edge/webhook/inbound/routing.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/json/value.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/queue.pb.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/events/v1/webhook.pb.h"
#include "services/edge/webhook/inbound/rule.h"

namespace selfology::webhook {
namespace {

using postgres::Transaction;

constexpr size_t kMaxBodyInEvent = size_t{32} << 10;
constexpr int kMaxParameter = 1000;  // Characters.
constexpr int kMaxDepth =
    20;  // Protobuf reads 100 levels of messages; a Struct has three for each of JSON.
constexpr std::string_view kQueue = "webhook_processing_queue";
constexpr std::string_view kExternalEvent = "external_event";

// Of what the body's parser took: at most 100.
int Depth(const Json& json) {
  int deepest = 0;
  if (json.is_structured()) {
    for (const Json& part : json) deepest = std::max(deepest, Depth(part));
  }
  return deepest + 1;
}

std::string At(const Json& facts, const std::string& path) {
  const auto parsed = Path::Parse(path);
  return parsed.ok() ? parsed->Text(facts) : std::string();
}

int64_t NumberAt(const Json& facts, const std::string& path) {
  int64_t number = 0;
  return absl::SimpleAtoi(At(facts, path), &number) && number > 0 ? number : 0;
}

// Seconds since 1970, or RFC 3339.
std::optional<absl::Time> TimeAt(const Json& facts, const std::string& path) {
  const std::string text = At(facts, path);
  int64_t seconds = 0;
  absl::Time time;
  if (absl::SimpleAtoi(text, &seconds) && seconds > 0 && seconds < 253'402'300'800) {
    return absl::FromUnixSeconds(seconds);
  }
  if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return time;
  return std::nullopt;
}

user::v1::Plan PlanAt(const Json& facts, const std::string& path) {
  user::v1::Plan plan = user::v1::PLAN_UNSPECIFIED;
  user::v1::Plan_Parse(absl::StrCat("PLAN_", absl::AsciiStrToUpper(At(facts, path))), &plan);
  return plan;
}

void Skipped(const Arrival& arrival, std::string_view what, std::string_view why) {
  observe::Warning("webhook action left out", {{"endpoint", arrival.endpoint_id},
                                               {"received", arrival.received_id},
                                               {"action", what},
                                               {"why", why}});
}

absl::Status PublishReceived(Transaction& tx, const Arrival& arrival) {
  events::v1::WebhookReceived event;
  event.set_endpoint_id(arrival.endpoint_id);
  event.set_user_id(arrival.user_id);
  event.set_provider(ProviderWord(arrival.provider));
  event.set_received_id(arrival.received_id);
  event.set_provider_event_id(arrival.said.event_id);
  event.set_event_kind(arrival.said.event_kind);
  event.set_kind(std::string(arrival.said.kind));
  if (arrival.body.size() <= kMaxBodyInEvent && IsText(arrival.body)) event.set_body(arrival.body);
  return events::Publish(tx, event);
}

absl::Status PublishJob(Transaction& tx, const Arrival& arrival, const v1::RuleAction::Job& action,
                        const std::string& reference, const Json& facts) {
  events::v1::JobRequested event;
  event.set_order_by(absl::StrCat("webhook:", arrival.endpoint_id));
  event.set_user_id(arrival.user_id);
  queue::v1::NewJob& job = *event.mutable_job();
  job.set_queue(action.queue().empty() ? std::string(kQueue) : action.queue());
  job.set_kind(action.kind());
  job.set_user_id(arrival.user_id);
  job.set_reference(reference);
  job.set_unique_key(reference);
  Json payload;
  if (action.kind() == kExternalEvent) {
    // The queue knows this kind, and its payload by contract: selfology.queue.v1.ExternalEvent.
    const std::string_view kind =
        !arrival.said.event_kind.empty() ? arrival.said.event_kind : arrival.said.kind;
    payload = {{"provider", ProviderWord(arrival.provider)},
               {"event_kind", kind.empty() ? "event" : kind},
               {"delivery_id", absl::StrCat(arrival.received_id)}};
  } else if (action.payload_path().empty()) {
    payload = {{"provider", ProviderWord(arrival.provider)},
               {"kind", arrival.said.kind},
               {"event_kind", arrival.said.event_kind},
               {"endpoint_id", arrival.endpoint_id},
               {"received_id", absl::StrCat(arrival.received_id)}};
    // What is larger, or nested deeper, has to be fetched by its number.
    if (arrival.body.size() <= kMaxBodyInEvent && Depth(facts["body"]) < kMaxDepth) {
      payload["body"] = facts["body"];
    }
  } else if (const auto path = Path::Parse(action.payload_path()); path.ok()) {
    const std::vector<const Json*> found = path->Find(facts);
    if (!found.empty()) payload = *found.front();
  }
  if (!payload.is_object()) payload = {{"value", std::move(payload)}};
  if (Depth(payload) > kMaxDepth) {
    Skipped(arrival, "job", "its payload is nested too deep");
    return absl::OkStatus();
  }
  if (payload.dump(-1, ' ', false, Json::error_handler_t::replace).size() >
      kMaxBodyInEvent + 1024) {
    Skipped(arrival, "job", "its payload has more than 32 KiB");
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(json::FromValue(std::move(payload), *job.mutable_payload()));
  return events::Publish(tx, event);
}

notification::v1::Channel ChannelOf(const std::string& word) {
  notification::v1::Channel channel = notification::v1::CHANNEL_UNSPECIFIED;
  notification::v1::Channel_Parse(absl::StrCat("CHANNEL_", absl::AsciiStrToUpper(word)), &channel);
  return channel;
}

absl::Status PublishNotification(Transaction& tx, const Arrival& arrival,
                                 const v1::RuleAction::Notification& action,
                                 const std::string& reference, const Json& facts) {
  int64_t user_id = arrival.user_id;
  if (user_id == 0) {
    user_id = action.user_id() != 0 ? action.user_id() : NumberAt(facts, action.user_id_path());
  }
  if (user_id == 0) {
    Skipped(arrival, "notification", "it names nobody");
    return absl::OkStatus();
  }
  events::v1::NotificationRequested event;
  event.set_user_id(user_id);
  event.set_kind(action.kind().empty() ? "webhook.received" : action.kind());
  event.set_deduplication_key(reference);
  auto& parameters = *event.mutable_parameters();
  for (const auto& [name, path] : action.parameter_paths()) {
    const std::string value = At(facts, path);
    if (!value.empty()) parameters[name] = std::string(text::Prefix(value, kMaxParameter));
  }
  // For kinds without texts of their own.
  if (!parameters.contains("title")) {
    parameters["title"] = absl::StrCat(
        ProviderWord(arrival.provider), ": ",
        arrival.said.event_kind.empty() ? "webhook" : std::string_view(arrival.said.event_kind));
  }
  if (!parameters.contains("text")) {
    std::string text;
    for (const auto& [name, path] : action.parameter_paths()) {
      if (parameters.contains(name)) {
        absl::StrAppend(&text, text.empty() ? "" : ", ", name, ": ", parameters[name]);
      }
    }
    parameters["text"] =
        text.empty() ? parameters["title"] : std::string(text::Prefix(text, kMaxParameter));
  }
  for (const std::string& word : action.channels()) event.add_channels(ChannelOf(word));
  return events::Publish(tx, event);
}

template <typename Event>
Event ForPayer(const v1::RuleAction::Payment& action, int64_t user_id, const Json& facts) {
  Event event;
  event.set_user_id(user_id);
  event.set_team_id(NumberAt(facts, action.team_id_path()));
  return event;
}

absl::Status PublishPayment(Transaction& tx, const Arrival& arrival,
                            const v1::RuleAction::Payment& action, const Json& facts) {
  const int64_t user_id = NumberAt(facts, action.user_id_path());
  if (user_id == 0) {
    Skipped(arrival, "payment", "it names nobody");
    return absl::OkStatus();
  }
  const user::v1::Plan plan = PlanAt(facts, action.plan_path());
  const auto until = TimeAt(facts, action.until_path());
  const bool grants = action.event() == v1::RuleAction::PAYMENT_EVENT_AGREED ||
                      action.event() == v1::RuleAction::PAYMENT_EVENT_RECEIVED;
  if (grants && (plan == user::v1::PLAN_UNSPECIFIED || !until.has_value())) {
    Skipped(arrival, "payment", "it lacks a known plan or its end");
    return absl::OkStatus();
  }
  switch (action.event()) {
    case v1::RuleAction::PAYMENT_EVENT_AGREED: {
      auto event = ForPayer<events::v1::PaymentAgreed>(action, user_id, facts);
      event.set_plan(plan);
      *event.mutable_trial_until() = timestamps::ToProto(*until);
      return events::Publish(tx, event);
    }
    case v1::RuleAction::PAYMENT_EVENT_RECEIVED: {
      auto event = ForPayer<events::v1::PaymentReceived>(action, user_id, facts);
      event.set_plan(plan);
      *event.mutable_paid_until() = timestamps::ToProto(*until);
      event.set_payment_id(At(facts, action.payment_id_path()));
      return events::Publish(tx, event);
    }
    case v1::RuleAction::PAYMENT_EVENT_FAILED: {
      auto event = ForPayer<events::v1::PaymentFailed>(action, user_id, facts);
      event.set_payment_id(At(facts, action.payment_id_path()));
      return events::Publish(tx, event);
    }
    case v1::RuleAction::PAYMENT_EVENT_CANCELLED:
      return events::Publish(tx, ForPayer<events::v1::PaymentCancelled>(action, user_id, facts));
    default:
      return absl::OkStatus();
  }
}

absl::Status PublishAudit(Transaction& tx, const v1::RuleAction::Audit& action, const Json& facts) {
  events::v1::AuditFactNoted event;
  event.set_service("webhook");
  event.set_action(action.action());
  event.set_subject_id(NumberAt(facts, action.user_id_path()));
  event.set_outcome("ok");
  event.set_method("webhook");
  return events::Publish(tx, event);
}

}  // namespace

Routed RouteBy(const std::vector<v1::Rule>& rules, const Json& facts) {
  Routed routed;
  for (const v1::Rule& rule : rules) {
    const auto parsed = Rule::Parse(rule.when());
    if (!parsed.ok() || !parsed->Matches(facts)) continue;
    routed.matched.push_back(rule.rule_id());
    for (const v1::RuleAction& action : rule.actions()) {
      if (action.drop()) {
        routed.dropped = true;
        return routed;
      }
      routed.actions.push_back(action);
    }
  }
  return routed;
}

int64_t PersonNamed(const Routed& routed, const Json& facts) {
  for (const v1::RuleAction& action : routed.actions) {
    for (const std::string& path :
         {action.payment().user_id_path(), action.notification().user_id_path(),
          action.audit().user_id_path()}) {
      if (const int64_t person = NumberAt(facts, path); person != 0) return person;
    }
  }
  return 0;
}

absl::Status PublishRoute(postgres::Transaction& tx, const Arrival& arrival, const Routed& routed,
                          const Json& facts) {
  if (!routed.dropped && !arrival.as_job) RETURN_IF_ERROR(PublishReceived(tx, arrival));
  for (size_t i = 0; i < routed.actions.size(); ++i) {
    const v1::RuleAction& action = routed.actions[i];
    const std::string reference =
        absl::StrCat("webhook:", arrival.received_id, ":", i, arrival.again);
    switch (action.what_case()) {
      case v1::RuleAction::kJob:
        if (!arrival.as_job) {
          RETURN_IF_ERROR(PublishJob(tx, arrival, action.job(), reference, facts));
        }
        break;
      case v1::RuleAction::kNotification:
        RETURN_IF_ERROR(PublishNotification(tx, arrival, action.notification(), reference, facts));
        break;
      // A person's own source must not say what others paid.
      case v1::RuleAction::kPayment:
        if (arrival.user_id == 0) {
          RETURN_IF_ERROR(PublishPayment(tx, arrival, action.payment(), facts));
        }
        break;
      case v1::RuleAction::kAudit:
        if (arrival.user_id == 0) RETURN_IF_ERROR(PublishAudit(tx, action.audit(), facts));
        break;
      case v1::RuleAction::kDrop:
      case v1::RuleAction::WHAT_NOT_SET:
        break;
    }
  }
  return absl::OkStatus();
}

}  // namespace selfology::webhook

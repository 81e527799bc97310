#include "services/edge/webhook/inbound/source_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "selfology/queue/v1/job_types.pb.h"
#include "services/edge/webhook/inbound/rule.h"
#include "services/edge/webhook/inbound/signature.h"

namespace selfology::webhook {
namespace {

constexpr std::string_view kOwnQueue = "webhook_processing_queue";
constexpr std::string_view kOwnKind = "external_event";
constexpr int kMaxRules = 50;
constexpr int kMaxActions = 10;
constexpr int kMaxParameters = 20;
constexpr int kMaxFurtherSecrets = 4;
constexpr int32_t kMaxWindow = 3600;

bool IsWord(std::string_view text, size_t most, std::string_view besides) {
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || absl::StrContains(besides, c);
  });
}

// Jobs that other services work believe their payload, which here is somebody else's word.
bool IsServicesJob(std::string_view kind) {
  if (kind == kOwnKind) return false;
  const auto& types = *queue::v1::JobType_descriptor();
  for (int i = 0; i < types.value_count(); ++i) {
    const auto& type = types.value(i)->options().GetExtension(queue::v1::job_type);
    if (kind == type.kind() || (!type.alias().empty() && kind == type.alias())) return true;
  }
  return false;
}

void CheckPath(std::string_view path, bool required, std::string_view field,
               status::FieldViolations& bad) {
  if (path.empty() && !required) return;
  const auto parsed = Path::Parse(path);
  if (!parsed.ok()) bad.Add(field, absl::StrCat("must be a path: ", parsed.status().message()));
}

void CheckAction(const v1::RuleAction& action, bool is_system, const std::string& field,
                 status::FieldViolations& bad) {
  const auto sub = [&](std::string_view name) { return absl::StrCat(field, ".", name); };
  switch (action.what_case()) {
    case v1::RuleAction::kJob:
      if (!action.job().queue().empty() && !IsWord(action.job().queue(), 64, "_-.")) {
        bad.Add(sub("job.queue"), "must be 1 to 64 of [a-z0-9_.-]");
      }
      if (!IsWord(action.job().kind(), 64, "_-.")) {
        bad.Add(sub("job.kind"), "must be 1 to 64 of [a-z0-9_.-]");
      }
      if (!is_system && !action.job().queue().empty() && action.job().queue() != kOwnQueue) {
        bad.Add(sub("job.queue"), "must be empty or \"webhook_processing_queue\"");
      }
      if (!is_system && IsServicesJob(action.job().kind())) {
        bad.Add(sub("job.kind"), "is a job of the product's own services");
      }
      CheckPath(action.job().payload_path(), false, sub("job.payload_path"), bad);
      return;
    case v1::RuleAction::kNotification: {
      const auto& notification = action.notification();
      if (!notification.kind().empty() && !IsWord(notification.kind(), 64, "_.")) {
        bad.Add(sub("notification.kind"), "must be 1 to 64 of [a-z0-9_.]");
      }
      if (notification.parameter_paths_size() > kMaxParameters) {
        bad.Add(sub("notification.parameter_paths"), "must be at most 20");
      }
      for (const auto& [name, path] : notification.parameter_paths()) {
        if (!IsWord(name, 64, "_")) {
          bad.Add(sub("notification.parameter_paths"), "names must be 1 to 64 of [a-z0-9_]");
        }
        CheckPath(path, true, sub("notification.parameter_paths"), bad);
      }
      CheckPath(notification.user_id_path(), false, sub("notification.user_id_path"), bad);
      if (!is_system && (!notification.user_id_path().empty() || notification.user_id() != 0)) {
        bad.Add(sub("notification.user_id"), "is only for sources of the installation");
      }
      if (notification.user_id() < 0) bad.Add(sub("notification.user_id"), "must be 0 or above");
      for (const std::string& channel : notification.channels()) {
        constexpr std::string_view kChannels[] = {"inbox", "email", "sms", "push", "telegram"};
        if (std::find(std::begin(kChannels), std::end(kChannels), channel) == std::end(kChannels)) {
          bad.Add(sub("notification.channels"), "must be inbox, email, sms, push or telegram");
        }
      }
      return;
    }
    case v1::RuleAction::kPayment:
      if (!is_system) bad.Add(sub("payment"), "is only for sources of the installation");
      if (action.payment().event() == v1::RuleAction::PAYMENT_EVENT_UNSPECIFIED) {
        bad.Add(sub("payment.event"), "must be set");
      }
      CheckPath(action.payment().user_id_path(), true, sub("payment.user_id_path"), bad);
      CheckPath(action.payment().team_id_path(), false, sub("payment.team_id_path"), bad);
      CheckPath(action.payment().plan_path(), false, sub("payment.plan_path"), bad);
      CheckPath(action.payment().until_path(), false, sub("payment.until_path"), bad);
      CheckPath(action.payment().payment_id_path(), false, sub("payment.payment_id_path"), bad);
      return;
    case v1::RuleAction::kAudit:
      if (!is_system) bad.Add(sub("audit"), "is only for sources of the installation");
      if (!IsWord(action.audit().action(), 64, "_.")) {
        bad.Add(sub("audit.action"), "must be 1 to 64 of [a-z0-9_.]");
      }
      CheckPath(action.audit().user_id_path(), false, sub("audit.user_id_path"), bad);
      return;
    case v1::RuleAction::kDrop:
      if (!action.drop()) bad.Add(sub("drop"), "must be true where it is set");
      return;
    case v1::RuleAction::WHAT_NOT_SET:
      bad.Add(field, "must be a job, a notification, a payment, an audit entry or drop");
  }
}

v1::Rule NewRule(std::string_view id, std::string_view when) {
  v1::Rule rule;
  rule.set_rule_id(std::string(id));
  rule.set_when(std::string(when));
  return rule;
}

// The source's owner is told, in notification's words for "webhook." and the rule's id.
void Notify(v1::Rule& rule, const std::vector<std::pair<std::string, std::string>>& parameters) {
  auto& notification = *rule.add_actions()->mutable_notification();
  notification.set_kind(absl::StrCat("webhook.", rule.rule_id()));
  for (const auto& [name, path] : parameters) {
    (*notification.mutable_parameter_paths())[name] = path;
  }
}

void Audit(v1::Rule& rule, std::string_view action, std::string_view user_id_path = "") {
  rule.add_actions()->mutable_audit()->set_action(std::string(action));
  rule.mutable_actions()->rbegin()->mutable_audit()->set_user_id_path(std::string(user_id_path));
}

// Where a provider of payments has what the product wrote into it.
struct PaymentPaths {
  std::string user_id, team_id, plan, trial_until, paid_until, payment_id;
};
PaymentPaths PathsOf(v1::Provider provider) {
  if (provider == v1::PROVIDER_STRIPE) {
    constexpr char kObject[] = "body.data.object";
    const std::string meta = absl::StrCat(kObject, ".metadata.");
    return {meta + "user_id",
            meta + "team_id",
            meta + "plan",
            absl::StrCat(kObject, ".trial_end"),
            absl::StrCat(kObject, ".period_end"),
            absl::StrCat(kObject, ".id")};
  }
  return {"body.resource.custom_id",
          "",
          "body.resource.plan_id",
          "body.resource.start_time",
          "body.resource.billing_info.next_billing_time",
          "body.resource.id"};
}

std::vector<v1::Rule> PaymentRules(v1::Provider provider) {
  const PaymentPaths paths = PathsOf(provider);
  const std::pair<const char*, v1::RuleAction::PaymentEvent> kEvents[] = {
      {"subscription_created", v1::RuleAction::PAYMENT_EVENT_AGREED},
      {"payment_successful", v1::RuleAction::PAYMENT_EVENT_RECEIVED},
      {"payment_failed", v1::RuleAction::PAYMENT_EVENT_FAILED},
      {"subscription_cancelled", v1::RuleAction::PAYMENT_EVENT_CANCELLED}};
  std::vector<v1::Rule> rules;
  for (const auto& [kind, event] : kEvents) {
    v1::Rule& rule = rules.emplace_back(
        NewRule(kind, absl::StrCat("kind == \"", kind, "\" and ", paths.user_id)));
    auto& payment = *rule.add_actions()->mutable_payment();
    payment.set_event(event);
    payment.set_user_id_path(paths.user_id);
    payment.set_team_id_path(paths.team_id);
    payment.set_payment_id_path(paths.payment_id);
    if (event == v1::RuleAction::PAYMENT_EVENT_AGREED) {
      payment.set_plan_path(paths.plan);
      payment.set_until_path(paths.trial_until);
    } else if (event == v1::RuleAction::PAYMENT_EVENT_RECEIVED) {
      payment.set_plan_path(paths.plan);
      payment.set_until_path(paths.paid_until);
    }
    // Whoever missed a payment is told by notification, of the event.
    Audit(rule, absl::StrCat("webhook.", kind), paths.user_id);
  }
  return rules;
}

}  // namespace

void CheckRules(const google::protobuf::RepeatedPtrField<v1::Rule>& rules, bool is_system,
                status::FieldViolations& bad) {
  if (rules.size() > kMaxRules) bad.Add("rules", "must be at most 50");
  std::set<std::string> ids;
  for (int i = 0; i < std::min(rules.size(), kMaxRules); ++i) {
    const std::string field = absl::StrCat("rules[", i, "]");
    if (!IsWord(rules[i].rule_id(), 64, "_-") || !ids.insert(rules[i].rule_id()).second) {
      bad.Add(absl::StrCat(field, ".rule_id"), "must be 1 to 64 of [a-z0-9_-], and unique");
    }
    if (const auto parsed = Rule::Parse(rules[i].when()); !parsed.ok()) {
      bad.Add(absl::StrCat(field, ".when"), parsed.status().message());
    }
    if (rules[i].actions_size() < 1 || rules[i].actions_size() > kMaxActions) {
      bad.Add(absl::StrCat(field, ".actions"), "must be 1 to 10");
    }
    for (int a = 0; a < std::min(rules[i].actions_size(), kMaxActions); ++a) {
      CheckAction(rules[i].actions(a), is_system, absl::StrCat(field, ".actions[", a, "]"), bad);
    }
  }
}

void CheckScheme(v1::Provider provider, const v1::HmacScheme& hmac, status::FieldViolations& bad) {
  if (provider != v1::PROVIDER_HMAC) {
    if (hmac.ByteSizeLong() > 0) bad.Add("hmac", "is for PROVIDER_HMAC only");
    return;
  }
  const auto is_header = [](std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
      return absl::ascii_isalnum(c) || c == '-' || c == '_';
    });
  };
  if (!is_header(hmac.signature_header())) {
    bad.Add("hmac.signature_header", "must be a header's name, 1 to 64 of [A-Za-z0-9_-]");
  }
  const std::pair<const char*, const std::string&> optional[] = {
      {"hmac.timestamp_header", hmac.timestamp_header()},
      {"hmac.event_id_header", hmac.event_id_header()},
      {"hmac.event_kind_header", hmac.event_kind_header()}};
  for (const auto& [field, name] : optional) {
    if (!name.empty() && !is_header(name)) bad.Add(field, "must be a header's name or empty");
  }
  CheckPath(hmac.event_kind_path(), false, "hmac.event_kind_path", bad);
  const std::string_view text =
      hmac.signed_template().empty() ? std::string_view("{body}") : hmac.signed_template();
  const auto occurs = [&](std::string_view word) {
    const size_t first = text.find(word);
    return first == std::string_view::npos                        ? 0
           : text.find(word, first + 1) == std::string_view::npos ? 1
                                                                  : 2;
  };
  const int times = hmac.timestamp_header().empty() ? 0 : 1;
  if (text.size() > 256 || occurs("{body}") != 1 || occurs("{timestamp}") != times) {
    bad.Add("hmac.signed_template",
            "must hold {body} once, and {timestamp} once if and only if there is a "
            "timestamp_header; at most 256 characters");
  }
  if (hmac.signature_prefix().size() > 64) {
    bad.Add("hmac.signature_prefix", "must have at most 64 characters");
  }
  if (!v1::HashAlgorithm_IsValid(hmac.algorithm())) bad.Add("hmac.algorithm", "must be known");
}

void CheckWindow(int32_t seconds, status::FieldViolations& bad) {
  if (seconds < 0 || seconds > kMaxWindow) bad.Add("replay_window_seconds", "must be 0 to 3600");
}

void CheckSecrets(v1::Provider provider, std::string_view secret,
                  const google::protobuf::RepeatedPtrField<std::string>& further,
                  status::FieldViolations& bad) {
  if (const std::string_view wrong = WhatIsWrongWithSecret(provider, secret); !wrong.empty()) {
    bad.Add("secret", wrong);
  }
  if (further.size() > kMaxFurtherSecrets) bad.Add("further_secrets", "must be at most 4");
  for (int i = 0; i < std::min(further.size(), kMaxFurtherSecrets); ++i) {
    const std::string_view wrong = WhatIsWrongWithSecret(provider, further[i]);
    if (!wrong.empty()) bad.Add(absl::StrCat("further_secrets[", i, "]"), wrong);
  }
}

bool IsEndpointId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
}

std::string EncodeSecrets(const Secrets& secrets) {
  return nlohmann::json{{"secrets", secrets.secrets}, {"verify_token", secrets.verify_token}}
      .dump();
}

absl::StatusOr<Secrets> DecodeSecrets(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  Secrets secrets;
  if (!json.is_object() || !json.contains("secrets") || !json["secrets"].is_array()) {
    return absl::DataLossError("stored secrets cannot be read");
  }
  for (const auto& secret : json["secrets"]) {
    if (secret.is_string()) secrets.secrets.push_back(secret.get<std::string>());
  }
  if (const auto token = json.find("verify_token"); token != json.end() && token->is_string()) {
    secrets.verify_token = token->get<std::string>();
  }
  return secrets;
}

std::vector<v1::Rule> UsualRules(v1::Provider provider, bool is_system) {
  std::vector<v1::Rule> rules;
  switch (provider) {
    case v1::PROVIDER_STRIPE:
    case v1::PROVIDER_PAYPAL:
      if (is_system) return PaymentRules(provider);
      break;
    case v1::PROVIDER_GITHUB:
      rules.push_back(NewRule("github_push", R"(event_kind == "push")"));
      if (is_system) {
        Audit(rules.back(), "repository.pushed");
      } else {
        Notify(rules.back(), {{"repository", "body.repository.full_name"},
                              {"ref", "body.ref"},
                              {"pusher", "body.pusher.name"}});
      }
      return rules;
    case v1::PROVIDER_ZAPIER:
    case v1::PROVIDER_IFTTT:
      rules.push_back(
          NewRule(provider == v1::PROVIDER_ZAPIER ? "zapier_trigger" : "ifttt_action", ""));
      rules.back().add_actions()->mutable_job()->set_kind("external_event");
      return rules;
    case v1::PROVIDER_FACEBOOK:
      rules.push_back(NewRule("facebook_page_mention", R"(kind == "facebook_page_mention")"));
      break;
    case v1::PROVIDER_INSTAGRAM:
      rules.push_back(NewRule("instagram_comment", R"(kind == "instagram_comment")"));
      break;
    case v1::PROVIDER_X:
      rules.push_back(NewRule("twitter_direct_message", R"(kind == "twitter_direct_message")"));
      break;
    case v1::PROVIDER_LINKEDIN:
      rules.push_back(
          NewRule("linkedin_connection_request", R"(kind == "linkedin_connection_request")"));
      break;
    default:
      break;
  }
  if (!rules.empty() && !is_system) {
    Notify(rules.back(), {{"event", "event_kind"}, {"provider", "provider"}});
    return rules;
  }
  return {};
}

}  // namespace selfology::webhook

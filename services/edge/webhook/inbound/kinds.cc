#include "services/edge/webhook/inbound/kinds.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/text/utf8.h"
#include "services/edge/webhook/inbound/rule.h"

namespace selfology::webhook {
namespace {

constexpr v1::Provider kFacebook[] = {v1::PROVIDER_FACEBOOK};
constexpr v1::Provider kInstagram[] = {v1::PROVIDER_INSTAGRAM};
constexpr v1::Provider kX[] = {v1::PROVIDER_X};
constexpr v1::Provider kLinkedin[] = {v1::PROVIDER_LINKEDIN};
constexpr v1::Provider kPayments[] = {v1::PROVIDER_STRIPE, v1::PROVIDER_PAYPAL};
constexpr v1::Provider kZapier[] = {v1::PROVIDER_ZAPIER};
constexpr v1::Provider kIfttt[] = {v1::PROVIDER_IFTTT};
constexpr v1::Provider kSlack[] = {v1::PROVIDER_SLACK};
constexpr v1::Provider kDiscord[] = {v1::PROVIDER_DISCORD};

constexpr KnownKind kKinds[] = {
    {"analytics_threshold_reached",
     {},
     R"({"type":"analytics.threshold.reached","kind":"analytics_threshold_reached","timestamp":"2025-11-30T08:00:00Z","data":{"threshold_id":"viral","metric":"post.engagement","dimension_value":"17","value":10000,"threshold":5000,"window_hours":24}})"},
    {"content_published",
     {},
     R"({"type":"social.post.published","kind":"content_published","timestamp":"2025-11-30T08:00:00Z","data":{"user_id":"4503599627370497","publication_id":"3","account_id":"1","platform":"PLATFORM_MASTODON","post_id":"17","url":"https://mastodon.example/@me/3"}})"},
    {"discord_webhook", kDiscord,
     R"({"id":"1190000000000000000","type":2,"data":{"name":"publish"},"channel_id":"7","member":{"user":{"id":"5"}}})"},
    {"facebook_page_mention", kFacebook,
     R"({"object":"page","entry":[{"id":"1234567890","time":1764489600,"changes":[{"field":"mention","value":{"item":"post","verb":"add","post_id":"1234567890_42","sender_name":"A reader"}}]}]})"},
    {"ifttt_action", kIfttt,
     R"({"event":"new_photo","value1":"https://example.org/photo.jpg","value2":"At the sea"})"},
    {"instagram_comment", kInstagram,
     R"({"object":"instagram","entry":[{"id":"17841400000000000","time":1764489600,"changes":[{"field":"comments","value":{"id":"17900000000000000","text":"Well said","from":{"id":"9","username":"reader"}}}]}]})"},
    {"linkedin_connection_request", kLinkedin,
     R"({"type":"CONNECTION_REQUEST","notificationId":4711,"inviter":"urn:li:person:abc","invitee":"urn:li:person:def"})"},
    {"payment_failed", kPayments,
     R"({"id":"evt_3","type":"invoice.payment_failed","data":{"object":{"id":"in_3","amount_due":2900,"currency":"usd","metadata":{"user_id":"4503599627370497"}}}})"},
    {"payment_successful", kPayments,
     R"({"id":"evt_2","type":"invoice.paid","data":{"object":{"id":"in_2","amount_paid":2900,"currency":"usd","period_end":1767168000,"metadata":{"user_id":"4503599627370497","plan":"personal"}}}})"},
    {"security_alert",
     {},
     R"({"type":"threat.detected","kind":"security_alert","timestamp":"2025-11-30T08:00:00Z","data":{"user_id":"4503599627370497","kind":"THREAT_KIND_BRUTE_FORCE","source_hash":"9f86d081884c7d65","observed":"12"}})"},
    {"slack_command", kSlack,
     R"({"command":"/publish","text":"tomorrow 9:00","team_id":"T1","channel_id":"C1","user_id":"U1","trigger_id":"398738663015.1"})"},
    {"subscription_cancelled", kPayments,
     R"({"id":"evt_4","type":"customer.subscription.deleted","data":{"object":{"id":"sub_1","metadata":{"user_id":"4503599627370497"}}}})"},
    {"subscription_created", kPayments,
     R"({"id":"evt_1","type":"customer.subscription.created","data":{"object":{"id":"sub_1","trial_end":1765094400,"metadata":{"user_id":"4503599627370497","plan":"personal"}}}})"},
    {"twitter_direct_message", kX,
     R"({"for_user_id":"42","direct_message_events":[{"type":"message_create","id":"954491830116155396","message_create":{"sender_id":"7","message_data":{"text":"Hello"}}}]})"},
    {"user_registration",
     {},
     R"({"type":"user.registered","kind":"user_registration","timestamp":"2025-11-30T08:00:00Z","data":{"user_id":"4503599627370497","language":"en","origin":"password"}})"},
    {"zapier_trigger", kZapier,
     R"({"id":"zap-1","event":"row_added","data":{"title":"A post from a sheet","text":"Words"}})"},
};

struct Known {
  v1::Provider provider;
  std::string_view event_kind;
  std::string_view kind;
};
constexpr Known kEventKinds[] = {
    {v1::PROVIDER_STRIPE, "customer.subscription.created", "subscription_created"},
    {v1::PROVIDER_STRIPE, "customer.subscription.deleted", "subscription_cancelled"},
    {v1::PROVIDER_STRIPE, "invoice.paid", "payment_successful"},
    {v1::PROVIDER_STRIPE, "invoice.payment_failed", "payment_failed"},
    {v1::PROVIDER_PAYPAL, "BILLING.SUBSCRIPTION.CREATED", "subscription_created"},
    {v1::PROVIDER_PAYPAL, "BILLING.SUBSCRIPTION.CANCELLED", "subscription_cancelled"},
    {v1::PROVIDER_PAYPAL, "PAYMENT.SALE.COMPLETED", "payment_successful"},
    {v1::PROVIDER_PAYPAL, "BILLING.SUBSCRIPTION.PAYMENT.FAILED", "payment_failed"},
    {v1::PROVIDER_FACEBOOK, "mention", "facebook_page_mention"},
    {v1::PROVIDER_INSTAGRAM, "comments", "instagram_comment"},
    {v1::PROVIDER_X, "direct_message_events", "twitter_direct_message"},
    {v1::PROVIDER_LINKEDIN, "CONNECTION_REQUEST", "linkedin_connection_request"},
};

std::string At(const Json& body, std::string_view path) {
  return Path::Parse(absl::StrCat("body", path))->Text(Json{{"body", body}});
}

// The first of an X payload's members that holds events.
std::string EventsMember(const Json& body) {
  if (!body.is_object()) return "";
  for (const auto& [name, value] : body.items()) {
    if (absl::EndsWith(name, "_events") && value.is_array()) return name;
  }
  return "";
}

std::string EventKind(v1::Provider provider, const v1::HmacScheme& hmac, const Incoming& incoming,
                      const Json& body) {
  switch (provider) {
    case v1::PROVIDER_GITHUB: {
      const std::string action = At(body, ".action");
      const std::string_view event = incoming.Header("x-github-event");
      return action.empty() ? std::string(event) : absl::StrCat(event, ".", action);
    }
    case v1::PROVIDER_SLACK: {
      const std::string command = At(body, ".command"), inner = At(body, ".event.type");
      return !command.empty() ? command : !inner.empty() ? inner : At(body, ".type");
    }
    case v1::PROVIDER_FACEBOOK:
    case v1::PROVIDER_INSTAGRAM: {
      const std::string field = At(body, ".entry[0].changes[0].field");
      return !field.empty() ? field : At(body, ".entry[0].messaging[0]").empty() ? "" : "messaging";
    }
    case v1::PROVIDER_PAYPAL:
      return At(body, ".event_type");
    case v1::PROVIDER_X:
      return EventsMember(body);
    case v1::PROVIDER_ZAPIER:
    case v1::PROVIDER_IFTTT:
      return At(body, ".event");
    case v1::PROVIDER_HMAC: {
      if (!hmac.event_kind_header().empty()) {
        return std::string(incoming.Header(absl::AsciiStrToLower(hmac.event_kind_header())));
      }
      const auto path = Path::Parse(hmac.event_kind_path());
      return path.ok() ? path->Text(Json{{"body", body}}) : "";
    }
    default:
      return At(body, ".type");
  }
}

std::string EventId(v1::Provider provider, const v1::HmacScheme& hmac, const Incoming& incoming,
                    const Json& body) {
  switch (provider) {
    case v1::PROVIDER_GITHUB:
      return std::string(incoming.Header("x-github-delivery"));
    case v1::PROVIDER_SLACK: {
      const std::string event = At(body, ".event_id");
      return event.empty() ? At(body, ".trigger_id") : event;
    }
    case v1::PROVIDER_STANDARD: {
      const std::string_view id = incoming.Header("webhook-id");
      return std::string(id.empty() ? incoming.Header("svix-id") : id);
    }
    case v1::PROVIDER_HMAC:
      return hmac.event_id_header().empty()
                 ? ""
                 : std::string(incoming.Header(absl::AsciiStrToLower(hmac.event_id_header())));
    case v1::PROVIDER_STRIPE:
    case v1::PROVIDER_PAYPAL:
    case v1::PROVIDER_DISCORD:
    case v1::PROVIDER_ZAPIER:
      return At(body, ".id");
    case v1::PROVIDER_LINKEDIN:
      return At(body, ".notificationId");
    default:
      return "";
  }
}

}  // namespace

absl::Span<const KnownKind> KnownKinds() { return kKinds; }

std::string_view KindOf(v1::Provider provider, std::string_view event_kind, const Json& body) {
  switch (provider) {
    case v1::PROVIDER_ZAPIER:
      return "zapier_trigger";
    case v1::PROVIDER_IFTTT:
      return "ifttt_action";
    case v1::PROVIDER_DISCORD:
      return "discord_webhook";
    case v1::PROVIDER_SLACK:
      return body.is_object() && body.contains("command") ? "slack_command" : "";
    default:
      break;
  }
  const auto* const found =
      std::find_if(std::begin(kEventKinds), std::end(kEventKinds), [&](const Known& known) {
        return known.provider == provider && known.event_kind == event_kind;
      });
  return found == std::end(kEventKinds) ? std::string_view() : found->kind;
}

Said WhatItSays(v1::Provider provider, const v1::HmacScheme& hmac, const Incoming& incoming,
                const Json& body) {
  Said said{.event_id = EventId(provider, hmac, incoming, body),
            .event_kind = EventKind(provider, hmac, incoming, body)};
  said.event_kind = text::Prefix(said.event_kind, 256);
  if (!IsText(said.event_kind)) said.event_kind.clear();
  const bool plain = std::all_of(said.event_id.begin(), said.event_id.end(), absl::ascii_isgraph);
  if (said.event_id.empty() || said.event_id.size() > 256 || !plain) {
    said.event_id = absl::StrCat("sha256:", absl::BytesToHexString(crypto::Sha256(incoming.body)));
  }
  said.kind = KindOf(provider, said.event_kind, body);
  return said;
}

std::string ProviderWord(v1::Provider provider) {
  return absl::AsciiStrToLower(
      std::string_view(v1::Provider_Name(provider)).substr(sizeof("PROVIDER_") - 1));
}

v1::Provider ProviderOfWord(std::string_view word) {
  v1::Provider provider = v1::PROVIDER_UNSPECIFIED;
  if (absl::AsciiStrToLower(word) != word || word == "unspecified") return provider;
  v1::Provider_Parse(absl::StrCat("PROVIDER_", absl::AsciiStrToUpper(word)), &provider);
  return provider;
}

}  // namespace selfology::webhook

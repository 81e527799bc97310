#include "services/platform/notification/subscriptions/subscription_rules.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "common/enums/word.h"
#include "common/language/tag.h"
#include "common/text/text.h"
#include "services/platform/notification/decisions/kinds.h"
#include "services/platform/notification/deliveries/schedule.h"
#include "services/platform/notification/mail/mail_writer.h"
#include "services/platform/notification/push/apns.h"
#include "services/platform/notification/push/web_push.h"
#include "services/platform/notification/sms/sms_request.h"

namespace selfology::notification {
namespace {

constexpr size_t kLongestLink = 2048;
constexpr size_t kLongestToken = 4096;
constexpr int kLongestDeviceName = 128;
constexpr size_t kLongestKey = 128;

bool AreChannels(const google::protobuf::RepeatedField<int>& channels) {
  return std::all_of(channels.begin(), channels.end(),
                     [](int channel) { return enums::IsNamed(static_cast<v1::Channel>(channel)); });
}

bool IsUnsaidOrNamed(auto value) { return value == 0 || enums::IsNamed(value); }

}  // namespace

bool IsLink(std::string_view link) {
  // "//host" would be another's.
  const bool is_path = absl::StartsWith(link, "/") && !absl::StartsWith(link, "//");
  const bool is_web = absl::StartsWith(link, "https://");
  return link.empty() || ((is_path || is_web) && link.size() <= kLongestLink &&
                          std::none_of(link.begin(), link.end(), [](char c) {
                            return static_cast<unsigned char>(c) <= ' ' || c == '\\' || c == 0x7f;
                          }));
}

bool IsTopic(std::string_view topic) { return IsKindName(topic); }

bool IsKey(std::string_view key) {
  return !key.empty() && key.size() <= kLongestKey &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void CheckSend(const v1::SendNotificationRequest& request, status::FieldViolations& bad) {
  bad.CheckUserId(request.user_id());
  if (!IsKindName(request.kind())) {
    bad.Add("kind", "must be words of [a-z0-9_] joined by dots, up to 64 characters");
  }
  CheckParameters(
      KindOf(request.kind()),
      std::map<std::string, std::string>(request.parameters().begin(), request.parameters().end()),
      bad);
  if (!IsUnsaidOrNamed(request.priority())) bad.Add("priority", "must be a known one");
  if (!AreChannels(request.channels())) bad.Add("channels", "must be known ones");
  if (!IsKey(request.deduplication_key())) {
    bad.Add("deduplication_key", "must be 1 to 128 printable ASCII characters");
  }
  if (!request.topic().empty() && !IsTopic(request.topic())) {
    bad.Add("topic", "must be words of [a-z0-9_] joined by dots, up to 64 characters");
  }
  if (request.digest() && request.priority() > v1::PRIORITY_NORMAL) {
    bad.Add("digest", "must be false for what is HIGH or URGENT");
  }
  if (!IsLink(request.link())) {
    bad.Add("link", "must be a path of the product or an https URL, up to 2048 characters");
  }
  if (!request.language().empty() && !language::Tag::Parse(request.language()).has_value()) {
    bad.Add("language", "must be a BCP 47 tag, or empty");
  }
}

void CheckSubscription(const v1::Subscription& subscription, status::FieldViolations& bad) {
  bad.CheckUserId(subscription.user_id(), "subscription.user_id");
  if (!subscription.topic().empty() && !IsTopic(subscription.topic())) {
    bad.Add("subscription.topic",
            "must be words of [a-z0-9_] joined by dots, up to 64 characters, or empty");
  }
  if (!AreChannels(subscription.channels()) || subscription.channels_size() > v1::Channel_MAX) {
    bad.Add("subscription.channels", "must be known ones");
  }
  if (!IsUnsaidOrNamed(subscription.digest())) {
    bad.Add("subscription.digest", "must be a known one");
  }
}

void CheckDevice(const v1::Device& device, status::FieldViolations& bad) {
  bad.CheckUserId(device.user_id(), "device.user_id");
  if (text::Characters(device.name()) > kLongestDeviceName) {
    bad.Add("device.name", "must be at most 128 characters");
  }
  if (device.token().empty() || device.token().size() > kLongestToken) {
    bad.Add("device.token", "must be 1 to 4096 characters");
    return;
  }
  switch (device.kind()) {
    case v1::DEVICE_KIND_FCM:
      if (std::any_of(device.token().begin(), device.token().end(),
                      [](char c) { return c <= ' ' || c >= 0x7f; })) {
        bad.Add("device.token", "must be a registration token");
      }
      return;
    case v1::DEVICE_KIND_APNS:
      if (!IsApnsDeviceToken(device.token())) {
        bad.Add("device.token", "must be 64 to 200 hexadecimal digits");
      }
      return;
    case v1::DEVICE_KIND_WEB_PUSH:
      if (!IsEndpoint(device.token())) bad.Add("device.token", "must be an https URL");
      if (!ParseBrowserKeys(device.p256dh(), device.auth()).ok()) {
        bad.Add("device.p256dh", "must be, with auth, a browser's keys as base64url");
      }
      return;
    default:
      bad.Add("device.kind", "must be FCM, APNS or WEB_PUSH");
  }
}

void CheckBounce(const v1::ReportBounceRequest& request, status::FieldViolations& bad) {
  if (request.channel() == v1::CHANNEL_EMAIL) {
    if (!IsMailAddress(request.address())) bad.Add("address", "must be a mail address");
  } else if (request.channel() == v1::CHANNEL_SMS) {
    if (!IsPhoneNumber(request.address())) bad.Add("address", "must be a number as +4915112345678");
  } else {
    bad.Add("channel", "must be EMAIL or SMS");
  }
  if (!IsStatusCode(request.status_code())) {
    bad.Add("status_code", "must be an enhanced status code, such as 5.1.1");
  }
  if (!IsKey(request.bounce_id())) {
    bad.Add("bounce_id", "must be 1 to 128 printable ASCII characters");
  }
}

}  // namespace selfology::notification

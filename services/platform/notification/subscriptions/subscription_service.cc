#include "services/platform/notification/subscriptions/subscription_service.h"

#include <string_view>
#include <vector>

#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/notification/deliveries/address_store.h"
#include "services/platform/notification/inbox/inbox_store.h"
#include "services/platform/notification/preferences/preferences_store.h"
#include "services/platform/notification/sms/sms_request.h"
#include "services/platform/notification/subscriptions/subscription_rules.h"

namespace selfology::notification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
// A person's choices are for topics, of which there are a few dozen.
constexpr size_t kMostTopics = 500;

mesh::v1::HttpResponse Html(std::string html) {
  mesh::v1::HttpResponse response;
  response.set_content_type("text/html; charset=utf-8");
  response.set_body(std::move(html));
  return response;
}

}  // namespace

absl::StatusOr<v1::SubscribeResponse> SubscriptionService::Subscribe(
    const Call& call, const v1::SubscribeRequest& request) {
  status::FieldViolations bad;
  CheckSubscription(request.subscription(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  v1::SubscribeResponse response;
  *response.mutable_subscription() = request.subscription();
  *response.mutable_subscription()->mutable_updated_at() = timestamps::ToProto(now);
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    const int64_t user_id = request.subscription().user_id();
    store::LockPerson(tx, user_id);
    ASSIGN_OR_RETURN(const auto known,
                     store::ListSubscriptions(tx, user_id, std::nullopt, kMostTopics));
    if (known.size() >= kMostTopics) {
      return status::InvalidField("subscription.topic", "must be one of at most 500 chosen");
    }
    store::SaveSubscription(tx, request.subscription(), now);
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<v1::ListSubscriptionsResponse> SubscriptionService::ListSubscriptions(
    const Call& call, const v1::ListSubscriptionsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  // The first topic is "", so a position has a mark in front of it.
  std::optional<std::string_view> after;
  if (!page.after.empty()) after = std::string_view(page.after).substr(1);
  ASSIGN_OR_RETURN(std::vector<v1::Subscription> subscriptions,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListSubscriptions(tx, request.user_id(), after, page.limit());
                   }));
  v1::ListSubscriptionsResponse response;
  response.set_next_page_token(page.Cut(subscriptions, [](const v1::Subscription& subscription) {
    return "=" + subscription.topic();
  }));
  for (v1::Subscription& subscription : subscriptions) {
    *response.add_subscriptions() = std::move(subscription);
  }
  return response;
}

absl::StatusOr<MutedTopic> SubscriptionService::Read(const Call& call, const std::string& token) {
  ASSIGN_OR_RETURN(const std::string key, keys_.Of(call, Keys::kLinks));
  const std::optional<MutedTopic> muted = ReadUnsubscribeToken(key, token);
  if (!muted.has_value()) return status::InvalidField("token", "must be of a mail's link");
  return *muted;
}

absl::StatusOr<mesh::v1::HttpResponse> SubscriptionService::ShowUnsubscribe(
    const Call& call, const v1::ShowUnsubscribeRequest& request) {
  ASSIGN_OR_RETURN(const MutedTopic muted, Read(call, request.token()));
  return Html(texts_.UnsubscribePage(muted.topic, /*done=*/false));
}

absl::StatusOr<mesh::v1::HttpResponse> SubscriptionService::Unsubscribe(
    const Call& call, const v1::UnsubscribeRequest& request) {
  ASSIGN_OR_RETURN(const MutedTopic muted, Read(call, request.token()));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    store::LockPerson(tx, muted.user_id);
    ASSIGN_OR_RETURN(auto known, store::ReadSubscription(tx, muted.user_id, muted.topic));
    v1::Subscription subscription = known.value_or(v1::Subscription());
    if (known.has_value() && subscription.muted()) return absl::OkStatus();
    subscription.set_user_id(muted.user_id);
    subscription.set_topic(muted.topic);
    subscription.set_muted(true);
    store::SaveSubscription(tx, subscription, timestamps::WholeMicroseconds(clock_()));
    return absl::OkStatus();
  }));
  return Html(texts_.UnsubscribePage(muted.topic, /*done=*/true));
}

absl::StatusOr<v1::SetPhoneResponse> SubscriptionService::SetPhone(
    const Call& call, const v1::SetPhoneRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (!request.phone().empty() && !IsPhoneNumber(request.phone())) {
    bad.Add("phone", "must be a number as +4915112345678, or empty");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::LockPerson(tx, request.user_id());
    store::SavePhone(tx, request.user_id(), request.phone(),
                     timestamps::WholeMicroseconds(clock_()));
    return absl::OkStatus();
  }));
  return v1::SetPhoneResponse();
}

absl::StatusOr<v1::ListAddressesResponse> SubscriptionService::ListAddresses(
    const Call& call, const v1::ListAddressesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(std::vector<v1::Address> addresses, database_.Read(call, [&](Transaction& tx) {
    return store::ListAddresses(tx, request.user_id(), page.after, page.limit());
  }));
  v1::ListAddressesResponse response;
  response.set_next_page_token(page.Cut(addresses, &store::PlaceOf));
  for (v1::Address& address : addresses) *response.add_addresses() = std::move(address);
  return response;
}

}  // namespace selfology::notification

// What people may ask for and register, checked field by field.
//
//   status::FieldViolations bad;
//   CheckSend(request, bad);
//   RETURN_IF_ERROR(bad.ToStatus());
//
// Threads: pure functions.
#pragma once

#include "absl/time/time.h"
#include "common/status/status.h"
#include "selfology/notification/v1/notification.pb.h"
#include "selfology/notification/v1/notification_service.pb.h"

namespace selfology::notification {

void CheckSend(const v1::SendNotificationRequest& request, status::FieldViolations& bad);
void CheckSubscription(const v1::Subscription& subscription, status::FieldViolations& bad);
void CheckDevice(const v1::Device& device, status::FieldViolations& bad);
void CheckBounce(const v1::ReportBounceRequest& request, status::FieldViolations& bad);

// A path of the product or a web address; empty is one, too.
bool IsLink(std::string_view link);
// Words of [a-z0-9_] joined by dots, up to 64 characters.
bool IsTopic(std::string_view topic);
// 1 to 128 printable ASCII characters.
bool IsKey(std::string_view key);

}  // namespace selfology::notification

#include "services/platform/notification/devices/device_service.h"

#include <vector>

#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/notification/devices/device_store.h"
#include "services/platform/notification/inbox/inbox_store.h"
#include "services/platform/notification/subscriptions/subscription_rules.h"

namespace selfology::notification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};

}  // namespace

absl::StatusOr<v1::RegisterDeviceResponse> DeviceService::RegisterDevice(
    const Call& call, const v1::RegisterDeviceRequest& request) {
  status::FieldViolations bad;
  CheckDevice(request.device(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  v1::RegisterDeviceResponse response;
  ASSIGN_OR_RETURN(*response.mutable_device(), database_.Write(call, [&](Transaction& tx) {
    store::LockPerson(tx, request.device().user_id());
    return store::SaveDevice(tx, request.device(), timestamps::WholeMicroseconds(clock_()));
  }));
  return response;
}

absl::StatusOr<v1::ListDevicesResponse> DeviceService::ListDevices(
    const Call& call, const v1::ListDevicesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<v1::Device> devices, database_.Read(call, [&](Transaction& tx) {
    return store::ListDevices(tx, request.user_id(), after, page.limit());
  }));
  v1::ListDevicesResponse response;
  response.set_next_page_token(page.Cut(devices, &v1::Device::device_id));
  for (v1::Device& device : devices) *response.add_devices() = std::move(device);
  return response;
}

absl::StatusOr<v1::RemoveDeviceResponse> DeviceService::RemoveDevice(
    const Call& call, const v1::RemoveDeviceRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::RemoveDevice(tx, request.user_id(), request.device_id());
    return absl::OkStatus();
  }));
  return v1::RemoveDeviceResponse();
}

absl::StatusOr<v1::GetPushKeyResponse> DeviceService::GetPushKey(const Call& call,
                                                                 const v1::GetPushKeyRequest&) {
  ASSIGN_OR_RETURN(const PrivateKey key, keys_.Vapid(call));
  v1::GetPushKeyResponse response;
  response.set_public_key(ToBase64Url(key.Point()));
  return response;
}

}  // namespace selfology::notification

// The devices' RPCs; see proto/selfology/notification/v1/device_service.proto.
#pragma once

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/notification/v1/device_service_endpoints.h"
#include "services/platform/notification/deliveries/keys.h"

namespace selfology::notification {

class DeviceService final : public v1::DeviceServiceEndpoints {
 public:
  // The references outlive it.
  DeviceService(postgres::Database& database, Keys& keys, std::function<absl::Time()> clock)
      : database_(database), keys_(keys), clock_(std::move(clock)) {}

  absl::StatusOr<v1::RegisterDeviceResponse> RegisterDevice(
      const Call& call, const v1::RegisterDeviceRequest& request) override;
  absl::StatusOr<v1::ListDevicesResponse> ListDevices(
      const Call& call, const v1::ListDevicesRequest& request) override;
  absl::StatusOr<v1::RemoveDeviceResponse> RemoveDevice(
      const Call& call, const v1::RemoveDeviceRequest& request) override;
  absl::StatusOr<v1::GetPushKeyResponse> GetPushKey(const Call& call,
                                                    const v1::GetPushKeyRequest& request) override;

 private:
  postgres::Database& database_;
  Keys& keys_;
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::notification

// In place of the notification service: it keeps preferences, and gives each day to one reminder.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "common/service/module.h"
#include "common/status/status.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/util/field_mask_util.h"
#include "selfology/notification/v1/notification_service_endpoints.h"
#include "selfology/notification/v1/preferences_service_endpoints.h"
#include "services/coaching/coaching_dialog/owners_test.h"

namespace selfology::coaching_dialog {

class FakePreferences final : public notification::v1::PreferencesServiceEndpoints {
 public:
  explicit FakePreferences(Owners& owners) : owners_(owners) {}

  absl::StatusOr<notification::v1::GetPreferencesResponse> GetPreferences(
      const Call& call, const notification::v1::GetPreferencesRequest& request) override {
    using Response = notification::v1::GetPreferencesResponse;
    return Answer<Response>(owners_, call, "GetPreferences",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              Response response;
                              *response.mutable_preferences() = o.PreferencesOf(request.user_id());
                              return response;
                            });
  }
  absl::StatusOr<notification::v1::UpdatePreferencesResponse> UpdatePreferences(
      const Call& call, const notification::v1::UpdatePreferencesRequest& request) override {
    using Response = notification::v1::UpdatePreferencesResponse;
    return Answer<Response>(
        owners_, call, "UpdatePreferences", [&](Owners& o) -> absl::StatusOr<Response> {
          notification::v1::Preferences changed = o.PreferencesOf(request.preferences().user_id());
          google::protobuf::util::FieldMaskUtil::MergeMessageTo(
              request.preferences(), request.update_mask(), {/*replace_message_fields=*/},
              &changed);
          const auto is_minute = [](int minute) {
            return minute >= 0 && minute < timestamps::kMinutesOfDay;
          };
          if (!is_minute(changed.reminder_minute()) || !is_minute(changed.quiet_from_minute()) ||
              !is_minute(changed.quiet_until_minute()) || changed.days_between_reminders() < 1 ||
              (!changed.time_zone().empty() && !timestamps::IsZone(changed.time_zone()))) {
            return status::InvalidField("preferences", "must be good ones");
          }
          *changed.mutable_updated_at() =
              timestamps::ToProto(absl::FromUnixSeconds(++o.preference_changes));
          o.preferences[changed.user_id()] = changed;
          Response response;
          *response.mutable_preferences() = changed;
          return response;
        });
  }

 private:
  Owners& owners_;
};

class FakeReminderDays final : public notification::v1::NotificationServiceEndpoints {
 public:
  explicit FakeReminderDays(Owners& owners) : owners_(owners) {}

  absl::StatusOr<notification::v1::TakeReminderDayResponse> TakeReminderDay(
      const Call& call, const notification::v1::TakeReminderDayRequest&) override {
    using Response = notification::v1::TakeReminderDayResponse;
    return Answer<Response>(owners_, call, "TakeReminderDay",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              Response response;
                              response.set_taken(!o.day_is_taken);
                              return response;
                            });
  }
  GIVES_NOTHING(notification::v1, ListNotifications)
  GIVES_NOTHING(notification::v1, ListDeliveries)
  NOT_CALLED(notification::v1, SendNotification)
  NOT_CALLED(notification::v1, CountUnread)
  NOT_CALLED(notification::v1, MarkRead)
  NOT_CALLED(notification::v1, MarkAllRead)
  NOT_CALLED(notification::v1, ReportBounce)

 private:
  Owners& owners_;
};

class FakeNotificationModule final : public service::Module {
 public:
  explicit FakeNotificationModule(Owners& owners) : owners_(owners) {}
  service::ModuleInfo info() const override {
    return {.name = "notification", .group = "notification"};
  }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<FakePreferences>(owners_));
    mesh.Serve(std::make_shared<FakeReminderDays>(owners_));
    mesh.OnErase([this](postgres::Transaction&, int64_t user_id) -> absl::StatusOr<int64_t> {
      return owners_.Do([&](Owners& o) {
        o.erased.insert("notification");
        return static_cast<int64_t>(o.preferences.erase(user_id));
      });
    });
    return absl::OkStatus();
  }

 private:
  Owners& owners_;
};

}  // namespace selfology::coaching_dialog

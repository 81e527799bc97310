#include "services/platform/analytics/post_events.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/analytics.pb.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/platform/analytics/post_rules.h"
#include "services/platform/analytics/post_store.h"
#include "services/platform/analytics/threshold_store.h"

namespace selfology::analytics {

absl::Status KeepReading(const events::v1::SocialPostMeasured& event, events::Handling& handling) {
  if (event.user_id() <= 0 || event.publication_id() <= 0) return absl::OkStatus();
  postgres::Transaction& tx = handling.tx();
  const absl::Time at = event.metrics().has_measured_at()
                            ? timestamps::FromProto(event.metrics().measured_at())
                            : handling.envelope().occurred_at;
  ASSIGN_OR_RETURN(const bool is_new, store::AddReading(tx, event, at));
  if (!is_new) return absl::OkStatus();
  const auto engagement = static_cast<double>(event.metrics().likes() + event.metrics().reposts() +
                                              event.metrics().replies());
  ASSIGN_OR_RETURN(const std::optional<v1::Threshold> put, store::ReadThreshold(tx, kViral));
  const v1::Threshold threshold =
      put.has_value() && put->metric() == kEngagement ? *put : ViralPreset();
  ASSIGN_OR_RETURN(
      const std::vector<double> others,
      store::OtherEngagement(tx, event.user_id(), event.publication_id(), event.reading()));
  const double reach = ViralReach(threshold, others);
  if (engagement < reach) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool is_first,
                   store::AddViral(tx, event.user_id(), event.publication_id()));
  if (!is_first) return absl::OkStatus();
  events::v1::AnalyticsThresholdReached reached;
  reached.set_threshold_id(kViral);
  reached.set_metric(kEngagement);
  reached.set_dimension_value(
      absl::StrCat(event.post_id() > 0 ? event.post_id() : event.publication_id()));
  reached.set_value(engagement);
  reached.set_threshold(reach);
  reached.set_window_hours(threshold.window_hours());
  RETURN_IF_ERROR(events::Publish(tx, reached));
  events::v1::NotificationRequested notification;
  notification.set_user_id(event.user_id());
  notification.set_kind("analytics.post.viral");
  auto& parameters = *notification.mutable_parameters();
  parameters["title"] = "A post of yours goes viral";
  parameters["text"] = absl::StrCat(event.metrics().likes(), " likes, ", event.metrics().reposts(),
                                    " reposts, ", event.metrics().replies(), " replies");
  parameters["post_id"] = absl::StrCat(event.post_id());
  notification.set_topic("posts");
  notification.set_deduplication_key(absl::StrCat("analytics.viral/", event.publication_id()));
  return events::Publish(tx, notification);
}

}  // namespace selfology::analytics

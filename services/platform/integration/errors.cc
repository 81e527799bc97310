#include "services/platform/integration/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/integration.pb.h"
#include "selfology/events/v1/notification.pb.h"

namespace selfology::integration {
namespace {

absl::Status Notify(postgres::Transaction& tx, const store::ConnectionRow& row,
                    std::string_view display, std::string_view kind, std::string_view title,
                    std::string_view text) {
  events::v1::NotificationRequested notice;
  notice.set_user_id(row.user_id);
  notice.set_kind(std::string(kind));
  auto& parameters = *notice.mutable_parameters();
  parameters["provider"] = std::string(display);
  if (!row.account_name.empty()) parameters["account"] = row.account_name;
  parameters["title"] = std::string(title);
  parameters["text"] = std::string(text);
  notice.set_deduplication_key(
      absl::StrCat(kind, ":", row.connection_id, ":", row.generation, ":", row.failures));
  return events::Publish(tx, notice);
}

}  // namespace

absl::Status NotFound(std::string_view what) {
  return status::Error(absl::StatusCode::kNotFound, "NOT_FOUND",
                       absl::StrCat("there is no such ", what));
}

absl::Status NotPossible(std::string_view why) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "FAILED_PRECONDITION", why);
}

absl::Status TellFailing(postgres::Transaction& tx, const store::ConnectionRow& row,
                         std::string_view display) {
  const bool broken = row.state == v1::CONNECTION_STATE_BROKEN;
  events::v1::ConnectionFailing event;
  event.set_user_id(row.user_id);
  event.set_connection_id(row.connection_id);
  event.set_provider(row.provider);
  constexpr std::string_view kPrefix = "CONNECTION_FAILURE_";
  event.set_reason(v1::ConnectionFailure_Name(static_cast<v1::ConnectionFailure>(row.failure))
                       .substr(kPrefix.size()));
  event.set_broken(broken);
  RETURN_IF_ERROR(events::Publish(tx, event));
  // "failing" asks the person to connect again.
  return Notify(tx, row, display, broken ? "connection.failing" : "connection.unreachable",
                absl::StrCat("Your connection to ", display, broken ? " has ended" : " fails"),
                broken ? absl::StrCat("Connect to ", display, " again.")
                       : absl::StrCat(display, " does not answer; it is tried again."));
}

absl::Status TellRecovered(postgres::Transaction& tx, const store::ConnectionRow& row,
                           std::string_view display) {
  events::v1::ConnectionRecovered event;
  event.set_user_id(row.user_id);
  event.set_connection_id(row.connection_id);
  event.set_provider(row.provider);
  RETURN_IF_ERROR(events::Publish(tx, event));
  return Notify(tx, row, display, "connection.recovered",
                absl::StrCat("Your connection to ", display, " works again"),
                "Nothing is to be done.");
}

}  // namespace selfology::integration

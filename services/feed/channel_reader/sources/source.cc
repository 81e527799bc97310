#include "services/feed/channel_reader/sources/source.h"

#include "common/status/status.h"

namespace selfology::channel_reader {
namespace {

SourceReading Unread(v1::UnreadableReason reason,
                     std::optional<absl::Duration> retry_after = std::nullopt) {
  SourceReading reading;
  static_cast<Reading&>(reading) = Failed(reason, retry_after);
  return reading;
}

}  // namespace

absl::Status Source::Join(const Call&, std::string_view) {
  return absl::FailedPreconditionError("there is nothing to join");
}

absl::StatusOr<SourceReading> ReadingOfError(const Call& call, const absl::Status& error) {
  if (call.Cancelled()) return error;
  const std::string reason = status::Reason(error);
  if (reason == "TOO_OFTEN") {
    return Unread(v1::UNREADABLE_REASON_TOO_OFTEN, status::RetryAfter(error));
  }
  if (reason == "RESPONSE_TOO_LARGE") return Unread(v1::UNREADABLE_REASON_NO_FEED);
  if (reason == "ADDRESS_NOT_ALLOWED") return Unread(v1::UNREADABLE_REASON_PRIVATE);
  if (reason == "CONNECT_FAILED" || reason == "CONNECTION_LOST" || reason == "TLS_NOT_TRUSTED" ||
      reason == "TOO_MANY_REDIRECTS" || error.code() == absl::StatusCode::kDeadlineExceeded) {
    return Unread(v1::UNREADABLE_REASON_UNREACHABLE);
  }
  if (error.code() == absl::StatusCode::kInvalidArgument) {
    return Unread(v1::UNREADABLE_REASON_NO_SUCH_CHANNEL);
  }
  return error;
}

SourceReading ReadingOfStatus(int http_status) {
  switch (http_status) {
    case 401:
    case 403:
    case 407:
    case 451:
      return Unread(v1::UNREADABLE_REASON_PRIVATE);
    case 404:
    case 410:
      return Unread(v1::UNREADABLE_REASON_NO_SUCH_CHANNEL);
    case 429:
      return Unread(v1::UNREADABLE_REASON_TOO_OFTEN);
    default:
      return Unread(v1::UNREADABLE_REASON_UNREACHABLE);
  }
}

}  // namespace selfology::channel_reader

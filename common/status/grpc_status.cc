#include "common/status/grpc_status.h"

#include <string>
#include <string_view>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/status/utf8.h"
#include "google/rpc/status.pb.h"

namespace selfology::status {
namespace {

// A client refuses trailers over 8 KiB in total and would lose the error itself: grpc-message
// carries the message percent-encoded (up to three times as long), grpc-status-details-bin once
// more with the details, in base64 (a third longer).
constexpr size_t kMaxMessageBytes = 768;
constexpr size_t kMaxDetailsBytes = 3072;
constexpr absl::string_view kTypeUrlPrefix = "type.googleapis.com/";

// Cutting inside a character is repaired with everything else.
std::string Shortened(std::string_view message) {
  return status_internal::ValidUtf8(message.substr(0, kMaxMessageBytes));
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = Shortened(status.message());
  google::rpc::Status details;
  size_t bytes = 0;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    // Others are this process's own, and no Any that a client could unpack.
    if (!absl::StartsWith(type_url, kTypeUrlPrefix)) return;
    bytes += type_url.size() + payload.size();
    if (bytes > kMaxDetailsBytes) return;
    auto* detail = details.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  const auto code = static_cast<grpc::StatusCode>(status.code());
  if (details.details().empty()) return grpc::Status(code, message);
  details.set_code(static_cast<int>(status.code()));
  details.set_message(message);
  return grpc::Status(code, message, details.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  // absl::Status itself reads a code it does not know as UNKNOWN.
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) {
      result.SetPayload(detail.type_url(), absl::Cord(absl::string_view(detail.value())));
    }
  }
  return result;
}

}  // namespace selfology::status

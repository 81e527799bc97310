#include "services/coaching/lib/dialog_request/dialog_request.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "google/protobuf/descriptor.h"

namespace selfology::dialog_request {
namespace {

constexpr size_t kLongestUpdateKey = 64;

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

}  // namespace

bool Names(const google::protobuf::Message& request, std::string_view dialog) {
  const auto* const field = request.GetDescriptor()->FindFieldByName("dialog");
  return field != nullptr && request.GetReflection()->GetString(request, field) == dialog;
}

absl::Status CheckReact(const telegram::v1::ReactRequest& request, std::string_view dialog) {
  status::FieldViolations bad = CheckDialogAndUser(request, dialog);
  if (request.update_key().empty() || request.update_key().size() > kLongestUpdateKey ||
      !IsPrintable(request.update_key())) {
    bad.Add("update_key", "must be 1 to 64 printable ASCII characters");
  }
  if (request.update_number() < 1) bad.Add("update_number", "must be 1 or more");
  if (request.update().what_case() == telegram::v1::DialogUpdate::WHAT_NOT_SET) {
    bad.Add("update", "must say what the person did");
  }
  return bad.ToStatus();
}

}  // namespace selfology::dialog_request

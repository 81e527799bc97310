// What every dialog checks of the requests of selfology.telegram.v1.DialogService.
//
//   bool DialogService::Serves(const google::protobuf::Message& request) const {
//     return dialog_request::Names(request, kDialog);
//   }
//   RETURN_IF_ERROR(dialog_request::CheckReact(request, kDialog));
//   FieldViolations bad = dialog_request::CheckDialogAndUser(request, kDialog);
//
// Errors: INVALID_ARGUMENT, naming the fields. Threads: pure functions.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/status/status.h"
#include "google/protobuf/message.h"
#include "selfology/telegram/v1/dialog_service.pb.h"

namespace selfology::dialog_request {

// Whether the request is for this dialog; every one of the contract says for which it is.
bool Names(const google::protobuf::Message& request, std::string_view dialog);

template <typename Request>
status::FieldViolations CheckDialog(const Request& request, std::string_view dialog) {
  status::FieldViolations bad;
  if (request.dialog() != dialog) bad.Add("dialog", "must be a dialog of the service's");
  return bad;
}

template <typename Request>
status::FieldViolations CheckDialogAndUser(const Request& request, std::string_view dialog) {
  status::FieldViolations bad = CheckDialog(request, dialog);
  bad.CheckUserId(request.user_id());
  return bad;
}

absl::Status CheckReact(const telegram::v1::ReactRequest& request, std::string_view dialog);

}  // namespace selfology::dialog_request

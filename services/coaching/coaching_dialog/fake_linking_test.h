// In place of the user service: it links with one code.
#pragma once

#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/user/v1/linking_service_endpoints.h"
#include "services/coaching/coaching_dialog/owners_test.h"

namespace selfology::coaching_dialog {

class FakeLinking final : public user::v1::LinkingServiceEndpoints {
 public:
  explicit FakeLinking(Owners& owners) : owners_(owners) {}

  absl::StatusOr<user::v1::ConfirmLinkResponse> ConfirmLink(
      const Call& call, const user::v1::ConfirmLinkRequest& request) override {
    using Response = user::v1::ConfirmLinkResponse;
    return Answer<Response>(
        owners_, call, "ConfirmLink", [&](Owners& o) -> absl::StatusOr<Response> {
          o.links.push_back(request);
          if (request.telegram_id() >= int64_t{1} << 52) {
            return status::InvalidField("telegram_id", "must be an id of Telegram");
          }
          if (request.code() != o.link_code) {
            return status::Error(mesh::v1::ERROR_CODE_CODE_INVALID, "no such code");
          }
          Response response;
          response.set_outcome(o.choice_required ? user::v1::LINK_OUTCOME_CHOICE_REQUIRED
                                                 : user::v1::LINK_OUTCOME_LINKED);
          return response;
        });
  }
  absl::StatusOr<user::v1::ChooseLinkedIdResponse> ChooseLinkedId(
      const Call& call, const user::v1::ChooseLinkedIdRequest& request) override {
    using Response = user::v1::ChooseLinkedIdResponse;
    return Answer<Response>(owners_, call, "ChooseLinkedId",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              if (!o.choice_required) {
                                return status::Error(mesh::v1::ERROR_CODE_CODE_INVALID, "none");
                              }
                              o.choice_required = false;
                              o.choices.push_back(request);
                              return Response();
                            });
  }
  NOT_CALLED(user::v1, BeginLink)
  NOT_CALLED(user::v1, ResolveTelegramId)
  GIVES_NOTHING(user::v1, GetLink)

 private:
  Owners& owners_;
};

}  // namespace selfology::coaching_dialog

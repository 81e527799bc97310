// The studio in Telegram: drafts and the posts that come next, and a way to save a text, or the message
// that somebody replies to, as a draft.
//
//   mesh.Serve(std::make_shared<StudioDialog>(mesh.database(), posts, page, mesh.clock()));
//
// What was answered to an update is remembered, so that the same update gets the same answer, and its
// draft is made once.
// Errors: as dialog_service.proto says for each RPC. Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "google/protobuf/message.h"
#include "selfology/telegram/v1/dialog_service_endpoints.h"
#include "services/studio/content/content_service.h"
#include "services/studio/content/studio_words.h"

namespace selfology::content {

class StudioDialog final : public telegram_v1::DialogServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // page: where people find the studio's page; empty: nobody is told. The database outlives it.
  StudioDialog(postgres::Database& database, std::shared_ptr<ContentService> posts,
               std::string page, Clock clock)
      : database_(database),
        posts_(std::move(posts)),
        page_(std::move(page)),
        clock_(std::move(clock)) {}

  // By the dialog that it names.
  bool Serves(const google::protobuf::Message& request) const override;

  absl::StatusOr<telegram_v1::DescribeDialogResponse> DescribeDialog(
      const Call& call, const telegram_v1::DescribeDialogRequest& request) override;
  absl::StatusOr<telegram_v1::ReactResponse> React(
      const Call& call, const telegram_v1::ReactRequest& request) override;
  absl::StatusOr<telegram_v1::RenderEventResponse> RenderEvent(
      const Call& call, const telegram_v1::RenderEventRequest& request) override;
  absl::StatusOr<telegram_v1::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call& call, const telegram_v1::TakeChannelUpdateRequest& request) override;
  absl::StatusOr<telegram_v1::GetDialogStateResponse> GetDialogState(
      const Call& call, const telegram_v1::GetDialogStateRequest& request) override;
  absl::StatusOr<telegram_v1::SetDialogStateResponse> SetDialogState(
      const Call& call, const telegram_v1::SetDialogStateRequest& request) override;

 private:
  struct Turn;
  using Reaction = absl::StatusOr<telegram_v1::DialogReaction>;

  Reaction ReactTo(const Turn& turn, const telegram_v1::DialogUpdate& update);
  Reaction ToCommand(const Turn& turn, const telegram_v1::DialogUpdate& update);
  Reaction ToButton(const Turn& turn, std::string_view argument);
  Reaction Show(const Turn& turn);
  Reaction Save(const Turn& turn, std::string_view words);

  postgres::Database& database_;
  const std::shared_ptr<ContentService> posts_;
  const std::string page_;
  const Clock clock_;
};

}  // namespace selfology::content

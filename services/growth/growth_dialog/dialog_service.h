// The growth dialog's gRPC endpoints: tasks, progress and rankings in Telegram.
//
//   mesh.Serve(std::make_shared<DialogService>(mesh.database(), peers, mesh.clock()));
//
// Errors: as dialog_service.proto says for each RPC. Threads: thread-safe.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "google/protobuf/message.h"
#include "selfology/telegram/v1/dialog_service_endpoints.h"
#include "services/growth/growth_dialog/challenge_actions.h"
#include "services/growth/growth_dialog/peers.h"
#include "services/growth/growth_dialog/plan_actions.h"
#include "services/growth/growth_dialog/progress_actions.h"
#include "services/growth/growth_dialog/task_actions.h"
#include "services/growth/growth_dialog/wish_actions.h"

namespace selfology::growth_dialog {

class DialogService final : public telegram::DialogServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database and the peers outlive it.
  DialogService(postgres::Database& database, const Peers& peers, Clock clock);

  // By the dialog that it names.
  bool Serves(const google::protobuf::Message& request) const override;

  absl::StatusOr<telegram::DescribeDialogResponse> DescribeDialog(
      const Call& call, const telegram::DescribeDialogRequest& request) override;
  absl::StatusOr<telegram::ReactResponse> React(const Call& call,
                                                const telegram::ReactRequest& request) override;
  absl::StatusOr<telegram::RenderEventResponse> RenderEvent(
      const Call& call, const telegram::RenderEventRequest& request) override;
  absl::StatusOr<telegram::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call& call, const telegram::TakeChannelUpdateRequest& request) override;
  absl::StatusOr<telegram::GetDialogStateResponse> GetDialogState(
      const Call& call, const telegram::GetDialogStateRequest& request) override;
  absl::StatusOr<telegram::SetDialogStateResponse> SetDialogState(
      const Call& call, const telegram::SetDialogStateRequest& request) override;

 private:
  absl::StatusOr<telegram::DialogReaction> ReactTo(const Turn& turn,
                                                   const telegram::DialogUpdate& update) const;
  absl::StatusOr<telegram::DialogReaction> ToCommand(const Turn& turn,
                                                     const telegram::GivenCommand& command) const;
  absl::StatusOr<telegram::DialogReaction> ToButton(const Turn& turn,
                                                    const telegram::PressedButton& button) const;
  absl::StatusOr<telegram::DialogReaction> ToWords(const Turn& turn,
                                                   const std::string& words) const;
  // What is written next is no task any more.
  absl::StatusOr<telegram::DialogReaction> Leave(const Turn& turn) const;
  // The day's list, with the next step of the coach's plan under it.
  absl::StatusOr<telegram::DialogReaction> List(const Turn& turn) const;
  // Likewise; what is written next is a task, unless somebody else's question waits for an answer.
  absl::StatusOr<telegram::DialogReaction> Open(const Turn& turn) const;
  absl::StatusOr<telegram::DialogReaction> ToPlan(const Turn& turn,
                                                  std::string_view argument) const;
  // The person's time zone, UTC where it is not known.
  Reader ReaderOf(const Call& call, int64_t user_id, Language language) const;

  postgres::Database& database_;
  const Peers& peers_;
  const TaskActions tasks_;
  const WishActions wishes_;
  const PlanActions plan_;
  const ProgressActions progress_;
  const ChallengeActions challenges_;
  const Clock clock_;
};

}  // namespace selfology::growth_dialog
